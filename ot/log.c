#include "ot/log.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

/* Entries live in blocks, so that appending never moves one that somebody borrowed. */
#ifdef OT_TINY
#define BLOCK_ENTRIES 2
#else
#define BLOCK_ENTRIES 64
#endif

struct log {
	struct text *text;
	uint64_t rev;
	uint64_t first;  /* the oldest entry kept; rev + 1 when there is none */
	uint64_t origin; /* the revision of the first block's first entry */
	struct log_entry **blocks;
	size_t count, cap; /* of blocks */
};

struct log *log_create(struct text *takes, uint64_t rev)
{
	struct log *log = mem_alloc(sizeof(*log));

	log->text = takes;
	log->rev = rev;
	log->first = log->origin = rev + 1;
	return log;
}

void log_destroy(struct log *log)
{
	if (!log)
		return;
	log_forget(log, log->rev + 1);
	for (size_t i = 0; i < log->count; i++)
		free(log->blocks[i]);
	free(log->blocks);
	text_destroy(log->text);
	free(log);
}

const struct text *log_text(const struct log *log)
{
	return log->text;
}

uint64_t log_rev(const struct log *log)
{
	return log->rev;
}

uint64_t log_first(const struct log *log)
{
	return log->first;
}

static struct log_entry *entry_at(const struct log *log, uint64_t rev)
{
	uint64_t index = rev - log->origin;

	return &log->blocks[index / BLOCK_ENTRIES][index % BLOCK_ENTRIES];
}

const struct log_entry *log_entry(const struct log *log, uint64_t rev)
{
	return rev >= log->first && rev <= log->rev ? entry_at(log, rev) : NULL;
}

static void drop_blocks(struct log *log, size_t blocks)
{
	if (!blocks)
		return;
	for (size_t i = 0; i < blocks; i++)
		free(log->blocks[i]);
	log->count -= blocks;
	memmove(log->blocks, log->blocks + blocks, log->count * sizeof(struct log_entry *));
	log->origin += blocks * BLOCK_ENTRIES;
}

void log_forget(struct log *log, uint64_t before)
{
	for (; log->first < before && log->first <= log->rev; log->first++)
		op_fini(&entry_at(log, log->first)->op);
	drop_blocks(log, (size_t)(log->first - log->origin) / BLOCK_ENTRIES);
}

static void append(struct log *log, uint64_t user, uint64_t seq, struct op *takes)
{
	uint64_t index = ++log->rev - log->origin;

	if (index / BLOCK_ENTRIES == log->count) {
		log->blocks = mem_grow(
			log->blocks, &log->cap, log->count + 1, sizeof(struct log_entry *));
		log->blocks[log->count++] = mem_alloc(BLOCK_ENTRIES * sizeof(struct log_entry));
	}
	*entry_at(log, log->rev) = (struct log_entry){.user = user, .seq = seq, .op = *takes};
	*takes = (struct op){0};
}

enum err log_replay(struct log *log, uint64_t user, uint64_t seq, struct op *takes)
{
	enum err e = op_apply(takes, log->text);

	if (e)
		op_fini(takes);
	else
		append(log, user, seq, takes);
	return e;
}

void log_recall(struct log *log, uint64_t user, uint64_t seq, struct op *takes)
{
	append(log, user, seq, takes);
}

/* Peers */

struct peer peer_at(uint64_t user, uint64_t rev)
{
	return (struct peer){.user = user, .covered = rev, .own_rev = rev};
}

void peer_fini(struct peer *peer)
{
	if (!peer)
		return;
	for (size_t i = 0; i < peer->count; i++)
		op_fini(&peer->queue[i].op);
	free(peer->queue);
	op_fini(&peer->run);
	*peer = (struct peer){0};
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Up to here what the peer has not seen is in its queue; from here on it is in the log,
 * untransformed.
 */
static uint64_t bridged(const struct peer *peer, uint64_t rev)
{
	return later(peer->own_rev, rev);
}

static enum err check_rev(const struct log *log, const struct peer *peer, uint64_t rev)
{
	if (rev > log->rev || rev < peer->covered)
		return ERR_REV;
	return bridged(peer, rev) + 1 < log->first ? ERR_STALE : ERR_NONE;
}

/* How many of the queue's items are known to one who has applied rev. */
static size_t known_items(const struct peer *peer, uint64_t rev)
{
	size_t known = 0;

	while (known < peer->count && peer->queue[known].rev <= rev)
		known++;
	return known;
}

/* Code points of the newest text with the log's revisions after rev taken back. */
static size_t points_at(const struct log *log, uint64_t rev)
{
	ptrdiff_t points = (ptrdiff_t)text_size(log->text).points;

	for (uint64_t at = rev + 1; at <= log->rev; at++)
		points -= op_growth(&entry_at(log, at)->op);
	return (size_t)points;
}

/* Code points of the text in front of the peer: revision rev and its own edits. */
static size_t peer_points(const struct log *log, const struct peer *peer, uint64_t rev)
{
	ptrdiff_t points = (ptrdiff_t)points_at(log, bridged(peer, rev));

	for (size_t i = known_items(peer, rev); i < peer->count; i++)
		points -= op_growth(&peer->queue[i].op);
	return (size_t)points;
}

static enum err check_fit(const struct log *log, const struct op *edit, size_t points)
{
	if (op_base_points(edit) > points)
		return ERR_RANGE;
	return op_bytes(edit) > TEXT_MAX_BYTES - text_size(log->text).bytes ? ERR_LIMIT : ERR_NONE;
}

static void drop_known(struct peer *peer, uint64_t rev)
{
	size_t known = known_items(peer, rev);

	peer->types &= rev == peer->covered; /* where it ended is told in the text of before */
	peer->covered = rev;
	if (!known)
		return;
	for (size_t i = 0; i < known; i++)
		op_fini(&peer->queue[i].op);
	peer->count -= known;
	memmove(peer->queue, peer->queue + known, peer->count * sizeof(*peer->queue));
}

static void cross_queue(struct peer *peer, struct op *edit)
{
	for (size_t i = 0; i < peer->count; i++)
		op_cross(&peer->queue[i].op, edit, peer->queue[i].user < peer->user);
}

/* What waited to be moved past the run is; nothing is to be known of a queue before. */
static void end_run(struct peer *peer)
{
	if (op_is_identity(&peer->run))
		return;
	cross_queue(peer, &peer->run);
	op_fini(&peer->run);
}

static void cross_log(const struct log *log, struct peer *peer, struct op *edit)
{
	uint64_t from = bridged(peer, peer->covered);
	size_t need = peer->count + (size_t)(log->rev - from);

	peer->queue = mem_grow(peer->queue, &peer->cap, need, sizeof(*peer->queue));
	for (uint64_t rev = from + 1; rev <= log->rev; rev++) {
		const struct log_entry *entry = entry_at(log, rev);
		struct bridge *b = &peer->queue[peer->count++];
		*b = (struct bridge){rev, entry->user, op_copy(&entry->op)};
		op_cross(&b->op, edit, b->user < peer->user);
	}
}

static bool only_inserts(const struct op *op, struct splice *out)
{
	return op_as_splice(op, out) && out->bytes && !out->drop;
}

/* Does the edit go on where the peer's newest one ended, with nobody's between them? */
static bool types_on(const struct log *log, const struct peer *peer, uint64_t rev,
	const struct op *edit, struct splice *out)
{
	return peer->types && rev == peer->covered && peer->own_rev == log->rev &&
	       log->first <= log->rev && only_inserts(edit, out) && out->pos == peer->types_at &&
	       out->bytes <= TEXT_MAX_BYTES - text_size(log->text).bytes;
}

/* Only who has a queue to be moved has a run to remember. */
static void add_to_run(struct peer *peer, const struct op *edit)
{
	if (!peer->count || op_join(&peer->run, edit))
		return;
	end_run(peer);
	peer->run = op_copy(edit);
}

/* Right behind the peer's newest revision, which is the log's. */
static struct op behind_newest(const struct log *log, const struct splice *letters)
{
	struct op op = {0};
	struct splice newest;

	only_inserts(&entry_at(log, log->rev)->op, &newest);
	op_retain(&op, newest.pos + newest.points);
	op_insert(&op, letters->text, letters->bytes);
	return op;
}

static struct op past_others(
	const struct log *log, struct peer *peer, uint64_t rev, const struct op *edit)
{
	struct op moved = op_copy(edit);

	drop_known(peer, rev);
	cross_queue(peer, &moved);
	cross_log(log, peer, &moved);
	return moved;
}

static enum err order(struct log *log, struct peer *peer, uint64_t seq, struct op *takes)
{
	enum err e = log_replay(log, peer->user, seq, takes);

	peer->seq = seq;
	peer->own_rev = log->rev;
	peer->resumed = false;
	peer->types &= !e;
	return e;
}

enum err log_receive(
	struct log *log, struct peer *peer, uint64_t rev, uint64_t seq, const struct op *edit)
{
	struct splice letters;
	struct op moved;
	enum err e;

	if (seq <= peer->seq)
		return ERR_SEEN;
	if (seq - peer->seq > 1 && !peer->resumed)
		return ERR_SEQ;
	if (types_on(log, peer, rev, edit, &letters)) {
		add_to_run(peer, edit);
		moved = behind_newest(log, &letters);
	} else {
		end_run(peer);
		if ((e = check_rev(log, peer, rev)))
			return e;
		if ((e = check_fit(log, edit, peer_points(log, peer, rev))))
			return e;
		moved = past_others(log, peer, rev, edit);
		peer->types = only_inserts(edit, &letters);
	}
	peer->types_at = letters.pos + letters.points;
	return order(log, peer, seq, &moved);
}

enum err log_cover(struct log *log, struct peer *peer, uint64_t rev)
{
	enum err e = check_rev(log, peer, rev);

	end_run(peer);
	if (!e)
		drop_known(peer, rev);
	return e;
}

static size_t clamp(size_t pos, size_t end)
{
	return pos < end ? pos : end;
}

enum err log_locate(struct log *log, struct peer *peer, uint64_t rev, struct sel *sel)
{
	enum err e = log_cover(log, peer, rev);

	if (e)
		return e;
	size_t end = peer_points(log, peer, rev);
	sel->anchor = clamp(sel->anchor, end);
	sel->head = clamp(sel->head, end);
	for (size_t i = 0; i < peer->count; i++)
		anchor_shift(sel, &peer->queue[i].op, peer->queue[i].user, peer->user);
	for (uint64_t at = bridged(peer, rev) + 1; at <= log->rev; at++)
		anchor_shift(sel, &entry_at(log, at)->op, entry_at(log, at)->user, peer->user);
	return ERR_NONE;
}

enum err log_merge(struct log *log, uint64_t user, uint64_t rev, const struct op *edit)
{
	enum err e;

	if (rev > log->rev)
		return ERR_REV;
	if (rev + 1 < log->first)
		return ERR_STALE;
	if ((e = check_fit(log, edit, points_at(log, rev))))
		return e;

	struct op moved = op_copy(edit);
	for (uint64_t at = rev + 1; at <= log->rev; at++) {
		struct op past;
		op_transform(&moved, &entry_at(log, at)->op, entry_at(log, at)->user >= user, &past,
			NULL);
		op_fini(&moved);
		moved = past;
	}
	return log_replay(log, user, 0, &moved);
}
