#include "ot/strokes.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

void strokes_fini(struct strokes *s)
{
	free(s->at);
	buf_fini(&s->text);
	*s = (struct strokes){0};
}

static struct splice splice_of(const struct stroke *stroke, const char *text)
{
	return (struct splice){stroke->pos, stroke->drop, stroke->points, stroke->bytes, text};
}

static void append(struct strokes *s, const struct splice *then)
{
	s->at = mem_grow(s->at, &s->cap, s->count + 1, sizeof(*s->at));
	s->at[s->count++] = (struct stroke){(uint32_t)then->pos, (uint32_t)then->drop,
		(uint32_t)then->points, (uint32_t)then->bytes};
	buf_add(&s->text, then->text, then->bytes);
}

static char *newest_text(const struct strokes *s)
{
	size_t bytes = s->at[s->count - 1].bytes;

	return bytes ? s->text.at + s->text.len - bytes : NULL;
}

/* The newest stroke's text from byte `to` on moves to `from`, and what is new goes behind it. */
static void replace_text(struct strokes *s, const struct splice_joint *j, const struct splice *then)
{
	struct stroke *last = &s->at[s->count - 1];
	size_t behind = last->bytes - j->to, cut = j->to - j->from;

	if (cut && behind)
		memmove(newest_text(s) + j->from, newest_text(s) + j->to, behind);
	s->text.len -= cut;
	buf_add(&s->text, then->text, then->bytes);
	*last = (struct stroke){(uint32_t)j->pos, (uint32_t)j->drop, (uint32_t)j->points,
		(uint32_t)(last->bytes - cut + then->bytes)};
}

/* What is typed before the end of the newest stroke's text is a stroke of its own: it would have to be moved for every letter. */
static bool extend(struct strokes *s, const struct splice *then)
{
	struct stroke *last = &s->at[s->count - 1];
	size_t end = (size_t)last->pos + last->points, reach = then->pos + then->drop;

	if (then->pos > end || reach < (then->bytes ? end : last->pos))
		return false;
	struct splice first = splice_of(last, newest_text(s));
	struct splice_joint j;
	if (!splice_join(&first, then, &j))
		return false;
	replace_text(s, &j, then);
	s->count -= !(last->drop | last->points);
	return true;
}

void strokes_add(struct strokes *s, const struct splice *then)
{
	if (!s->count || !extend(s, then))
		append(s, then);
}

/* Strokes [from, to), by halves: so each is touched O(log count) times. *text is moved behind theirs. */
static struct op compose_range(const struct strokes *s, size_t from, size_t to, const char **text)
{
	if (to - from == 1) {
		struct splice one = splice_of(&s->at[from], *text);
		*text += one.bytes;
		return op_of_splice(&one);
	}
	struct op first = compose_range(s, from, from + (to - from) / 2, text);
	struct op then = compose_range(s, from + (to - from) / 2, to, text);
	if (!op_join(&first, &then)) {
		struct op both = op_compose(&first, &then);
		op_fini(&first);
		first = both;
	}
	op_fini(&then);
	return first;
}

struct op strokes_compose(struct strokes *s)
{
	const char *text = s->text.at ? s->text.at : "";
	struct op all = {0};

	if (s->count)
		all = compose_range(s, 0, s->count, &text);
	s->count = 0;
	buf_clear(&s->text);
	return all;
}

size_t strokes_shift(const struct strokes *s, size_t pos, bool push)
{
	for (size_t i = 0; i < s->count; i++) {
		struct splice one = splice_of(&s->at[i], NULL);
		pos = splice_transform_pos(&one, pos, push);
	}
	return pos;
}
