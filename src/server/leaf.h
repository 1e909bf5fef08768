/*
 * leaf.h: one file of a room that several servers keep alike, on the server that writes it: looked at, saved, and merged when another
 * program wrote it. scribe.h has one for each document.
 *
 *	leaf_tend(leaf, doc)	-- about once a second, on the server that writes
 *	leaf_rest(leaf)		-- on the others
 *
 * A save is first announced: the hash of what will be in the file is put into the order, and the file is written when it has come out
 * (leaf_write). So whoever looks at the file next knows that it was one of us.
 */
#ifndef SERVER_LEAF_H
#define SERVER_LEAF_H

#include "src/server/scribe.h"

struct leaf {
	struct scribe *scribe;
	struct relay *relay;
	uint64_t doc;
	bool open, failed;
	uint64_t failed_ms; /* when it was tried last */
	char *trouble;      /* what was complained of last */
	struct workspace_file file;
	uint64_t since_ms, last_ms; /* of the edits that are not in the file; 0: all are */
	bool wanted;                /* somebody asked for a save */
	uint64_t merging_ms; /* since when what another program wrote is on its way into the room; 0: nothing is */
	struct text *seen; /* what the file holds, as far as we know: revision seen_rev */
	uint64_t seen_rev;
	struct text *writing; /* or to be written, once that is in the order */
	uint64_t writing_rev, writing_hash;
	uint64_t announced_ms; /* since when the order is waited for; 0: it is not */
	uint64_t held; /* the hash of what is in the file, as far as we know; 0: we do not */
};

struct leaf *leaf_create(struct scribe *scribe, uint64_t doc);
void leaf_destroy(struct leaf *leaf); /* nothing is being written */

void leaf_tend(struct leaf *leaf, struct doc *doc);
void leaf_wanted(struct leaf *leaf); /* somebody asks for a save, and hears what is wrong, though it was told before */
void leaf_rest(struct leaf *leaf);                    /* who does not write knows nothing of the files */
void leaf_write(struct leaf *leaf);                   /* what was announced, if that came out of the order by now */
void leaf_take_back(struct leaf *leaf);               /* what was announced is not written now, but it is due */
void leaf_finish(struct leaf *leaf, struct doc *doc); /* writes at once what is due; blocks */
void leaf_see(struct leaf *leaf, const struct doc *doc); /* what the file holds is what the room does */

#endif
