#include "net/codec_json.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "net/canon.h"
#include "net/json.h"
#include "ot/mem.h"
#include "ot/utf8.h"

/* ---- writing ---- */

static void put_fields(struct buf *out, const struct field *fields, const char *base);

/* A comma, unless this is the first of its array or object. */
static void put_comma(struct buf *out)
{
	char last = out->at[out->len - 1];

	if (last != '[' && last != '{')
		buf_add_byte(out, ',');
}

static void write_uint(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	json_put_uint(out, *(const uint64_t *)at);
}

static void write_bool(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	buf_add_str(out, *(const bool *)at ? "true" : "false");
}

static void write_str(struct buf *out, const struct field *f, const void *at)
{
	(void)f;
	json_put_str(out, *(const struct str *)at);
}

static void put_component(struct buf *out, const struct op_component *c)
{
	put_comma(out);
	if (c->kind == OP_INSERT) {
		json_put_str(out, (struct str){c->text, c->bytes});
		return;
	}
	if (c->kind == OP_DELETE)
		buf_add_byte(out, '-');
	json_put_uint(out, c->points);
}

static void write_op(struct buf *out, const struct field *f, const void *at)
{
	struct op_iter it = op_iter(at);

	(void)f;
	buf_add_byte(out, '[');
	for (struct op_component c; op_next(&it, &c);)
		put_component(out, &c);
	buf_add_byte(out, ']');
}

static void write_sels(struct buf *out, const struct field *f, const void *at)
{
	const struct msg_sels *sels = at;

	(void)f;
	buf_add_byte(out, '[');
	for (size_t i = 0; i < sels->count; i++) {
		put_comma(out);
		buf_add_byte(out, '[');
		json_put_uint(out, sels->at[i].anchor);
		buf_add_byte(out, ',');
		json_put_uint(out, sels->at[i].head);
		buf_add_byte(out, ']');
	}
	buf_add_byte(out, ']');
}

static void write_list(struct buf *out, const struct field *f, const void *at)
{
	struct msg_list list;

	memcpy(&list, at, sizeof(list));
	buf_add_byte(out, '[');
	for (size_t i = 0; i < list.count; i++) {
		put_comma(out);
		buf_add_byte(out, '{');
		put_fields(out, f->items, (const char *)list.at + i * f->item_bytes);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
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
	for (const struct field *f = fields; f->name; f++) {
		put_comma(out);
		json_put_str(out, str(f->name));
		buf_add_byte(out, ':');
		writers[f->kind](out, f, base + f->offset);
	}
}

void codec_json_encode(const struct message_row *row, const struct message *m, struct buf *out)
{
	buf_add_str(out, "{\"t\":");
	json_put_str(out, str(row->name));
	put_fields(out, row->fields, (const char *)m);
	buf_add_byte(out, '}');
}

/* ---- reading ---- */

/* Where strings go. Unescaping never lengthens one, so a block as long as the frame holds them all. */
struct block {
	char *at;
	size_t used;
};

static enum err get_object(
	struct block *block, const cJSON *object, const struct field *fields, char *base);

static enum err read_uint(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	(void)block;
	(void)f;
	return json_uint(item, at) ? ERR_NONE : ERR_FORM;
}

static enum err read_bool(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	(void)block;
	(void)f;
	*(bool *)at = cJSON_IsTrue(item);
	return cJSON_IsBool(item) ? ERR_NONE : ERR_FORM;
}

static enum err read_str(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	struct str *s = at;

	(void)f;
	if (!cJSON_IsString(item))
		return ERR_FORM;
	*s = (struct str){block->at + block->used, strlen(item->valuestring)};
	memcpy(block->at + block->used, item->valuestring, s->len);
	block->used += s->len;
	return utf8_check(s->at, s->len, NULL) ? ERR_NONE : ERR_UTF8;
}

static enum err get_component(const cJSON *item, struct canon *canon)
{
	uint64_t n;

	if (cJSON_IsString(item))
		return canon_add(canon, OP_INSERT, strlen(item->valuestring), item->valuestring);
	if (json_uint(item, &n))
		return canon_add(canon, OP_RETAIN, n, NULL);
	if (!cJSON_IsNumber(item))
		return ERR_FORM;
	cJSON negated = {.type = cJSON_Number, .valuedouble = -item->valuedouble};
	return json_uint(&negated, &n) ? canon_add(canon, OP_DELETE, n, NULL) : ERR_FORM;
}

static enum err read_op(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	struct canon canon = {.op = at};
	const cJSON *c;

	(void)block;
	(void)f;
	if (!cJSON_IsArray(item))
		return ERR_FORM;
	cJSON_ArrayForEach(c, item)
	{
		enum err err = get_component(c, &canon);
		if (err)
			return err;
	}
	return canon_end(&canon);
}

static enum err get_sel(const cJSON *pair, struct sel *out)
{
	uint64_t anchor, head;

	if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2)
		return ERR_FORM;
	if (!json_uint(pair->child, &anchor) || !json_uint(pair->child->next, &head))
		return ERR_FORM;
	*out = (struct sel){(size_t)anchor, (size_t)head};
	return ERR_NONE;
}

/* Items of an array, counted and bounded. */
static enum err get_count(const cJSON *array, size_t max, size_t *out)
{
	if (!cJSON_IsArray(array))
		return ERR_FORM;
	*out = (size_t)cJSON_GetArraySize(array);
	return *out > max ? ERR_LIMIT : ERR_NONE;
}

static enum err read_sels(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	struct msg_sels *sels = at;
	size_t count;
	enum err err = get_count(item, MESSAGE_MAX_SELS, &count);

	(void)block;
	(void)f;
	if (err || !count)
		return err;
	*sels = (struct msg_sels){count, mem_alloc(count * sizeof(*sels->at))};
	struct sel *sel = sels->at;
	for (const cJSON *pair = item->child; pair && !err; pair = pair->next)
		err = get_sel(pair, sel++);
	return err;
}

static enum err read_list(struct block *block, const struct field *f, const cJSON *item, void *at)
{
	struct msg_list list = {0};
	enum err err = get_count(item, MESSAGE_MAX_ITEMS, &list.count);

	if (err || !list.count)
		return err;
	list.at = mem_alloc(list.count * f->item_bytes);
	memcpy(at, &list, sizeof(list)); /* from here on message_fini() knows it, read or not */
	char *base = list.at;
	for (const cJSON *i = item->child; i && !err; i = i->next, base += f->item_bytes)
		err = get_object(block, i, f->items, base);
	return err;
}

static enum err (*const readers[FIELD_KINDS])(
	struct block *, const struct field *, const cJSON *, void *) = {
	[FIELD_UINT] = read_uint,
	[FIELD_BOOL] = read_bool,
	[FIELD_STR] = read_str,
	[FIELD_OP] = read_op,
	[FIELD_SELS] = read_sels,
	[FIELD_LIST] = read_list,
};

/* One member into its field; *seen has a bit for each field that came. */
static enum err get_member(struct block *block, const cJSON *member, const struct field *fields,
	char *base, uint32_t *seen)
{
	uint32_t bit = 1;

	for (const struct field *f = fields; f->name; f++, bit <<= 1) {
		if (strcmp(f->name, member->string) != 0)
			continue;
		if (*seen & bit)
			return ERR_FORM;
		*seen |= bit;
		return readers[f->kind](block, f, member, base + f->offset);
	}
	return ERR_NONE;
}

static enum err get_object(
	struct block *block, const cJSON *object, const struct field *fields, char *base)
{
	uint32_t seen = 0, bit = 1;
	enum err err = cJSON_IsObject(object) ? ERR_NONE : ERR_FORM;

	for (const cJSON *m = err ? NULL : object->child; m && !err; m = m->next)
		err = get_member(block, m, fields, base, &seen);
	for (const struct field *f = fields; f->name && !err; f++, bit <<= 1)
		if (!f->optional && !(seen & bit))
			err = ERR_FORM;
	return err;
}

/* The one "t" of the message, or NULL. */
static const cJSON *get_name(const cJSON *object)
{
	const cJSON *name = NULL;

	if (!cJSON_IsObject(object))
		return NULL;
	for (const cJSON *m = object->child; m; m = m->next) {
		if (strcmp(m->string, "t") != 0)
			continue;
		if (name || !cJSON_IsString(m))
			return NULL;
		name = m;
	}
	return name;
}

static enum err get_message(const cJSON *json, bool from_server, size_t len, struct message *out)
{
	const cJSON *name = get_name(json);

	if (!name)
		return ERR_FORM;
	const struct message_row *row = message_row_named(str(name->valuestring), from_server);
	if (!row)
		return ERR_NONE;
	struct block block = {.at = mem_alloc(len)};
	out->type = row->type;
	out->keeps = block.at;
	return get_object(&block, json, row->fields, (char *)out);
}

enum err codec_json_decode(
	bool from_server, const char *at, size_t len, size_t *used, struct message *out)
{
	cJSON *json;

	if (len > (from_server ? MESSAGE_MAX_SERVER_BYTES : MESSAGE_MAX_BYTES))
		return ERR_LIMIT;
	enum err err = json_parse(at, len, &json);
	if (err)
		return err;
	err = get_message(json, from_server, len, out);
	cJSON_Delete(json);
	*used = len;
	return err;
}
