/*
 * door.h: where people come in: the listening socket, who may pass it, and the join URLs that lead to it.
 *
 *	door_open(&door, loop, &options, &why)		-- house and gate are set
 *	char *url = door_url(&door, "quiet-otter", ROLE_EDITOR, NULL, seconds);
 *	door_tick(&door)				-- about once a second
 *	door_shut(&door)				-- nobody new; who is in may finish
 *	door_close(&door)
 *
 * Behind it every connection is a session (session.h). It answers /healthz and /metrics too, and lets nobody try too often
 * (failures.h).
 *
 * Memory: a door of zeros is closed, and door_close() is fine on it. What it points to is borrowed until then.
 */
#ifndef SERVER_DOOR_H
#define SERVER_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/ws_server.h"
#include "src/server/failures.h"
#include "src/server/gate.h"
#include "src/server/house.h"
#include "src/server/metrics.h"
#include "src/server/room.h"
#include "src/server/whereabouts.h"

#define DOOR_BESIDE 2

struct door {
	struct gate *gate;
	struct house *house;

	struct loop *loop;
	struct ws_server *server;
	const struct ws_server *beside[DOOR_BESIDE]; /* local.h's, whose connections count too; NULL: none */
	struct metrics metrics;
	struct failures failures;
	struct whereabouts where;
	bool shut;
	bool has_revoked; /* something was revoked here; who tells others of that clears it */
	bool draining; /* it is about to be shut: /healthz says so, and nobody new comes in */
	const char *clause; /* why the token of the attempt at hand does not count; NULL: it does */
	char *invited; /* the newest join URL that an owner asked for */
	struct invite invite;
};

struct door_options {
	const struct whereabouts *where; /* port 0: `usual` if that is free, else any */
	unsigned usual;
	int listener;    /* it listens already; taken; 0: it does not */
	const struct tls_identity *identity;
	const struct networks *proxies, *forwarders; /* ws_server.h; NULL: none */
};

bool door_open(struct door *door, struct loop *loop, const struct door_options *options, char **why);
void door_shut(struct door *door);
void door_close(struct door *door);
unsigned door_port(const struct door *door);

/* Whoever's token was revoked by another process goes. */
void door_tick(struct door *door);
void door_expel(struct door *door); /* so does whoever's is revoked by now */

/* Owned. address NULL: what others may reach it by; else its own port there, and its own key. */
char *door_url(const struct door *door, const char *room, enum role role, const char *address, int64_t seconds);

/* For room_handler. */
bool door_invite(struct door *door, const char *room, const struct room_invite *wanted, struct message *invited);
bool door_ban(struct door *door, const char *room, const struct person *person);

#endif
