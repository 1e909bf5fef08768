/*
 * audit.h: the lines of a server's log that tell who did what: key=value, one line an event.
 *
 *	event=join room=quiet-otter peer=192.0.2.7 user=3 name="Ada" role=editor
 *	event=refused peer=192.0.2.9 status=401 why="the token has expired"
 *	event=admin room=quiet-otter peer=192.0.2.7 user=1 name="Ada" role=owner whose=3 whose_name="Ben" detail="kick"
 *
 * What people chose themselves is in quotes, with \" and \\, and \xHH for the bytes of what cannot be seen or is not whole UTF-8:
 * no name can look like another field or another line. It is cut at AUDIT_TEXT_BYTES. Secrets (tokens, sessions) are never in it.
 */
#ifndef SERVER_AUDIT_H
#define SERVER_AUDIT_H

#include <stdint.h>

#include "ot/buf.h"
#include "src/server/room.h"

#define AUDIT_TEXT_BYTES 1000

struct audit {
	struct buf line;
};

void audit_begin(struct audit *audit, const char *event);
void audit_word(struct audit *audit, const char *key, const char *word); /* ours: no space or quote in it */
void audit_number(struct audit *audit, const char *key, uint64_t number);
void audit_text(struct audit *audit, const char *key, struct str text);
void audit_person(struct audit *audit, const struct person *person); /* user, name, role */
void audit_end(struct audit *audit);                                 /* to the log */

void audit_room(const char *room, const struct room_event *event);

#endif
