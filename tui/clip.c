#include "tui/clip.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/hands.h"
#include "tui/motion.h"
#include "tui/state.h"

static void clip_clear(struct clip *clip)
{
	buf_fini(&clip->text);
	free(clip->pieces);
	*clip = (struct clip){0};
}

void clips_fini(struct clips *clips)
{
	for (size_t i = 0; i < CLIP_RING; i++)
		clip_clear(&clips->ring[i]);
}

static const struct clip *clip_back(const struct clips *clips, size_t back)
{
	return &clips->ring[(clips->newest + CLIP_RING - back) % CLIP_RING];
}

const struct clip *clip_newest(const struct editor *ed)
{
	return ed->clips.count ? clip_back(&ed->clips, 0) : NULL;
}

/* The oldest gives its place. */
static struct clip *clip_next(struct clips *clips)
{
	clips->newest = (clips->newest + 1) % CLIP_RING;
	clips->count += clips->count < CLIP_RING;
	clip_clear(&clips->ring[clips->newest]);
	return &clips->ring[clips->newest];
}

/* ---- copying ---- */

static void to_terminal(struct editor *ed, const struct clip *clip, uint64_t now_ms)
{
	if (clip->text.len > TERM_COPY_MAX) {
		editor_notice(ed, now_ms,
			"Copied for here alone: too long for the terminal's clipboard.");
		return;
	}
	buf_clear(&ed->outside);
	buf_add(&ed->outside, clip->text.at, clip->text.len);
}

void clip_put(struct editor *ed, const char *text, size_t bytes, uint64_t now_ms)
{
	struct clip *clip = clip_next(&ed->clips);

	buf_add(&clip->text, text, bytes);
	to_terminal(ed, clip, now_ms);
}

static bool is_empty(struct sel sel)
{
	return sel.anchor == sel.head;
}

static bool all_empty(const struct sel *sels, size_t count)
{
	while (count && is_empty(sels[count - 1]))
		count--;
	return count == 0;
}

static void add_piece(struct clip *clip, const char *at, size_t bytes, bool first)
{
	if (!first) {
		if (!clip->line)
			buf_add_byte(&clip->text, '\n');
		clip->pieces = mem_realloc(clip->pieces, clip->count, sizeof(*clip->pieces));
		clip->pieces[clip->count - 1] = clip->text.len;
	}
	clip->count++;
	buf_add(&clip->text, at, bytes);
	if (clip->line && (!bytes || at[bytes - 1] != '\n'))
		buf_add_byte(&clip->text, '\n');
}

static void take(struct editor *ed, uint64_t now_ms)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);
	struct clip *clip = clip_next(&ed->clips);

	ed->marking = false;
	clip->line = all_empty(sels, count);
	for (size_t i = 0; i < count; i++) {
		struct sel sel = sels[i];
		size_t bytes;
		if (clip->line)
			sel = motion_line_at(editor_text(ed), sel.head);
		char *at = text_slice(editor_text(ed), anchor_start(sel),
			anchor_end(sel) - anchor_start(sel), &bytes);
		add_piece(clip, at, bytes, i == 0);
		free(at);
	}
	to_terminal(ed, clip, now_ms);
	free(sels);
}

/* Nothing on the screen changes by it, and whether it was the line or more is not seen either. */
void clip_copy(struct editor *ed, uint64_t now_ms)
{
	editor_notice(ed, now_ms, "Copied.");
	take(ed, now_ms);
	const struct clip *clip = clip_newest(ed);
	if (clip->line && clip->text.len <= TERM_COPY_MAX)
		editor_notice(ed, now_ms,
			clip->count > 1 ? "The lines are copied." : "The line is copied.");
}

/* Without any selection, lines. */
static struct sel cut(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	(void)text;
	return clip_newest(ed)->line ? motion_line_at(editor_text(ed), sel.head) : sel;
}

void clip_cut(struct editor *ed, uint64_t now_ms)
{
	take(ed, now_ms);
	hands_change(ed, cut, DOCUMENT_OTHER, now_ms);
}

/* The newest copy goes behind the one before it. */
static struct clip *join(struct clips *clips)
{
	struct clip *last = &clips->ring[clips->newest];

	clips->newest = (clips->newest + CLIP_RING - 1) % CLIP_RING;
	clips->count--;
	buf_add(&clips->ring[clips->newest].text, last->text.at, last->text.len);
	clip_clear(last);
	return &clips->ring[clips->newest];
}

static bool is_one_line(const struct clip *clip)
{
	return clip && clip->line && clip->count == 1;
}

/* Lines that are cut one right after the other are one copy: so nano's hands, and micro's, move a few. */
void clip_cut_line(struct editor *ed, uint64_t now_ms)
{
	bool again = ed->ran && ed->ran == ed->ran_before && is_one_line(clip_newest(ed));

	clip_cut(ed, now_ms);
	if (again && is_one_line(clip_newest(ed)))
		to_terminal(ed, join(&ed->clips), now_ms);
}

/* ---- pasting ---- */

static size_t piece_at(const struct clip *clip, size_t n)
{
	return n ? clip->pieces[n - 1] : 0;
}

static void add_to(struct buf *out, const struct clip *clip, size_t n, size_t carets)
{
	size_t start, end;

	if (clip->count != carets || carets < 2) {
		buf_add(out, clip->text.at, clip->text.len);
		return;
	}
	start = piece_at(clip, n);
	end = n + 1 < clip->count ? piece_at(clip, n + 1) - !clip->line : clip->text.len;
	buf_add(out, clip->text.at + start, end - start);
}

static const struct clip *pasted(const struct editor *ed)
{
	return clip_back(&ed->clips, ed->clips.back);
}

static struct sel paste(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	add_to(text, pasted(ed), n, hands_count(ed));
	return sel;
}

/* Before the caret's line; the caret stays with its own. */
static void paste_lines(struct editor *ed, const struct sel *sels, size_t count)
{
	size_t pos = 0;
	struct op op = {0};

	for (size_t i = 0; i < count; i++) {
		size_t start = motion_line_start(editor_text(ed), sels[i].head);
		struct buf text = {0};
		add_to(&text, pasted(ed), i, count);
		op_retain(&op, start - pos);
		op_insert(&op, text.at ? text.at : "", text.len);
		pos = start;
		buf_fini(&text);
	}
	document_edit(&ed->doc, &op);
}

static void paste_clip(struct editor *ed, uint64_t now_ms)
{
	uint64_t before = ed->doc.changes;
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);

	if (pasted(ed)->text.len > EDITOR_EDIT_MAX / count)
		editor_notice(ed, now_ms,
			"That is more than 16 MB: too much for one edit. Copy it in parts.");
	else if (pasted(ed)->line && all_empty(sels, count))
		paste_lines(ed, sels, count);
	else
		hands_change(ed, paste, DOCUMENT_OTHER, now_ms);
	ed->clips.changes = ed->doc.changes == before ? 0 : ed->doc.changes;
	free(sels);
}

void clip_paste(struct editor *ed, uint64_t now_ms)
{
	ed->clips.back = 0;
	if (ed->clips.count)
		paste_clip(ed, now_ms);
	else
		editor_notice(ed, now_ms,
			"Nothing was copied here yet. Your terminal's own paste works too.");
}

void clip_paste_older(struct editor *ed, uint64_t now_ms)
{
	if (!ed->clips.changes || ed->clips.changes != ed->doc.changes) {
		editor_notice(ed, now_ms, "Paste first: then this puts what was copied before.");
		return;
	}
	document_undo(&ed->doc);
	ed->clips.back = (ed->clips.back + 1) % ed->clips.count;
	paste_clip(ed, now_ms);
}
