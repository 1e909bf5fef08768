/*
 * limits.h: what a server allows, and names from outside made harmless.
 */
#ifndef SERVER_LIMITS_H
#define SERVER_LIMITS_H

#include <stddef.h>

#include "net/message.h"
#include "ot/buf.h"

#define LIMIT_DOCUMENT_BYTES ((size_t)64 << 20)
#define LIMIT_PEOPLE         1000 /* of a room, those who may come back included */
#define LIMIT_CONNECTIONS    2000
#define LIMIT_NAME_POINTS    32    /* of a person's name */
#define LIMIT_CHAT_BYTES     4096  /* of one message */
#define LIMIT_SAY_MS         200  /* between two messages of one person, in the long run */
#define LIMIT_SAY_AHEAD      50   /* messages that may come sooner */
#define LIMIT_CHAT_RECENT    100   /* messages that a newcomer gets */
#define LIMIT_HISTORY_EDITS  1000  /* of one `history` answer */
#define LIMIT_HISTORY_BYTES  ((size_t)512 << 10) /* of text in it; the edit that passes it is the last */
#define LIMIT_HELLO_MS       10000 /* from the connection to its hello */
#define LIMIT_SESSION_MS                                                                           \
	60000 /* a lost connection may come back without the others seeing it leave */
#define LIMIT_CHECK_MS  30000 /* between two proofs of convergence while people edit */
#define LIMIT_LOG_EDITS 20000 /* kept in memory, at least; older ones are read from the store */

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
