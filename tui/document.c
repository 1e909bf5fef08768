#include "tui/document.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

const struct text *document_text(const struct document *doc)
{
	return doc->replica ? replica_text(doc->replica) : NULL;
}

/* ---- opening ---- */

static void document_forget_edits(struct document *doc)
{
	undo_destroy(doc->undo);
	doc->undo = NULL;
	doc->kind = DOCUMENT_OTHER;
}

void document_open(struct document *doc, struct replica *borrows, const char *path)
{
	bool again = doc->path && strcmp(doc->path, path) == 0;

	if (!doc->undo || doc->replica != borrows) {
		document_forget_edits(doc);
		doc->undo = undo_create();
	}
	doc->replica = borrows;
	if (!again) {
		free(doc->path);
		doc->path = mem_dup(path, strlen(path));
		doc->sel = (struct sel){0, 0};
	}
	doc->saved = replica_in_step(borrows);
	doc->has_told = false;
	document_select(doc, doc->sel);
}

void document_shut(struct document *doc)
{
	document_forget_edits(doc);
	doc->replica = NULL;
}

void document_fini(struct document *doc)
{
	document_shut(doc);
	free(doc->path);
	doc->path = NULL;
}

/* ---- changes ---- */

static void document_moved(struct document *doc, const struct op *op, uint64_t author)
{
	uint64_t me = replica_user(doc->replica);

	anchor_shift(&doc->sel, op, author, me);
	anchor_shift(&doc->told, op, author, me);
	doc->saved = false;
	doc->changes++;
	doc->changed(doc->ctx, op, author);
}

void document_remote(struct document *doc, uint64_t user, const struct op *shown)
{
	if (op_is_identity(shown))
		return;
	undo_remote(doc->undo, shown);
	document_moved(doc, shown, user);
}

static bool document_apply(struct document *doc, const struct op *op)
{
	if (op_is_identity(op) || replica_edit(doc->replica, op) != ERR_NONE)
		return false;
	document_moved(doc, op, replica_user(doc->replica));
	return true;
}

static bool document_do(struct document *doc, struct op *op, bool join)
{
	struct op inverse = {0};

	if (op_is_identity(op) || op_invert(op, document_text(doc), &inverse) != ERR_NONE)
		return false;
	if (!document_apply(doc, op)) {
		op_fini(&inverse);
		return false;
	}
	undo_record(doc->undo, &inverse, join);
	return true;
}

void document_edit(struct document *doc, struct op *takes)
{
	document_do(doc, takes, false);
	op_fini(takes);
	doc->kind = DOCUMENT_OTHER;
}

static bool blank_at(const struct document *doc, size_t pos)
{
	struct text_iter it = text_iter(document_text(doc), pos);
	uint32_t c;

	return text_iter_next(&it, &c) && (c == ' ' || c == '\t' || c == '\n');
}

static bool blank_edit(const struct document *doc, size_t start, const char *text, size_t bytes)
{
	return bytes ? strchr(" \t\n", text[0]) != NULL : blank_at(doc, start);
}

static bool document_joins(
	const struct document *doc, enum document_kind kind, bool blank, uint64_t now_ms)
{
	return kind != DOCUMENT_OTHER && kind == doc->kind && doc->sel.anchor == doc->sel.head &&
	       now_ms - doc->edited_ms <= DOCUMENT_PAUSE_MS && !(doc->blank && !blank);
}

void document_replace(struct document *doc, size_t start, size_t end, const char *text,
	size_t bytes, enum document_kind kind, uint64_t now_ms)
{
	bool blank = blank_edit(doc, start, text, bytes);
	bool join = document_joins(doc, kind, blank, now_ms);
	struct op op = {0};

	op_retain(&op, start);
	op_insert(&op, text, bytes);
	op_delete(&op, end - start);
	size_t points = (size_t)(op_growth(&op) + (ptrdiff_t)(end - start));
	if (document_do(doc, &op, join))
		document_select(doc, (struct sel){start + points, start + points});
	op_fini(&op);
	doc->kind = kind;
	doc->blank = blank;
	doc->edited_ms = now_ms;
}

/* Behind the last thing that op inserted, or where it last deleted. */
static size_t changed_at(const struct op *op)
{
	struct op_iter it = op_iter(op);
	size_t pos = 0, at = 0;

	for (struct op_component c; op_next(&it, &c);) {
		pos += c.kind == OP_DELETE ? 0 : c.points;
		at = c.kind == OP_RETAIN ? at : pos;
	}
	return at;
}

static bool document_step(
	struct document *doc, bool (*step)(struct undo *, const struct text *, struct op *))
{
	struct op op = {0};
	bool done = false;

	/* A step that others have deleted all of is nothing to see: go on to the next. */
	while (!done && step(doc->undo, document_text(doc), &op)) {
		size_t at = changed_at(&op);
		done = document_apply(doc, &op);
		op_fini(&op);
		if (done)
			document_select(doc, (struct sel){at, at});
	}
	doc->kind = DOCUMENT_OTHER;
	return done;
}

bool document_undo(struct document *doc)
{
	return document_step(doc, undo_undo);
}

bool document_redo(struct document *doc)
{
	return document_step(doc, undo_redo);
}

void document_saved(struct document *doc, uint64_t rev)
{
	doc->saved = replica_rev(doc->replica) == rev && replica_in_step(doc->replica);
}

/* ---- the selection ---- */

static bool sel_equal(struct sel a, struct sel b)
{
	return a.anchor == b.anchor && a.head == b.head;
}

void document_select(struct document *doc, struct sel sel)
{
	size_t end = text_size(document_text(doc)).points;

	sel.anchor = sel.anchor < end ? sel.anchor : end;
	sel.head = sel.head < end ? sel.head : end;
	if (!sel_equal(sel, doc->sel))
		doc->kind = DOCUMENT_OTHER;
	doc->sel = sel;
}

void document_tell_sel(struct document *doc)
{
	doc->has_told = false;
}

bool document_take_sel(struct document *doc, struct sel *sel)
{
	if (!doc->replica || (doc->has_told && sel_equal(doc->sel, doc->told)))
		return false;
	*sel = doc->told = doc->sel;
	return doc->has_told = true;
}
