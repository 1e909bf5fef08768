#include "ot/history.h"

#include <stdint.h>

#include "ot/utf8.h"

#define KIND_BITS  2
#define UINT_BYTES 10 /* of the longest LEB128 of 64 bits */

enum run_kind { INSERTION, DELETION, BACKWARDS };

void history_fini(struct history *h)
{
	buf_fini(&h->runs);
	buf_fini(&h->places);
	buf_fini(&h->text);
	*h = (struct history){0};
}

/* Writing */

static void put_uint(struct buf *out, uint64_t n)
{
	char *at = buf_room(out, UINT_BYTES);
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		at[len++] = (char)(n | 0x80);
	at[len++] = (char)n;
	out->len += len;
}

/* Small distances either way become small numbers. */
static uint64_t zigzag(size_t from, size_t to)
{
	return to >= from ? (uint64_t)(to - from) * 2 : (uint64_t)(from - to) * 2 - 1;
}

static void end_run(struct history *h)
{
	uint64_t place = zigzag(h->caret, h->low), back = zigzag(h->caret, h->low + h->points);
	bool backwards = h->deletes && back < place;
	enum run_kind kind = backwards ? BACKWARDS : h->deletes ? DELETION : INSERTION;

	if (!h->points)
		return;
	put_uint(&h->runs, (uint64_t)h->points << KIND_BITS | kind);
	put_uint(&h->places, backwards ? back : place);
	h->caret = h->deletes ? h->low : h->low + h->points;
	h->points = 0;
}

static void add_run(struct history *h, bool deletes, size_t pos, size_t points)
{
	end_run(h);
	h->deletes = deletes;
	h->low = pos;
	h->points = points;
}

static void add_insertion(struct history *h, size_t pos, const struct op_component *c)
{
	buf_add(&h->text, c->text, c->bytes);
	if (h->points && !h->deletes && pos == h->low + h->points)
		h->points += c->points;
	else
		add_run(h, false, pos, c->points);
}

/* One that touches the place where the run deleted belongs to it. */
static void add_deletion(struct history *h, size_t pos, size_t points)
{
	if (!h->points || !h->deletes || pos > h->low || pos + points < h->low) {
		add_run(h, true, pos, points);
		return;
	}
	h->low = pos;
	h->points += points;
}

void history_add(struct history *h, const struct op *op)
{
	struct op_iter it = op_iter(op);
	size_t pos = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_DELETE) {
			add_deletion(h, pos, c.points);
			continue;
		}
		if (c.kind == OP_INSERT)
			add_insertion(h, pos, &c);
		pos += c.points;
	}
}

void history_save(struct history *h, struct buf *out)
{
	end_run(h);
	put_uint(out, h->runs.len);
	put_uint(out, h->places.len);
	buf_add(out, h->runs.at, h->runs.len);
	buf_add(out, h->places.at, h->places.len);
	buf_add(out, h->text.at, h->text.len);
}

/* Reading */

struct reader {
	const char *at, *end;
};

static bool get_uint(struct reader *r, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 63 && r->at < r->end; shift += 7) {
		unsigned char byte = (unsigned char)*r->at++;
		*out |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* The next part of what r holds, as long as a number says that was read before. */
static bool get_part(struct reader *r, uint64_t bytes, struct reader *part)
{
	if (bytes > (uint64_t)(r->end - r->at))
		return false;
	*part = (struct reader){r->at, r->at + bytes};
	r->at += bytes;
	return true;
}

struct replay {
	struct reader runs, places, texts;
	size_t points; /* left in texts */
	struct text *text;
	size_t caret;
};

static enum err insert_run(struct replay *p, size_t points)
{
	size_t bytes;
	enum err e;

	if (points > p->points)
		return ERR_FORM;
	bytes = utf8_offset(p->texts.at, (size_t)(p->texts.end - p->texts.at), points);
	if ((e = text_insert(p->text, p->caret, p->texts.at, bytes)))
		return e;
	p->texts.at += bytes;
	p->points -= points;
	p->caret += points;
	return ERR_NONE;
}

static enum err delete_run(struct replay *p, size_t points, bool backwards)
{
	if (backwards && points > p->caret)
		return ERR_RANGE;
	p->caret -= backwards ? points : 0;
	return text_delete(p->text, p->caret, points);
}

static enum err replay_run(struct replay *p)
{
	uint64_t run, place;

	if (!get_uint(&p->runs, &run) || !get_uint(&p->places, &place))
		return ERR_FORM;
	size_t points = (size_t)(run >> KIND_BITS), kind = run & ((1 << KIND_BITS) - 1);
	/* One that goes before the start wraps to a number that no text is long enough for. */
	p->caret += (size_t)(place & 1 ? ~(place >> 1) : place >> 1);
	if (p->caret > text_size(p->text).points)
		return ERR_RANGE;
	if (kind > BACKWARDS || !points)
		return ERR_FORM;
	return kind == INSERTION ? insert_run(p, points) : delete_run(p, points, kind == BACKWARDS);
}

enum err history_replay(const char *at, size_t bytes, struct text *text)
{
	struct reader r = {at, at};
	struct replay p = {.text = text};
	struct utf8_count count;
	uint64_t runs, places;
	enum err e = ERR_NONE;

	if (bytes)
		r.end += bytes;
	if (!get_uint(&r, &runs) || !get_uint(&r, &places) || !get_part(&r, runs, &p.runs) ||
		!get_part(&r, places, &p.places))
		return ERR_FORM;
	p.texts = r;
	if (!utf8_check_count(r.at, (size_t)(r.end - r.at), &count))
		return ERR_UTF8;
	p.points = count.points;
	while (!e && p.runs.at < p.runs.end)
		e = replay_run(&p);
	return !e && (p.places.at < p.places.end || p.points) ? ERR_FORM : e;
}
