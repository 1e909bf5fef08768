/* Documents that leave memory while nobody has them open, and come back as they were. */
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/relay_state.h"
#include "src/server/snapshot.h"

static struct asleep *asleep_of(const struct relay *relay, const struct doc *doc)
{
	for (size_t i = 0; i < relay->asleep_count; i++)
		if (relay->asleep[i].doc == doc->doc)
			return &relay->asleep[i];
	return NULL;
}

static bool is_open(const struct room *room, const struct doc *doc)
{
	for (size_t i = 0; i < room->people_count; i++)
		if (doc_seat(room->people[i], doc->doc))
			return true;
	return false;
}

static void note_asleep(struct relay *relay, struct doc *doc, const struct cellar_place *place)
{
	relay->asleep = mem_grow(
		relay->asleep, &relay->asleep_cap, relay->asleep_count + 1, sizeof(*relay->asleep));
	relay->asleep[relay->asleep_count++] = (struct asleep){doc->doc, *place};
	doc_forget(doc);
}

void relay_use_cellar(struct relay *relay, struct cellar *takes)
{
	relay->cellar = takes;
}

bool relay_put_away(struct relay *relay, struct doc *doc)
{
	struct buf bytes = {0};
	struct tape t = tape_writer(&bytes);
	struct cellar_place place;
	bool put = false;

	if (relay->cellar && doc->log && !is_open(relay->room, doc)) {
		snapshot_log(&t, &doc->log);
		put = cellar_put(relay->cellar, bytes.at, bytes.len, &place);
	}
	if (put)
		note_asleep(relay, doc, &place);
	buf_fini(&bytes);
	return put;
}

bool relay_tape_asleep(const struct relay *relay, const struct doc *doc, struct buf *out)
{
	const struct asleep *asleep = asleep_of(relay, doc);

	return asleep && cellar_get(relay->cellar, &asleep->place, out);
}

static struct log *read_log(const struct buf *bytes)
{
	struct tape t = tape_reader(bytes->at, bytes->len);
	struct log *log = NULL;

	snapshot_log(&t, &log);
	if (!t.bad && !t.left)
		return log;
	log_destroy(log);
	return NULL;
}

/* What has been proved of it stays so: it is the same everywhere, and so in snapshots. */
static void fill(struct doc *doc, struct log *log)
{
	uint64_t checked = doc->checked_rev;

	doc_fill(doc, log);
	doc->checked_rev = checked;
}

static void forget_place(struct relay *relay, struct asleep *asleep)
{
	cellar_drop(relay->cellar, &asleep->place);
	*asleep = relay->asleep[--relay->asleep_count];
}

bool relay_wake(struct relay *relay, struct doc *doc)
{
	struct buf bytes = {0};
	struct log *log = NULL;

	if (doc->log)
		return true;
	if (relay_tape_asleep(relay, doc, &bytes))
		log = read_log(&bytes);
	buf_fini(&bytes);
	if (!log) {
		relay->broken = true;
		return false;
	}
	fill(doc, log);
	doc->used_ms = relay->handler->now_ms(relay->ctx);
	forget_place(relay, asleep_of(relay, doc));
	if (relay->handler->woke)
		relay->handler->woke(relay->ctx, doc);
	return true;
}

bool relay_broken(const struct relay *relay)
{
	return relay->broken;
}

void relay_forget_asleep(struct relay *relay)
{
	while (relay->asleep_count)
		forget_place(relay, relay->asleep);
	free(relay->asleep);
	relay->asleep = NULL;
	relay->asleep_cap = 0;
}
