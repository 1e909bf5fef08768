#include "src/server/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/json.h"
#include "ot/mem.h"
#include "src/server/doc.h"

/* ---- a room ---- */

static const char *file_of(struct person *person)
{
	const struct seat *seat = doc_seat(person, person->doc);

	return seat ? seat->doc->path : "";
}

static void put_text(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, ",\"%s\":", key);
	json_put_str(out, str(text));
}

static void put_person(struct person *person, struct buf *out)
{
	buf_printf(out, "{\"user\":%" PRIu64, person->user);
	put_text(out, "name", person->name);
	put_text(out, "color", person->color);
	put_text(out, "role", role_name[person->role]);
	put_text(out, "state", person->state);
	put_text(out, "file", file_of(person));
	buf_printf(out, ",\"rtt\":%u}", person->rtt_ms);
}

static void put_people(const struct room *room, struct buf *out)
{
	size_t told = 0;

	buf_printf(out, ",\"here\":%zu,\"people\":[", room_here(room));
	for (size_t i = 0; i < room->people_count && told < STATUS_PEOPLE; i++) {
		buf_add_str(out, told++ ? "," : "");
		put_person(room->people[i], out);
	}
	buf_add_str(out, "]");
}

static void put_pulse(const struct pulse *pulse, uint64_t now_ms, struct buf *out)
{
	uint32_t seconds[PULSE_SECONDS];

	pulse_read(pulse, now_ms, seconds);
	buf_add_str(out, ",\"pulse\":[");
	for (size_t i = 0; i < PULSE_SECONDS; i++)
		buf_printf(out, "%s%" PRIu32, i ? "," : "", seconds[i]);
	buf_add_str(out, "]");
}

static void put_room(const struct chamber *chamber, uint64_t now_ms, struct buf *out)
{
	buf_printf(out,
		"{\"room\":\"%s\",\"files\":%zu,\"locked\":%s,\"stored\":%s,\"edits\":%" PRIu64,
		chamber_room(chamber)->name, chamber_room(chamber)->document_count,
		chamber_room(chamber)->locked ? "true" : "false",
		chamber_failing(chamber) ? "false" : "true", chamber->edits);
	put_pulse(&chamber->pulse, now_ms, out);
	put_people(chamber_room(chamber), out);
	buf_add_str(out, "}");
}

/* ---- all of them ---- */

struct listed {
	const struct chamber *chamber;
	uint64_t busy; /* edits of the last minute */
	size_t here;
};

static uint64_t busy(const struct pulse *pulse, uint64_t now_ms)
{
	uint32_t seconds[PULSE_SECONDS];
	uint64_t sum = 0;

	pulse_read(pulse, now_ms, seconds);
	for (size_t i = 0; i < PULSE_SECONDS; i++)
		sum += seconds[i];
	return sum;
}

static int by_life(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;

	if (left->busy != right->busy)
		return left->busy < right->busy ? 1 : -1;
	if (left->here != right->here)
		return left->here < right->here ? 1 : -1;
	return strcmp(chamber_room(left->chamber)->name, chamber_room(right->chamber)->name);
}

/* Owned; *count of them. */
static struct listed *list(
	const struct house *house, const char *room, uint64_t now_ms, size_t *count)
{
	struct listed *all = mem_alloc((house->count + 1) * sizeof(*all));

	*count = 0;
	for (const struct chamber *c = house->first; c; c = c->next)
		if (!room || strcmp(chamber_room(c)->name, room) == 0)
			all[(*count)++] = (struct listed){
				c, busy(&c->pulse, now_ms), room_here(chamber_room(c))};
	qsort(all, *count, sizeof(*all), by_life);
	return all;
}

static void put_list(const struct house *house, const char *room, uint64_t now_ms, struct buf *out)
{
	size_t count;
	struct listed *all = list(house, room, now_ms, &count);
	size_t told = count < STATUS_ROOMS ? count : STATUS_ROOMS;

	buf_add_str(out, ",\"list\":[");
	for (size_t i = 0; i < told; i++) {
		buf_add_str(out, i ? "," : "");
		put_room(all[i].chamber, now_ms, out);
	}
	buf_printf(out, "],\"more\":%zu}\n", count - told);
	free(all);
}

static void put_numbers(const struct metrics_now *now, struct buf *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"connections", now->connections},
		{"people", now->people},
		{"rooms", now->rooms},
		{"documents", now->documents},
		{"edits", now->counts->in[MSG_EDIT]},
		{"queued_bytes", now->queued_bytes},
		{"unstored_bytes", now->unstored_bytes},
		{"memory_bytes", metrics_memory_bytes()},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		buf_printf(out, ",\"%s\":%" PRIu64, rows[i].name, rows[i].value);
	buf_printf(out, ",\"cpu_seconds\":%.6f", metrics_cpu_seconds());
}

void status_print(const struct house *house, const char *room, size_t connections, bool draining,
	struct buf *out)
{
	uint64_t now_ms = loop_now_ms(house->service.loop);
	struct metrics_now now;

	house_count(house, &now);
	now.connections = connections;
	buf_printf(out, "{\"version\":\"" CODECOLLAB_VERSION "\",\"uptime\":%.3f,\"draining\":%s",
		(double)(now_ms - house->since_ms) / 1000, draining ? "true" : "false");
	put_numbers(&now, out);
	put_pulse(&house->service.counts.edits, now_ms, out);
	histogram_print_json(now.commits, "commit", out);
	if (now.backplane)
		histogram_print_json(now.backplane, "backplane", out);
	put_list(house, room, now_ms, out);
}
