#include "ot/replica.h"

#include <stdlib.h>

#include "ot/chain.h"
#include "ot/mem.h"

/*
 * Missed edits times components of ours: up to here, a millisecond's work, they are not worth
 * collecting.
 */
#ifdef OT_TINY
#define PATIENCE 8
#else
#define PATIENCE ((size_t)1 << 17)
#endif

struct sent {
	uint64_t seq;
	struct op op;
};

struct replica {
	struct text *text;
	struct text *known; /* the server's text; NULL before the first own edit: text is it */
	uint64_t rev, user, seq;
	struct sent inflight[REPLICA_WINDOW]; /* a ring */
	size_t first, count;
	struct chain buffered;
	uint64_t resume_rev; /* where the edits missed during a cut end */
	struct chain missed; /* past inflight, but not yet past buffered, nor in text */
	bool missed_first;   /* whether their authors win ties */
};

struct replica *replica_create(struct text *takes, uint64_t rev, uint64_t user)
{
	struct replica *r = mem_alloc(sizeof(*r));

	r->text = takes;
	r->rev = rev;
	r->user = user;
	return r;
}

static struct sent *inflight(struct replica *r, size_t i)
{
	return &r->inflight[(r->first + i) % REPLICA_WINDOW];
}

static const struct op *inflight_op(const struct replica *r, size_t i)
{
	return &r->inflight[(r->first + i) % REPLICA_WINDOW].op;
}

void replica_destroy(struct replica *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		op_fini(&inflight(r, i)->op);
	chain_fini(&r->buffered);
	chain_fini(&r->missed);
	text_destroy(r->known);
	text_destroy(r->text);
	free(r);
}

const struct text *replica_text(const struct replica *r)
{
	return r->text;
}

const struct text *replica_known(const struct replica *r)
{
	return r->known ? r->known : r->text;
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

bool replica_in_step(const struct replica *r)
{
	return replica_unacked(r) == 0 && chain_is_empty(&r->missed);
}

/* Does the text, with all that waits to be shown in it, have room for what op inserts? */
static bool has_room(const struct replica *r, const struct op *op)
{
	size_t bytes = op_bytes(op);

	for (size_t i = 0; i < r->missed.count; i++)
		bytes += op_bytes(&r->missed.runs[i]);
	return bytes <= TEXT_MAX_BYTES - text_size(r->text).bytes;
}

enum err replica_edit(struct replica *r, const struct op *op)
{
	if (op_base_points(op) > text_size(r->text).points)
		return ERR_RANGE;
	if (!has_room(r, op))
		return ERR_LIMIT;
	if (!r->known)
		r->known = text_copy(r->text);
	struct op own = op_copy(op);
	chain_add(&r->buffered, &own);
	return op_apply(op, r->text);
}

static bool catching_up(const struct replica *r)
{
	return r->rev < r->resume_rev || !chain_is_empty(&r->missed);
}

bool replica_all_sent(const struct replica *r)
{
	return !catching_up(r) && chain_is_empty(&r->buffered);
}

bool replica_send(struct replica *r, uint64_t *rev, uint64_t *seq, const struct op **op)
{
	if (catching_up(r) || r->count == REPLICA_WINDOW || chain_is_empty(&r->buffered))
		return false;
	struct sent *sent = inflight(r, r->count++);
	sent->seq = ++r->seq;
	sent->op = chain_take(&r->buffered);
	*rev = r->rev;
	*seq = sent->seq;
	*op = &sent->op;
	return true;
}

/* More of what changed on screen in one call. */
static void add_shown(struct op *shown, struct op *takes)
{
	struct op both = op_compose(shown, takes);

	op_fini(shown);
	op_fini(takes);
	*shown = both;
}

static void give(struct op *shown, struct op *takes)
{
	if (shown)
		*shown = *takes;
	else
		op_fini(takes);
}

/* Carry what was collected past the buffered edits, into the text. */
static void show_missed(struct replica *r, struct op *shown)
{
	struct op news = chain_take(&r->missed);

	if (!chain_is_empty(&r->buffered)) {
		struct op own = chain_take(&r->buffered), past, moved;
		op_transform(&news, &own, r->missed_first, &past, &moved);
		op_fini(&own);
		op_fini(&news);
		chain_add(&r->buffered, &moved);
		news = past;
	}
	op_apply(&news, r->text); /* has_room saw to it that this fits */
	if (op_is_identity(shown)) {
		op_fini(shown);
		*shown = news;
	} else {
		add_shown(shown, &news);
	}
}

/* Would it take long to carry the missed edits past ours one by one? */
static bool far_apart(const struct replica *r)
{
	size_t components = 0;

	for (size_t i = 0; i < r->buffered.count; i++)
		components += op_count(&r->buffered.runs[i]);
	return components && r->resume_rev - r->rev > PATIENCE / components;
}

/*
 * Edits can wait only behind our last inflight one, for an acknowledgement has nowhere to show
 * them.
 */
static bool may_wait(const struct replica *r)
{
	return r->rev < r->resume_rev && r->count == 0 && far_apart(r);
}

static enum err check_fit(const struct replica *r, const struct op *op)
{
	struct text_size known = text_size(replica_known(r));

	if (op_base_points(op) > known.points)
		return ERR_RANGE;
	if (op_bytes(op) > TEXT_MAX_BYTES - known.bytes || !has_room(r, op))
		return ERR_LIMIT;
	return ERR_NONE;
}

static struct op cross_inflight(struct replica *r, const struct op *op, bool first)
{
	struct op news = op_copy(op);

	for (size_t i = 0; i < r->count; i++) {
		struct op *own = &inflight(r, i)->op, past, moved;
		op_transform(&news, own, first, &past, &moved);
		op_fini(&news);
		op_fini(own);
		news = past;
		*own = moved;
	}
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
			show_missed(r, &all);
		struct op news = cross_inflight(r, op, first);
		chain_add(&r->missed, &news);
		r->missed_first = first;
		r->rev = rev;
		if (r->known)
			op_apply(op, r->known);
		if (!may_wait(r))
			show_missed(r, &all);
	}
	give(shown, &all);
	return e;
}

enum err replica_ack(struct replica *r, uint64_t rev, uint64_t seq)
{
	enum err e;

	if (rev != r->rev + 1)
		return ERR_REV;
	if (r->count == 0 || inflight(r, 0)->seq != seq)
		return ERR_SEQ;
	struct op *own = &inflight(r, 0)->op;
	if ((e = op_apply(own, r->known)))
		return e;
	op_fini(own);
	r->first = (r->first + 1) % REPLICA_WINDOW;
	r->count--;
	r->rev = rev;
	return ERR_NONE;
}

size_t replica_locate(const struct replica *r, uint64_t user, size_t pos)
{
	bool push = r->user <= user;
	size_t end = text_size(r->text).points;

	for (size_t i = 0; i < r->count; i++)
		pos = op_transform_pos(inflight_op(r, i), pos, push);
	pos = chain_shift(&r->buffered, pos, push);
	return pos < end ? pos : end;
}

/* What is in flight from number `kept` on goes back to the front of the buffer. */
static void take_back(struct replica *r, size_t kept)
{
	struct chain all = {0};
	struct op buffered = chain_take(&r->buffered);

	for (size_t i = kept; i < r->count; i++)
		chain_add(&all, &inflight(r, i)->op);
	chain_add(&all, &buffered);
	chain_fini(&r->buffered);
	r->buffered = all;
	r->count = kept;
}

void replica_resume(struct replica *r, uint64_t rev, uint64_t seq)
{
	size_t ordered = 0;

	while (ordered < r->count && inflight(r, ordered)->seq <= seq)
		ordered++;
	take_back(r, ordered);
	r->resume_rev = rev;
}

/* No room for our edits in the new text: give them up rather than part from the server. */
static void give_up(struct replica *r, struct op *shown)
{
	op_fini(shown);
	*shown = op_diff(r->text, r->known);
	text_destroy(r->text);
	r->text = text_copy(r->known);
	chain_fini(&r->buffered);
}

void replica_restart(
	struct replica *r, struct text *takes, uint64_t rev, uint64_t user, struct op *shown)
{
	struct op all = {0}, news, own, past, moved;

	show_missed(r, &all);
	take_back(r, 0);
	news = op_diff(replica_known(r), takes);
	own = chain_take(&r->buffered);
	op_transform(&news, &own, true, &past, &moved);
	op_fini(&own);
	op_fini(&news);
	chain_add(&r->buffered, &moved);
	text_destroy(r->known);
	r->known = takes;
	if (op_apply(&past, r->text))
		give_up(r, &past);
	add_shown(&all, &past);
	r->rev = r->resume_rev = rev;
	r->seq = 0;
	r->user = user;
	give(shown, &all);
}
