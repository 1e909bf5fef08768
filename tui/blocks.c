#include "tui/blocks.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "tui/state.h"

struct block block_of(const struct text *t, struct sel sel)
{
	struct block block = {text_line_at(t, anchor_start(sel)), text_line_at(t, anchor_end(sel))};

	if (block.last > block.first && text_line_start(t, block.last) == anchor_end(sel))
		block.last--;
	return block;
}

static void add(struct blocks *blocks, struct block block)
{
	struct block *before = blocks->count ? &blocks->at[blocks->count - 1] : NULL;

	if (!before || block.first > before->last + 1)
		blocks->at[blocks->count++] = block;
	else if (block.last > before->last)
		before->last = block.last;
}

struct blocks blocks_of(const struct editor *ed)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);
	struct blocks blocks = {mem_alloc(count * sizeof(*blocks.at)), 0};

	for (size_t i = 0; i < count; i++)
		add(&blocks, block_of(editor_text(ed), sels[i]));
	free(sels);
	return blocks;
}

void blocks_fini(struct blocks *blocks)
{
	free(blocks->at);
	*blocks = (struct blocks){0};
}

/* ---- an op over them ---- */

void pen_to(struct pen *pen, size_t pos)
{
	op_retain(&pen->op, pos - pen->pos);
	pen->pos = pos;
}

void pen_delete(struct pen *pen, size_t points)
{
	op_delete(&pen->op, points);
	pen->pos += points;
}

void pen_insert(struct pen *pen, const struct buf *text)
{
	if (text->len)
		op_insert(&pen->op, text->at, text->len);
}

void blocks_edit(struct editor *ed, block_fn *fn, const void *arg)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};

	for (size_t i = 0; i < blocks.count; i++)
		fn(&pen, blocks.at[i], arg);
	blocks_fini(&blocks);
	document_edit(&ed->doc, &pen.op);
	ed->view.follow = true;
}

struct each_line {
	line_fn *fn;
	const void *arg;
};

static void lines_of(struct pen *pen, struct block block, const void *arg)
{
	const struct each_line *each = arg;

	for (size_t line = block.first; line <= block.last; line++)
		each->fn(pen, line, each->arg);
}

void blocks_edit_lines(struct editor *ed, line_fn *fn, const void *arg)
{
	blocks_edit(ed, lines_of, &(struct each_line){fn, arg});
}
