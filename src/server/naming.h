/*
 * naming.h: which file a server shares, and what its room is called.
 *
 *	path = naming_path("notes.txt", &why)			-- "/home/ada/notes.txt"
 *	naming_room(&state, path, NULL, &room, &why)		-- the one it had, or "quiet-otter-jumps"
 *
 * Errors: *why (owned) is a sentence.
 */
#ifndef SERVER_NAMING_H
#define SERVER_NAMING_H

#include <stdbool.h>

#include "src/server/state.h"

/* Absolute, with the links of its folder resolved; the file need not exist. Owned; NULL: its folder does not. */
char *naming_path(const char *path, char **why);
/* The room of this path ("": of no file): called as wanted, or NULL: as it was before, or anew. false also while it is served under
 * another name. */
bool naming_room(struct state *state, const char *path, const char *wanted, struct state_room *out, char **why);

#endif
