#include "src/server/backlog.h"

/* How a message counts when a peer does not keep up. */
enum weight { WEIGHT_COUNTS, WEIGHT_PRESENCE, WEIGHT_SNAPSHOT };

static const enum weight weights[] = {
	[MSG_ACTIVE] = WEIGHT_PRESENCE,
	[MSG_SELECTED] = WEIGHT_PRESENCE,
	[MSG_SEEN_BY] = WEIGHT_PRESENCE,
	[MSG_OPENED] = WEIGHT_SNAPSHOT,
	[MSG_CHUNK] = WEIGHT_SNAPSHOT,
};

static enum weight weight_of(enum message_type type)
{
	return type < sizeof(weights) / sizeof(weights[0]) ? weights[type] : WEIGHT_COUNTS;
}

void backlog_init(struct backlog *backlog, struct stock *stock, size_t *all)
{
	*backlog = (struct backlog){.outbox.stock = stock, .all = all};
}

static void count(struct backlog *backlog)
{
	size_t now = outbox_bytes(&backlog->outbox);

	*backlog->all += now - backlog->waiting;
	backlog->waiting = now;
}

void backlog_clear(struct backlog *backlog)
{
	outbox_fini(&backlog->outbox);
	count(backlog);
	backlog->counted = 0;
	backlog->catching_up = backlog->full = false;
}

/* What is not counted has bounds of its own. */
static bool waits_less_than(struct backlog *backlog, size_t bytes)
{
	backlog->full |= outbox_bytes(&backlog->outbox) > bytes;
	return !backlog->full;
}

/* An opened text costs its asker a few bytes, and us all of it. */
static bool may_open(struct backlog *backlog, const struct limits *limits)
{
	backlog->full |= *backlog->all > limits->queues_bytes;
	return waits_less_than(backlog, BACKLOG_SNAPSHOT_BYTES);
}

static bool has_room(
	struct backlog *backlog, enum message_type type, size_t len, const struct limits *limits)
{
	enum weight weight = weight_of(type);

	if (type == MSG_OPENED)
		return may_open(backlog, limits);
	if (weight == WEIGHT_SNAPSHOT)
		return true;
	if (backlog->catching_up)
		return waits_less_than(backlog, BACKLOG_MISSED_BYTES);
	if (backlog->counted + len <= limits->queue_bytes / (weight == WEIGHT_PRESENCE ? 2 : 1))
		return true;
	backlog->full |= weight == WEIGHT_COUNTS;
	return false;
}

bool backlog_add(struct backlog *backlog, enum message_type type, const struct buf *bytes,
	const struct limits *limits)
{
	if (backlog->full)
		return false;
	backlog->catching_up |= type == MSG_RESUMED;
	if (!has_room(backlog, type, bytes->len, limits))
		return false;
	if (weight_of(type) != WEIGHT_SNAPSHOT)
		backlog->counted += bytes->len;
	outbox_add(&backlog->outbox, bytes->at, bytes->len);
	count(backlog);
	return true;
}

void backlog_mark(struct backlog *backlog, uint64_t batch)
{
	outbox_mark(&backlog->outbox, batch);
}

const char *backlog_frame(struct backlog *backlog, enum codec codec, uint64_t stored, size_t *len)
{
	return outbox_frame(&backlog->outbox, codec, stored, len);
}

size_t backlog_bytes(const struct backlog *backlog)
{
	return outbox_bytes(&backlog->outbox);
}

bool backlog_is_held(const struct backlog *backlog, uint64_t stored)
{
	return outbox_waits(&backlog->outbox, stored);
}

bool backlog_settle(struct backlog *backlog)
{
	bool left = outbox_bytes(&backlog->outbox) > 0;

	if (left)
		count(backlog);
	else
		backlog_clear(backlog); /* most have nothing in it most of the time */
	return !left;
}
