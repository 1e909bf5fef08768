/*
 * connect_command.c: codecollab connect ROOM: standard input and output to a room's local socket, for ssh to run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/local.h"
#include "net/loop.h"
#include "net/pump.h"
#include "src/client/bridge.h"
#include "src/client/rooms.h"
#include "src/commands.h"
#include "src/options.h"
#include "src/publish.h"
#include "src/report.h"

#define CONNECT_MS 5000

/* Standard input may end first: the room is told, and says its last. */
static void on_done(void *ctx, enum pump_side said_its_last)
{
	if (said_its_last == PUMP_B)
		loop_stop(ctx);
}

static bool carry(int fd)
{
	struct loop *loop = loop_create();
	struct pump *pump;
	bool ready = write(STDOUT_FILENO, BRIDGE_READY, strlen(BRIDGE_READY)) ==
		     (ssize_t)strlen(BRIDGE_READY);

	pump = ready ? pump_create(loop, &(struct pump_end){STDIN_FILENO, STDOUT_FILENO},
			       &(struct pump_end){fd, fd}, on_done, loop)
		     : NULL;
	if (pump)
		loop_run(loop);
	else
		report_error("standard input and output must be pipes or sockets, as ssh makes "
			     "them. For a person it is codecollab join");
	pump_destroy(pump);
	loop_destroy(loop);
	return pump;
}

static int find(const char *wanted, const char *dir)
{
	struct rooms rooms;
	char *why = NULL;
	int fd = -1;

	rooms_look(dir, &rooms);
	const struct room_here *room = rooms_pick(&rooms, wanted, &why);
	if (room)
		fd = local_connect(room->socket, CONNECT_MS);
	if (room && fd < 0)
		why = report_sentence("the room %s ended just now", room->name);
	if (fd < 0)
		report_error("%s", why);
	rooms_fini(&rooms);
	free(why);
	return fd;
}

/* wanted: a room's name; NULL: the only one there is. */
static int carry_to(const char *wanted, const char *dir)
{
	int fd = find(wanted, dir);
	bool carried = fd >= 0 && carry(fd);

	if (fd >= 0)
		close(fd);
	return carried ? 0 : 1;
}

static int give_name(const char *room)
{
	char *why = NULL;

	if (!room_name_valid(room, strlen(room)))
		why = report_sentence("--publish needs the name of a room");
	else
		publish_room(room, &why);
	if (why)
		report_error("%s", why);
	int status = why ? 1 : 0;
	free(why);
	return status;
}

int command_connect(int argc, char **argv)
{
	const char *dir = NULL;
	bool help = false, publish = false;
	const struct option_row rows[] = {
		{"socket-dir", "DIR", "look only there", OPTION_TEXT, &dir},
		{"publish", NULL, "for host --reverse: give ROOM a name here, until the input ends",
			OPTION_SET, &publish},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	int rest;

	if (!options_parse(rows, argc, argv, 1, &rest))
		return 1;
	if (help) {
		puts("codecollab connect [ROOM] [options]: standard input and output to a room on "
		     "this machine; ssh runs it\n");
		options_help(rows);
		return 0;
	}
	const char *room = rest < argc ? argv[rest] : NULL;
	if (room && !rooms_is_name(room)) {
		report_error("%s is not the name of a room", room);
		return 1;
	}
	return publish ? give_name(room ? room : "") : carry_to(room, dir);
}
