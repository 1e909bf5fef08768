/*
 * state.h: the state directory: what a server must remember to be the same server tomorrow.
 *
 *	DIR/            0700, $XDG_STATE_HOME/codecollab by default
 *	  secret        0600, the key that tokens are signed with, made once
 *	  key.pem       0600, the TLS key, made once; cert.pem beside it
 *	  rooms/NAME/   one folder a room: room.db (store.h), lock
 *	  index.db      which path is which room, and the port it was served on last
 *
 * Everything is written to a temporary file and renamed, so a killed server leaves old or new, never half.
 */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/tls.h"
#include "net/token.h"
#include "ot/buf.h"

struct state {
	char *dir;
	struct token_key secret;
	struct tls_identity identity;
	void *index; /* sqlite3 * */
};

/* dir NULL: the default place. false: *why (owned, free it) is a sentence with path and reason. */
bool state_open(struct state *state, const char *dir, char **why);
void state_close(struct state *state);

struct state_room {
	char name[ROOM_NAME_BYTES];
	unsigned port; /* last served on; 0: never */
};

/* The room that this absolute path (or "", for a room without a file) had before. */
bool state_find(struct state *state, const char *path, struct state_room *out);
/* Is this name another path's? */
bool state_name_taken(struct state *state, const char *name, const char *path);
bool state_remember(struct state *state, const char *path, const struct state_room *room, char **why);
/* Three short words that no room has yet, from random bytes: "quiet-otter-jumps". */
void state_new_name(struct state *state, char out[ROOM_NAME_BYTES]);
/* The room's folder, made if missing (owned), and locked against a second server until state_unlock_room. */
char *state_lock_room(struct state *state, const char *name, int *lock, char **why);
void state_unlock_room(int lock);

#endif
