/*
 * text_key.h: what most keys do to a text: an ASCII letter typed at the gap of the hot leaf, or deleted on either side of it.
 *
 * Inline for text_splice() and for replica_splice(), through which each of them passes: calls would take as long as the rest.
 */
#ifndef OT_TEXT_KEY_H
#define OT_TEXT_KEY_H

#include "ot/tree.h"

static inline bool text_type(struct text *t, size_t pos, char letter)
{
	struct leaf *l = t->hot.leaf;

	if (pos - t->hot.before.n[POINTS] != l->head_points || leaf_bytes(l) == LEAF_BYTES ||
		(unsigned char)(letter - 1) >= 0x7f || t->size.bytes == TEXT_MAX_BYTES)
		return false;
	l->at[l->head++] = letter;
	l->head_points++;
	l->node.hashed = false;
	t->size.bytes++;
	t->size.points++;
	if (letter == '\n') {
		l->lines++;
		t->size.lines++;
	}
	return true;
}

/* Gives where the letter still stands, in the gap now; NULL where there is none, or its leaf may have to join another. */
static inline const char *text_erase(struct text *t, size_t pos)
{
	struct leaf *l = t->hot.leaf;
	size_t at = pos - t->hot.before.n[POINTS];
	const char *gone;

	if (l->node.up && leaf_bytes(l) <= LEAF_LOW)
		return NULL;
	if (l->head && at + 1 == l->head_points && !(l->at[l->head - 1] & 0x80)) {
		gone = &l->at[--l->head];
		l->head_points--;
	} else if (at == l->head_points && l->tail && !(*leaf_tail(l) & 0x80)) {
		gone = leaf_tail(l);
		l->tail--;
		l->tail_points--;
	} else {
		return NULL;
	}
	l->node.hashed = false;
	t->size.bytes--;
	t->size.points--;
	if (*gone == '\n') {
		l->lines--;
		t->size.lines--;
	}
	return gone;
}

/* As text_splice(). false, and nothing is done, where it is no such key. */
static inline bool text_key(struct text *t, struct splice *s, struct splice *inverse)
{
	const char *gone;

	if (s->bytes == 1 && !s->drop && text_type(t, s->pos, *s->text)) {
		s->points = 1;
		*inverse = (struct splice){s->pos, 1, 0, 0, NULL};
		return true;
	}
	if (s->drop == 1 && !s->bytes && (gone = text_erase(t, s->pos))) {
		s->points = 0;
		*inverse = (struct splice){s->pos, 0, 1, 1, gone};
		return true;
	}
	return false;
}

/* text_splice() for what is no such key. */
enum err text_splice_on(struct text *t, struct splice *s, struct splice *inverse);

#endif
