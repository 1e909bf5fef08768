#include "src/server/stretch.h"

#include "net/codec.h"
#include "net/varint.h"

static struct stretch_count *count_of(struct stretch *s, uint64_t session)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->counts[i].session == session)
			return &s->counts[i];
	return NULL;
}

bool stretch_takes(const struct stretch *s, const struct store_edit *edit)
{
	if (!s->edits)
		return true;
	return edit->doc == s->newest.doc && edit->rev == s->newest.rev + 1 &&
	       s->edits < STRETCH_EDITS && s->count < STRETCH_SESSIONS &&
	       s->before.len + s->op.len < STRETCH_BYTES;
}

static void put_uint(struct buf *out, uint64_t value)
{
	out->len += varint_put(buf_room(out, VARINT_BYTES), value);
}

static void put_bytes(struct buf *out, const struct buf *bytes)
{
	put_uint(out, bytes->len);
	buf_add(out, bytes->at, bytes->len);
}

static void put_before(struct stretch *s)
{
	put_uint(&s->before, s->newest.user);
	put_bytes(&s->before, &s->name);
	put_uint(&s->before, s->newest.session);
	put_uint(&s->before, s->newest.seq);
	put_uint(&s->before, s->newest.at_ms);
	put_bytes(&s->before, &s->op);
}

static void note_count(struct stretch *s, const struct store_edit *edit)
{
	struct stretch_count *count = count_of(s, edit->session);

	if (!count)
		count = &s->counts[s->count++];
	*count = (struct stretch_count){edit->session, edit->seq};
}

void stretch_add(struct stretch *s, const struct store_edit *edit)
{
	if (s->edits++)
		put_before(s);
	s->newest = *edit;
	s->newest.name = (struct str){0};
	s->newest.op = (struct op){0};
	buf_clear(&s->name);
	buf_add(&s->name, edit->name.at, edit->name.len);
	buf_clear(&s->op);
	codec_put_op(&s->op, &edit->op);
	note_count(s, edit);
}

/* A large edit's memory is given back. */
static void empty(struct buf *bytes)
{
	if (bytes->cap > 2 * STRETCH_BYTES)
		buf_fini(bytes);
	buf_clear(bytes);
}

void stretch_clear(struct stretch *s)
{
	s->edits = 0;
	s->count = 0;
	empty(&s->op);
	empty(&s->before);
}

void stretch_fini(struct stretch *s)
{
	buf_fini(&s->name);
	buf_fini(&s->op);
	buf_fini(&s->before);
}

static bool get_bytes(const char **at, const char *end, struct str *out)
{
	uint64_t len;

	if (!varint_get(at, end, &len) || len > (size_t)(end - *at))
		return false;
	*out = (struct str){*at, (size_t)len};
	*at += len;
	return true;
}

bool stretch_read(const char **at, const char *end, struct store_edit *out)
{
	struct str op;

	*out = (struct store_edit){0};
	return varint_get(at, end, &out->user) && get_bytes(at, end, &out->name) &&
	       varint_get(at, end, &out->session) && varint_get(at, end, &out->seq) &&
	       varint_get(at, end, &out->at_ms) && get_bytes(at, end, &op) &&
	       !codec_get_op(op.at, op.len, &out->op);
}
