#include "src/client/conflict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"

#define NAME_MOST  80   /* bytes of the path's last part */
#define SAME_NAMES 1000 /* in one second; then something is wrong */

/* Owned. */
static char *tame(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strnlen(name, NAME_MOST);
	char *out = mem_dup(name, len);

	for (char *c = out; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *c))
			*c = '_';
	return out;
}

static char *base_name(const char *room, const char *path, time_t when)
{
	char *name = tame(path), stamp[32], *base;
	struct tm local;

	strftime(stamp, sizeof(stamp), "%Y-%m-%d-%H%M%S", localtime_r(&when, &local));
	base = report_sentence("%s-%s-%s", room, name, stamp);
	free(name);
	return base;
}

/* A file that was not there before. -1: errno says why not. */
static int make_file(const char *folder, const char *base, char **path)
{
	int fd = -1;

	for (int n = 0; n < SAME_NAMES; n++) {
		*path = n ? report_sentence("%s/%s.%d", folder, base, n)
			  : report_sentence("%s/%s", folder, base);
		fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
		free(*path);
		*path = NULL;
	}
	return fd;
}

static bool write_text(int fd, const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	const char *at;
	size_t bytes;

	while (text_iter_run(&it, &at, &bytes))
		while (bytes) {
			ssize_t n = write(fd, at, bytes);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return false;
			at += n;
			bytes -= (size_t)n;
		}
	return fsync(fd) == 0;
}

/* 0, or an errno; *path (owned) is the file then. */
static int keep_in(const char *folder, const struct text *text, const char *base, char **path)
{
	int e = places_make(folder), fd = e ? -1 : make_file(folder, base, path);

	if (fd < 0)
		return e ? e : errno;
	if (!write_text(fd, text)) {
		e = errno;
		unlink(*path);
	}
	close(fd);
	return e;
}

char *conflict_keep(
	const struct text *text, const char *room, const char *path, time_t when, char **why)
{
	char *state = places_state(NULL, why), *folder, *base, *kept = NULL;
	int e;

	if (!state)
		return NULL;
	folder = report_sentence("%s/conflicts", state);
	base = base_name(room, path, when);
	if ((e = keep_in(folder, text, base, &kept))) {
		*why = report_sentence("cannot write to %s: %s", folder, strerror(e));
		free(kept);
		kept = NULL;
	}
	free(base);
	free(folder);
	free(state);
	return kept;
}
