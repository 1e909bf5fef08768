#include "ot/replica.h"

#include <stdlib.h>
#include <string.h>

#include "ot/chain.h"
#include "ot/mem.h"
#include "ot/replica_part.h"
#include "ot/text_key.h"

/*
 * Missed edits times components of ours: up to here, a millisecond's work, they are not worth
 * collecting.
 */
#ifdef OT_TINY
#define PATIENCE 8
#else
#define PATIENCE ((size_t)1 << 17)
#endif

#define FIRST_RING 8 /* a power of two, and so are all later sizes */

struct replica *replica_create(struct text *takes, uint64_t rev, uint64_t user)
{
	struct replica *r = mem_alloc(sizeof(*r));

	r->text = takes;
	r->rev = rev;
	r->user = user;
	r->known_points = text_size(takes).points;
	r->window = REPLICA_WINDOW;
	return r;
}

void replica_set_window(struct replica *r, size_t edits)
{
	r->window = edits;
}

static void grow_ring(struct replica *r)
{
	size_t cap = r->cap ? 2 * r->cap : FIRST_RING;
	struct sent *ring = mem_realloc(NULL, cap, sizeof(*ring));

	for (size_t i = 0; i < r->count; i++)
		ring[i] = *replica_inflight(r, i);
	free(r->ring);
	r->ring = ring;
	r->first = 0;
	r->cap = cap;
}

void replica_destroy(struct replica *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		op_fini(&replica_inflight(r, i)->op);
	chain_fini(&r->buffered);
	chain_fini(&r->missed);
	free(r->ring);
	text_destroy(r->text);
	free(r);
}

const struct text *replica_text(const struct replica *r)
{
	return r->text;
}

uint64_t replica_rev(const struct replica *r)
{
	return r->rev;
}

uint64_t replica_seq(const struct replica *r)
{
	return r->seq;
}

uint64_t replica_user(const struct replica *r)
{
	return r->user;
}

size_t replica_unacked(const struct replica *r)
{
	return r->count + !chain_is_empty(&r->buffered);
}

size_t replica_unacked_edits(const struct replica *r)
{
	size_t edits = chain_is_empty(&r->buffered) ? 0 : r->edits;

	for (size_t i = 0; i < r->count; i++)
		edits += replica_inflight(r, i)->edits;
	return edits > replica_unacked(r) ? edits : replica_unacked(r);
}

bool replica_in_step(const struct replica *r)
{
	return replica_unacked(r) == 0 && chain_is_empty(&r->missed);
}

/* Does the text, with all that waits to be shown in it, have room for so much more? */
static bool has_room(const struct replica *r, size_t bytes)
{
	return r->missed_bytes + bytes <= TEXT_MAX_BYTES - text_size(r->text).bytes;
}

/* What is not shown yet needs its room, too. */
static __attribute__((noinline)) enum err check_room(
	const struct replica *r, size_t points, size_t bytes)
{
	if (has_room(r, bytes))
		return ERR_NONE;
	return points > text_size(r->text).points ? ERR_RANGE : ERR_LIMIT;
}

static void count_edit(struct replica *r)
{
	r->edits = chain_is_empty(&r->buffered) ? 1 : r->edits + 1;
}

enum err replica_edit(struct replica *r, const struct op *op)
{
	enum err e = ERR_NONE;

	if (!chain_is_empty(&r->missed))
		e = check_room(r, op_base_points(op), op_bytes(op));
	if (!e)
		e = op_apply(op, r->text);
	if (e)
		return e;
	count_edit(r);
	chain_add_copy(&r->buffered, op);
	return ERR_NONE;
}

enum err replica_splice(struct replica *r, struct splice *s, struct splice *inverse)
{
	enum err e = ERR_NONE;

	if (r->missed_bytes && (e = check_room(r, s->pos + s->drop, s->bytes)))
		return e;
	if (!text_key(r->text, s, inverse) && (e = text_splice_on(r->text, s, inverse)))
		return e;
	if (strokes_key(&r->buffered.strokes, s)) {
		r->edits++;
	} else if (s->bytes | s->drop) {
		count_edit(r);
		chain_splice_on(&r->buffered, s);
	}
	return ERR_NONE;
}

static bool catching_up(const struct replica *r)
{
	return r->rev < r->resume_rev || !chain_is_empty(&r->missed);
}

bool replica_all_sent(const struct replica *r)
{
	return !catching_up(r) && chain_is_empty(&r->buffered);
}

/* As much of what is buffered as one message may hold. */
static struct op take_message(struct replica *r)
{
	struct op all = chain_take(&r->buffered), first, rest;

	if (op_bytes(&all) <= REPLICA_EDIT_BYTES && op_count(&all) <= REPLICA_EDIT_PARTS)
		return all;
	op_split(&all, REPLICA_EDIT_PARTS, REPLICA_EDIT_BYTES, &first, &rest);
	op_fini(&all);
	chain_add(&r->buffered, &rest);
	return first;
}

/* Is anything left of what was typed? */
static bool has_news(struct replica *r)
{
	return !chain_is_empty(&r->buffered) && !op_is_identity(chain_whole(&r->buffered));
}

bool replica_send(struct replica *r, uint64_t *rev, uint64_t *seq, const struct op **op)
{
	if (catching_up(r) || r->count >= r->window || !has_news(r))
		return false;
	if (r->count == r->cap)
		grow_ring(r);
	struct sent *sent = replica_inflight(r, r->count++);
	sent->seq = ++r->seq;
	sent->op = take_message(r);
	sent->edits = chain_is_empty(&r->buffered) ? r->edits : 0;
	r->edits -= sent->edits;
	*rev = r->rev;
	*seq = sent->seq;
	*op = &sent->op;
	return true;
}

void replica_add_shown(struct op *shown, struct op *takes)
{
	if (!op_is_identity(shown)) {
		struct op both = op_compose(shown, takes);
		op_fini(takes);
		*takes = both;
	}
	op_fini(shown);
	*shown = *takes;
}

void replica_give(struct op *shown, struct op *takes)
{
	if (shown)
		*shown = *takes;
	else
		op_fini(takes);
}

void replica_show_missed(struct replica *r, struct op *shown)
{
	struct op news = chain_take(&r->missed);

	r->missed_bytes = 0;
	if (!chain_is_empty(&r->buffered)) {
		struct op own = chain_take(&r->buffered);
		op_cross(&news, &own, r->missed_first);
		chain_add(&r->buffered, &own);
	}
	op_apply(&news, r->text); /* has_room saw to it that this fits */
	replica_add_shown(shown, &news);
}

/* Would it take long to carry the missed edits past ours one by one? */
static bool far_apart(struct replica *r)
{
	size_t components = op_count(chain_whole(&r->buffered));

	return components && r->resume_rev - r->rev > PATIENCE / components;
}

/*
 * Edits can wait only behind our last inflight one, for an acknowledgement has nowhere to show
 * them.
 */
static bool may_wait(struct replica *r)
{
	return r->rev < r->resume_rev && r->count == 0 && far_apart(r);
}

/* One more edit is in the server's text. */
static void know(struct replica *r, const struct op *op)
{
	r->known_points = (size_t)((ptrdiff_t)r->known_points + op_growth(op));
}

static enum err check_fit(const struct replica *r, const struct op *op)
{
	if (op_base_points(op) > r->known_points)
		return ERR_RANGE;
	return has_room(r, op_bytes(op)) ? ERR_NONE : ERR_LIMIT;
}

static struct op cross_inflight(struct replica *r, const struct op *op, bool first)
{
	struct op news = op_copy(op);

	for (size_t i = 0; i < r->count; i++)
		op_cross(&news, &replica_inflight(r, i)->op, first);
	return news;
}

enum err replica_receive(
	struct replica *r, uint64_t rev, uint64_t user, const struct op *op, struct op *shown)
{
	bool first = user < r->user;
	struct op all = {0};
	enum err e = rev == r->rev + 1 ? check_fit(r, op) : ERR_REV;

	if (!e) {
		if (r->missed_first != first && !chain_is_empty(&r->missed))
			replica_show_missed(r, &all);
		struct op news = cross_inflight(r, op, first);
		r->missed_bytes += op_bytes(&news);
		chain_add(&r->missed, &news);
		r->missed_first = first;
		r->rev = rev;
		know(r, op);
		if (!may_wait(r))
			replica_show_missed(r, &all);
	}
	replica_give(shown, &all);
	return e;
}

/* The oldest edit in flight is the server's now. */
static void shift_inflight(struct replica *r)
{
	know(r, &replica_inflight(r, 0)->op);
	op_fini(&replica_inflight(r, 0)->op);
	r->first = (r->first + 1) & (r->cap - 1);
	r->count--;
}

enum err replica_ack(struct replica *r, uint64_t rev, uint64_t seq)
{
	if (rev != r->rev + 1)
		return ERR_REV;
	if (r->count == 0 || replica_inflight(r, 0)->seq != seq)
		return ERR_SEQ;
	shift_inflight(r);
	r->rev = rev;
	return ERR_NONE;
}

size_t replica_locate(const struct replica *r, uint64_t user, size_t pos)
{
	bool push = r->user <= user;
	size_t end = text_size(r->text).points;

	for (size_t i = 0; i < r->count; i++)
		pos = op_transform_pos(&replica_inflight(r, i)->op, pos, push);
	pos = chain_shift(&r->buffered, pos, push);
	return pos < end ? pos : end;
}

void replica_take_back(struct replica *r, size_t kept)
{
	struct chain all = {0};
	struct op buffered = chain_take(&r->buffered);

	if (op_is_identity(&buffered))
		r->edits = 0;
	for (size_t i = kept; i < r->count; i++) {
		r->edits += replica_inflight(r, i)->edits;
		chain_add(&all, &replica_inflight(r, i)->op);
	}
	chain_add(&all, &buffered);
	chain_fini(&r->buffered);
	r->buffered = all;
	r->count = kept;
}

void replica_resume(struct replica *r, uint64_t rev, uint64_t seq)
{
	size_t ordered = 0;

	while (ordered < r->count && replica_inflight(r, ordered)->seq <= seq)
		ordered++;
	replica_take_back(r, ordered);
	r->resume_rev = rev;
}

void replica_ordered(struct replica *r, uint64_t seq)
{
	while (r->count && replica_inflight(r, 0)->seq <= seq)
		shift_inflight(r);
}

/* Keeping */

bool replica_each_unsent(struct replica *r, replica_unsent_fn *fn, void *ctx)
{
	if (catching_up(r))
		return false;
	for (size_t i = 0; i < r->count; i++)
		fn(ctx, replica_inflight(r, i)->seq, &replica_inflight(r, i)->op);
	if (!chain_is_empty(&r->buffered))
		fn(ctx, 0, chain_whole(&r->buffered));
	return true;
}

enum err replica_again(struct replica *r, uint64_t seq, const struct op *op)
{
	enum err e;

	if (seq && (seq <= r->seq || !chain_is_empty(&r->buffered)))
		return ERR_SEQ;
	if ((e = replica_edit(r, op)) || !seq)
		return e;
	if (r->count == r->cap)
		grow_ring(r);
	*replica_inflight(r, r->count++) =
		(struct sent){.seq = seq, .op = chain_take(&r->buffered), .edits = r->edits};
	r->edits = 0;
	r->seq = seq;
	return ERR_NONE;
}

void replica_count_from(struct replica *r, uint64_t seq)
{
	r->seq = seq;
}

size_t replica_known_points(const struct replica *r)
{
	return r->known_points;
}
