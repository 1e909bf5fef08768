/*
 * rooms.h: the rooms on this machine that its user may join, as their local sockets tell.
 *
 *	rooms_look(NULL, &rooms)
 *	room = rooms_pick(&rooms, "quiet-otter", &why)		-- or "linus/quiet-otter", or NULL when there is but one
 *	rooms_url(room, &url)					-- for remote_create()
 *	rooms_fini(&rooms)
 *
 * A socket nobody listens at, or which gives no answer within ROOMS_WAIT_MS, is no room. Whose a room is the kernel says, not
 * the folder. Two users may have a room of one name: one's own is meant by the bare name, and another's only when it is the only one.
 *
 * Limits:  ROOMS_MAX rooms, ROOMS_ANSWER_BYTES of an answer, ROOMS_WAIT_MS for each, ROOMS_ALL_MS for all of them.
 */
#ifndef CLIENT_ROOMS_H
#define CLIENT_ROOMS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/token.h"
#include "net/url.h"
#include "ot/buf.h"

#define ROOMS_MAX          256
#define ROOMS_ANSWER_BYTES ((size_t)256 << 10)
#define ROOMS_WAIT_MS      1000
#define ROOMS_ALL_MS       5000

struct room_here {
	char name[ROOM_NAME_BYTES];
	char user[64];                 /* who hosts it */
	bool mine;                     /* that is oneself */
	char socket[URL_SOCKET_BYTES]; /* its path */
	char *file;                    /* as the others see it */
	char *people;                  /* "Ada, Ben"; "" when nobody is in */
	size_t count;                  /* of people */
};

struct rooms {
	struct room_here *at;
	size_t count;
};

void rooms_look(const char *dir, struct rooms *out); /* dir NULL: everywhere (runtime.h) */
void rooms_fini(struct rooms *rooms);

/* NULL: *why (owned) is a sentence. */
const struct room_here *rooms_pick(const struct rooms *rooms, const char *wanted, char **why);
bool rooms_is_name(const char *wanted); /* ROOM or USER/ROOM, and no URL */
void rooms_url(const struct room_here *room, struct url *out);

void rooms_print(const struct rooms *rooms); /* a table for people */
void rooms_print_json(const struct rooms *rooms);

#endif
