#include "tui/document.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

const struct text *document_text(const struct document *doc)
{
	return doc->replica ? replica_text(doc->replica) : NULL;
}

/* ---- opening ---- */

static void document_forget_edits(struct document *doc)
{
	undo_destroy(doc->undo);
	doc->undo = NULL;
	steps_fini(&doc->steps);
	doc->kind = DOCUMENT_OTHER;
}

/* As far as the text still reaches. */
static void keep_sels(struct document *doc)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t main, count = document_sels(doc, sels, &main);

	document_select_all(doc, sels, count, main);
	free(sels);
}

void document_rename(struct document *doc, const char *path)
{
	free(doc->path);
	doc->path = mem_dup(path, strlen(path));
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
		document_rename(doc, path);
		doc->sel = (struct sel){0, 0};
		doc->more.count = 0;
	}
	doc->saved = replica_in_step(borrows);
	doc->has_told = false;
	keep_sels(doc);
}

void document_fini(struct document *doc)
{
	document_forget_edits(doc);
	doc->replica = NULL;
	carets_fini(&doc->more);
	carets_fini(&doc->told);
	free(doc->path);
	doc->path = NULL;
}

/* ---- changes ---- */

static void document_moved(struct document *doc, const struct op *op, uint64_t author)
{
	uint64_t me = replica_user(doc->replica);

	anchor_shift(&doc->sel, op, author, me);
	carets_shift(&doc->more, op, author, me);
	carets_shift(&doc->told, op, author, me);
	carets_tidy(&doc->more, doc->sel);
	doc->saved = false;
	doc->changes++;
	doc->changed(doc->ctx, op, author);
}

void document_remote(struct document *doc, uint64_t user, const struct op *shown)
{
	if (op_is_identity(shown))
		return;
	undo_remote(doc->undo, shown);
	steps_remote(&doc->steps);
	document_moved(doc, shown, user);
}

static bool document_apply(struct document *doc, const struct op *op)
{
	if (op_is_identity(op) || replica_edit(doc->replica, op) != ERR_NONE)
		return false;
	document_moved(doc, op, replica_user(doc->replica));
	return true;
}

/* Applied, and noted for undo. Most edits are what a key does, and have a shorter way. */
static bool apply_noted(struct document *doc, const struct op *op, bool join)
{
	struct splice s, back;
	struct op inverse;

	if (op_as_splice(op, &s)) {
		if (replica_splice(doc->replica, &s, &back) != ERR_NONE)
			return false;
		undo_splice(doc->undo, &back, join);
		document_moved(doc, op, replica_user(doc->replica));
		return true;
	}
	if (op_invert(op, document_text(doc), &inverse) != ERR_NONE)
		return false;
	if (document_apply(doc, op)) {
		undo_record(doc->undo, &inverse, join);
		return true;
	}
	op_fini(&inverse);
	return false;
}

static bool document_do(struct document *doc, struct op *op, bool join)
{
	struct sel main = doc->sel;
	struct carets more = {0};

	if (op_is_identity(op))
		return false;
	carets_copy(&more, &doc->more);
	bool done = apply_noted(doc, op, join);
	if (done && !join)
		undo_mark(doc->undo, steps_add(&doc->steps, main, &more));
	carets_fini(&more);
	return done;
}

void document_edit(struct document *doc, struct op *takes)
{
	document_do(doc, takes, false);
	op_fini(takes);
	doc->kind = DOCUMENT_OTHER;
}

/* The carets are moved as by somebody whose insertions at them leave them where they are. */
void document_mend(struct document *doc, struct op *takes, bool join)
{
	uint64_t me = replica_user(doc->replica);
	struct sel main = doc->sel;
	struct carets more = {0};

	carets_copy(&more, &doc->more);
	if (document_do(doc, takes, join)) {
		anchor_shift(&main, takes, me + 1, me);
		carets_shift(&more, takes, me + 1, me);
		carets_copy(&doc->more, &more);
		doc->sel = main;
		carets_tidy(&doc->more, main);
	}
	carets_fini(&more);
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

static bool all_carets(const struct document *doc)
{
	for (size_t i = 0; i < doc->more.count; i++)
		if (doc->more.at[i].anchor != doc->more.at[i].head)
			return false;
	return doc->sel.anchor == doc->sel.head;
}

static bool document_joins(
	const struct document *doc, enum document_kind kind, bool blank, uint64_t now_ms)
{
	return kind != DOCUMENT_OTHER && kind == doc->kind && all_carets(doc) &&
	       now_ms - doc->edited_ms <= DOCUMENT_PAUSE_MS && !(doc->blank && !blank);
}

static struct op changes_op(const struct change *changes, size_t count, const char *text)
{
	struct op op = {0};
	size_t pos = 0;

	for (size_t i = 0; i < count; i++) {
		op_retain(&op, changes[i].start - pos);
		op_insert(&op, text, changes[i].bytes);
		op_delete(&op, changes[i].end - changes[i].start);
		text += changes[i].bytes;
		pos = changes[i].end;
	}
	return op;
}

static void stand_behind(struct document *doc, const struct change *changes, size_t count,
	size_t main, const char *text)
{
	struct sel *sels = mem_alloc(count * sizeof(*sels));
	size_t in = 0, out = 0; /* points that the changes so far brought and took */

	for (size_t i = 0; i < count; i++) {
		in += utf8_count(text, changes[i].bytes).points;
		text += changes[i].bytes;
		sels[i].anchor = sels[i].head = changes[i].start + in - out;
		out += changes[i].end - changes[i].start;
	}
	document_select_all(doc, sels, count, main);
	free(sels);
}

/* The newest step may be one that was redone, and not the one that was made last. */
static void note_time(struct document *doc, uint64_t now_ms)
{
	struct undo_step newest;
	bool any = undo_peek(doc->undo, 0, &newest);
	struct step *step = any ? steps_find(&doc->steps, newest.mark) : NULL;

	if (step)
		step->when_ms = now_ms;
}

void document_change(struct document *doc, const struct change *changes, size_t count, size_t main,
	const char *text, enum document_kind kind, uint64_t now_ms)
{
	bool blank = blank_edit(doc, changes[0].start, text, changes[0].bytes);
	bool join = document_joins(doc, kind, blank, now_ms);
	struct op op = changes_op(changes, count, text);

	if (document_do(doc, &op, join)) {
		stand_behind(doc, changes, count, main, text);
		note_time(doc, now_ms);
	}
	op_fini(&op);
	doc->kind = kind;
	doc->blank = blank;
	doc->edited_ms = now_ms;
}

void document_replace(struct document *doc, size_t start, size_t end, const char *text,
	size_t bytes, enum document_kind kind, uint64_t now_ms)
{
	struct change change = {start, end, bytes};

	document_change(doc, &change, 1, 0, text, kind, now_ms);
}

/* Behind each thing that op inserted, or where it deleted: CARETS_MAX at most, the last among them. */
static size_t changed_at(const struct op *op, struct sel out[CARETS_MAX])
{
	struct op_iter it = op_iter(op);
	size_t pos = 0, count = 0;
	bool fresh = true; /* nothing changed since the last retain */

	for (struct op_component c; op_next(&it, &c);) {
		pos += c.kind == OP_DELETE ? 0 : c.points;
		if (c.kind != OP_RETAIN) {
			count -= !fresh || count == CARETS_MAX;
			out[count++] = (struct sel){pos, pos};
		}
		fresh = c.kind == OP_RETAIN;
	}
	return count;
}

/* Undone, and nobody else wrote since: everything is where it was. Otherwise near what changed. */
static void select_changed(struct document *doc, const struct op *op, bool undone)
{
	const struct step *step = steps_find(&doc->steps, undo_marked(doc->undo));
	struct sel *places = mem_alloc(CARETS_MAX * sizeof(*places));
	size_t count = changed_at(op, places);
	bool many = step && step->more.count + 1 == count;

	if (undone && step && steps_is_alone(&doc->steps, step)) {
		doc->sel = step->main;
		carets_copy(&doc->more, &step->more);
	} else if (many) {
		document_select_all(doc, places, count, count - 1);
	} else {
		document_select(doc, places[count - 1]);
	}
	free(places);
}

static bool document_step(struct document *doc,
	bool (*step)(struct undo *, const struct text *, struct op *), bool undone)
{
	struct op op = {0};
	bool done = false;

	/* A step that others have deleted all of is nothing to see: go on to the next. */
	while (!done && step(doc->undo, document_text(doc), &op)) {
		done = document_apply(doc, &op);
		if (done)
			select_changed(doc, &op, undone);
		op_fini(&op);
	}
	doc->kind = DOCUMENT_OTHER;
	return done;
}

bool document_undo(struct document *doc)
{
	return document_step(doc, undo_undo, true);
}

bool document_redo(struct document *doc)
{
	return document_step(doc, undo_redo, false);
}

bool document_peek(const struct document *doc, size_t i, struct undo_step *step, uint64_t *when_ms)
{
	const struct step *known;

	if (!doc->undo || !undo_peek(doc->undo, i, step))
		return false;
	known = steps_find(&doc->steps, step->mark);
	*when_ms = known ? known->when_ms : 0;
	return true;
}

bool document_undo_steps(struct document *doc, size_t steps)
{
	size_t count = undo_count(doc->undo), least = count > steps ? count - steps : 0;
	struct op op = {0};
	bool done = false;

	while (undo_down_to(doc->undo, least, document_text(doc), &op)) {
		if (document_apply(doc, &op)) {
			select_changed(doc, &op, true);
			done = true;
		}
		op_fini(&op);
	}
	doc->kind = DOCUMENT_OTHER;
	return done;
}

void document_saved(struct document *doc, uint64_t rev)
{
	doc->saved = replica_rev(doc->replica) == rev && replica_in_step(doc->replica);
}

/* ---- the selections ---- */

static bool sel_equal(struct sel a, struct sel b)
{
	return a.anchor == b.anchor && a.head == b.head;
}

static struct sel clamp(const struct document *doc, struct sel sel)
{
	size_t end = text_size(document_text(doc)).points;

	sel.anchor = sel.anchor < end ? sel.anchor : end;
	sel.head = sel.head < end ? sel.head : end;
	return sel;
}

void document_select(struct document *doc, struct sel sel)
{
	document_select_all(doc, &sel, 1, 0);
}

void document_select_all(struct document *doc, const struct sel *sels, size_t count, size_t main)
{
	struct carets before = doc->more;
	struct sel sel = clamp(doc, sels[main]);

	doc->more = (struct carets){0};
	for (size_t i = 0; i < count && doc->more.count + 1 < CARETS_MAX; i++)
		if (i != main)
			carets_add(&doc->more, clamp(doc, sels[i]));
	carets_tidy(&doc->more, sel);
	if (!sel_equal(sel, doc->sel) || !carets_equal(&before, &doc->more))
		doc->kind = DOCUMENT_OTHER;
	doc->sel = sel;
	carets_fini(&before);
}

size_t document_sels(const struct document *doc, struct sel *out, size_t *main)
{
	size_t count = 0, at = 0;

	while (at < doc->more.count && anchor_start(doc->more.at[at]) < anchor_start(doc->sel))
		at++;
	for (size_t i = 0; i <= doc->more.count; i++)
		out[count++] = i < at ? doc->more.at[i] : i == at ? doc->sel : doc->more.at[i - 1];
	if (main)
		*main = at;
	return count;
}

void document_tell_sel(struct document *doc)
{
	doc->has_told = false;
}

static bool told_all(const struct document *doc)
{
	if (!doc->has_told || doc->told.count != doc->more.count + 1 ||
		!sel_equal(doc->told.at[0], doc->sel))
		return false;
	return !doc->more.count ||
	       memcmp(&doc->told.at[1], doc->more.at, doc->more.count * sizeof(*doc->more.at)) == 0;
}

size_t document_take_sels(struct document *doc, const struct sel **sels)
{
	if (!doc->replica || told_all(doc))
		return 0;
	doc->told.count = 0;
	carets_add(&doc->told, doc->sel);
	for (size_t i = 0; i < doc->more.count; i++)
		carets_add(&doc->told, doc->more.at[i]);
	doc->has_told = true;
	*sels = doc->told.at;
	return doc->told.count;
}
