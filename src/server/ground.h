/*
 * ground.h: what a room that one server keeps alone stands on: its lock, and the file of its history.
 *
 *	if (ground_take(&ground, state, "quiet-otter", folder, STORE_DISK, &why))	-- at once
 *		loop_work(loop, ground_dig, on_dug, &ground);			-- the rest waits for a disk: a dozen times when the
 *	store = ground.db ? store_begin(loop, ground.path, takes ground.db, ...)	   room is new, for minutes where a long history of an
 *										   older version is brought up to date
 *
 * Memory:  ground_fini gives back what was not taken out of it: db, and the lock, which is let go.
 * Threads: ground_dig on any, all else on the loop's.
 */
#ifndef SERVER_GROUND_H
#define SERVER_GROUND_H

#include <stdbool.h>
#include <sys/types.h>

#include <sqlite3.h>

#include "src/server/state.h"
#include "src/server/store.h"

struct ground {
	int lock, claim; /* of the room, and of the folder of its files; -1: none */
	char *dir; /* in the state folder, owned */
	char *folder; /* of the room's files, owned; NULL: none that may be new */
	char *path; /* of the history, owned */
	enum store_durability durability;
	sqlite3 *db; /* NULL: not yet, or why says why not */
	char *why;   /* owned */
	dev_t dev;   /* of the history, */
	ino_t ino;   /* when it was dug */
};

/* false: *why (owned) is a sentence; that another process serves the room is one. */
bool ground_take(struct ground *ground, struct state *state, const char *room, const char *folder,
	enum store_durability durability, char **why);
/* A struct ground: its folders are flushed, its history is made, mended and brought up to date as store_file.h has it. */
void ground_dig(void *ground);
/* Is the history still the file of that name? Else what is written to it is lost when the process ends. */
bool ground_stands(const struct ground *ground);
void ground_fini(struct ground *ground);

#endif
