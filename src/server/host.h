/*
 * host.h: a server: its door, its secrets, and the room of one file, or a folder of rooms.
 *
 *	host = host_start(loop, &options, &why)
 *	host_url(host, ROLE_EDITOR, NULL)	-- a join URL to give away
 *	loop_run(loop)
 *	host_stop(host, "…", 2000)		-- bye to all; commits; writes the file; then
 *	host_destroy(host)
 *
 * With options.rooms it has as many rooms as that folder has folders (house.h), and no URL of its own: `codecollab invite` makes them.
 * How a room lives is told in chamber.h.
 */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/role.h"
#include "src/server/local.h"
#include "src/server/state.h"
#include "src/server/store.h"

#define HOST_PORT          8443
#define HOST_TOKEN_SECONDS (int64_t)(30 * 24 * 3600)

struct host;
struct limits;
struct networks;
struct redis_options;

struct host_options {
	const struct limits *limits; /* NULL: what is normal */
	const char *path;    /* the file; NULL: a text that lives in the state directory only */
	const char *address; /* numeric; "::" is every address, of IPv4 too */
	unsigned port;       /* 0: the one it had last time if that is free, else any */
	const char *public;  /* what join URLs name, HOST[:PORT], and not an address of this machine; NULL: that */
	bool no_pin;         /* nor this server's pin, because TLS ends before it */
	/* Balancers that say for whom they come, by the PROXY protocol or by X-Forwarded-For (ws_server.h); NULL: there are none. */
	const struct networks *proxies, *forwarders;
	const char *room;    /* NULL: the one it had, or a new name */
	const char *rooms;   /* a folder of rooms, instead of path and room; NULL: none */
	const struct redis_options *backplane; /* where other servers that share the rooms meet (backplane.h); NULL: it is alone */
	const char *state;   /* NULL: the default directory */
	struct state_files files; /* keys that several servers share; zeros: those in the state directory */
	const char *user;    /* whom root becomes once it listens and has read the issuer's key; NULL: stay who we are */
	const char *issuer;  /* a file with the public key of who else may sign tokens (issuer.h); NULL: nobody */
	struct local_options local; /* the socket for this machine */
	bool autosave;
	enum store_durability durability;
	struct store_keep keep; /* of the history; zeros: all of it */
};

/* NULL: *why (owned) is a sentence. */
struct host *host_start(struct loop *loop, const struct host_options *options, char **why);
const char *host_room(const struct host *host); /* NULL: it has a folder of rooms, and no URLs below */
const char *host_rooms(const struct host *host); /* that folder; NULL: it has one room */
unsigned host_port(const struct host *host);
/* Owned. address NULL: one under which others may reach this machine. */
char *host_url(const struct host *host, enum role role, const char *address);
/* A socket for who comes through ssh's forwarding, and so as this user: its path, owned. NULL: *why (owned). */
char *host_guests(struct host *host, enum role role, char **why);
char *host_socket(const struct host *host); /* its local socket's path, owned; NULL: it has none */
size_t host_people(const struct host *host); /* connected, the host's own editor included */
/* Called when a person with the role owner ends the room, or the server cannot go on. */
void host_on_end(struct host *host, void (*fn)(void *ctx, const char *why), void *ctx);

/*
 * Reads the state directory's secrets, key and certificate again, for those who come from now on. false: *why (owned) says what
 * was not taken.
 */
bool host_reload(struct host *host, char **why);

/* No newcomers, and /healthz says 503, so that a load balancer sends nobody here any more; who is in stays. */
void host_drain(struct host *host);
/* No newcomers; `bye` with these words to everyone (come back after retry_ms; 0: do not); files written. */
void host_stop(struct host *host, const char *why, unsigned retry_ms);
bool host_busy(const struct
	host *host); /* after host_stop: somebody is still to be told, or the file to be written */
void host_destroy(struct host *host); /* commits what is left; blocks for that */

#endif
