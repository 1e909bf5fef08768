/*
 * main.c: the subcommand table of codecollab(1).
 */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/commands.h"
#include "src/later.h"
#include "src/report.h"
#include "src/secrecy.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

static const struct command {
	const char *name, *arguments, *help;
	int (*run)(int argc, char **argv);
	bool alone; /* needs nothing that only rooms need */
} commands[] = {
	{"host", "[PATH] [options]", "share a file, and edit it here", command_host, false},
	{"edit", "[FILE ...] [options]", "edit a file; F2 shares it", command_edit, true},
	{"join", "[URL|ROOM] [options]", "edit what somebody shares", command_join, false},
	{"list", "[options]", "show the rooms on this machine", command_list, false},
	{"connect", "[ROOM] [options]", "carry bytes to a room here, for ssh", command_connect,
		false},
	{"doctor", "[options]", "check that what is stored is whole", command_doctor, false},
	{"invite", "[options]", "make, list and revoke join URLs", command_invite, false},
	{"status", "[URL ...] [options]", "how servers are, and who is there", command_status,
		false},
	{"help", "[COMMAND]", "show this, or a command's options", command_help, true},
	{"version", "", "show the version", command_version, true},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	if (access(name, F_OK) == 0)
		report_error("\"%s\" is not a command. To edit the file: codecollab edit %s", name,
			name);
	else
		report_error("\"%s\" is not a command. See codecollab help", name);
	return 1;
}

static int run(const struct command *command, int argc, char **argv)
{
	char *why;

	if (command->alone || later_load(&why))
		return command->run(argc, argv);
	report_error("%s", why);
	free(why);
	return 1;
}

/* Of one command: what it says itself. */
static int help_about(char *name)
{
	static char help[] = "--help";
	const struct command *command = command_named(name);

	return command ? run(command, 2, (char *[]){name, help, NULL}) : unknown(name);
}

static int command_help(int argc, char **argv)
{
	if (argc > 1 && *argv[1] != '-')
		return help_about(argv[1]);
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

	later_begin(argv);
	signal(SIGPIPE, SIG_IGN);
	secrecy_keep();
	name = strcmp(name, "-h") == 0 ? "help" : name + (strncmp(name, "--", 2) == 0 ? 2 : 0);
	const struct command *command = command_named(name);
	return command ? run(command, argc - 1, argv + 1) : unknown(name);
}
