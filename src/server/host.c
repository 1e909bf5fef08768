#include "src/server/host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
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
#include "src/server/doc.h"
#include "src/server/room.h"
#include "src/server/session.h"
#include "src/server/state.h"
#include "src/server/store.h"
#include "src/server/workspace.h"

struct host {
	struct loop *loop;
	struct state state;
	char *path; /* absolute; "" when there is no file */
	char *address;
	struct store *store;
	int lock;
	struct workspace_file file;
	bool has_file, autosave;
	struct room *room;
	struct doc *document;
	struct sessions sessions;
	struct ws_server *door;
	struct timer *tick, *save_timer;
	bool saving, save_again;
	uint64_t saving_rev, saving_hash, saved_rev;
	uint64_t unsaved_since_ms; /* 0: the file has it all */
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

/* ---- the file ---- */

static void warn(struct host *host, const char *what)
{
	report_info("%s", what);
	room_warn(host->room, what);
}

/* Put what somebody else wrote into the file into the text. false: it cannot be had, or not yet. */
static bool merge_from_disk(struct host *host)
{
	struct text *disk = NULL, *base;
	char *why = NULL;
	struct op change;
	bool was_there = host->file.exists;

	base = store_text_at(host->store, host->document->doc, host->saved_rev);
	if (!base)
		return false;
	if (!workspace_read_again(&host->file, &disk, &why)) {
		warn(host, why);
		free(why);
		text_destroy(base);
		return false;
	}
	change = op_diff(base, disk);
	if ((host->file.exists || !was_there) && !op_is_identity(&change)) {
		report_info("%s was changed outside; the change is merged", host->path);
		room_merge(host->room, host->document, host->saved_rev, &change);
	}
	op_fini(&change);
	text_destroy(base);
	text_destroy(disk);
	return true;
}

static void start_save(struct host *host);

static void saved(void *ctx, const char *why)
{
	struct host *host = ctx;

	host->saving = false;
	if (why) {
		warn(host, why);
		timer_set(host->save_timer, HOST_SAVE_LATEST_MS, 0);
		return;
	}
	host->saved_rev = host->saving_rev;
	host->unsaved_since_ms =
		log_rev(host->document->log) == host->saved_rev ? 0 : loop_now_ms(host->loop);
	store_saved(host->store, host->document->doc, host->saving_rev, host->saving_hash);
	room_saved(host->room, host->document, host->saving_rev);
	if (host->save_again)
		start_save(host);
}

static void start_save(struct host *host)
{
	const struct text *text = log_text(host->document->log);

	if (!host->has_file || host->stopping)
		return;
	host->save_again = host->saving;
	if (host->saving)
		return;
	if (workspace_changed(&host->file) && !merge_from_disk(host)) {
		timer_set(host->save_timer, HOST_SAVE_MS, 0);
		return;
	}
	host->saving = true;
	host->saving_rev = log_rev(host->document->log);
	host->saving_hash = text_hash(text);
	workspace_save(&host->file, host->loop, text, saved, host);
}

static void save_now_due(void *ctx)
{
	start_save(ctx);
}

static void save(void *ctx, struct doc *document, uint64_t user)
{
	(void)document;
	(void)user;
	start_save(ctx);
}

static void edited(void *ctx, struct doc *document)
{
	struct host *host = ctx;
	uint64_t now = loop_now_ms(host->loop), waited, after = HOST_SAVE_MS;

	if (log_rev(document->log) % STORE_SNAPSHOT_EVERY == 0)
		store_snapshot(host->store, document->doc, log_rev(document->log),
			log_text(document->log));
	if (!host->unsaved_since_ms)
		host->unsaved_since_ms = now;
	waited = now - host->unsaved_since_ms;
	if (waited + after > HOST_SAVE_LATEST_MS)
		after = waited < HOST_SAVE_LATEST_MS ? HOST_SAVE_LATEST_MS - waited : 1;
	if (host->autosave && host->has_file && host->save_timer)
		timer_set(host->save_timer, after, 0);
}

static const struct room_handler room_handler = {
	.send = session_send,
	.close = session_close,
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
	.now_ms = now_ms,
	.unix_ms = unix_ms,
	.random = random_bytes,
};

/* ---- the door ---- */

/* The HTTP status that a faulty token is refused with. */
static int fault_status(enum token_fault fault)
{
	return fault == TOKEN_OTHER_ROOM ? 403 : 401;
}

static int admit(void *ctx, const struct ws_request *request, void **session)
{
	struct host *host = ctx;
	struct claims claims;
	enum token_fault fault;

	if (!*request->token)
		return 401;
	fault = token_verify(&host->state.secret, request->token, strlen(request->token), NULL,
		(int64_t)time(NULL), &claims);
	if (fault) {
		report_info("refused %s: %s", request->peer, token_fault_text(fault));
		return fault_status(fault);
	}
	if (request->path[0] != '/' || strcmp(request->path + 1, host->room->name) != 0)
		return 404;
	if (strcmp(claims.room, "*") != 0 && strcmp(claims.room, host->room->name) != 0)
		return 403;
	if (!request->has_codec)
		return 426;
	if (host->stopping)
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

static void conn_closed(void *session)
{
	session_closed(session);
}

static void conn_rtt(void *session, unsigned ms)
{
	session_rtt(session, ms);
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
	buf_printf(body,
		"# TYPE codecollab_connections gauge\ncodecollab_connections %zu\n"
		"# TYPE codecollab_people gauge\ncodecollab_people %zu\n"
		"# TYPE codecollab_revision counter\ncodecollab_revision %llu\n",
		ws_server_connections(host->door), host->room->people_count,
		(unsigned long long)log_rev(host->document->log));
	return 200;
}

static const struct ws_server_handler door_handler = {
	.admit = admit,
	.opened = conn_opened,
	.frame = conn_frame,
	.closed = conn_closed,
	.rtt = conn_rtt,
	.get = get,
};

/* ---- the rhythm ---- */

static void on_turn(void *ctx)
{
	struct host *host = ctx;
	uint64_t batch = store_turn(host->store), stored = store_committed(host->store);

	if (stored == batch)
		host->document->stored_rev = log_rev(host->document->log);
	sessions_flush(&host->sessions, batch, stored);
}

static void on_committed(void *ctx, uint64_t batch)
{
	(void)ctx;
	(void)batch; /* the turn that follows lets the outboxes go */
}

static void on_failed(void *ctx, const char *sentence)
{
	struct host *host = ctx;
	char *text = report_sentence("Nothing is being stored: %s", sentence);

	report_info("%s", text);
	if (host->room)
		room_warn(host->room, text);
	free(text);
}

static void on_tick(void *ctx)
{
	struct host *host = ctx;

	room_tick(host->room);
	sessions_tick(&host->sessions, loop_now_ms(host->loop));
	if (host->has_file && !host->saving && !host->stopping && workspace_changed(&host->file))
		merge_from_disk(host);
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

static bool open_store(struct host *host, const char *name, char **why)
{
	char *dir = state_lock_room(&host->state, name, &host->lock, why), *path;

	if (!dir)
		return false;
	path = report_sentence("%s/room.db", dir);
	host->store = store_open(host->loop, path, &store_handler, host, why);
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
	host->sessions.room = host->room;
	free(epoch);
	free(next);
}

static bool replay(void *ctx, const struct store_edit *edit)
{
	struct op op = op_copy(&edit->op);

	return log_replay(ctx, edit->user, edit->seq, &op) == ERR_NONE;
}

/* The log of a document of before, from the revision that the file held. */
static struct log *load_log(struct host *host, const struct store_document *kept)
{
	struct text *text = store_text_at(host->store, kept->doc, kept->saved_rev);
	struct log *log;

	if (!text)
		return NULL;
	log = log_create(text, kept->saved_rev);
	if (store_edits(host->store, kept->doc, kept->saved_rev, kept->newest, replay, log))
		return log;
	log_destroy(log);
	return NULL;
}

static void recall_said(void *ctx, const struct msg_said *said)
{
	room_recall(ctx, said);
}

/* Bring together what the store and the file hold; takes `disk`. */
static bool load_document(struct host *host, struct text *disk, char **why)
{
	char *copy = mem_dup(host->path, strlen(host->path));
	const char *name = *host->path ? basename(copy) : "scratch";
	struct store_document kept;
	struct log *log;
	uint64_t doc;

	if (!store_document(host->store, name, &kept)) {
		doc = store_add_document(host->store, name, disk);
		log = log_create(disk, 0);
	} else {
		doc = kept.doc;
		host->saved_rev = kept.saved_rev;
		log = load_log(host, &kept);
		store_document_fini(&kept);
	}
	if (log) {
		host->document = room_add_document(host->room, doc, name, log);
		host->document->crlf = host->file.crlf;
		store_chat_recent(host->store, LIMIT_CHAT_RECENT, recall_said, host->room);
	} else {
		*why = report_sentence("the stored history of %s has a gap or is damaged", name);
	}
	if (log && disk != log_text(log)) {
		struct text *base =
			host->has_file ? store_text_at(host->store, doc, host->saved_rev) : NULL;
		struct op change = base ? op_diff(base, disk) : (struct op){0};
		if (!op_is_identity(&change))
			room_merge(host->room, host->document, host->saved_rev, &change);
		op_fini(&change);
		text_destroy(base);
	}
	if (!log || disk != log_text(log))
		text_destroy(disk);
	free(copy);
	return log != NULL;
}

static bool open_file(
	struct host *host, const struct host_options *options, struct text **text, char **why)
{
	if (!options->path) {
		host->path = mem_dup("", 0);
		*text = text_create();
		return true;
	}
	host->path = absolute_path(options->path, why);
	if (!host->path || !workspace_open(options->path, true, &host->file, text, why))
		return false;
	return host->has_file = true;
}

static bool open_door(
	struct host *host, const struct host_options *options, struct state_room *room, char **why)
{
	struct ws_server_options door = {
		.address = options->address,
		.port = options->port ? options->port : room->port,
		.identity = &host->state.identity,
		.max_connections = LIMIT_CONNECTIONS,
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

static bool start(struct host *host, const struct host_options *options, char **why)
{
	struct state_room room;
	struct text *text = NULL;

	if (!state_open(&host->state, options->state, why) || !open_file(host, options, &text, why))
		return false;
	if (!choose_room(host, options, &room, why) || !open_store(host, room.name, why)) {
		text_destroy(text);
		return false;
	}
	make_room(host, room.name);
	if (!load_document(host, text, why) || !open_door(host, options, &room, why))
		return false;
	if (!state_remember(&host->state, host->path, &room, why))
		return false;
	host->save_timer = timer_make(host->loop, save_now_due, host);
	host->tick = timer_make(host->loop, on_tick, host);
	timer_set(host->tick, 1000, 1000);
	loop_on_turn(host->loop, on_turn, host);
	if (log_rev(host->document->log) != host->saved_rev)
		edited(host, host->document);
	return true;
}

struct host *host_start(struct loop *loop, const struct host_options *options, char **why)
{
	struct host *host = mem_alloc(sizeof(*host));

	*why = NULL;
	host->loop = loop;
	host->lock = -1;
	host->autosave = options->autosave;
	host->address = mem_dup(options->address, strlen(options->address));
	if (start(host, options, why))
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

size_t host_connections(const struct host *host)
{
	return ws_server_connections(host->door);
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

/* An address of this machine that others may reach: the first that is up and not loopback, IPv4 first. */
static void reachable_address(char *out, size_t cap)
{
	struct ifaddrs *all = NULL;

	snprintf(out, cap, "127.0.0.1");
	if (getifaddrs(&all) != 0)
		return;
	for (int family = AF_INET6; family; family = family == AF_INET6 ? AF_INET : 0)
		for (struct ifaddrs *a = all; a; a = a->ifa_next) {
			if (!a->ifa_addr || a->ifa_addr->sa_family != family ||
				(a->ifa_flags & IFF_LOOPBACK) || !(a->ifa_flags & IFF_UP))
				continue;
			const struct sockaddr_in6 *six = (const void *)a->ifa_addr;
			if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
				continue;
			const void *bytes =
				family == AF_INET6
					? (const void *)&six->sin6_addr
					: &((const struct sockaddr_in *)(const void *)a->ifa_addr)
						   ->sin_addr;
			inet_ntop(family, bytes, out, (socklen_t)cap);
		}
	freeifaddrs(all);
}

char *host_url(const struct host *host, enum role role, const char *address)
{
	struct url url = {.tls = true, .port = host_port(host)};
	struct claims claims = {.role = role, .issued = time(NULL)};
	unsigned char random[12];
	char *token, *out;

	claims.expires = claims.issued + HOST_TOKEN_SECONDS;
	random_bytes(NULL, random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(claims.jti + 2 * i, 3, "%02x", random[i]);
	snprintf(claims.room, sizeof(claims.room), "%s", host->room->name);
	snprintf(claims.sub, sizeof(claims.sub), "%s", role_name[role]);
	token = token_mint(&host->state.secret, &claims);
	if (address)
		snprintf(url.host, sizeof(url.host), "%s", address);
	else if (strcmp(host->address, "::") == 0 || strcmp(host->address, "0.0.0.0") == 0)
		reachable_address(url.host, sizeof(url.host));
	else
		snprintf(url.host, sizeof(url.host), "%s", host->address);
	snprintf(url.room, sizeof(url.room), "%s", host->room->name);
	snprintf(url.token, sizeof(url.token), "%s", token);
	snprintf(url.pin, sizeof(url.pin), "%s", host->state.identity.pin);
	out = url_format(&url);
	free(token);
	return out;
}

/* ---- stopping ---- */

static void save_at_exit(struct host *host)
{
	char *why;

	if (!host->has_file || !host->autosave || log_rev(host->document->log) == host->saved_rev)
		return;
	if (workspace_changed(&host->file))
		merge_from_disk(host);
	why = workspace_save_now(&host->file, log_text(host->document->log));
	if (why)
		report_error("%s", why);
	else
		store_saved(host->store, host->document->doc, log_rev(host->document->log),
			text_hash(log_text(host->document->log)));
	free(why);
}

void host_stop(struct host *host, const char *why, unsigned retry_ms)
{
	struct message bye = {.type = MSG_BYE,
		.bye = {.code = str(retry_ms ? "restart" : "ended"),
			.text = str(why),
			.retry = retry_ms}};

	if (host->stopping)
		return;
	ws_server_stop_listening(host->door);
	room_send_others(host->room, NULL, &bye);
	for (size_t i = 0; i < host->room->people_count; i++) {
		void *to = host->room->people[i]->to;
		host->room->people[i]->to = NULL;
		if (to)
			session_close(to, 1001, retry_ms ? "restart" : "ended");
	}
	if (!host->saving)
		save_at_exit(host);
	host->stopping = true;
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	loop_off_turn(host->loop, on_turn, host);
	ws_server_destroy(host->door);
	timer_destroy(host->tick);
	timer_destroy(host->save_timer);
	if (host->stopping && host->document)
		save_at_exit(host);
	if (host->store)
		store_close(host->store);
	room_destroy(host->room);
	workspace_fini(&host->file);
	if (host->lock >= 0)
		state_unlock_room(host->lock);
	state_close(&host->state);
	free(host->path);
	free(host->address);
	free(host);
}
