/*
 * undo.h: taking back one's own edits, and only those, among everybody else's.
 *
 *	undo_splice(u, &inverse, join)	own key: what takes it back, on the text it gave (replica_splice)
 *	undo_record(u, &inverse, join)	own edit of any shape: the same (op_invert)
 *	undo_remote(u, &op)		somebody else's edit, as applied to the text here
 *	undo_undo(u, text, &op)		what to apply now (through replica_edit); moves the step to the redo side
 *	undo_redo(u, text, &op)
 *
 * Each step holds the inverse of own edits and the others' edits that came after it. To take a step back, its inverse is
 * transformed past those, and they are transformed past it and join the step below: so each edit is carried through only
 * those that matter, when it is needed. Others' edits are collected in a chain: amortised O(log n) each.
 * What others wrote inside our text stays; what they deleted of it stays deleted; what we deleted comes back.
 *
 * Memory:   owns all it is given; the newest UNDO_STEPS steps are kept, and at most as many older ones.
 * Ties:     what comes back stands before what others wrote at the same place. Their carets are behind their text, so
 *           whoever is typing there is not split.
 */
#ifndef OT_UNDO_H
#define OT_UNDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"

#define UNDO_STEPS   4096 /* a power of two */
#define UNDO_EXCERPT 64

struct undo;

struct undo *undo_create(void);
void undo_destroy(struct undo *u);

/* join: it belongs to the newest step (one more letter of a word). Forgets what could be redone. Takes inverse. */
void undo_record(struct undo *u, struct op *inverse, bool join);
void undo_splice(struct undo *u, const struct splice *inverse, bool join);
void undo_remote(struct undo *u, const struct op *op);

/*
 * What to do to `text`, the text as it is now; *out is the caller's to apply and finish. Steps of which others left nothing
 * are skipped, so *out changes something. false, and *out the identity, when there is nothing.
 */
bool undo_undo(struct undo *u, const struct text *text, struct op *out);
bool undo_redo(struct undo *u, const struct text *text, struct op *out);

/*
 * What the i-th newest step did when it was made, for somebody to choose from: nothing is transformed, so what others deleted of it since
 * counts still. O(i) and, of a step in several places, its places. false: there are not so many.
 */
struct undo_step {
	size_t typed, deleted; /* code points */
	const char *text;      /* the first of what was deleted: UTF-8, borrowed until the next edit; NULL for none */
	size_t bytes;          /* UNDO_EXCERPT at most, whole characters */
	uint64_t mark;
};

bool undo_peek(const struct undo *u, size_t i, struct undo_step *step);
size_t undo_count(const struct undo *u); /* steps that could be taken back */
/* undo_undo(), but leaves the oldest `least` steps alone. */
bool undo_down_to(struct undo *u, size_t least, const struct text *text, struct op *out);

/*
 * A number that the newest step carries for its owner, through undo and redo (0 until it is given); and that of the step which was
 * taken back or redone last.
 */
void undo_mark(struct undo *u, uint64_t mark);
uint64_t undo_marked(const struct undo *u);

#endif
