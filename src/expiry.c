#include "src/expiry.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LEAST_SECONDS 60
#define MOST_SECONDS  ((int64_t)3653 * 24 * 3600)

static const struct {
	char unit;
	int64_t seconds;
} units[] = {{'m', 60}, {'h', 3600}, {'d', 24 * 3600}, {'w', 7 * 24 * 3600}};

/* -1: it is not of this form. */
static int64_t span_of(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	int64_t number = 0;

	if (digits == 0 || digits > 7 || strlen(text) != digits + 1)
		return -1;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text[digits] == units[i].unit)
			return number * units[i].seconds;
	return -1;
}

/* mktime() makes the 31st of February a day of March: what it changes was no date. */
static bool local_time(struct tm tm, int64_t *out)
{
	struct tm asked = tm;
	time_t when;

	tm.tm_isdst = -1;
	when = mktime(&tm);
	*out = when;
	return when != (time_t)-1 && tm.tm_mday == asked.tm_mday && tm.tm_mon == asked.tm_mon &&
	       tm.tm_year == asked.tm_year;
}

static bool date_of(const char *text, int64_t *out)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M", &tm);

	if (end && !*end)
		return local_time(tm, out);
	tm = (struct tm){0};
	end = strptime(text, "%Y-%m-%d", &tm);
	tm.tm_hour = 23;
	tm.tm_min = tm.tm_sec = 59;
	return end && !*end && local_time(tm, out);
}

const char *expiry_parse(const char *text, int64_t now, int64_t *out)
{
	int64_t span = span_of(text), when = now + span;

	if (span < 0 && !date_of(text, &when))
		return "it is neither a span like 30m, 2h, 7d, 4w nor a date like 2026-12-31 or"
		       " 2026-12-31T18:00";
	if (when < now + LEAST_SECONDS)
		return "it is over, or less than a minute away";
	if (when > now + MOST_SECONDS)
		return "it is more than ten years away";
	*out = when;
	return NULL;
}

void expiry_text(int64_t when, char out[17])
{
	time_t at = (time_t)when;
	struct tm local;

	if (!localtime_r(&at, &local) || !strftime(out, 17, "%Y-%m-%d %H:%M", &local))
		snprintf(out, 17, "?");
}
