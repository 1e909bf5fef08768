/*
 * commands.h: the subcommands of the program, each a row of main's table and a file of its own.
 */
#ifndef SRC_COMMANDS_H
#define SRC_COMMANDS_H

/* argv[0] is the subcommand. They return the exit status: 0, or 1 after one sentence on standard error. */
int command_host(int argc, char **argv);
int command_edit(int argc, char **argv);
int command_join(int argc, char **argv);
int command_list(int argc, char **argv);
int command_connect(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_invite(int argc, char **argv);
int command_status(int argc, char **argv);

#endif
