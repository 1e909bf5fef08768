#include "src/server/host.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "net/token.h"
#include "net/url.h"
#include "net/ws_server.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/address.h"
#include "src/server/audit.h"
#include "src/server/doc.h"
#include "src/server/failures.h"
#include "src/server/gate.h"
#include "src/server/keeping.h"
#include "src/server/metrics.h"
#include "src/server/mirror.h"
#include "src/server/room.h"
#include "src/server/session.h"
#include "src/server/state.h"
#include "src/server/store.h"
#include "src/server/workspace.h"

#define LONG_SECONDS ((int64_t)3653 * 24 * 3600) /* longer than any server runs */

struct host {
	struct loop *loop;
	struct state state;
	struct gate gate;
	char *invited; /* the newest join URL that an owner asked for */
	struct invite invite;
	struct invite own; /* of the host's own editor; revoked in the end */
	char *path;        /* absolute; "" when there is no file */
	char *address;
	struct store *store;
	struct keeping keeping;
	int lock;
	struct room *room;
	struct doc *doc;
	struct mirror *mirror; /* NULL when there is no file */
	struct sessions sessions;
	struct ws_server *door;
	struct timer *tick, *presence;
	bool stopping;
	struct metrics metrics;
	struct failures failures;
	const char *clause; /* why the token of the attempt at hand does not count; NULL: it does */
	void (*on_end)(void *ctx, const char *why);
	void *on_end_ctx;
};

/* ---- what the room asks for ---- */

static void keep_edit(void *ctx, const struct store_edit *edit)
{
	store_edit(((struct host *)ctx)->store, edit);
}

static uint64_t keep_session(void *ctx, const struct store_session *session)
{
	return store_add_session(((struct host *)ctx)->store, session);
}

static void keep_next_user(void *ctx, uint64_t next)
{
	char number[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)next);
	store_put(((struct host *)ctx)->store, "next_user", number);
}

static void keep_chat(void *ctx, const struct msg_said *said)
{
	store_chat(((struct host *)ctx)->store, said);
}

static bool find_session(void *ctx, const char *id, struct store_session *out)
{
	return store_session(((struct host *)ctx)->store, id, out);
}

static uint64_t session_seq(void *ctx, uint64_t doc, uint64_t session_row)
{
	return store_session_seq(((struct host *)ctx)->store, doc, session_row);
}

static bool past(void *ctx, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx)
{
	return store_edits(((struct host *)ctx)->store, doc, from, to, fn, fn_ctx);
}

static uint64_t now_ms(void *ctx)
{
	return loop_now_ms(((struct host *)ctx)->loop);
}

static uint64_t unix_ms(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void random_bytes(void *ctx, void *bytes, size_t len)
{
	(void)ctx;
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

static void end_of_room(void *ctx, const char *why)
{
	struct host *host = ctx;

	if (host->on_end)
		host->on_end(host->on_end_ctx, why);
}

static void save(void *ctx, struct doc *doc, uint64_t user)
{
	struct host *host = ctx;

	(void)doc;
	(void)user;
	if (host->mirror && !host->stopping)
		mirror_save(host->mirror);
}

static void edited(void *ctx, struct doc *doc)
{
	struct host *host = ctx;

	if (log_rev(doc->log) % STORE_SNAPSHOT_EVERY == 0 && !host->keeping.trouble)
		store_snapshot(host->store, doc->doc, log_rev(doc->log), log_text(doc->log));
	if (host->mirror)
		mirror_edited(host->mirror);
}

static bool ban(void *ctx, const struct person *person)
{
	struct host *host = ctx;
	struct invite held = {.role = person->role};
	char *why = NULL;
	bool stored;

	snprintf(held.id, sizeof(held.id), "%s", person->token);
	snprintf(held.room, sizeof(held.room), "%s", host->room->name);
	held.expires = (int64_t)time(NULL) + LONG_SECONDS; /* if it is not known here */
	stored = invites_ban(host->gate.invites, &held, (int64_t)time(NULL), &why);
	if (!stored)
		report_info("%s", why);
	free(why);
	return stored;
}

static bool invite(void *ctx, const struct room_invite *wanted, struct message *invited)
{
	struct host *host = ctx;
	int64_t now = (int64_t)time(NULL);
	char address[ADDRESS_BYTES], *why = NULL;
	struct gate_terms terms = {.room = host->room->name,
		.name = wanted->name,
		.role = wanted->role,
		.expires = wanted->expires ? wanted->expires : now + GATE_INVITE_SECONDS,
		.host = address,
		.port = host_port(host)};

	address_reachable(host->address, address);
	free(host->invited);
	host->invited = gate_invite(&host->gate, &terms, now, &host->invite, &why);
	if (why)
		report_info("%s", why);
	invited->invited.id = str(host->invite.id);
	invited->invited.role = str(role_name[host->invite.role]);
	invited->invited.name = str(host->invite.name);
	invited->invited.expires = (uint64_t)host->invite.expires;
	invited->invited.url = str(host->invited);
	free(why);
	return true;
}

static bool full(void *ctx)
{
	return keeping_full(&((struct host *)ctx)->keeping);
}

static void audit_event(void *ctx, const struct room_event *event)
{
	audit_room(((struct host *)ctx)->room->name, event);
}

static const struct room_handler room_handler = {
	.send = session_send,
	.close = session_close,
	.urge = session_urge,
	.drop = session_drop,
	.full = full,
	.keep_edit = keep_edit,
	.keep_session = keep_session,
	.keep_next_user = keep_next_user,
	.keep_chat = keep_chat,
	.find_session = find_session,
	.session_seq = session_seq,
	.past = past,
	.save = save,
	.edited = edited,
	.end = end_of_room,
	.ban = ban,
	.invite = invite,
	.now_ms = now_ms,
	.unix_ms = unix_ms,
	.random = random_bytes,
	.audit = audit_event,
};

/* ---- the door ---- */

static bool is_revoked(void *ctx, const char *token)
{
	return invites_revoked(((struct host *)ctx)->gate.invites, token);
}

/* What other processes revoked counts at once, for those who are in too. */
static void look_at_revoked(struct host *host)
{
	if (!gate_refresh(&host->gate))
		return;
	room_expel(host->room, is_revoked, host);
	sessions_expel(&host->sessions, is_revoked, host);
}

static int admit(void *ctx, const struct ws_request *request, void **session)
{
	struct host *host = ctx;
	const struct gate_refusal *no;
	struct claims claims;

	look_at_revoked(host);
	no = gate_check(
		&host->gate, request->token, request->path + 1, (int64_t)time(NULL), &claims);
	if (no) {
		host->clause = no->clause;
		*request->why = no->told;
		return no->status;
	}
	if (strcmp(request->path + 1, host->room->name) != 0)
		return 404;
	if (!request->has_codec)
		return 426;
	if (host->stopping || host->keeping.trouble)
		return 503;
	*session =
		session_create(&host->sessions, &claims, request->codec, loop_now_ms(host->loop));
	return 0;
}

static void conn_opened(void *session, struct ws_conn *conn)
{
	session_opened(session, conn);
}

static void conn_frame(void *session, const char *at, size_t len)
{
	session_frame(session, at, len);
}

static void conn_closed(void *session, unsigned code)
{
	session_closed(session, code);
}

static void conn_rtt(void *session, unsigned ms)
{
	session_rtt(session, ms);
}

/* What may be a guess, or only cost us time, counts; what a proxy's probe or our own limits did does not. */
static void conn_failed(void *ctx, const char *peer, int status)
{
	struct host *host = ctx;
	struct audit audit;

	metrics_refused(&host->metrics, status);
	if (!status || status == 429 || status == 503)
		return;
	failures_add(&host->failures, peer, loop_now_ms(host->loop));
	audit_begin(&audit, "refused");
	audit_word(&audit, "peer", peer);
	audit_number(&audit, "status", (uint64_t)status);
	if (host->clause)
		audit_text(&audit, "why", str(host->clause));
	host->clause = NULL;
	audit_end(&audit);
}

static int knock(void *ctx, const struct ws_request *request, void **session)
{
	const struct host *host = ctx;

	if (failures_many(&host->failures, request->peer, host->room->limits.failures,
		    loop_now_ms(host->loop)))
		return 429;
	return admit(ctx, request, session);
}

static int get(void *ctx, const char *path, struct buf *body)
{
	struct host *host = ctx;

	if (strcmp(path, "/healthz") == 0) {
		buf_add_str(body, "ok\n");
		return 200;
	}
	if (strcmp(path, "/metrics") != 0)
		return 404;
	metrics_print(&host->metrics,
		&(struct metrics_now){.connections = ws_server_connections(host->door),
			.people = host->room->people_count,
			.revision = log_rev(host->doc->log),
			.batches = store_committed(host->store),
			.counts = &host->sessions.counts},
		body);
	return 200;
}

static const struct ws_server_handler door_handler = {
	.admit = knock,
	.opened = conn_opened,
	.frame = conn_frame,
	.closed = conn_closed,
	.rtt = conn_rtt,
	.failed = conn_failed,
	.get = get,
};

/* ---- the rhythm ---- */

static void on_presence(void *ctx)
{
	(void)ctx; /* the turn that follows shows it */
}

static void present(struct host *host)
{
	uint64_t wait_ms = room_present(host->room);

	if (wait_ms)
		timer_set(host->presence, wait_ms, 0);
}

static void on_turn(void *ctx)
{
	struct host *host = ctx;
	uint64_t batch, stored;

	present(host);
	batch = store_turn(host->store);
	stored = store_committed(host->store);
	if (stored == batch)
		host->doc->stored_rev = log_rev(host->doc->log);
	if (host->mirror)
		mirror_turn(host->mirror, batch, stored);
	keeping_turn(&host->keeping, batch, stored);
	sessions_flush(&host->sessions, batch, store_shown(host->store));
}

static void on_committed(void *ctx, uint64_t batch)
{
	(void)ctx;
	(void)batch; /* the turn that follows lets the outboxes go */
}

static void on_failed(void *ctx, const char *sentence)
{
	keeping_failed(&((struct host *)ctx)->keeping, sentence);
}

static void on_tick(void *ctx)
{
	struct host *host = ctx;

	look_at_revoked(host);
	room_tick(host->room);
	sessions_tick(&host->sessions, loop_now_ms(host->loop));
	if (host->mirror && !host->stopping && !keeping_full(&host->keeping))
		mirror_tick(host->mirror);
	keeping_tick(&host->keeping, host->doc,
		host->mirror ? mirror_saved_rev(host->mirror) : UINT64_MAX);
}

/* ---- starting ---- */

static const struct store_handler store_handler = {.committed = on_committed, .failed = on_failed};

/* The file's absolute path, links in its folder resolved; it need not exist. Owned; NULL: *why. */
static char *absolute_path(const char *path, char **why)
{
	char *copy = mem_dup(path, strlen(path)), *dir, *out = NULL;
	char real[PATH_MAX];

	if (realpath(path, real)) {
		free(copy);
		return mem_dup(real, strlen(real));
	}
	dir = dirname(copy);
	if (!realpath(dir, real)) {
		*why = report_sentence(
			"the folder %s does not exist. Make it first: mkdir -p %s", dir, dir);
	} else {
		free(copy);
		copy = mem_dup(path, strlen(path));
		out = report_sentence("%s/%s", strcmp(real, "/") == 0 ? "" : real, basename(copy));
	}
	free(copy);
	return out;
}

static bool choose_room(
	struct host *host, const struct host_options *options, struct state_room *room, char **why)
{
	bool known = state_find(&host->state, host->path, room);

	if (!known)
		*room = (struct state_room){0};
	if (options->room && !room_name_valid(options->room, strlen(options->room))) {
		*why = report_sentence(
			"\"%s\" cannot be a room's name: use a-z, 0-9 and -, at most 64 of them",
			options->room);
		return false;
	}
	if (options->room && state_name_taken(&host->state, options->room, host->path)) {
		*why = report_sentence(
			"the room \"%s\" belongs to another file; choose another name",
			options->room);
		return false;
	}
	if (options->room)
		snprintf(room->name, sizeof(room->name), "%s", options->room);
	else if (!known)
		state_new_name(&host->state, room->name);
	return true;
}

static bool open_store(
	struct host *host, const struct host_options *options, const char *name, char **why)
{
	char *dir = state_lock_room(&host->state, name, &host->lock, why), *path;

	if (!dir)
		return false;
	path = report_sentence("%s/room.db", dir);
	host->store = store_open(host->loop, path, options->durability, &store_handler, host, why);
	keeping_init(&host->keeping, host->loop, host->store, &options->keep);
	free(path);
	free(dir);
	return host->store != NULL;
}

static void make_room(struct host *host, const char *name)
{
	char *epoch = store_get(host->store, "epoch"), *next = store_get(host->store, "next_user");
	unsigned char random[8];
	char fresh[17];

	if (!epoch) {
		random_bytes(NULL, random, sizeof(random));
		for (size_t i = 0; i < sizeof(random); i++)
			snprintf(fresh + 2 * i, 3, "%02x", random[i]);
		store_put(host->store, "epoch", fresh);
	}
	host->room = room_create(name, epoch ? epoch : fresh, next ? strtoull(next, NULL, 10) : 1,
		&room_handler, host);
	host->sessions.room = host->keeping.room = host->room;
	free(epoch);
	free(next);
}

static bool replay(void *ctx, const struct store_edit *edit)
{
	struct op op = op_copy(&edit->op);

	return log_replay(ctx, edit->user, edit->seq, &op) == ERR_NONE;
}

/* The log of a document of before, from the revision that the file held, or if there is none, the newest snapshot. */
static struct log *load_log(struct host *host, const struct store_document *kept)
{
	uint64_t rev = *host->path ? kept->saved_rev : kept->rev;
	struct text *text = store_text_at(host->store, kept->doc, rev);
	struct log *log;

	if (!text)
		return NULL;
	log = log_create(text, rev);
	if (store_edits(host->store, kept->doc, rev, kept->newest, replay, log))
		return log;
	log_destroy(log);
	return NULL;
}

static void recall_said(void *ctx, const struct msg_said *said)
{
	room_recall(ctx, said);
}

/* What a start has in its hands until the room has it. */
struct opening {
	struct workspace_file file;
	struct text *text; /* what the file holds */
	struct state_room room;
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
	host->path = absolute_path(options->path, why);
	return host->path &&
	       workspace_open(options->path, true, &opening->file, &opening->text, why) &&
	       is_allowed(options, opening->text, why);
}

/* The document of before, or a new one that holds what the file holds. */
static bool load_document(
	struct host *host, struct opening *opening, uint64_t *saved_rev, char **why)
{
	char *copy = mem_dup(host->path, strlen(host->path));
	char *name = limits_utf8(*host->path ? basename(copy) : "scratch");
	struct store_document kept = {0};
	struct log *log;
	uint64_t doc, oldest = 0;

	if (store_document(host->store, name, &kept)) {
		doc = kept.doc;
		oldest = kept.oldest;
		*saved_rev = kept.saved_rev;
		log = load_log(host, &kept);
		store_document_fini(&kept);
	} else {
		struct text *text = opening->text ? opening->text : text_create();
		opening->text = NULL;
		doc = store_add_document(host->store, name, text);
		log = log_create(text, 0);
	}
	if (log) {
		host->doc = room_add_document(host->room, doc, name, log);
		host->doc->oldest_rev = oldest;
	} else {
		*why = report_sentence(
			"the stored history of %s has a gap or is damaged: codecollab"
			" doctor --state %s says where",
			name, host->state.dir);
	}
	free(name);
	free(copy);
	return log != NULL;
}

static bool fill_room(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	uint64_t saved_rev = 0;

	make_room(host, opening->room.name);
	if (options->limits)
		host->room->limits = *options->limits;
	if (!load_document(host, opening, &saved_rev, why))
		return false;
	host->doc->crlf = opening->file.crlf;
	store_chat_recent(host->store, LIMIT_CHAT_RECENT, recall_said, host->room);
	if (!*host->path)
		return true;
	host->mirror = mirror_start(host->loop, host->store, host->room, host->doc, &opening->file,
		opening->text, saved_rev, options->autosave);
	opening->text = NULL;
	return true;
}

static bool open_door(
	struct host *host, const struct host_options *options, struct state_room *room, char **why)
{
	struct ws_server_options door = {
		.address = options->address,
		.port = options->port ? options->port : room->port,
		.identity = &host->state.identity,
		.max_connections = host->room->limits.connections,
		.handshake_ms = (unsigned)host->room->limits.handshake_s * 1000,
	};
	const char *fault = NULL;

	host->door = ws_server_create(host->loop, &door, &door_handler, host, &fault);
	if (!host->door && !options->port && door.port) {
		door.port = 0;
		host->door = ws_server_create(host->loop, &door, &door_handler, host, &fault);
	}
	if (!host->door) {
		*why = report_sentence("cannot listen on %s port %u: %s. Choose another with "
				       "--listen ADDRESS:PORT",
			door.address, door.port, fault);
		return false;
	}
	room->port = ws_server_port(host->door);
	return true;
}

static bool start(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	if (!state_open(&host->state, options->state, why) ||
		!gate_open(&host->gate, &host->state, options->issuer, why) ||
		!open_file(host, options, opening, why) ||
		!choose_room(host, options, &opening->room, why) ||
		!open_store(host, options, opening->room.name, why) ||
		!fill_room(host, options, opening, why) ||
		!open_door(host, options, &opening->room, why) ||
		!state_remember(&host->state, host->path, &opening->room, why) ||
		!invites_note(host->gate.invites, opening->room.name, options->address, why))
		return false;
	gate_drop_old(&host->gate, (int64_t)time(NULL));
	host->presence = timer_make(host->loop, on_presence, host);
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
	host->lock = -1;
	host->address = mem_dup(options->address, strlen(options->address));
	started = start(host, options, &opening, why);
	workspace_fini(&opening.file);
	text_destroy(opening.text);
	if (started)
		return host;
	host_destroy(host);
	return NULL;
}

/* ---- for its owner ---- */

const char *host_room(const struct host *host)
{
	return host->room->name;
}

unsigned host_port(const struct host *host)
{
	return ws_server_port(host->door);
}

size_t host_people(const struct host *host)
{
	return room_here(host->room);
}

void host_on_end(struct host *host, void (*fn)(void *ctx, const char *why), void *ctx)
{
	host->on_end = fn;
	host->on_end_ctx = ctx;
}

static char *make_url(const struct host *host, enum role role, const char *address, int64_t seconds,
	struct invite *given)
{
	int64_t now = (int64_t)time(NULL);
	char reachable[ADDRESS_BYTES], *why = NULL, *url;
	struct gate_terms terms = {.room = host->room->name,
		.name = "",
		.role = role,
		.expires = now + seconds,
		.host = address ? address : reachable,
		.port = host_port(host)};

	address_reachable(host->address, reachable);
	url = gate_invite(&host->gate, &terms, now, given, &why);
	if (why)
		report_info("%s", why);
	free(why);
	return url;
}

char *host_url(const struct host *host, enum role role, const char *address)
{
	struct invite given;

	return make_url(host, role, address, HOST_TOKEN_SECONDS, &given);
}

char *host_own_url(struct host *host, const char *address)
{
	return make_url(host, ROLE_OWNER, address, LONG_SECONDS, &host->own);
}

bool host_reload(struct host *host, char **why)
{
	if (!state_read_secrets(&host->state, why) || !state_read_identity(&host->state, why))
		return false;
	if (!ws_server_set_identity(host->door, &host->state.identity))
		*why = report_sentence(
			"OpenSSL does not take the key or certificate in %s", host->state.dir);
	return !*why;
}

/* ---- stopping ---- */

static void drop_own_invite(struct host *host)
{
	char *why = NULL;

	if (*host->own.id)
		invites_revoke(host->gate.invites, host->own.id, (int64_t)time(NULL), &why);
	free(why);
}

void host_stop(struct host *host, const char *why, unsigned retry_ms)
{
	const char *code = retry_ms ? "restart" : "ended";
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(code), .text = str(why), .retry = retry_ms}};

	if (host->stopping)
		return;
	host->stopping = true;
	ws_server_stop_listening(host->door);
	room_send_others(host->room, NULL, &bye);
	for (size_t i = 0; i < host->room->people_count; i++) {
		void *to = host->room->people[i]->to;
		host->room->people[i]->to = NULL;
		if (to)
			session_close(to, 1001, code);
	}
	drop_own_invite(host);
	if (host->mirror)
		mirror_finish(host->mirror);
}

bool host_busy(const struct host *host)
{
	return ws_server_connections(host->door) > 0 || (host->mirror && mirror_busy(host->mirror));
}

static void close_store(struct host *host)
{
	char *why = NULL;

	if (host->mirror)
		mirror_wait(host->mirror);
	if (host->store && !store_close(host->store))
		report_error(
			"the newest edits could not be stored in %s. They are in the file, if that could be written",
			host->state.dir);
	if (host->mirror && host->stopping)
		why = mirror_finish_now(host->mirror);
	if (why)
		report_error("%s", why);
	free(why);
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	loop_off_turn(host->loop, on_turn, host);
	ws_server_destroy(host->door);
	timer_destroy(host->tick);
	timer_destroy(host->presence);
	close_store(host);
	mirror_destroy(host->mirror);
	room_destroy(host->room);
	if (host->lock >= 0)
		state_unlock_room(host->lock);
	gate_fini(&host->gate);
	state_close(&host->state);
	free(host->invited);
	free(host->path);
	free(host->address);
	free(host);
}
