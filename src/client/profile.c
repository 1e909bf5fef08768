#include "src/client/profile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"
#include "tui/config.h"
#include "tui/themes.h"

#define NAME      "codecollab.conf"
#define ENDING    ".theme"
#define SETTLE_MS 50 /* a file is written in several steps */

struct profile {
	struct loop *loop;
	struct editor *editor;
	char *dir; /* NULL: there is no home */
	int events;
	struct watch *watch;
	struct timer *settle;
};

/* ---- reading ---- */

/* At most one byte more than `most`, so that it can be told from what fits. */
static void read_file(const char *path, size_t most, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? 0 : 1;

	for (; got > 0 && out->len <= most; out->len += got > 0 ? (size_t)got : 0)
		got = read(fd, buf_room(out, 4096), 4096);
	if (fd >= 0)
		close(fd);
}

static void read_theme(const char *dir, const char *file)
{
	size_t length = strlen(file), ending = strlen(ENDING);
	struct buf text = {0};

	if (length <= ending || strcmp(file + length - ending, ENDING) != 0)
		return;
	char *path = report_sentence("%s/%s", dir, file), *name = mem_dup(file, length - ending);
	buf_room(&text, 1);
	read_file(path, THEMES_BYTES, &text);
	if (text.len <= THEMES_BYTES)
		themes_add(name, text.at, text.len);
	buf_fini(&text);
	free(name);
	free(path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_themes(const struct profile *profile)
{
	char *dir = report_sentence("%s/themes", profile->dir);
	struct dirent **files = NULL;
	int count = scandir(dir, &files, NULL, by_name);

	themes_forget();
	for (int i = 0; i < count; i++) {
		read_theme(dir, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	free(dir);
}

void profile_read(struct profile *profile)
{
	struct buf text = {0};

	if (!profile->dir)
		return;
	char *path = report_sentence("%s/" NAME, profile->dir);
	buf_room(&text, 1);
	read_file(path, CONFIG_MAX, &text);
	read_themes(profile);
	editor_configure(profile->editor, NAME, text.at, text.len, loop_now_ms(profile->loop));
	buf_fini(&text);
	free(path);
}

/* ---- watching ---- */

static void settled(void *ctx)
{
	profile_read(ctx);
}

static void changed(void *ctx, bool readable, bool writable)
{
	struct profile *profile = ctx;
	char events[4096];

	(void)writable;
	while (readable && read(profile->events, events, sizeof(events)) > 0)
		;
	timer_set(profile->settle, SETTLE_MS, 0);
}

static void watch_dir(const struct profile *profile, const char *sub)
{
	char *dir = report_sentence("%s%s", profile->dir, sub);

	inotify_add_watch(profile->events, dir,
		IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
	free(dir);
}

struct profile *profile_create(struct loop *loop, struct editor *borrows)
{
	struct profile *profile = mem_alloc(sizeof(*profile));

	profile->loop = loop;
	profile->editor = borrows;
	profile->dir = places_config();
	profile->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	profile->settle = timer_make(loop, settled, profile);
	if (profile->dir && profile->events >= 0) {
		watch_dir(profile, "");
		watch_dir(profile, "/themes");
		profile->watch = watch_create(loop, profile->events, changed, profile);
	}
	if (profile->watch)
		watch_set(profile->watch, true, false);
	profile_read(profile);
	return profile;
}

void profile_destroy(struct profile *profile)
{
	if (!profile)
		return;
	watch_destroy(profile->watch);
	timer_destroy(profile->settle);
	if (profile->events >= 0)
		close(profile->events);
	themes_forget();
	free(profile->dir);
	free(profile);
}
