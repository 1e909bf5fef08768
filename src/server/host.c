#include "src/server/host.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/issuer.h"
#include "net/listener.h"
#include "net/redis.h"
#include "ot/mem.h"
#include "src/account.h"
#include "src/report.h"
#include "src/secrecy.h"
#include "src/server/backplane.h"
#include "src/server/chamber.h"
#include "src/server/cluster.h"
#include "src/server/claim.h"
#include "src/server/door.h"
#include "src/server/gate.h"
#include "src/server/house.h"
#include "src/server/local.h"
#include "src/server/naming.h"
#include "src/server/state.h"
#include "src/server/workspace.h"

struct host {
	struct loop *loop;
	struct state state;
	struct gate gate;
	struct backplane *backplane; /* NULL: this server is alone */
	struct cluster cluster;
	struct house house;
	struct chamber
		*only; /* the room of a server that shares a file; NULL: it has a folder of rooms */
	char *path;    /* absolute; "" when there is no file */
	int claim;     /* to it, unless it is shared by several servers; -1: none */
	struct door door;
	struct local local, guests;
	struct timer *tick;
	bool stopping;
	void (*on_end)(void *ctx, const char *why);
	void *on_end_ctx;
};

/* ---- what a room asks for ---- */

/* The room of a file is the server; of many, the others go on. */
static void end_of_room(void *ctx, struct chamber *chamber, const char *why)
{
	struct host *host = ctx;

	if (!host->only)
		chamber_bye(chamber, "The owner ended the session.", 0);
	else if (host->on_end)
		host->on_end(host->on_end_ctx, why);
}

static bool ban(void *ctx, const struct chamber *chamber, const struct person *person)
{
	return door_ban(&((struct host *)ctx)->door, chamber_room(chamber)->name, person);
}

static bool invite(void *ctx, const struct chamber *chamber, const struct room_invite *wanted,
	struct message *invited)
{
	return door_invite(
		&((struct host *)ctx)->door, chamber_room(chamber)->name, wanted, invited);
}

/* ---- the rhythm ---- */

static void on_turn(void *ctx)
{
	house_turn(&((struct host *)ctx)->house);
}

static void on_tick(void *ctx)
{
	struct host *host = ctx;

	door_tick(&host->door);
	if (host->door.has_revoked)
		cluster_tell(&host->cluster);
	host->door.has_revoked = false;
	cluster_tick(&host->cluster);
}

static void on_revoked(void *ctx)
{
	door_expel(&((struct host *)ctx)->door);
}

/* ---- starting ---- */

/* What a start has in its hands until the room has it. */
struct opening {
	struct workspace_file file;
	struct text *text; /* what it holds */
	struct state_room room;
	struct issuer *issuer;
	int listener;
};

static bool is_allowed(const struct host_options *options, const struct text *text, char **why)
{
	if (!options->limits || text_size(text).bytes <= options->limits->document_bytes)
		return true;
	*why = report_sentence(
		"%s is larger than the %zu bytes of --max-document. Allow more, up to 64M",
		options->path, options->limits->document_bytes);
	return false;
}

static bool open_file(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	if (!options->path) {
		host->path = mem_dup("", 0);
		return true;
	}
	host->path = naming_path(options->path, why);
	return host->path &&
	       workspace_open(options->path, false, &opening->file, &opening->text, why) &&
	       is_allowed(options, opening->text, why);
}

static char *name_of(const struct host *host)
{
	char *copy = mem_dup(host->path, strlen(host->path));
	char *name = limits_utf8(*host->path ? basename(copy) : "scratch");

	free(copy);
	return name;
}

static bool open_room(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	char *name;
	bool shared;

	if (!open_file(host, options, opening, why) ||
		!naming_room(&host->state, host->path, options->room, &opening->room, why))
		return false;
	host->only = chamber_open(&host->house.service, opening->room.name, why);
	if (!host->only)
		return false;
	house_add(&host->house, host->only);
	if (*host->path && !host->backplane && !claim_take(host->path, &host->claim, why))
		return false;
	name = name_of(host);
	shared = chamber_share(host->only, name, &opening->file, &opening->text, why);
	free(name);
	return shared;
}

/* On the port where it listened last, if nobody says otherwise. */
static bool open_folder(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	struct whereabouts before;

	if (whereabouts_find(host->gate.invites, INVITES_ROOMS, &before))
		opening->room.port = before.port;
	return house_settle(&host->house, options->rooms, why);
}

/* NULL, or a sentence (owned). */
static char *public_fault(const char *text, struct whereabouts *where)
{
	const char *fault = whereabouts_parse(text, where->host, &where->host_port);

	return fault ? report_sentence("--public %s: %s", text, fault) : NULL;
}

static bool open_door(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	struct whereabouts where = {.port = options->port, .no_pin = options->no_pin};
	struct door_options door = {.where = &where,
		.usual = opening->room.port,
		.listener = opening->listener,
		.identity = &host->state.identity,
		.proxies = options->proxies,
		.forwarders = options->forwarders};

	snprintf(where.address, sizeof(where.address), "%s", options->address);
	if (options->public)
		*why = public_fault(options->public, &where);
	if (*why)
		return false;
	host->door.gate = &host->gate;
	host->door.house = &host->house;
	opening->listener = 0;
	if (!door_open(&host->door, host->loop, &door, why))
		return false;
	opening->room.port = host->house.port = door_port(&host->door);
	return true;
}

static bool listen_as_root(const struct host_options *options, struct opening *opening, char **why)
{
	const char *fault;

	if (!options->port)
		return true; /* any will do, and anybody may */
	opening->listener = listener_open(options->address, options->port, &fault);
	if (opening->listener > 0)
		return true;
	*why = report_sentence("cannot listen on %s port %u: %s. Choose another with "
			       "--listen ADDRESS:PORT",
		options->address, options->port, fault);
	return false;
}

static bool become(const struct account *account, char **why)
{
	bool became = account_become(account, why);

	secrecy_keep();
	return became;
}

/* What only root may, and then never again. */
static bool prepare(const struct host_options *options, struct opening *opening, char **why)
{
	struct account account;

	if (options->user && !account_find(options->user, &account, why))
		return false;
	if (options->issuer && !(opening->issuer = gate_read_issuer(options->issuer, why)))
		return false;
	if (!options->user)
		return true;
	return listen_as_root(options, opening, why) &&
	       (!options->state || account_make_folder(&account, options->state, why)) &&
	       (!options->rooms || account_make_folder(&account, options->rooms, why)) &&
	       become(&account, why);
}

static void serve(struct host *host, const struct host_options *options)
{
	struct chamber_service *service = &host->house.service;

	service->state = &host->state;
	service->durability = options->durability;
	service->keep = options->keep;
	service->autosave = options->autosave;
	if (options->backplane)
		service->backplane = host->backplane =
			backplane_open(host->loop, options->backplane);
	service->owner = host;
	service->end = end_of_room;
	service->ban = ban;
	service->invite = invite;
	if (options->limits)
		service->limits = *options->limits;
	else
		limits_init(&service->limits);
}

/* For who makes invitations beside the server. */
static bool note(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	const char *key = host->only ? opening->room.name : INVITES_ROOMS;

	(void)options;
	return (!host->only || state_remember(&host->state, host->path, &opening->room, why)) &&
	       whereabouts_note(host->gate.invites, key, &host->door.where, why);
}

static bool open_local(struct host *host, const struct host_options *options, char **why)
{
	return local_open(&host->local, &host->door, host->only, host->loop, &options->local, why);
}

static bool start(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	struct issuer *issuer;

	if (!prepare(options, opening, why) ||
		!state_open(&host->state, options->state, &options->files, why))
		return false;
	issuer = opening->issuer;
	opening->issuer = NULL;
	serve(host, options);
	if (!gate_open(&host->gate, &host->state, issuer, why) ||
		!(options->rooms ? open_folder : open_room)(host, options, opening, why) ||
		!open_door(host, options, opening, why) || !open_local(host, options, why) ||
		!note(host, options, opening, why))
		return false;
	gate_drop_old(&host->gate, (int64_t)time(NULL));
	if (host->backplane)
		cluster_init(&host->cluster, backplane_redis(host->backplane),
			options->backplane->prefix, host->gate.invites, on_revoked, host);
	host->tick = timer_make(host->loop, on_tick, host);
	timer_set(host->tick, 1000, 1000);
	loop_on_turn(host->loop, on_turn, host);
	return true;
}

struct host *host_start(struct loop *loop, const struct host_options *options, char **why)
{
	struct host *host = mem_alloc(sizeof(*host));
	struct opening opening = {0};
	bool started;

	*why = NULL;
	host->loop = loop;
	host->claim = -1;
	house_init(&host->house, loop);
	started = start(host, options, &opening, why);
	workspace_fini(&opening.file);
	text_destroy(opening.text);
	issuer_destroy(opening.issuer);
	if (opening.listener > 0)
		close(opening.listener);
	if (started)
		return host;
	host_destroy(host);
	return NULL;
}

/* ---- for its owner ---- */

const char *host_room(const struct host *host)
{
	return host->only ? chamber_room(host->only)->name : NULL;
}

const char *host_rooms(const struct host *host)
{
	return host->house.folder;
}

unsigned host_port(const struct host *host)
{
	return door_port(&host->door);
}

char *host_guests(struct host *host, enum role role, char **why)
{
	struct local_options options = {.role = role, .guests = true};

	if (host->only &&
		local_open(&host->guests, &host->door, host->only, host->loop, &options, why))
		return local_path(&host->guests);
	if (!host->only)
		*why = report_sentence("--reverse is for one room, and not for a folder of them");
	return NULL;
}

char *host_socket(const struct host *host)
{
	return local_path(&host->local);
}

size_t host_people(const struct host *host)
{
	return house_people(&host->house);
}

void host_on_end(struct host *host, void (*fn)(void *ctx, const char *why), void *ctx)
{
	host->on_end = fn;
	host->on_end_ctx = ctx;
}

char *host_url(const struct host *host, enum role role, const char *address)
{
	if (!host->only)
		return NULL;
	return door_url(&host->door, host_room(host), role, address, HOST_TOKEN_SECONDS);
}

bool host_reload(struct host *host, char **why)
{
	if (!state_read_secrets(&host->state, why) || !state_read_identity(&host->state, why))
		return false;
	if (!ws_server_set_identity(host->door.server, &host->state.identity))
		*why = report_sentence(
			"OpenSSL does not take the key or certificate in %s", host->state.dir);
	return !*why;
}

/* ---- stopping ---- */

void host_drain(struct host *host)
{
	host->door.draining = true;
}

void host_stop(struct host *host, const char *why, unsigned retry_ms)
{
	if (host->stopping)
		return;
	host->stopping = true;
	door_shut(&host->door);
	local_shut(&host->local);
	local_shut(&host->guests);
	house_bye(&host->house, why, retry_ms);
}

bool host_busy(const struct host *host)
{
	return ws_server_connections(host->door.server) > 0 ||
	       local_connections(&host->local) > 0 || local_connections(&host->guests) > 0 ||
	       house_busy(&host->house);
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	loop_off_turn(host->loop, on_turn, host);
	local_close(&host->local);
	local_close(&host->guests);
	door_close(&host->door);
	timer_destroy(host->tick);
	house_fini(&host->house);
	backplane_close(host->backplane);
	gate_fini(&host->gate);
	state_close(&host->state);
	claim_drop(host->claim);
	free(host->path);
	free(host);
}
