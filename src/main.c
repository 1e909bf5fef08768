/*
 * main.c: the subcommand table of codecollab(1).
 */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "src/commands.h"
#include "src/report.h"
#include "src/secrecy.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

static const struct command {
	const char *name, *arguments, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"host", "[PATH] [options]", "share a file, and edit it here", command_host},
	{"edit", "FILE [options]", "edit a file; F2 shares it", command_edit},
	{"join", "[URL|ROOM] [options]", "edit what somebody shares", command_join},
	{"list", "[options]", "show the rooms on this machine", command_list},
	{"connect", "[ROOM] [options]", "carry bytes to a room here, for ssh", command_connect},
	{"doctor", "[options]", "check that what is stored is whole", command_doctor},
	{"invite", "[options]", "make, list and revoke join URLs", command_invite},
	{"status", "[URL ...] [options]", "how servers are, and who is there", command_status},
	{"help", "", "show this", command_help},
	{"version", "", "show the version", command_version},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("codecollab: several people, one text, in the terminal\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  codecollab %-7s %-20s %s\n", commands[i].name, commands[i].arguments,
			commands[i].help);
	puts("\ncodecollab COMMAND --help shows a command's options; man codecollab tells all.");
	return 0;
}

static int command_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("codecollab " CODECOLLAB_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";

	signal(SIGPIPE, SIG_IGN);
	secrecy_keep();
	name += strncmp(name, "--", 2) == 0 ? 2 : 0;
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	report_error("\"%s\" is not a command. See codecollab help", name);
	return 1;
}
