/*
 * scribe.h: the files of a room that several servers keep alike: what it begins with, and what is written back.
 *
 *	scribe_init(&scribe, loop, autosave)
 *	scribe_folder(&scribe, "/srv/rooms/quiet-otter")	-- or scribe_file()
 *	scribe_begin(&scribe, relay)				-- nobody has ever kept the room: its documents are what the files hold
 *	scribe_edited(&scribe, doc)				-- for relay_handler
 *	scribe_tick(&scribe, relay, relay_writes(relay))	-- about once a second
 *	scribe_turn(&scribe)					-- at the end of a turn
 *
 * Of all servers one writes: a second after the last edit, at the latest ten after the first, or when somebody saves. Who begins to
 * write, because the one who did is gone, writes all that differs. Of a document that is not in memory only the file's stamp is looked at. What another program writes into a file meanwhile is merged as an
 * edit by user 0, as it is in a room of one server (mirror.h). What was written while no server was there is put aside, into
 * NAME.outside~, and people are told: the room's text is what all the servers hold. That it was, is known by the hash of what is
 * written, which is in the order before it is in the file: whenever a server dies, the next one knows its work.
 */
#ifndef SERVER_SCRIBE_H
#define SERVER_SCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/server/relay.h"
#include "src/server/workspace.h"

#define SCRIBE_SAVE_MS   1000
#define SCRIBE_LATEST_MS 10000
#define SCRIBE_ASIDE     ".outside~"
#define SCRIBE_LOST      ".lost~" /* and behind a second one 2, up to */
#define SCRIBE_LOST_MOST 99

struct leaf;

struct scribe {
	struct loop *loop;
	bool autosave;
	char *folder; /* NULL: there is one file, or none */
	struct workspace_file file;
	struct text *text; /* what it held at first */
	char *name;
	struct leaf **leaves;
	size_t count, cap;
	size_t announced; /* of the leaves: saves that wait for the order */
};

void scribe_init(struct scribe *scribe, struct loop *loop, bool autosave);
void scribe_fini(struct scribe *scribe); /* no save may be under way */
void scribe_folder(struct scribe *scribe, const char *folder);
/* The insides of file and the text are taken; path NULL in it: a text without a file. */
void scribe_file(struct scribe *scribe, const char *name, struct workspace_file *file, struct text **text);
/* Is there a place for the files? A room begins only where somebody made its folder. */
bool scribe_has_place(const struct scribe *scribe);
/* May be called again: what the answer was is not known when the connection is lost. false: *why (owned); the folder cannot be read. */
bool scribe_begin(struct scribe *scribe, struct relay *relay, char **why);
/* The room is there: what it began with need not be kept, and it has a folder here, too, from now on. */
void scribe_begun(struct scribe *scribe);

bool scribe_expects(const struct scribe *scribe); /* are there files of the room? */
/* A text that the room is to lose goes into a file beside its own, NAME.lost~. Gives a sentence about that, owned. */
char *scribe_save_lost(struct scribe *scribe, const struct doc *doc);
void scribe_forget(struct scribe *scribe); /* its documents may be others from now on, whatever their numbers */

void scribe_edited(struct scribe *scribe, const struct doc *doc);
void scribe_asks(const struct scribe *scribe, const struct doc *doc, struct asks *out); /* what its file here asks for */
void scribe_save(struct scribe *scribe, const struct doc *doc); /* somebody asks for it */
void scribe_tick(struct scribe *scribe, struct relay *relay, bool writes);
void scribe_turn(struct scribe *scribe); /* end of a turn: what was waited for may be in the order now */
void scribe_finish(struct scribe *scribe, struct relay *relay, bool writes); /* now, what autosave would; blocks */
char *scribe_path(const struct scribe *scribe, const struct doc *doc); /* owned; "": it has no file here */
bool scribe_busy(const struct scribe *scribe);    /* a file is being written */
bool scribe_settled(const struct scribe *scribe); /* nothing is to be written */

/* May a document leave memory, now that nobody has it open? Then it was; and then it is there again, as it was. */
bool scribe_lets_go(struct scribe *scribe, const struct doc *doc, bool writes);
void scribe_rests(struct scribe *scribe, const struct doc *doc);
void scribe_woke(struct scribe *scribe, const struct doc *doc);

#endif
