#include "src/desk.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/completion.h"
#include "src/report.h"

struct desk {
	struct loop *loop;
	struct edit **at; /* the one on the screen first */
	size_t count, cap;
	bool killed;
};

/* ---- which there are ---- */

static struct edit *named(const struct desk *desk, const char *shown)
{
	for (size_t i = 0; i < desk->count; i++)
		if (strcmp(edit_shown(desk->at[i]), shown) == 0)
			return desk->at[i];
	return NULL;
}

static struct edit *of_path(const struct desk *desk, const char *path)
{
	for (size_t i = 0; i < desk->count; i++)
		if (strcmp(edit_path(desk->at[i]), path) == 0)
			return desk->at[i];
	return NULL;
}

/* NULL: *why. One that is there already is that one; two of one name are called by their whole paths. */
static struct edit *take_up(struct desk *desk, const char *path, char **why)
{
	struct edit *edit = edit_open(desk->loop, path, why), *known;

	if (!edit)
		return NULL;
	known = of_path(desk, edit_path(edit));
	if (known) {
		edit_close(edit);
		return known;
	}
	if (named(desk, edit_shown(edit)))
		edit_call(edit, edit_path(edit));
	desk->at = mem_grow(desk->at, &desk->cap, desk->count + 1, sizeof(edit));
	desk->at[desk->count++] = edit;
	return edit;
}

static void show(struct desk *desk, struct edit *edit)
{
	struct console *console = edit_leave(desk->at[0]);

	for (size_t i = 0; i < desk->count; i++)
		if (desk->at[i] == edit) {
			desk->at[i] = desk->at[0];
			desk->at[0] = edit;
		}
	edit_enter(edit, console);
}

/* One that is not on the screen. */
static void put_away(struct desk *desk, size_t i)
{
	editor_forget(edit_editor(desk->at[0]), edit_shown(desk->at[i]));
	edit_close(desk->at[i]);
	desk->at[i] = desk->at[--desk->count];
}

/* ---- going to another ---- */

/* Owned. Of the list it is beside the one that is shown; what was typed is as the shell has it. */
static char *path_of(const struct desk *desk, const struct editor_going *wish)
{
	const char *here = edit_path(desk->at[0]), *slash = strrchr(here, '/');

	if (!wish->create && *wish->path != '/' && slash)
		return report_sentence("%.*s/%s", (int)(slash - here), here, wish->path);
	return completion_path(wish->path);
}

static void go(struct desk *desk)
{
	const struct editor_going *wish = edit_wish(desk->at[0]);
	struct edit *edit = named(desk, wish->path);
	char *path = path_of(desk, wish), *why = NULL;

	if (!edit)
		edit = take_up(desk, path, &why);
	free(path);
	if (!edit || edit == desk->at[0])
		edit_stay(desk->at[0], why ? why : "That file is here.");
	else
		show(desk, edit);
	free(why);
}

/* ---- the end ---- */

static size_t unsaved(const struct desk *desk)
{
	size_t i = 1;

	while (i < desk->count && !edit_is_unsaved(desk->at[i]))
		i++;
	return i;
}

/* true: something is unsaved in another one, which is shown, and asks. */
static bool asks_on(struct desk *desk)
{
	for (size_t i; !desk->killed && (i = unsaved(desk)) < desk->count;) {
		show(desk, desk->at[i]);
		put_away(desk, i);
		edit_quit(desk->at[0]);
		if (edit_outcome(desk->at[0]) == EDIT_GOES_ON)
			return true;
	}
	return false;
}

static bool may_share(struct desk *desk)
{
	if (unsaved(desk) < desk->count) {
		edit_share_failed(
			desk->at[0], "Something is unsaved in another file: save it first.");
		return false;
	}
	while (desk->count > 1)
		put_away(desk, 1);
	return true;
}

bool desk_run(struct desk *desk)
{
	for (;;) {
		loop_run(desk->loop);
		switch (desk->killed ? EDIT_ENDED : edit_outcome(desk->at[0])) {
		case EDIT_OPEN: go(desk); break;
		case EDIT_SHARE:
			if (may_share(desk))
				return true;
			break;
		case EDIT_ENDED:
			if (!asks_on(desk))
				return false;
			break;
		default: return false;
		}
	}
}

struct edit *desk_shown(struct desk *desk)
{
	return desk->at[0];
}

static void on_signal(void *ctx, int signum)
{
	struct desk *desk = ctx;

	(void)signum;
	desk->killed = true;
	loop_stop(desk->loop);
}

struct desk *desk_open(struct loop *loop, char *const *paths, size_t count, char **why)
{
	struct desk *desk = mem_alloc(sizeof(*desk));
	bool good = true;

	desk->loop = loop;
	if (!count)
		good = take_up(desk, NULL, why) != NULL;
	for (size_t i = 0; good && i < count; i++)
		good = take_up(desk, paths[i], why) != NULL;
	if (!good || !edit_start(desk->at[0], why)) {
		desk_close(desk);
		return NULL;
	}
	for (size_t i = 1; i < desk->count; i++)
		editor_file_here(edit_editor(desk->at[0]), edit_shown(desk->at[i]));
	loop_on_signal(loop, SIGTERM, on_signal, desk);
	loop_on_signal(loop, SIGHUP, on_signal, desk);
	loop_on_signal(loop, SIGINT, on_signal, desk);
	return desk;
}

void desk_close(struct desk *desk)
{
	if (!desk)
		return;
	while (desk->count) /* the one with the console last */
		edit_close(desk->at[--desk->count]);
	free(desk->at);
	free(desk);
}
