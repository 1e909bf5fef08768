/*
 * list_command.c: codecollab list: the rooms on this machine that one may join.
 */
#include <stdio.h>

#include "src/client/rooms.h"
#include "src/commands.h"
#include "src/options.h"

int command_list(int argc, char **argv)
{
	const char *dir = NULL;
	bool json = false, help = false;
	const struct option_row rows[] = {
		{"socket-dir", "DIR", "look only there (default: wherever hosts make them)",
			OPTION_TEXT, &dir},
		{"json", NULL, "as one line of JSON", OPTION_SET, &json},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	struct rooms rooms;
	int rest;

	if (!options_parse(rows, argc, argv, 0, &rest))
		return 1;
	if (help) {
		puts("codecollab list [options]: the rooms on this machine that you may join\n");
		options_help(rows);
		return 0;
	}
	rooms_look(dir, &rooms);
	if (json)
		rooms_print_json(&rooms);
	else
		rooms_print(&rooms);
	rooms_fini(&rooms);
	return 0;
}
