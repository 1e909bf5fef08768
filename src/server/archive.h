/*
 * archive.h: a room and its document as the store remembers them, or new ones that it will.
 *
 *	room = archive_room(store, "quiet-otter", &handler, ctx)
 *	doc = room_add_document(room, 0, "main.c", NULL);
 *	if (!archive_load(store, doc, &file)) ...
 *
 * The store keeps a snapshot now and then and every edit since; what comes back is the text of the newest revision, with a log
 * that reaches back to the revision that the file held.
 */
#ifndef SERVER_ARCHIVE_H
#define SERVER_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/server/room.h"
#include "src/server/store.h"

/* With its epoch, its next user, the newest of its chat, and locked if it was. */
struct room *archive_room(struct store *store, const char *name, const struct room_handler *handler, void *ctx);

/* What the store does not know of a document. */
struct archive_file {
	bool there;         /* it has a file: its log is to reach back to what that held last */
	struct text *text;  /* of the file; NULL: empty. A new document takes it, and leaves NULL */
	uint64_t saved_rev; /* set: the revision that was written to the file last */
};

/*
 * Fills a document that is not in memory, by its path; a new one if there is none yet. false: the stored history has a gap or is
 * damaged, and neither is the file what it held last.
 */
bool archive_load(struct store *store, struct doc *doc, struct archive_file *file);

#endif
