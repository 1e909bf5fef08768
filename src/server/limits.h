/*
 * limits.h: what a server allows, and names from outside made harmless.
 *
 * Some limits are the owner's choice: limits_rows is the table that options, help and checks come from. The rest are fixed.
 */
#ifndef SERVER_LIMITS_H
#define SERVER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/message.h"
#include "ot/buf.h"

#define LIMIT_DOCUMENT_BYTES ((size_t)64 << 20) /* the most that a row may allow */
#define LIMIT_MESSAGE_BYTES  ((size_t)768 << 10) /* the least a row may allow: our own client's are up to 640 KiB */
#define LIMIT_FILE_NAME_BYTES 200  /* of a document's name; 255 is what file systems take */
#define LIMIT_NAME_POINTS    32    /* of a person's name */
#define LIMIT_CHAT_BYTES     4096  /* of one message */
#define LIMIT_SAY_MS         200  /* between two messages of one person, in the long run */
#define LIMIT_SAY_AHEAD      50   /* messages that may come sooner */
#define LIMIT_CHAT_RECENT    100   /* messages that a newcomer gets */
#define LIMIT_HISTORY_EDITS  1000  /* of one `history` answer */
#define LIMIT_HISTORY_BYTES  ((size_t)512 << 10) /* of text in it; the edit that passes it is the last */
#define LIMIT_BURST_MS       2000  /* so long a client's allowance of edits may be used ahead */
#define LIMIT_FLOOD_MS       30000 /* a client that is held back again and again for so long is sent away */
#define LIMIT_CALM_MS        5000  /* and when it was not for so long, that is forgotten */
#define LIMIT_PRESENCE_MS    100   /* between two that are passed on of one person's carets and states */
#define LIMIT_PRESENCE_PEOPLE 25   /* in a room of up to so many; with more it is longer, so that nobody hears more than of these */
#define LIMIT_SESSION_MS                                                                           \
	60000 /* a lost connection may come back without the others seeing it leave */
#define LIMIT_CHECK_MS  30000 /* between two proofs of convergence while people edit */
#define LIMIT_UNSTORED_BYTES ((size_t)16 << 20) /* of edits in memory while the disk takes nothing */
#define LIMIT_LOG_EDITS 20000 /* kept in memory, at least; older ones are read from the store */

struct limits {
	size_t document_bytes;
	size_t message_bytes; /* of one message that comes in */
	size_t edits;       /* messages a second of one connection, in the long run */
	size_t open;        /* documents of one person */
	size_t people;      /* of a room, those who may come back included */
	size_t connections; /* of the server */
	size_t queue_bytes; /* waiting to be sent to one connection, snapshots not counted */
	size_t queues_bytes; /* and to all of a server, whatever it is */
	size_t handshake_s; /* from a connection to the end of its handshake, and from there to its hello */
	size_t failures;    /* failed handshakes a minute of one address */
	size_t files;       /* documents of a room */
	size_t rooms;       /* in memory at a time */
	size_t idle_s;      /* rooms and documents that nobody uses stay in memory so long */
};

struct limits_row {
	const char *name;  /* of the option */
	const char *value; /* what it is called in help */
	const char *help;
	size_t offset; /* in struct limits */
	size_t normal, least, most;
};

#define LIMITS_ROWS 13
extern const struct limits_row limits_rows[LIMITS_ROWS];

void limits_init(struct limits *limits); /* what is normal */
size_t *limits_field(struct limits *limits, const struct limits_row *row);

/* Does this code point draw nothing, or change how others are drawn? Controls and bidi marks do, blanks do not. */
bool limits_invisible(uint32_t point);

/*
 * What is left of a name without control, bidi, zero-width and other invisible characters, outer spaces and all behind
 * LIMIT_NAME_POINTS: at most NAME_CLEAN_BYTES with its NUL. `instead` when nothing is left.
 */
#define NAME_CLEAN_BYTES (LIMIT_NAME_POINTS * 4 + 1)
void limits_clean_name(struct str name, const char *instead, char out[NAME_CLEAN_BYTES]);

/* Owned copy in which every byte that is not UTF-8 is a '?': file names and system errors may hold anything. */
char *limits_utf8(const char *text);

/* Chat text: the same characters go, but newlines become spaces; cut at LIMIT_CHAT_BYTES. */
void limits_clean_chat(struct str text, struct buf *out);

#endif
