#include "src/way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/client/rooms.h"
#include "src/client/trust.h"
#include "src/report.h"
#include "src/secrecy.h"

static bool find_here(const struct way_options *options, struct way *out, char **why)
{
	struct rooms rooms;

	rooms_look(options->dir, &rooms);
	const struct room_here *room = rooms_pick(&rooms, options->wanted, why);
	if (room)
		rooms_url(room, &out->url);
	if (room && !room->mine)
		snprintf(out->note, sizeof(out->note), "This room is hosted by %s.", room->user);
	rooms_fini(&rooms);
	return room;
}

static bool find_over_ssh(
	struct loop *loop, const struct way_options *options, struct way *out, char **why)
{
	struct tunnel_options tunnel = {.ssh = options->ssh, .program = options->program};
	const char *fault = ssh_url_parse(options->wanted, &tunnel.url);

	if (fault)
		*why = report_sentence("this is not a URL of ssh: %s. It is "
				       "ssh://USER@HOST:PORT/ROOM, where user and port may be "
				       "missing",
			fault);
	out->tunnel = fault ? NULL : tunnel_create(loop, &tunnel, why);
	if (out->tunnel)
		tunnel_url(out->tunnel, &out->url);
	return out->tunnel;
}

static bool find_by_url(const struct way_options *options, struct way *out, char **why)
{
	const char *fault = url_parse(options->wanted, &out->url);

	if (fault) {
		*why = strstr(options->wanted, "://")
			       ? report_sentence(
					 "this is not a join URL: %s. Quote it in the shell, "
					 "since it holds # and &",
					 fault)
			       : report_sentence(
					 "\"%s\" is neither a join URL (wss://... or "
					 "ssh://...) nor the name of a room on this machine",
					 options->wanted);
		return false;
	}
	secrecy_hide(options->wanted);
	return trust_server(&out->url, options->fingerprint, why);
}

bool way_find(struct loop *loop, const struct way_options *options, struct way *out, char **why)
{
	*out = (struct way){0};
	*why = NULL;
	if (!options->wanted || rooms_is_name(options->wanted))
		return find_here(options, out, why);
	if (ssh_url_is(options->wanted))
		return find_over_ssh(loop, options, out, why);
	return find_by_url(options, out, why);
}

void way_fini(struct way *way)
{
	tunnel_destroy(way->tunnel);
	explicit_bzero(&way->url, sizeof(way->url));
	way->tunnel = NULL;
}
