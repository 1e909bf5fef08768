#include "src/server/keeping.h"

#include <stdlib.h>
#include <time.h>

#include "src/report.h"
#include "src/server/doc.h"

void keeping_init(struct keeping *keeping, struct loop *loop, struct store *store,
	const struct store_keep *keep)
{
	*keeping = (struct keeping){.loop = loop,
		.store = store,
		.keep = *keep,
		.since_ms = loop_now_ms(loop),
		.sweep_ms = loop_now_ms(loop) + KEEPING_SWEEP_MS};
}

/* ---- trouble ---- */

static void tell(struct keeping *keeping, const char *text)
{
	report_info("%s", text);
	if (keeping->room)
		room_warn(keeping->room, text);
}

void keeping_failed(struct keeping *keeping, const char *sentence)
{
	char *text = report_sentence("Nothing is being stored: %s", sentence);

	keeping->trouble = true;
	tell(keeping, text);
	free(text);
}

static bool is_silent(struct keeping *keeping, uint64_t batch, uint64_t stored)
{
	uint64_t now = loop_now_ms(keeping->loop);

	if (stored == batch || stored != keeping->stored)
		keeping->since_ms = now;
	keeping->stored = stored;
	return now - keeping->since_ms >= KEEPING_SILENCE_MS;
}

void keeping_turn(struct keeping *keeping, uint64_t batch, uint64_t stored)
{
	bool silent = is_silent(keeping, batch, stored);

	if (silent && !keeping->trouble)
		keeping_failed(
			keeping, "the disk does not answer; nothing is lost, it is held in memory");
	if (!keeping->trouble || silent || store_failing(keeping->store))
		return;
	keeping->trouble = false;
	tell(keeping, "Stored again: everything is on the disk.");
}

bool keeping_full(struct keeping *keeping)
{
	return keeping->trouble && store_unstored(keeping->store) > LIMIT_UNSTORED_BYTES;
}

/* ---- old edits ---- */

/* The oldest revision that somebody in the room, or just gone from it, may say they are at. */
static uint64_t least_covered(const struct room *room, const struct doc *doc)
{
	uint64_t rev = log_rev(doc->log);

	for (size_t i = 0; i < room->people_count; i++) {
		const struct seat *seat = doc_seat(room->people[i], doc->doc);
		if (seat && seat->peer.covered < rev)
			rev = seat->peer.covered;
	}
	return rev;
}

static uint64_t unix_ms(void)
{
	return (uint64_t)time(NULL) * 1000;
}

/* true: there is more. */
static bool drop_old(struct keeping *keeping, struct doc *doc, uint64_t saved_rev)
{
	uint64_t needed = least_covered(keeping->room, doc);

	if (!keeping->keep.days && !keeping->keep.bytes)
		return false;
	return store_drop_old(keeping->store, doc->doc, &keeping->keep,
		saved_rev < needed ? saved_rev : needed, unix_ms(), &doc->oldest_rev);
}

static void forget_sessions(struct keeping *keeping, uint64_t now)
{
	const struct room *room = keeping->room;

	if (now < keeping->sessions_ms)
		return;
	keeping->sessions_ms = now + KEEPING_SESSIONS_MS;
	for (size_t i = 0; i < room->people_count; i++)
		store_seen(keeping->store, room->people[i]->session_row);
	store_forget_sessions(keeping->store, unix_ms() - KEEPING_SESSION_DAYS * 86400000);
}

void keeping_tick(struct keeping *keeping, uint64_t (*saved_rev)(const struct doc *doc))
{
	const struct room *room = keeping->room;
	uint64_t now = loop_now_ms(keeping->loop);
	bool more = false;

	if (keeping->trouble || now < keeping->sweep_ms)
		return;
	for (size_t i = 0; i < room->document_count; i++)
		if (room->documents[i]->log)
			more |= drop_old(
				keeping, room->documents[i], saved_rev(room->documents[i]));
	if (!store_shrink(keeping->store) && !more)
		keeping->sweep_ms = now + KEEPING_SWEEP_MS;
	forget_sessions(keeping, now);
}
