/*
 * invite_command.c: codecollab invite: join URLs made, listed and revoked beside a server, or without one.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/commands.h"
#include "src/expiry.h"
#include "src/options.h"
#include "src/places.h"
#include "src/report.h"
#include "src/server/gate.h"
#include "src/server/limits.h"
#include "src/server/whereabouts.h"

struct inviting {
	const char *room, *role, *name, *expires, *state, *address, *revoke;
	bool no_pin, list, rotate, help;
	int64_t now;
	struct state keys;
	struct gate gate;
};

/* ---- making one ---- */

/* What --address says, or what the server says of itself. */
static bool find_address(struct inviting *i, struct whereabouts *where)
{
	const char *fault = NULL;

	if (i->address) {
		fault = whereabouts_parse(i->address, where->host, &where->host_port);
		if (fault)
			report_error("--address %s: %s", i->address, fault);
	}
	where->no_pin = i->no_pin || (!i->address && where->no_pin);
	return !fault;
}

static bool find_terms(struct inviting *i, struct gate_terms *terms, char *name)
{
	size_t bad;
	const char *fault = i->expires ? expiry_parse(i->expires, i->now, &terms->expires) : NULL;

	limits_clean_name(str(i->name), "", name);
	terms->name = name;
	if (fault)
		report_error("--expires %s: %s", i->expires, fault);
	else if (i->role && !role_parse(str(i->role), &terms->role))
		report_error("--role %s: it is none of owner, editor, viewer", i->role);
	else if (i->name && (!*name || strlen(name) >= TOKEN_NAME_BYTES ||
				    !utf8_check(i->name, strlen(i->name), &bad)))
		report_error("--name: it is empty, not UTF-8, or longer than %d bytes",
			TOKEN_NAME_BYTES - 1);
	else
		return true;
	return false;
}

/* One that was served: of a file, which noted where, or of a folder of rooms, whose server is where it noted last. */
static bool find_hosted(struct inviting *i, struct whereabouts *out)
{
	struct state_room room;

	if (!state_find_name(&i->keys, i->room, &room) || !room.port)
		return false;
	if (whereabouts_find(i->gate.invites, i->room, out) ||
		!whereabouts_find(i->gate.invites, INVITES_ROOMS, out))
		out->port = room.port;
	return true;
}

/* Any, of a server of a folder of rooms: an owner's URL makes it. */
static bool find_possible(struct inviting *i, struct whereabouts *out)
{
	return room_name_valid(i->room, strlen(i->room)) &&
	       whereabouts_find(i->gate.invites, INVITES_ROOMS, out);
}

static bool find_room(struct inviting *i, struct whereabouts *out)
{
	if (!i->room)
		report_error("which room? codecollab invite --room NAME. Its name is in the URLs"
			     " that its host shows");
	else if (!find_hosted(i, out) && !find_possible(i, out))
		report_error("no room \"%s\" was ever hosted with the state folder %s", i->room,
			i->keys.dir);
	else
		return true;
	return false;
}

static void show(const char *url, const struct invite *given)
{
	char when[17];

	expiry_text(given->expires, when);
	puts(url);
	fprintf(stderr, "Until %s, as %s. To revoke it: codecollab invite --revoke %s\n", when,
		role_name[given->role], given->id);
}

static int make(struct inviting *i)
{
	struct gate_terms terms = {
		.room = i->room, .role = ROLE_EDITOR, .expires = i->now + GATE_INVITE_SECONDS};
	char name[NAME_CLEAN_BYTES], host[ADDRESS_BYTES], *why = NULL, *url;
	struct whereabouts where;
	struct invite given;

	if (!find_room(i, &where) || !find_terms(i, &terms, name) || !find_address(i, &where))
		return 1;
	whereabouts_public(&where, host, &terms.port);
	terms.host = host;
	terms.no_pin = where.no_pin;
	url = gate_invite(&i->gate, &terms, i->now, &given, &why);
	if (why)
		report_error("%s", why);
	else
		show(url, &given);
	int status = why ? 1 : 0;
	free(url);
	free(why);
	return status;
}

/* ---- the others ---- */

/* Ids of other issuers may hold anything. */
static void print_id(const char *id)
{
	int width = 0;

	for (; *id; id++, width++)
		putchar(isgraph((unsigned char)*id) ? *id : '?');
	printf("%*s", width < 26 ? 26 - width : 1, "");
}

static void print_invite(void *ctx, const struct invite *invite)
{
	char expires[17], revoked[17], name[NAME_CLEAN_BYTES];

	limits_clean_name(str(invite->name), "-", name);
	expiry_text(invite->expires, expires);
	expiry_text(invite->revoked, revoked);
	if ((*(size_t *)ctx)++ == 0)
		printf("%-26s%-7s %-17s %-18s %-24s %s\n", "ID", "ROLE", "UNTIL", "REVOKED", "ROOM",
			"NAME");
	print_id(invite->id);
	printf("%-7s %-17s %-18s %-24s %s\n", role_name[invite->role], expires,
		invite->revoked ? revoked : "-", invite->room, name);
}

static int list(struct inviting *i)
{
	size_t count = 0;
	char *why;

	if (!invites_each(i->gate.invites, i->room, i->now, print_invite, &count, &why)) {
		report_error("%s", why);
		free(why);
		return 1;
	}
	if (!count)
		puts("No invitations.");
	return 0;
}

static int revoke(struct inviting *i)
{
	char *why;

	if (invites_revoke(i->gate.invites, i->revoke, i->now, &why)) {
		printf("Revoked. Whoever came in with it is sent away now.\n");
		return 0;
	}
	report_error("%s. See codecollab invite --list", why);
	free(why);
	return 1;
}

static int rotate(struct inviting *i)
{
	char *why;

	if (gate_rotate(&i->gate, i->now, &why)) {
		printf("New invitations are signed with a new secret. Those given before go on"
		       " until they expire or are revoked.\n");
		return 0;
	}
	report_error("%s", why);
	free(why);
	return 1;
}

/* A folder that is not there yet has nothing to invite to: a wrong --state must not make one. */
static bool is_there(const char *dir)
{
	char *why = NULL, *real = dir ? realpath(dir, NULL) : places_state(NULL, &why);
	char *index = report_sentence("%s/index.db", real ? real : "");
	struct stat st;
	bool there = real && !lstat(index, &st);

	if (!there)
		report_error("%s: nothing was ever hosted with it", why ? why : (dir ? dir : real));
	free(index);
	free(real);
	free(why);
	return there;
}

static int run(struct inviting *i)
{
	char *why = NULL;
	int status = 1;

	i->now = (int64_t)time(NULL);
	if (!is_there(i->state))
		return 1;
	if (!state_open(&i->keys, i->state, NULL, &why) ||
		!gate_open(&i->gate, &i->keys, NULL, &why))
		report_error("%s", why);
	else
		status = i->list     ? list(i)
			 : i->revoke ? revoke(i)
			 : i->rotate ? rotate(i)
				     : make(i);
	gate_fini(&i->gate);
	state_close(&i->keys);
	free(why);
	return status;
}

int command_invite(int argc, char **argv)
{
	struct inviting i = {0};
	const struct option_row rows[] = {
		{"room", "NAME", "which room", OPTION_TEXT, &i.room},
		{"role", "ROLE", "owner, editor (the default) or viewer", OPTION_TEXT, &i.role},
		{"name", "NAME", "how the others see them (default: they choose)", OPTION_TEXT,
			&i.name},
		{"expires", "WHEN", "30m, 2h, 7d (the default), 4w, or a date: 2026-12-31",
			OPTION_TEXT, &i.expires},
		{"address", "HOST[:PORT]", "what the URL names (default: where the room is hosted)",
			OPTION_TEXT, &i.address},
		{"no-pin", NULL, "for who reaches it where TLS ends before it: no pin of its key",
			OPTION_SET, &i.no_pin},
		{"state", "DIR", "the server's state (default $XDG_STATE_HOME/codecollab)",
			OPTION_TEXT, &i.state},
		{"list", NULL, "show all invitations, or a room's", OPTION_SET, &i.list},
		{"revoke", "ID", "end one, and send away who came in with it", OPTION_TEXT,
			&i.revoke},
		{"rotate", NULL, "sign new ones with a new secret; old ones go on", OPTION_SET,
			&i.rotate},
		{"help", NULL, "show this", OPTION_SET, &i.help},
		{0},
	};
	int rest;

	if (!options_parse(rows, argc, argv, 0, &rest))
		return 1;
	if (i.help) {
		puts("codecollab invite [options]: make a join URL, list them, revoke one\n");
		options_help(rows);
		return 0;
	}
	if (i.list + i.rotate + (i.revoke != NULL) > 1) {
		report_error("--list, --revoke and --rotate do not go together");
		return 1;
	}
	return run(&i);
}
