/*
 * document.h: one shared text under one person's hands: the caret, the edits, taking them back.
 *
 *	document_replace(doc, start, end, "x", 1, DOCUMENT_TYPING, now);
 *	document_undo(doc);
 *	if (document_take_sel(doc, &sel)) ...
 *
 * Every change, own or others', goes through here: it moves the own selection, is noted for undo, and is told to `changed`, so that all
 * other positions on the screen can follow.
 *
 * The own selection is kept twice: where it is, and where the others believe it to be: they shift the one they know by every edit,
 * ours too (anchor.h). document_take_sel() tells when the two differ, so a typed letter costs no message of its own.
 *
 * Undo steps: letters typed within DOCUMENT_PAUSE_MS of each other without a jump are one step, as long as they are one word with the
 * blanks behind it; runs of Backspace and of Delete likewise.
 *
 * Memory:  borrows the replica from document_open to document_shut.
 */
#ifndef TUI_DOCUMENT_H
#define TUI_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/op.h"
#include "ot/replica.h"
#include "ot/undo.h"

#define DOCUMENT_PAUSE_MS 1000

enum document_kind { DOCUMENT_OTHER, DOCUMENT_TYPING, DOCUMENT_BACKSPACE, DOCUMENT_DELETE };

struct document {
	struct replica *replica; /* NULL: no document */
	struct undo *undo;
	char *path;
	bool read_only, crlf, mixed, mark;
	const char *charset; /* static; NULL: UTF-8 */
	uint64_t changes; /* so many there were */
	bool saved;     /* what is on disk is this text */
	struct sel sel; /* own; change it with document_select */
	/* the text was changed; op stands on the text before */
	void (*changed)(void *ctx, const struct op *op, uint64_t author);
	void *ctx;
	/* private */
	struct sel told;
	bool has_told;
	enum document_kind kind; /* of the newest own edit */
	uint64_t edited_ms;
	bool blank;
};

/* The same path again keeps the selection, as far as the text still reaches. */
void document_open(struct document *doc, struct replica *borrows, const char *path);
void document_shut(struct document *doc);
void document_fini(struct document *doc);

const struct text *document_text(const struct document *doc); /* NULL: no document */

/* Own edits; the document is open and not read-only. [start, end) becomes text, and the caret stands behind it. */
void document_replace(struct document *doc, size_t start, size_t end, const char *text,
	size_t bytes, enum document_kind kind, uint64_t now_ms);
/* Any op of one's own, as one undo step. The selection is moved by it. Takes op. */
void document_edit(struct document *doc, struct op *takes);
/* false when there is nothing; the caret goes to where the text changed. */
bool document_undo(struct document *doc);
bool document_redo(struct document *doc);

/* After replica_receive() and the like. */
void document_remote(struct document *doc, uint64_t user, const struct op *shown);
void document_saved(struct document *doc, uint64_t rev);

void document_select(struct document *doc, struct sel sel); /* clamps */
void document_tell_sel(struct document *doc); /* nobody knows it any more */
bool document_take_sel(struct document *doc, struct sel *sel);

#endif
