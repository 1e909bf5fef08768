/*
 * edit_command.c: codecollab edit FILE: the editor without a server, until the file is shared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/commands.h"
#include "src/desk.h"
#include "src/hosting.h"
#include "src/later.h"
#include "src/options.h"
#include "src/report.h"

#define FILES_MOST 100 /* that are named */

struct sharing {
	struct edit *edit;
	struct hosting *hosting;
	bool settled;
};

/* What was not saved is the room's once it has acknowledged it: nothing is left to recover. */
static void on_turn(void *ctx)
{
	struct sharing *sharing = ctx;
	const struct text *text =
		sharing->settled ? NULL : join_settled(hosting_join(sharing->hosting));

	if (text)
		edit_settled(sharing->edit, text);
	sharing->settled = sharing->settled || text;
}

/* The port that hosts have, or any: the room must not fail because another one is there. */
static struct hosting *start_hosting(struct loop *loop, const char *path, char **why)
{
	struct host_options options = {
		.address = "::", .port = HOST_PORT, .autosave = true, .path = path};
	struct hosting *hosting;

	if (!later_load(why))
		return NULL;
	hosting = hosting_start(loop, &options, why);
	if (hosting)
		return hosting;
	free(*why);
	options.port = 0;
	return hosting_start(loop, &options, why);
}

/* NULL, or why it ended (owned). */
static char *share(struct edit *edit, struct loop *loop, struct hosting *hosting, const char *name)
{
	struct sharing sharing = {.edit = edit, .hosting = hosting};
	struct join_options options = {.name = name};

	edit_share(edit, &options.console, &options.replica);
	if (hosting_edit(hosting, &options)) {
		editor_show_share(console_editor(options.console));
		loop_on_turn(loop, on_turn, &sharing);
		loop_run(loop);
		loop_off_turn(loop, on_turn, &sharing);
	}
	edit_part(edit); /* from the replica, which ends with the room */
	return hosting_finish(hosting);
}

static char *run(struct desk *desk, struct loop *loop, const char *name)
{
	struct hosting *hosting;
	char *why = NULL;

	while (desk_run(desk)) {
		struct edit *edit = desk_shown(desk);
		hosting = start_hosting(loop, edit_path(edit), &why);
		if (hosting)
			return share(edit, loop, hosting, name);
		edit_share_failed(edit, why);
		free(why);
	}
	return NULL;
}

static bool is_place(const char *argument)
{
	return *argument == '+' && argument[1] >= '0' && argument[1] <= '9';
}

static int edit_files(char *const *paths, size_t count, const char *place, const char *name)
{
	struct loop *loop = loop_create();
	char *why = NULL;
	struct desk *desk;

	report_quiet(true);
	desk = desk_open(loop, paths, count, &why);
	if (desk && place)
		editor_place(edit_editor(desk_shown(desk)), place);
	if (desk)
		why = run(desk, loop, name);
	desk_close(desk);
	loop_destroy(loop);
	report_quiet(false);
	if (why)
		report_error("%s", why);
	int status = why ? 1 : 0;
	free(why);
	return status;
}

int command_edit(int argc, char **argv)
{
	const char *name = NULL, *place = NULL;
	bool help = false;
	const struct option_row rows[] = {
		{"name", "NAME", "how others see you when you share (default: your login name)",
			OPTION_TEXT, &name},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	int rest;

	if (!options_parse(rows, argc, argv, FILES_MOST + 1, &rest))
		return 1;
	if (help) {
		puts("codecollab edit [+LINE[:COLUMN]] [FILE ... | -]: edit files, one at a time on the screen; F2 shares it\n");
		options_help(rows);
		return 0;
	}
	if (rest < argc && is_place(argv[rest]))
		place = argv[rest++] + 1;
	return edit_files(argv + rest, (size_t)(argc - rest), place, name);
}
