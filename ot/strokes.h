/*
 * strokes.h: what one pair of hands did, stroke by stroke, kept small and cheap to add to.
 *
 *	struct strokes s = {0};
 *	strokes_add(&s, &splice);	-- for every key
 *	op = strokes_compose(&s);	-- all of them as one op
 *	strokes_fini(&s);
 *
 * A splice that touches the newest stroke becomes part of it: a word typed, a row of letters taken back is one stroke of
 * 16 bytes. All strokes' texts stand in one buffer, each behind the one before. Composing waits until somebody wants the whole, since
 * that costs ten times what a key does.
 *
 * Units:     as in op.h; each stroke stands on the text that the one before gives.
 * Invariant: no stroke changes nothing; so an empty list is the identity.
 * Memory:    owns the strokes and their texts. A zeroed struct is empty.
 */
#ifndef OT_STROKES_H
#define OT_STROKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/op.h"

struct stroke {
	uint32_t pos, drop, points, bytes; /* as in struct splice */
};

struct strokes {
	struct stroke *at;
	size_t count, cap;
	struct buf text;
};

void strokes_fini(struct strokes *s);
void strokes_add(struct strokes *s, const struct splice *then);

/* The same for what most keys do, without a call: text typed on, the last letter taken back, the next one deleted. false: else. */
static inline bool strokes_key(struct strokes *s, const struct splice *then)
{
	if (!s->count)
		return false;
	struct stroke *last = &s->at[s->count - 1];
	size_t end = (size_t)last->pos + last->points;
	if (!then->drop && then->pos == end && then->bytes - 1 < s->text.cap - s->text.len) {
		if (then->bytes == 1) {
			s->text.at[s->text.len++] = *then->text;
			last->bytes++;
			last->points++;
			return true;
		}
		mem_copy(s->text.at + s->text.len, then->text, then->bytes);
		s->text.len += then->bytes;
		last->bytes += (uint32_t)then->bytes;
		last->points += (uint32_t)then->points;
		return true;
	}
	if (then->bytes || then->drop != 1)
		return false;
	if (then->pos == end) {
		last->drop++;
		return true;
	}
	if (then->pos + 1 != end)
		return false;
	if (!last->bytes) {
		last->pos--;
		last->drop++;
		return true;
	}
	if ((last->points + last->drop) == 1 || (unsigned char)s->text.at[s->text.len - 1] >= 0x80)
		return false;
	s->text.len--;
	last->bytes--;
	last->points--;
	return true;
}

/* O(text + count log count); empties s. */
struct op strokes_compose(struct strokes *s);
/* op_transform_pos past all of them. */
size_t strokes_shift(const struct strokes *s, size_t pos, bool push);

#endif
