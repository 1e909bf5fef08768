#include "src/server/histogram.h"

#include <inttypes.h>
#include <time.h>

static const struct {
	uint64_t us;
	const char *le; /* in seconds */
} bounds[HISTOGRAM_BUCKETS] = {
	{250, "0.00025"},
	{500, "0.0005"},
	{1000, "0.001"},
	{2500, "0.0025"},
	{5000, "0.005"},
	{10000, "0.01"},
	{25000, "0.025"},
	{50000, "0.05"},
	{100000, "0.1"},
	{250000, "0.25"},
	{500000, "0.5"},
	{1000000, "1"},
	{2500000, "2.5"},
	{5000000, "5"},
	{10000000, "10"},
	{UINT64_MAX, "+Inf"},
};

uint64_t histogram_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
	size_t i = 0;

	while (us > bounds[i].us)
		i++;
	histogram->counts[i]++;
	histogram->sum_us += us;
}

void histogram_print(
	const struct histogram *histogram, const char *name, const char *help, struct buf *out)
{
	uint64_t count = 0;

	buf_printf(out, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		count += histogram->counts[i];
		buf_printf(out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, bounds[i].le, count);
	}
	buf_printf(out, "%s_sum %" PRIu64 ".%06" PRIu64 "\n%s_count %" PRIu64 "\n", name,
		histogram->sum_us / 1000000, histogram->sum_us % 1000000, name, count);
}

void histogram_print_json(const struct histogram *histogram, const char *name, struct buf *out)
{
	buf_printf(out, ",\"%s\":{\"bounds\":[", name);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS - 1; i++)
		buf_printf(out, "%s%s", i ? "," : "", bounds[i].le);
	buf_add_str(out, "],\"counts\":[");
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		buf_printf(out, "%s%" PRIu64, i ? "," : "", histogram->counts[i]);
	buf_add_str(out, "]}");
}
