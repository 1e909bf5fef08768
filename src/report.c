#include "src/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool quiet;

void report_quiet(bool on)
{
	quiet = on;
}

void report_error(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	fprintf(stderr, "codecollab: %s%s\n", text, len && strchr(".?!", text[len - 1]) ? "" : ".");
	free(text);
}

void report_info(const char *format, ...)
{
	char when[32];
	time_t now = time(NULL);
	struct tm local;
	va_list args;

	if (quiet)
		return;
	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now, &local));
	fprintf(stderr, "%s ", when);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

char *report_sentence(const char *format, ...)
{
	va_list args;
	char *out = NULL;

	va_start(args, format);
	if (vasprintf(&out, format, args) < 0)
		abort();
	va_end(args);
	return out;
}
