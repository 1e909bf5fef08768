/*
 * shelf.h: the documents of a room: on the disk always, in memory while somebody uses them.
 *
 *	shelf_init(&shelf, loop, store, room, autosave)
 *	shelf_share(&shelf, "notes.txt", &file, &text, &why)	-- one file, wherever it is: it stays in memory; or
 *	shelf_fill(&shelf, "/srv/rooms/quiet-otter", &why)	-- a folder's, by their names alone; each is read when it is opened
 *
 * A name is flat: one component, of no hidden file, of visible characters. In the folder only regular files with such a name are
 * shared; links are neither read nor written through. What nobody has had open for a while, is in its file and in the store, leaves
 * memory, and comes back with its history. A file that somebody puts into the folder is a document of the room soon after.
 */
#ifndef SERVER_SHELF_H
#define SERVER_SHELF_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "net/loop.h"
#include "src/server/room.h"
#include "src/server/store.h"
#include "src/server/workspace.h"

#define SHELF_LOOK_MS  2000 /* between two looks for new files */
#define SHELF_RETRY_MS 5000 /* so long what could not be read is not read again, however often it is asked for */

struct shelf {
	struct loop *loop;
	struct store *store;
	struct room *room;
	char *folder; /* owned; NULL: what is shared was given by name, and stays in memory */
	bool autosave;
	struct timespec folder_at; /* the folder's time when it was looked at */
	uint64_t looked_ms;
};

/* Borrows all. */
void shelf_init(struct shelf *shelf, struct loop *loop, struct store *store, struct room *room, bool autosave);
void shelf_fini(struct shelf *shelf); /* after the store is closed */

/* May a document be called that? */
bool shelf_name_valid(struct str name);
/* May the room have one more, of that name? false: the protocol's *code, and words. */
bool shelf_may_create(const struct room *room, struct str name, const char **code, const char **text);

/*
 * One document: `file` (its inside is taken) and what it holds now (taken). path NULL in it: a text without a file.
 * false: *why (owned) is a sentence.
 */
bool shelf_share(struct shelf *shelf, const char *name, struct workspace_file *file, struct text **text, char **why);
/* The folder's files, and those that the store remembers; at most limits.files. */
bool shelf_fill(struct shelf *shelf, const char *folder, char **why);

/* For room_handler; with a folder only. */
bool shelf_load(struct shelf *shelf, struct doc *doc);
struct doc *shelf_create(struct shelf *shelf, struct str name, const char **code, const char **text);
void shelf_asks(const struct doc *doc, struct asks *out);
void shelf_save(struct doc *doc);
void shelf_edited(struct shelf *shelf, struct doc *doc, bool snapshots);

uint64_t shelf_saved_rev(const struct doc *doc); /* for keeping_tick */
void shelf_turn(struct shelf *shelf, uint64_t batch, uint64_t stored); /* end of a turn: as mirror_turn */
/* About once a second: what others wrote into the files is merged; what was not used for idle_ms leaves memory. */
void shelf_tick(struct shelf *shelf, uint64_t idle_ms);

bool shelf_settled(const struct shelf *shelf); /* all is in the files */
bool shelf_busy(const struct shelf *shelf);    /* a save is wanted or under way */
void shelf_finish(struct shelf *shelf);        /* as mirror_finish, of all */
void shelf_wait(struct shelf *shelf);          /* as mirror_wait */
void shelf_finish_now(struct shelf *shelf);    /* as mirror_finish_now; what fails goes to the log */

#endif
