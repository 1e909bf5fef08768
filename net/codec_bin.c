#include "net/codec_bin.h"

#include <string.h>

#include "net/canon.h"
#include "net/varint.h"
#include "ot/mem.h"
#include "ot/utf8.h"

/* ---- writing ---- */

static void put_uint(struct buf *out, uint64_t value)
{
	out->len += varint_put(buf_room(out, VARINT_BYTES), value);
}

static void put_bytes(struct buf *out, const char *at, size_t len)
{
	put_uint(out, len);
	buf_add(out, at, len);
}

void codec_put_op(struct buf *out, const struct op *op)
{
	struct op_iter it = op_iter(op);

	put_uint(out, op_count(op));
	for (struct op_component c; op_next(&it, &c);) {
		size_t n = c.kind == OP_INSERT ? c.bytes : c.points;
		put_uint(out, (uint64_t)n << 2 | c.kind);
		if (c.kind == OP_INSERT)
			buf_add(out, c.text, c.bytes);
	}
}

static void put_fields(struct buf *out, const struct field *fields, const char *base);

static void write_uint(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	put_uint(out, *(const uint64_t *)at);
}

static void write_bool(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	buf_add_byte(out, *(const bool *)at);
}

static void write_str(struct buf *out, const struct field *f, const void *at)
{
	const struct str *s = at;

	(void)f;
	put_bytes(out, s->at, s->len);
}

static void write_op(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	codec_put_op(out, at);
}

static void write_sels(struct buf *out, const struct field *f, const void *at)
{
	const struct msg_sels *sels = at;

	(void)f;
	put_uint(out, sels->count);
	for (size_t i = 0; i < sels->count; i++) {
		put_uint(out, sels->at[i].anchor);
		put_uint(out, sels->at[i].head);
	}
}

static void write_list(struct buf *out, const struct field *f, const void *at)
{
	struct msg_list list;

	memcpy(&list, at, sizeof(list));
	put_uint(out, list.count);
	for (size_t i = 0; i < list.count; i++)
		put_fields(out, f->items, (const char *)list.at + i * f->item_bytes);
}

static void (*const writers[FIELD_KINDS])(struct buf *, const struct field *, const void *) = {
	[FIELD_UINT] = write_uint,
	[FIELD_BOOL] = write_bool,
	[FIELD_STR] = write_str,
	[FIELD_OP] = write_op,
	[FIELD_SELS] = write_sels,
	[FIELD_LIST] = write_list,
};

static void put_fields(struct buf *out, const struct field *fields, const char *base)
{
	for (const struct field *f = fields; f->name; f++)
		writers[f->kind](out, f, base + f->offset);
}

/* Bytes that the length will have, as far as the long ones show: those with much text. */
static size_t guess_length(const struct field *fields, const char *base)
{
	char length[VARINT_BYTES];
	size_t sum = 0;

	for (const struct field *f = fields; f->name; f++)
		if (f->kind == FIELD_STR)
			sum += ((const struct str *)(const void *)(base + f->offset))->len;
	return varint_put(length, sum);
}

/* `kept` bytes are there for the length; if it needs more, the body moves up. */
static void close_length(struct buf *out, size_t start, size_t kept)
{
	char length[VARINT_BYTES];
	size_t body = out->len - start - kept;
	size_t n = varint_put(length, body);

	if (n != kept) {
		buf_room(out, n);
		memmove(out->at + start + n, out->at + start + kept, body);
	}
	memcpy(out->at + start, length, n);
	out->len = start + n + body;
}

void codec_bin_encode(const struct message_row *row, const struct message *m, struct buf *out)
{
	size_t start = out->len, kept = guess_length(row->fields, (const char *)m);

	buf_room(out, kept);
	out->len += kept;
	put_uint(out, row->type);
	put_fields(out, row->fields, (const char *)m);
	close_length(out, start, kept);
}

/* ---- reading ---- */

struct reader {
	const char *at, *end;
};

static size_t left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

static enum err get_uint(struct reader *r, uint64_t *out)
{
	if (!varint_get(&r->at, r->end, out))
		return ERR_FORM;
	return *out > MESSAGE_MAX_UINT ? ERR_LIMIT : ERR_NONE;
}

/* How many of something follow, each of at least min_bytes: so what is allocated is bounded by what was sent. */
static enum err get_count(struct reader *r, size_t max, size_t min_bytes, size_t *out)
{
	uint64_t count;
	enum err err = get_uint(r, &count);

	if (err)
		return err;
	if (count > left(r) / min_bytes)
		return ERR_FORM;
	*out = (size_t)count;
	return count > max ? ERR_LIMIT : ERR_NONE;
}

static enum err get_bytes(struct reader *r, struct str *out)
{
	enum err err = get_count(r, SIZE_MAX, 1, &out->len);

	if (err)
		return err;
	out->at = r->at;
	r->at += out->len;
	return ERR_NONE;
}

static enum err get_component(struct reader *r, struct canon *canon)
{
	uint64_t header;
	enum err err = get_uint(r, &header);

	if (err)
		return err;
	enum op_kind kind = (enum op_kind)(header & 3);
	uint64_t n = header >> 2;
	if (kind > OP_INSERT || (kind == OP_INSERT && n > left(r)))
		return ERR_FORM;
	err = canon_add(canon, kind, n, r->at);
	if (!err && kind == OP_INSERT)
		r->at += n;
	return err;
}

static enum err get_op(struct reader *r, struct op *out)
{
	struct canon canon = {.op = out};
	size_t count;
	enum err err = get_count(r, SIZE_MAX, 1, &count);

	for (size_t i = 0; !err && i < count; i++)
		err = get_component(r, &canon);
	return err ? err : canon_end(&canon);
}

enum err codec_get_op(const char *at, size_t len, struct op *out)
{
	struct op op = {0};

	if (len == 0)
		return ERR_FORM;
	struct reader r = {at, at + len};
	enum err err = get_op(&r, &op);
	if (!err && r.at != r.end)
		err = ERR_FORM;
	if (err)
		op_fini(&op);
	else
		*out = op;
	return err;
}

static enum err get_fields(struct reader *r, const struct field *fields, char *base);

static enum err read_uint(struct reader *r, const struct field *f, void *at)
{
	(void)f;
	return get_uint(r, at);
}

static enum err read_bool(struct reader *r, const struct field *f, void *at)
{
	(void)f;
	if (r->at == r->end || (unsigned char)*r->at > 1)
		return ERR_FORM;
	*(bool *)at = *r->at++ == 1;
	return ERR_NONE;
}

static enum err read_str(struct reader *r, const struct field *f, void *at)
{
	struct str *s = at;
	enum err err = get_bytes(r, s);

	(void)f;
	if (!err && !utf8_check(s->at, s->len, NULL))
		err = ERR_UTF8;
	return err;
}

static enum err read_op(struct reader *r, const struct field *f, void *at)
{
	(void)f;
	return get_op(r, at);
}

static enum err get_sel(struct reader *r, struct sel *out)
{
	uint64_t anchor, head;
	enum err err = get_uint(r, &anchor);

	if (!err)
		err = get_uint(r, &head);
	if (!err)
		*out = (struct sel){(size_t)anchor, (size_t)head};
	return err;
}

static enum err read_sels(struct reader *r, const struct field *f, void *at)
{
	struct msg_sels *sels = at;
	size_t count;
	enum err err = get_count(r, MESSAGE_MAX_SELS, 2, &count);

	(void)f;
	if (err || !count)
		return err;
	*sels = (struct msg_sels){count, mem_alloc(count * sizeof(*sels->at))};
	for (size_t i = 0; i < count && !err; i++)
		err = get_sel(r, &sels->at[i]);
	return err;
}

static size_t field_count(const struct field *fields)
{
	size_t n = 0;

	while (fields[n].name)
		n++;
	return n;
}

static enum err read_list(struct reader *r, const struct field *f, void *at)
{
	struct msg_list list = {0};
	enum err err = get_count(r, MESSAGE_MAX_ITEMS, field_count(f->items), &list.count);

	if (err || !list.count)
		return err;
	list.at = mem_alloc(list.count * f->item_bytes);
	memcpy(at, &list, sizeof(list)); /* from here on message_fini() knows it, read or not */
	for (size_t i = 0; i < list.count && !err; i++)
		err = get_fields(r, f->items, (char *)list.at + i * f->item_bytes);
	return err;
}

static enum err (*const readers[FIELD_KINDS])(struct reader *, const struct field *, void *) = {
	[FIELD_UINT] = read_uint,
	[FIELD_BOOL] = read_bool,
	[FIELD_STR] = read_str,
	[FIELD_OP] = read_op,
	[FIELD_SELS] = read_sels,
	[FIELD_LIST] = read_list,
};

static enum err get_fields(struct reader *r, const struct field *fields, char *base)
{
	enum err err = ERR_NONE;

	for (const struct field *f = fields; f->name && !err; f++)
		if (!f->optional || r->at < r->end)
			err = readers[f->kind](r, f, base + f->offset);
	return err;
}

/* The length, of max at most, and the type: narrows *r to the fields, and moves *frame behind them. */
static enum err get_head(struct reader *frame, size_t max, struct reader *r, uint64_t *type)
{
	struct str body;
	enum err err = get_bytes(frame, &body);

	if (err)
		return err;
	if (body.len > max)
		return ERR_LIMIT;
	*r = (struct reader){body.at, body.at + body.len};
	return get_uint(r, type);
}

enum err codec_bin_decode(
	bool from_server, const char *at, size_t len, size_t *used, struct message *out)
{
	struct reader frame = {at, at + len};
	struct reader r;
	uint64_t type;
	enum err err = get_head(
		&frame, from_server ? MESSAGE_MAX_SERVER_BYTES : MESSAGE_MAX_BYTES, &r, &type);

	if (err)
		return err;
	*used = len - left(&frame);
	const struct message_row *row =
		type <= INT32_MAX ? message_row((enum message_type)type) : NULL;
	if (!row || row->from_server != from_server)
		return ERR_NONE;
	out->type = row->type;
	return get_fields(&r, row->fields, (char *)out);
}
