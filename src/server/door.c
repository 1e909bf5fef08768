#include "src/server/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/audit.h"
#include "src/server/status.h"

#define LONG_SECONDS ((int64_t)3653 * 24 * 3600) /* longer than any server runs */

static int64_t unix_now(void)
{
	return (int64_t)time(NULL);
}

static void tell(char *why)
{
	if (why)
		report_info("%s", why);
	free(why);
}

/* ---- who may pass ---- */

static bool is_revoked(void *ctx, const char *token)
{
	const struct door *door = ctx;

	return invites_revoked(door->gate->invites, token);
}

void door_expel(struct door *door)
{
	for (struct chamber *c = door->house->first; c; c = c->next)
		chamber_expel(c, is_revoked, door);
}

/* What other processes revoked counts at once, for those who are in too. */
static void look_at_revoked(struct door *door)
{
	if (!gate_refresh(door->gate))
		return;
	door->has_revoked = true;
	door_expel(door);
}

static int admit(struct door *door, const struct ws_request *request, void **session)
{
	const char *room = request->path + 1;
	const struct gate_refusal *no;
	struct claims claims;
	struct chamber *chamber;
	int status;

	look_at_revoked(door);
	no = gate_check(door->gate, request->token, room, unix_now(), &claims);
	if (no) {
		door->clause = no->clause;
		*request->why = no->told;
		return no->status;
	}
	if (!request->has_codec)
		return 426;
	if (door->shut || door->draining)
		return 503;
	status = house_enter(door->house, room, claims.role == ROLE_OWNER, &chamber);
	if (status == 0)
		*session = session_create(
			&chamber->sessions, &claims, request->codec, loop_now_ms(door->loop));
	return status;
}

static bool tries_too_often(struct door *door, const char *peer)
{
	return failures_many(&door->failures, peer, door->house->service.limits.failures,
		loop_now_ms(door->loop));
}

static int knock(void *ctx, const struct ws_request *request, void **session)
{
	struct door *door = ctx;

	if (tries_too_often(door, request->peer))
		return 429;
	return admit(door, request, session);
}

/* What may be a guess, or only cost us time, counts; what a proxy's probe or our own limits did does not. */
static void conn_failed(void *ctx, const char *peer, int status)
{
	struct door *door = ctx;
	struct audit audit;

	metrics_refused(&door->metrics, status);
	if (!status || status == 429 || status == 503)
		return;
	failures_add(&door->failures, peer, loop_now_ms(door->loop));
	audit_begin(&audit, "refused");
	audit_word(&audit, "peer", peer);
	audit_number(&audit, "status", (uint64_t)status);
	if (door->clause)
		audit_text(&audit, "why", str(door->clause));
	door->clause = NULL;
	audit_end(&audit);
}

static void conn_opened(void *session, struct ws_conn *conn)
{
	session_opened(session, conn);
}

static size_t conn_frame(void *session, const char *at, size_t len)
{
	return session_frame(session, at, len);
}

static void conn_closed(void *session, unsigned code)
{
	session_closed(session, code);
}

static void conn_rtt(void *session, unsigned ms)
{
	session_rtt(session, ms);
}

static int get_health(struct door *door, const struct ws_request *request, struct buf *body)
{
	(void)request;
	buf_add_str(body, door->draining ? "draining\n" : "ok\n");
	return door->draining ? 503 : 200;
}

static size_t connections(const struct door *door)
{
	size_t count = ws_server_connections(door->server);

	for (size_t i = 0; i < DOOR_BESIDE; i++)
		count += door->beside[i] ? ws_server_connections(door->beside[i]) : 0;
	return count;
}

static int get_metrics(struct door *door, const struct ws_request *request, struct buf *body)
{
	struct metrics_now now;

	(void)request;
	house_count(door->house, &now);
	now.connections = connections(door);
	metrics_print(&door->metrics, &now, body);
	return 200;
}

/* Names are in it: for owners, and each learns of their own room only, unless the token is for all. */
static int get_status(struct door *door, const struct ws_request *request, struct buf *body)
{
	const struct gate_refusal *no;
	struct claims claims;

	if (tries_too_often(door, request->peer))
		return 429;
	look_at_revoked(door);
	no = gate_check(door->gate, request->token, NULL, unix_now(), &claims);
	if (no) {
		failures_add(&door->failures, request->peer, loop_now_ms(door->loop));
		buf_add_str(body, no->told);
		return no->status;
	}
	if (claims.role != ROLE_OWNER)
		return 403;
	status_print(door->house, strcmp(claims.room, "*") == 0 ? NULL : claims.room,
		connections(door), door->draining, body);
	return 200;
}

/* Whoever gives a join URL to a browser learns what it is for; whether there is such a room is not told. */
static const char for_browsers[] = "A codecollab server. In a terminal: codecollab join 'URL'\n";

static int get(void *ctx, const struct ws_request *request, struct buf *body)
{
	static const struct {
		const char *path;
		int (*get)(struct door *door, const struct ws_request *request, struct buf *body);
	} pages[] = {{"/healthz", get_health}, {"/metrics", get_metrics}, {"/status", get_status}};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(request->path, pages[i].path) == 0)
			return pages[i].get(ctx, request, body);
	buf_add_str(body, for_browsers);
	return 404;
}

static const struct ws_server_handler handler = {
	.admit = knock,
	.opened = conn_opened,
	.frame = conn_frame,
	.closed = conn_closed,
	.rtt = conn_rtt,
	.failed = conn_failed,
	.get = get,
};

/* ---- opening and closing ---- */

bool door_open(struct door *door, struct loop *loop, const struct door_options *options, char **why)
{
	struct ws_server_options listens = {
		.address = options->where->address,
		.port = options->where->port ? options->where->port : options->usual,
		.listener = options->listener,
		.identity = options->identity,
		.proxies = options->proxies,
		.forwarders = options->forwarders,
		.max_message = door->house->service.limits.message_bytes,
		.max_connections = door->house->service.limits.connections,
		.other_files =
			door->house->folder ? door->house->service.limits.rooms * CHAMBER_FILES : 0,
		.handshake_ms = (unsigned)door->house->service.limits.handshake_s * 1000,
	};
	const char *fault = NULL;

	door->loop = loop;
	door->where = *options->where;
	door->server = ws_server_create(loop, &listens, &handler, door, &fault);
	if (!door->server && !door->where.port && listens.port) {
		listens.port = 0;
		door->server = ws_server_create(loop, &listens, &handler, door, &fault);
	}
	if (!door->server)
		*why = report_sentence("cannot listen on %s port %u: %s. Choose another with "
				       "--listen ADDRESS:PORT",
			listens.address, listens.port, fault);
	else
		door->where.port = ws_server_port(door->server);
	return door->server != NULL;
}

void door_shut(struct door *door)
{
	door->shut = true;
	ws_server_stop_listening(door->server);
}

void door_close(struct door *door)
{
	ws_server_destroy(door->server);
	free(door->invited);
	*door = (struct door){0};
}

unsigned door_port(const struct door *door)
{
	return door->where.port;
}

void door_tick(struct door *door)
{
	look_at_revoked(door);
}

/* ---- what leads to it ---- */

/* host and name of the terms: see door_url. */
static char *make_url(const struct door *door, struct gate_terms terms, struct invite *given)
{
	char host[ADDRESS_BYTES], *why = NULL, *url;

	terms.port = door->where.port;
	if (!terms.host) {
		whereabouts_public(&door->where, host, &terms.port);
		terms.host = host;
		terms.no_pin = door->where.no_pin;
	}
	url = gate_invite(door->gate, &terms, unix_now(), given, &why);
	tell(why);
	return url;
}

char *door_url(const struct door *door, const char *room, enum role role, const char *address,
	int64_t seconds)
{
	struct invite given;

	return make_url(door,
		(struct gate_terms){.room = room,
			.name = "",
			.role = role,
			.expires = unix_now() + seconds,
			.host = address},
		&given);
}

bool door_invite(struct door *door, const char *room, const struct room_invite *wanted,
	struct message *invited)
{
	struct gate_terms terms = {.room = room,
		.name = wanted->name,
		.role = wanted->role,
		.expires = wanted->expires ? wanted->expires : unix_now() + GATE_INVITE_SECONDS};

	free(door->invited);
	door->invited = make_url(door, terms, &door->invite);
	invited->invited.id = str(door->invite.id);
	invited->invited.role = str(role_name[door->invite.role]);
	invited->invited.name = str(door->invite.name);
	invited->invited.expires = (uint64_t)door->invite.expires;
	invited->invited.url = str(door->invited);
	return true;
}

bool door_ban(struct door *door, const char *room, const struct person *person)
{
	struct invite held = {.role = person->role};
	char *why = NULL;
	bool stored;

	snprintf(held.id, sizeof(held.id), "%s", person->token);
	snprintf(held.room, sizeof(held.room), "%s", room);
	held.expires = unix_now() + LONG_SECONDS; /* if it is not known here */
	stored = invites_ban(door->gate->invites, &held, unix_now(), &why);
	door->has_revoked = true;
	tell(why);
	return stored;
}
