#include "src/server/metrics.h"

#include <inttypes.h>

/* The last is for all that are not in it. */
static const struct {
	int status;
	const char *reason;
} reasons[METRICS_REASONS] = {
	{0, "none"},
	{400, "400"},
	{401, "401"},
	{403, "403"},
	{404, "404"},
	{405, "405"},
	{408, "408"},
	{426, "426"},
	{429, "429"},
	{431, "431"},
	{503, "503"},
	{-1, "other"},
};

void metrics_refused(struct metrics *metrics, int status)
{
	size_t i = 0;

	while (i < METRICS_REASONS - 1 && reasons[i].status != status)
		i++;
	metrics->refused[i]++;
}

static void print_one(struct buf *out, const char *type, const char *name, uint64_t value)
{
	buf_printf(out, "# TYPE codecollab_%s %s\ncodecollab_%s %" PRIu64 "\n", name, type, name,
		value);
}

static void print_counts(const struct session_counts *counts, struct buf *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"messages_total", counts->messages},
		{"edits_total", counts->edits},
		{"diverged_total", counts->diverged},
		{"received_bytes_total", counts->bytes_in},
		{"sent_bytes_total", counts->bytes_out},
		{"overflow_closes_total", counts->overflows},
		{"flood_closes_total", counts->floods},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_one(out, "counter", rows[i].name, rows[i].value);
}

void metrics_print(const struct metrics *metrics, const struct metrics_now *now, struct buf *out)
{
	print_one(out, "gauge", "connections", now->connections);
	print_one(out, "gauge", "people", now->people);
	print_one(out, "gauge", "rooms", now->rooms);
	print_counts(now->counts, out);
	buf_add_str(out, "# TYPE codecollab_refused_total counter\n");
	for (size_t i = 0; i < METRICS_REASONS; i++)
		buf_printf(out, "codecollab_refused_total{reason=\"%s\"} %" PRIu64 "\n",
			reasons[i].reason, metrics->refused[i]);
}
