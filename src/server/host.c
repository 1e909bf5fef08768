#include "src/server/host.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "net/issuer.h"
#include "net/listener.h"
#include "ot/mem.h"
#include "src/account.h"
#include "src/report.h"
#include "src/secrecy.h"
#include "src/server/archive.h"
#include "src/server/audit.h"
#include "src/server/doc.h"
#include "src/server/door.h"
#include "src/server/gate.h"
#include "src/server/keeping.h"
#include "src/server/local.h"
#include "src/server/mirror.h"
#include "src/server/naming.h"
#include "src/server/presence.h"
#include "src/server/room.h"
#include "src/server/session.h"
#include "src/server/state.h"
#include "src/server/store.h"
#include "src/server/workspace.h"

struct host {
	struct loop *loop;
	struct state state;
	struct gate gate;
	char *path; /* absolute; "" when there is no file */
	struct store *store;
	struct keeping keeping;
	int lock;
	struct room *room;
	struct doc *doc;
	struct mirror *mirror; /* NULL when there is no file */
	struct door door;
	struct local local;
	struct timer *tick, *presence;
	bool stopping;
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

static void keep_terms(void *ctx, uint64_t session_row, const char *token, enum role role)
{
	store_terms(((struct host *)ctx)->store, session_row, token, role_name[role]);
}

static void end_session(void *ctx, uint64_t session_row)
{
	store_end_session(((struct host *)ctx)->store, session_row);
}

static void keep_lock(void *ctx, bool locked)
{
	store_put(((struct host *)ctx)->store, "locked", locked ? "yes" : "no");
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
	return door_ban(&((struct host *)ctx)->door, person);
}

static bool invite(void *ctx, const struct room_invite *wanted, struct message *invited)
{
	return door_invite(&((struct host *)ctx)->door, wanted, invited);
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
	.keep_terms = keep_terms,
	.end_session = end_session,
	.keep_lock = keep_lock,
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

/* ---- the rhythm ---- */

static void on_presence(void *ctx)
{
	(void)ctx; /* the turn that follows shows it */
}

static void present(struct host *host)
{
	uint64_t wait_ms = presence_turn(host->room);

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
	sessions_flush(&host->door.sessions, batch, store_shown(host->store));
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

	door_tick(&host->door);
	room_tick(host->room);
	if (host->mirror && !host->stopping && !keeping_full(&host->keeping))
		mirror_tick(host->mirror);
	keeping_tick(&host->keeping, host->doc,
		host->mirror ? mirror_saved_rev(host->mirror) : UINT64_MAX);
}

/* ---- starting ---- */

static const struct store_handler store_handler = {.committed = on_committed, .failed = on_failed};

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

/* What a start has in its hands until the room has it. */
struct opening {
	struct workspace_file file;
	struct archive_file held;
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
	       workspace_open(options->path, false, &opening->file, &opening->held.text, why) &&
	       is_allowed(options, opening->held.text, why);
}

static bool load_document(struct host *host, struct opening *opening, char **why)
{
	char *copy = mem_dup(host->path, strlen(host->path));
	char *name = limits_utf8(*host->path ? basename(copy) : "scratch");

	opening->held.there = *host->path;
	host->doc = archive_document(host->store, host->room, name, &opening->held);
	if (!host->doc)
		*why = report_sentence(
			"the stored history of %s has a gap or is damaged: codecollab"
			" doctor --state %s says where",
			name, host->state.dir);
	free(name);
	free(copy);
	return host->doc != NULL;
}

/* The file of a document that is new; what has a history is brought back from that. */
static bool make_file(struct host *host, struct opening *opening, char **why)
{
	bool is_new = !opening->held.text;

	return !*host->path || !is_new || workspace_make(&opening->file, why);
}

static bool fill_room(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	host->room = archive_room(host->store, opening->room.name, &room_handler, host);
	host->keeping.room = host->room;
	if (options->limits)
		host->room->limits = *options->limits;
	if (!load_document(host, opening, why) || !make_file(host, opening, why))
		return false;
	host->doc->crlf = opening->file.crlf;
	if (!*host->path)
		return true;
	host->mirror = mirror_start(host->loop, host->store, host->room, host->doc, &opening->file,
		opening->held.text, opening->held.saved_rev, options->autosave);
	opening->held.text = NULL;
	return true;
}

static bool open_door(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	struct door_options door = {.address = options->address,
		.port = options->port,
		.usual = opening->room.port,
		.listener = opening->listener,
		.identity = &host->state.identity};

	host->door.gate = &host->gate;
	host->door.room = host->room;
	host->door.doc = host->doc;
	host->door.store = host->store;
	host->door.keeping = &host->keeping;
	opening->listener = 0;
	if (!door_open(&host->door, host->loop, &door, why))
		return false;
	opening->room.port = door_port(&host->door);
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
	       become(&account, why);
}

static bool start(
	struct host *host, const struct host_options *options, struct opening *opening, char **why)
{
	struct issuer *issuer;

	if (!prepare(options, opening, why) || !state_open(&host->state, options->state, why))
		return false;
	issuer = opening->issuer;
	opening->issuer = NULL;
	if (!gate_open(&host->gate, &host->state, issuer, why) ||
		!open_file(host, options, opening, why) ||
		!naming_room(&host->state, host->path, options->room, &opening->room, why) ||
		!open_store(host, options, opening->room.name, why) ||
		!fill_room(host, options, opening, why) ||
		!open_door(host, options, opening, why) ||
		!local_open(&host->local, &host->door, host->loop, &options->local, why) ||
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
	started = start(host, options, &opening, why);
	workspace_fini(&opening.file);
	text_destroy(opening.held.text);
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
	return host->room->name;
}

unsigned host_port(const struct host *host)
{
	return door_port(&host->door);
}

char *host_socket(const struct host *host)
{
	return local_path(&host->local);
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

char *host_url(const struct host *host, enum role role, const char *address)
{
	return door_url(&host->door, role, address, HOST_TOKEN_SECONDS);
}

char *host_own_url(const struct host *host, const char *address)
{
	return door_own_url(&host->door, address);
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

void host_stop(struct host *host, const char *why, unsigned retry_ms)
{
	const char *code = retry_ms ? "restart" : "ended";
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(code), .text = str(why), .retry = retry_ms}};

	if (host->stopping)
		return;
	host->stopping = true;
	door_shut(&host->door);
	local_shut(&host->local);
	room_send_others(host->room, NULL, &bye);
	for (size_t i = 0; i < host->room->people_count; i++) {
		void *to = host->room->people[i]->to;
		host->room->people[i]->to = NULL;
		if (to)
			session_close(to, 1001, code);
	}
	if (host->mirror)
		mirror_finish(host->mirror);
}

bool host_busy(const struct host *host)
{
	return ws_server_connections(host->door.server) > 0 ||
	       local_connections(&host->local) > 0 || (host->mirror && mirror_busy(host->mirror));
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
	local_close(&host->local);
	door_close(&host->door);
	timer_destroy(host->tick);
	timer_destroy(host->presence);
	close_store(host);
	mirror_destroy(host->mirror);
	room_destroy(host->room);
	if (host->lock >= 0)
		state_unlock_room(host->lock);
	gate_fini(&host->gate);
	state_close(&host->state);
	free(host->path);
	free(host);
}
