#include "tui/seek.h"

#include <string.h>

#include "tui/find.h"
#include "tui/state.h"

static void show_found(struct editor *ed, struct sel sel)
{
	document_select(&ed->doc, sel);
	ed->has_goal = false;
	ed->view.follow = true;
}

static bool find_around(struct editor *ed, bool forward, size_t from, struct sel *out)
{
	bool (*find)(const struct text *, size_t, const char *, size_t, struct sel *) =
		forward ? find_next : find_previous;
	const struct text *t = editor_text(ed);
	size_t edge = forward ? 0 : text_size(t).points;

	ed->found_note = "";
	if (find(t, from, ed->needle.at, ed->needle.len, out))
		return true;
	ed->found_note = find(t, edge, ed->needle.at, ed->needle.len, out)
				 ? forward ? " from the top" : " from the end"
				 : " not found";
	return strcmp(ed->found_note, " not found") != 0;
}

void seek_again(struct editor *ed, bool forward, uint64_t now_ms)
{
	size_t start = anchor_start(ed->doc.sel), end = anchor_end(ed->doc.sel);
	struct sel sel;

	if (!ed->needle.len)
		editor_notice(ed, now_ms, "Nothing was looked for yet: ^F finds.");
	else if (find_around(ed, forward, forward && end > start ? start + 1 : start, &sel))
		show_found(ed, sel);
	if (ed->needle.len && *ed->found_note && ed->prompt.kind != PROMPT_FIND)
		editor_notice(ed, now_ms, ed->found_note + 1);
}

void seek_typed(struct editor *ed)
{
	struct sel sel = ed->found_from;

	buf_clear(&ed->needle);
	buf_add(&ed->needle, ed->prompt.text.at, ed->prompt.text.len);
	ed->found_note = "";
	if (ed->needle.len && !find_around(ed, true, anchor_start(ed->found_from), &sel))
		sel = ed->found_from;
	show_found(ed, sel);
}
