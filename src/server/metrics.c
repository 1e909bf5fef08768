#include "src/server/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

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

/* statm(5): the second number is of pages. */
size_t metrics_memory_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file && fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- one by one ---- */

static void print_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

struct metric {
	const char *name;
	uint64_t value;
	const char *help;
};

static void print_all(struct buf *out, const char *type, const struct metric *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		print_head(out, rows[i].name, type, rows[i].help);
		buf_printf(out, "%s %" PRIu64 "\n", rows[i].name, rows[i].value);
	}
}

static void print_gauges(const struct metrics_now *now, struct buf *out)
{
	const struct metric rows[] = {
		{"codecollab_connections", now->connections, "Open connections."},
		{"codecollab_people", now->people, "People who are in a room."},
		{"codecollab_rooms", now->rooms, "Rooms in memory."},
		{"codecollab_documents", now->documents, "Documents in memory."},
		{"codecollab_queued_bytes", now->queued_bytes, "Bytes that wait to be sent."},
		{"codecollab_unstored_bytes", now->unstored_bytes, "Bytes that wait to be stored."},
		{"codecollab_troubled_rooms", now->troubled, "Rooms that cannot be stored now."},
	};

	print_all(out, "gauge", rows, sizeof(rows) / sizeof(rows[0]));
}

static void print_counters(const struct metrics_now *now, struct buf *out)
{
	const struct session_counts *counts = now->counts;
	const struct metric rows[] = {
		{"codecollab_edits_received_total", counts->in[MSG_EDIT], "Edits from people."},
		{"codecollab_edits_sent_total", counts->out[MSG_EDITED],
			"Edits of others told to people."},
		{"codecollab_received_bytes_total", counts->bytes_in,
			"Bytes of messages from people."},
		{"codecollab_sent_bytes_total", counts->bytes_out, "Bytes of messages to people."},
		{"codecollab_transforms_total", now->transforms,
			"Edits moved past another that was ordered before."},
		{"codecollab_resumes_total", counts->out[MSG_RESUMED],
			"Documents that people went on with after a lost connection."},
		{"codecollab_diverged_total", counts->in[MSG_DIVERGED],
			"Texts found to differ from the server's."},
		{"codecollab_overflow_closes_total", counts->overflows,
			"Connections closed because they did not read."},
		{"codecollab_flood_closes_total", counts->floods,
			"Connections closed because they sent too fast."},
	};

	print_all(out, "counter", rows, sizeof(rows) / sizeof(rows[0]));
}

static void print_messages(const char *name, const char *help, const uint64_t *counts,
	bool from_server, struct buf *out)
{
	print_head(out, name, "counter", help);
	for (const struct message_row *row = message_table; row->name; row++)
		if (row->from_server == from_server)
			buf_printf(out, "%s{type=\"%s\"} %" PRIu64 "\n", name, row->name,
				counts[row->type]);
}

static void print_refused(const struct metrics *metrics, struct buf *out)
{
	static const char name[] = "codecollab_refused_total";

	print_head(out, name, "counter", "Attempts to come in that failed, by HTTP status.");
	for (size_t i = 0; i < METRICS_REASONS; i++)
		buf_printf(out, "%s{reason=\"%s\"} %" PRIu64 "\n", name, reasons[i].reason,
			metrics->refused[i]);
}

double metrics_cpu_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Those that every program has, under the names that every dashboard knows. */
static void print_process(struct buf *out)
{
	print_head(out, "process_cpu_seconds_total", "counter", "CPU time of this server.");
	buf_printf(out, "process_cpu_seconds_total %.6f\n", metrics_cpu_seconds());
	print_head(out, "process_resident_memory_bytes", "gauge", "Memory of this server.");
	buf_printf(out, "process_resident_memory_bytes %zu\n", metrics_memory_bytes());
	print_head(out, "codecollab_build_info", "gauge", "1, with the version.");
	buf_add_str(out, "codecollab_build_info{version=\"" CODECOLLAB_VERSION "\"} 1\n");
}

void metrics_print(const struct metrics *metrics, const struct metrics_now *now, struct buf *out)
{
	print_gauges(now, out);
	print_counters(now, out);
	print_messages("codecollab_messages_received_total", "Messages from people, by type.",
		now->counts->in, false, out);
	print_messages("codecollab_messages_sent_total", "Messages to people, by type.",
		now->counts->out, true, out);
	print_refused(metrics, out);
	histogram_print(now->commits, "codecollab_commit_seconds",
		"From the end of a turn until its edits were stored.", out);
	if (now->backplane)
		histogram_print(now->backplane, "codecollab_backplane_seconds",
			"From sending an edit to the backplane until it was ordered.", out);
	print_process(out);
}
