/*
 * state.h: the state directory: what a server must remember to be the same server tomorrow.
 *
 *	struct state state;
 *	if (!state_open(&state, NULL, NULL, &why)) ...	-- why: "the state folder /tmp/x belongs to another user, …"
 *	char *folder = state_lock_room(&state, "quiet-otter-jumps", &lock, &why);
 *	...
 *	state_unlock_room(lock);
 *	state_close(&state);
 *
 *	DIR/            0700, $XDG_STATE_HOME/codecollab or ~/.local/state/codecollab by default
 *	  secret        0600, the 32 bytes that tokens are signed with, made once, or anew by state_rotate
 *	  secrets/KID   0600, one that tokens were signed with before; changed last when it was put aside
 *	  key.pem       0600, the TLS key, made once; cert.pem beside it
 *	  rooms/NAME/   one folder a room: room.db (store.h), lock
 *	  index.db      which path is which room, and the port it was served on last; invitations (invites.h); where the files below are
 *
 * Servers of one cluster have a folder each, and share the keys: files somewhere else (struct state_files), that no server makes, nor
 * closes to others. It is remembered which they are, so that a command beside the server uses them, too. What such a secret replaced is in
 * the folder of its name with ".old" behind.
 *
 * What is missing is made; what is there but damaged is refused and left alone, for a new secret or key would end every invitation
 * given so far. Files are replaced whole (replace.h) or belong to SQLite, so a killed server leaves old or new, never half; servers
 * that start at once in one folder agree. What others could read is closed to them.
 *
 * Memory:  a state owns what it holds; *why and what functions return are the caller's.
 * Errors:  false or NULL, and *why is a sentence with path and reason; *why is NULL when it worked.
 * Source:  XDG Base Directory Specification; flock(2).
 */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/tls.h"
#include "net/token.h"
#include "ot/buf.h"

#define STATE_OLD_SECRETS 16

struct state_old_secret {
	struct token_key key;
	int64_t since; /* put aside then, Unix seconds */
};

/* Paths; NULL: the one in the folder. cert and key belong together. */
struct state_files {
	const char *token_key, *cert, *key;
};

struct state {
	char *dir; /* absolute, links resolved */
	char *token_key, *cert, *key; /* of struct state_files, absolute; NULL: in dir */
	uint64_t token_key_mark; /* tells what was read of it from what is there now */
	struct token_key secret; /* tokens are signed with it */
	struct state_old_secret old[STATE_OLD_SECRETS]; /* and were with these, which still count */
	size_t old_count;
	struct tls_identity identity;
	void *index; /* sqlite3 * */
};

/* dir NULL: the default place; parents are made. files NULL: as the one before us had them. On false *state is empty. */
bool state_open(struct state *state, const char *dir, const struct state_files *files, char **why);
void state_close(struct state *state); /* wipes the keys; fine on an empty one */

/* A new secret for the tokens to come; the one there was is put aside. false also when STATE_OLD_SECRETS were already. */
bool state_rotate(struct state *state, char **why);
/* The secrets once more, since another process may have rotated. On false they stay as they were. */
bool state_read_secrets(struct state *state, char **why);
/* Is there another secret in the file that several servers share, since we have read it? */
bool state_secrets_changed(const struct state *state);
/* And the TLS key with its certificate, which somebody may have renewed. */
bool state_read_identity(struct state *state, char **why);
/* Deletes an old secret: nothing that was signed with it counts any more. */
bool state_drop_secret(struct state *state, const char *kid, char **why);

struct state_room {
	char name[ROOM_NAME_BYTES];
	unsigned port; /* last served on; 0: never */
};

/* The room that this absolute path (or "", for a room without a file) had before. false: none, *out is empty. */
bool state_find(struct state *state, const char *path, struct state_room *out);
/* The one of this name. false: none, *out is empty. */
bool state_find_name(struct state *state, const char *name, struct state_room *out);
/* Every room that was hosted here. */
void state_rooms(struct state *state, void (*fn)(void *ctx, const char *name, unsigned port), void *ctx);
bool state_room_served(const struct state *state, const char *name); /* now, by some process */
/* Is this name another path's? */
bool state_name_taken(struct state *state, const char *name, const char *path);
/* Replaces what the path had. false also when the name is another path's. */
bool state_remember(struct state *state, const char *path, const struct state_room *room, char **why);
/* The same, waiting for no disk: a power cut may take it back. For a room whose name its path tells, too. */
bool state_list(struct state *state, const char *path, const struct state_room *room, char **why);
/* Three short words (words.h) that no room has yet, chosen at random: "quiet-otter-jumps". */
void state_new_name(struct state *state, char out[ROOM_NAME_BYTES]);
/*
 * The room's folder, made if missing (owned), and locked against a second server until state_unlock_room, or until the process ends,
 * however it does. Nothing is flushed, so that nobody waits for a disk. NULL, and *lock -1: not a valid name, or "the room NAME is already being served by another codecollab (process N)".
 */
char *state_lock_room(struct state *state, const char *name, int *lock, char **why);
void state_unlock_room(int lock); /* fine on -1 */

#endif
