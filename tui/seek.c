#include "tui/seek.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/utf8.h"
#include "tui/state.h"

const struct seek_toggle seek_toggles[] = {
	{'c', "Case", "Aa", PATTERN_CASE},
	{'w', "Words", "words", PATTERN_WORD},
	{'r', "Regex", "regex", PATTERN_REGEX},
	{'s', "Selection", "in selection", 0},
	{0, NULL, NULL, 0},
};

void seek_fini(struct seek *seek)
{
	search_stop(&seek->search);
	buf_fini(&seek->needle);
	buf_fini(&seek->with);
}

void seek_close(struct editor *ed)
{
	struct seek *seek = &ed->seek;

	search_stop(&seek->search);
	seek->waiting = seek->all = seek->replacing = false;
	ed->dirty = true;
}

void seek_shift(struct editor *ed, const struct op *op, uint64_t author)
{
	anchor_shift(&ed->seek.from, op, author, replica_user(ed->doc.replica));
	ed->seek.first = op_transform_pos(op, ed->seek.first, false);
	search_changed(&ed->seek.search, editor_text(ed), op);
}

/* ---- what is said ---- */

static void count_text(const struct editor *ed, struct buf *out)
{
	const struct search *s = &ed->seek.search;
	size_t rank = search_rank(s, ed->doc.sel);
	const char *more = s->full || !s->done ? "+" : "";

	if (rank)
		buf_printf(out, "%zu of %zu%s", rank, s->count, more);
	else if (s->count)
		buf_printf(out, "%zu%s found", s->count, more);
	if (s->wrapped && s->seek == SEARCH_FOUND)
		buf_printf(out, "%s%s", out->len ? ", " : "",
			s->forward ? "from the top" : "from the end");
}

void seek_note(const struct editor *ed, struct buf *out)
{
	const struct search *s = &ed->seek.search;

	if (*ed->seek.why)
		buf_add_str(out, ed->seek.why);
	else if (s->hard)
		buf_add_str(out, "that takes too long: say it more exactly");
	else if (ed->seek.all)
		buf_add_str(out, "looking for all…");
	else if (ed->seek.waiting)
		buf_add_str(out, "searching…");
	else if (search_is_on(s) && s->seek == SEARCH_NOWHERE)
		buf_add_str(out, "not found");
	else if (search_is_on(s))
		count_text(ed, out);
	*buf_room(out, 1) = '\0';
}

static void tell(struct editor *ed, uint64_t now_ms)
{
	struct buf note = {0};

	seek_note(ed, &note);
	if (note.len && !ed->prompt.kind)
		editor_notice(ed, now_ms, note.at);
	buf_fini(&note);
}

/* ---- looking ---- */

static void show(struct editor *ed, struct sel sel)
{
	document_select(&ed->doc, sel);
	ed->has_goal = false;
	ed->view.follow = true;
	ed->dirty = true;
}

/* How many were replaced, or why none was; and that is the end of it. */
static void finish(struct editor *ed, const char *text, uint64_t now_ms)
{
	editor_notice(ed, now_ms, text);
	prompt_close(&ed->prompt);
	seek_close(ed);
}

static void each_begins(struct editor *ed)
{
	ed->seek.begun = true;
	ed->seek.around = false;
	ed->seek.first = ed->seek.search.found.anchor;
}

/* Replacing one by one ends where it began. */
static bool is_over(struct editor *ed)
{
	const struct search *s = &ed->seek.search;
	bool first = !ed->seek.begun;

	if (ed->prompt.kind != PROMPT_EACH)
		return false;
	if (first)
		each_begins(ed);
	ed->seek.around |= s->wrapped && !first;
	return s->seek == SEARCH_NOWHERE || (ed->seek.around && s->found.anchor >= ed->seek.first);
}

/* The search has an answer. */
static void settle(struct editor *ed, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;

	if (!seek->waiting || seek->search.seek == SEARCH_SEEKING)
		return;
	seek->waiting = false;
	ed->dirty = true;
	if (is_over(ed)) {
		finish(ed, "That was the last one.", now_ms);
		return;
	}
	if (seek->search.seek == SEARCH_FOUND)
		show(ed, seek->search.found);
	else if (seek->typed)
		show(ed, seek->from);
	tell(ed, now_ms);
}

static void go_from(struct editor *ed, size_t pos, bool forward, uint64_t now_ms)
{
	ed->seek.waiting = true;
	search_seek(&ed->seek.search, editor_text(ed), pos, forward);
	settle(ed, now_ms);
}

/* Begins to look for the needle; false where that is nothing, or no pattern. */
static bool begin(struct editor *ed)
{
	struct seek *seek = &ed->seek;
	const struct sel *within = seek->only_selected ? &seek->from : NULL;

	*seek->why = '\0';
	seek->waiting = seek->all = false;
	return search_start(&seek->search, seek->needle.at ? seek->needle.at : "", seek->needle.len,
		       seek->flags, within, seek->why, sizeof(seek->why)) &&
	       seek->needle.len;
}

void seek_typed(struct editor *ed, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;

	buf_clear(&seek->needle);
	buf_add(&seek->needle, ed->prompt.text.at, ed->prompt.text.len);
	seek->typed = true;
	if (begin(ed))
		go_from(ed, anchor_start(seek->from), true, now_ms);
	else
		show(ed, seek->from);
}

void seek_again(struct editor *ed, bool forward, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;
	struct sel sel = ed->doc.sel;
	size_t start = anchor_start(sel), end = anchor_end(sel);

	seek->typed = false;
	if (!seek->needle.len)
		editor_notice(ed, now_ms, "Nothing was looked for yet: ^F finds.");
	else if (search_is_on(&seek->search) || begin(ed))
		go_from(ed,
			!forward      ? start
			: end > start ? find_behind((struct sel){start, end})
				      : start,
			forward, now_ms);
	else
		tell(ed, now_ms);
}

/* ---- the prompt ---- */

static void label(struct editor *ed)
{
	struct buf text = {0};
	const char *between = " (";

	buf_add_str(&text, ed->seek.replacing ? "Replace" : "Find");
	for (const struct seek_toggle *t = seek_toggles; t->key; t++)
		if (seek_is_on(ed, t)) {
			buf_printf(&text, "%s%s", between, t->label);
			between = ", ";
		}
	buf_add_str(&text, between[0] == ',' ? "):" : ":");
	buf_add_byte(&text, '\0');
	editor_set_string(&ed->prompt.label, text.at);
	buf_fini(&text);
}

/* A few selected characters of one line are what one looks for; else what was looked for last. */
static void seed(struct editor *ed)
{
	size_t start = anchor_start(ed->doc.sel), points = anchor_end(ed->doc.sel) - start, bytes;

	if (!points || points > SEEK_SEED || ed->seek.flags & PATTERN_REGEX)
		return;
	char *text = text_slice(editor_text(ed), start, points, &bytes);
	if (!memchr(text, '\n', bytes)) {
		buf_clear(&ed->seek.needle);
		buf_add(&ed->seek.needle, text, bytes);
	}
	free(text);
}

void seek_open(struct editor *ed, bool replacing)
{
	struct buf text = {0};

	if (!search_is_on(&ed->seek.search))
		seed(ed);
	seek_close(ed);
	ed->seek.from = ed->doc.sel;
	ed->seek.only_selected = false;
	ed->seek.replacing = replacing;
	*ed->seek.why = '\0';
	buf_add(&text, ed->seek.needle.at ? ed->seek.needle.at : "", ed->seek.needle.len);
	buf_add_byte(&text, '\0');
	prompt_open(&ed->prompt, PROMPT_FIND, "", text.at);
	label(ed);
	begin(ed); /* what is there already is marked, and one goes nowhere yet */
	buf_fini(&text);
}

bool seek_is_on(const struct editor *ed, const struct seek_toggle *toggle)
{
	return toggle->flag ? ed->seek.flags & toggle->flag : ed->seek.only_selected;
}

void seek_toggle(struct editor *ed, const struct seek_toggle *toggle, uint64_t now_ms)
{
	if (toggle->flag)
		ed->seek.flags ^= toggle->flag;
	else
		ed->seek.only_selected =
			!ed->seek.only_selected && ed->seek.from.anchor != ed->seek.from.head;
	label(ed);
	seek_typed(ed, now_ms);
}

/* ---- replacing ---- */

void seek_ask_with(struct editor *ed)
{
	struct buf text = {0};

	buf_add(&text, ed->seek.with.at ? ed->seek.with.at : "", ed->seek.with.len);
	buf_add_byte(&text, '\0');
	prompt_open(&ed->prompt, PROMPT_WITH, "with:", text.at);
	buf_fini(&text);
}

static bool at_match(const struct editor *ed)
{
	return ed->seek.search.seek == SEARCH_FOUND && !ed->seek.waiting;
}

void seek_ask_each(struct editor *ed)
{
	prompt_open(&ed->prompt, PROMPT_EACH, "Replace this? y yes, n no, a all, Esc", "");
	ed->seek.begun = false;
	if (!ed->seek.waiting)
		each_begins(ed);
}

static void next(struct editor *ed, size_t pos, uint64_t now_ms)
{
	ed->seek.typed = false;
	go_from(ed, pos, true, now_ms);
}

static void replace_one(struct editor *ed, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;
	struct sel match = seek->search.found;
	struct search_with with = {.template = seek->with.at, .bytes = seek->with.len};
	struct buf text = {0};

	buf_room(&text, 1);
	if (!search_replacement(&seek->search, editor_text(ed), match, &with, &text)) {
		finish(ed, with.why, now_ms);
	} else {
		document_replace(&ed->doc, match.anchor, match.head, text.at, text.len,
			DOCUMENT_OTHER, now_ms);
		size_t behind = ed->doc.sel.head;
		next(ed, match.anchor == match.head ? behind + 1 : behind, now_ms);
	}
	buf_fini(&text);
}

static void replace_all(struct editor *ed, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;
	struct search_with with = {.template = seek->with.at, .bytes = seek->with.len};
	size_t count = seek->search.count;
	struct op op;
	char text[128];

	seek->all = false;
	if (!editor_may_write(ed, now_ms)) {
		prompt_close(&ed->prompt);
		seek_close(ed);
		return;
	}
	if (search_replace_all(&seek->search, editor_text(ed), &with, EDITOR_EDIT_MAX, &op)) {
		snprintf(text, sizeof(text), "%zu replaced.%s", count,
			seek->search.full ? " There may be more." : "");
		document_edit(&ed->doc, &op);
		finish(ed, text, now_ms);
	} else {
		finish(ed, with.why, now_ms);
	}
}

void seek_answer(struct editor *ed, char answer, uint64_t now_ms)
{
	if (answer != 'a' && !at_match(ed))
		return;
	if (answer != 'n' && !editor_may_write(ed, now_ms)) {
		prompt_close(&ed->prompt);
		seek_close(ed);
	} else if (answer == 'y') {
		replace_one(ed, now_ms);
	} else if (answer == 'n') {
		next(ed, find_behind(ed->seek.search.found), now_ms);
	} else {
		ed->seek.all = true;
		seek_idle(ed, now_ms);
	}
}

/* ---- in idle time ---- */

bool seek_idle(struct editor *ed, uint64_t now_ms)
{
	struct seek *seek = &ed->seek;
	bool was_done = seek->search.done, was_hard = seek->search.hard, was_dirty = ed->dirty;

	if (!ed->doc.replica || !search_is_on(&seek->search))
		return false;
	bool more = search_idle(&seek->search, editor_text(ed));
	settle(ed, now_ms);
	if (seek->all && seek->search.hard)
		finish(ed, "That takes too long: say it more exactly.", now_ms);
	else if (seek->all && seek->search.done)
		replace_all(ed, now_ms);
	ed->dirty |= was_done != seek->search.done || was_hard != seek->search.hard;
	return (more && search_is_on(&seek->search)) || (ed->dirty && !was_dirty);
}
