/*
 * document.h: one shared text under one person's hands: the carets, the edits, taking them back.
 *
 *	document_replace(doc, start, end, "x", 1, DOCUMENT_TYPING, now);
 *	document_undo(doc);
 *	if (document_take_sel(doc, &sel)) ...
 *
 * Every change, own or others', goes through here: it moves the own selection, is noted for undo, and is told to `changed`, so that all
 * other positions on the screen can follow.
 *
 * There is a main selection, and there may be more; what is edited is edited at all of them, as one op and one step to undo. A step
 * taken back gives the selections back that it began with.
 *
 * Own selections are kept twice: where they are, and where the others believe them to be: they shift those they know by every edit,
 * ours too (anchor.h). document_take_sels() tells when the two differ, so a typed letter costs no message of its own.
 *
 * Undo steps: letters typed within DOCUMENT_PAUSE_MS of each other without a jump are one step, as long as they are one word with the
 * blanks behind it; runs of Backspace and of Delete likewise.
 *
 * Memory:  borrows the replica from document_open to the next, or document_fini.
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
#include "tui/carets.h"
#include "tui/steps.h"

#define DOCUMENT_PAUSE_MS 1000

enum document_kind { DOCUMENT_OTHER, DOCUMENT_TYPING, DOCUMENT_BACKSPACE, DOCUMENT_DELETE };

struct document {
	struct replica *replica; /* NULL: no document */
	struct undo *undo;
	char *path;
	bool read_only, crlf, mixed, bom, no_text;
	const char *charset; /* static; NULL: UTF-8 */
	uint64_t changes; /* so many there were */
	bool saved;     /* what is on disk is this text */
	struct sel sel;     /* the main one; change it with document_select */
	struct carets more; /* in order */
	/* the text was changed; op stands on the text before */
	void (*changed)(void *ctx, const struct op *op, uint64_t author);
	void *ctx;
	/* private */
	struct carets told; /* the main one first */
	bool has_told;
	struct steps steps;
	enum document_kind kind; /* of the newest own edit */
	uint64_t edited_ms;
	bool blank;
};

/* The same path again keeps the selection, as far as the text still reaches. */
void document_open(struct document *doc, struct replica *borrows, const char *path);
void document_rename(struct document *doc, const char *path);
void document_fini(struct document *doc);

const struct text *document_text(const struct document *doc); /* NULL: no document */

/* All selections (more.count + 1) from the first in the text to the last; *main (may be NULL) is which of them is the main one. */
size_t document_sels(const struct document *doc, struct sel *out, size_t *main);

struct change { /* [start, end) becomes so many bytes of a text, those behind what the changes before it took */
	size_t start, end, bytes;
};

/*
 * Own edits; the document is open and not read-only. The changes are in order and apart. Afterwards a caret stands behind each, the
 * main one behind number `main`.
 */
void document_change(struct document *doc, const struct change *changes, size_t count, size_t main,
	const char *text, enum document_kind kind, uint64_t now_ms);
/* One change. */
void document_replace(struct document *doc, size_t start, size_t end, const char *text,
	size_t bytes, enum document_kind kind, uint64_t now_ms);
/* Any op of one's own, as one undo step. The selections are moved by it. Takes op. */
void document_edit(struct document *doc, struct op *takes);
/* The same, but what is inserted at a caret is put behind it; join: as a part of the newest step. */
void document_mend(struct document *doc, struct op *takes, bool join);
/* false when there is nothing; the carets go to where the text changed, or to where they were before the step. */
bool document_undo(struct document *doc);
bool document_redo(struct document *doc);

/* The own steps that could be undone, the newest first: i = 0. *when_ms: of its last edit, 0 when that is not known. */
bool document_peek(
	const struct document *doc, size_t i, struct undo_step *step, uint64_t *when_ms);
/* Undoes the newest `steps` of them, one by one. false: nothing was left of them. */
bool document_undo_steps(struct document *doc, size_t steps);

/* After replica_receive() and the like. */
void document_remote(struct document *doc, uint64_t user, const struct op *shown);
void document_saved(struct document *doc, uint64_t rev);

void document_select(struct document *doc, struct sel sel); /* the only one; clamps */
/* These, in any order, of which number `main` is the main one. */
void document_select_all(struct document *doc, const struct sel *sels, size_t count, size_t main);
void document_tell_sel(struct document *doc); /* nobody knows it any more */
/* The main one first; 0: as the others know them. Borrows until the next call. */
size_t document_take_sels(struct document *doc, const struct sel **sels);

#endif
