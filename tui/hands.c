#include "tui/hands.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "tui/state.h"

size_t hands_count(const struct editor *ed)
{
	return ed->doc.more.count + 1;
}

void hands_move(struct editor *ed, hands_motion *motion)
{
	struct sel *sels = mem_alloc(hands_count(ed) * sizeof(*sels));
	size_t main, count = document_sels(&ed->doc, sels, &main);

	for (size_t i = 0; i < count; i++) {
		sels[i].head = motion(ed, sels[i]);
		sels[i].anchor = ed->extend ? sels[i].anchor : sels[i].head;
	}
	document_select_all(&ed->doc, sels, count, main);
	ed->has_goal = false;
	ed->view.follow = true;
	free(sels);
}

/* Stretches that meet (Delete at two carets of one word) are parted at the first's end. */
static struct change change_of(struct sel stretch, const struct change *before, size_t bytes)
{
	size_t start = anchor_start(stretch), end = anchor_end(stretch);

	if (before && start < before->end)
		start = before->end;
	return (struct change){start, end < start ? start : end, bytes};
}

void hands_change(struct editor *ed, hands_edit *edit, enum document_kind kind, uint64_t now_ms)
{
	struct sel *sels = mem_alloc(hands_count(ed) * sizeof(*sels));
	struct change *changes = mem_alloc(hands_count(ed) * sizeof(*changes));
	size_t main, count = document_sels(&ed->doc, sels, &main);
	struct buf text = {0};
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		size_t before = text.len;
		struct sel stretch = edit(ed, sels[i], i, &text);
		changes[i] = change_of(stretch, i ? &changes[i - 1] : NULL, text.len - before);
		any = any || changes[i].bytes || changes[i].end > changes[i].start;
	}
	if (any && text.len <= EDITOR_EDIT_MAX)
		document_change(
			&ed->doc, changes, count, main, text.at ? text.at : "", kind, now_ms);
	else if (any)
		editor_notice(ed, now_ms, "That is more than 16 MB: too much for one edit.");
	ed->has_goal = false;
	buf_fini(&text);
	free(changes);
	free(sels);
}
