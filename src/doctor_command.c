/*
 * doctor_command.c: codecollab doctor: is what is stored whole?
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/commands.h"
#include "src/options.h"
#include "src/places.h"
#include "src/report.h"
#include "src/server/doctor.h"

static void print(void *ctx, bool fault, const char *sentence)
{
	(void)ctx;
	printf("%s%s\n", fault ? "FAULT: " : "", sentence);
}

static int examine(const char *state)
{
	char *why = NULL, *dir = places_find_state(state, &why);
	bool sound = dir && doctor_check(dir, print, NULL);

	fflush(stdout);
	if (!dir)
		report_error("%s", why);
	else if (!sound)
		report_error(
			"not all is well in %s. Copy that folder before you mend anything", dir);
	free(dir);
	free(why);
	return sound ? 0 : 1;
}

int command_doctor(int argc, char **argv)
{
	const char *state = NULL;
	bool help = false;
	const struct option_row rows[] = {
		{"state", "DIR", "where keys and history live (default $XDG_STATE_HOME/codecollab)",
			OPTION_TEXT, &state},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	int rest;

	if (!options_parse(rows, argc, argv, 0, &rest))
		return 1;
	if (!help)
		return examine(state);
	puts("codecollab doctor [options]: check that what is stored is whole; changes nothing\n");
	options_help(rows);
	return 0;
}
