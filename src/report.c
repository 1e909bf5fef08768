#include "src/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ot/utf8.h"
#include "src/server/limits.h"

static bool quiet;
static int log_fd = -1;
static const char *log_path; /* NULL: standard error */

void report_quiet(bool on)
{
	quiet = on;
}

void report_plain(char *text)
{
	size_t rest = strlen(text), good, width;
	char *to = text, *from = text;

	for (; rest; from += width, rest -= width) {
		if (!utf8_check(from, rest, &good) && !good) {
			width = 1;
			*to++ = '?';
			continue;
		}
		bool shown = !limits_invisible(utf8_decode(from, &width));
		memmove(to, shown ? from : "?", shown ? width : 1);
		to += shown ? width : 1;
	}
	*to = '\0';
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
	report_plain(text);
	len = (int)strlen(text);
	fprintf(stderr, "codecollab: %s%s\n", text, len && strchr(".?!", text[len - 1]) ? "" : ".");
	free(text);
}

bool report_to(const char *path, char **why)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0) {
		*why = report_sentence("cannot write the log %s: %s", path, strerror(errno));
		return false;
	}
	if (log_fd >= 0)
		close(log_fd);
	log_fd = fd;
	log_path = path;
	return true;
}

bool report_reopen(char **why)
{
	return !log_path || report_to(log_path, why);
}

/* A line of the file is one write, so that lines stay whole whoever else writes there. */
void report_info(const char *format, ...)
{
	char when[40], *text = NULL;
	time_t now = time(NULL);
	struct tm local;
	va_list args;

	if (quiet && log_fd < 0)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	report_plain(text);
	strftime(when, sizeof(when), log_fd < 0 ? "%H:%M:%S" : "%Y-%m-%dT%H:%M:%S%z",
		localtime_r(&now, &local));
	dprintf(log_fd < 0 ? STDERR_FILENO : log_fd, "%s %s\n", when, text);
	free(text);
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
