#include "src/server/local.h"

#include <dirent.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/json.h"
#include "net/local.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/runtime.h"
#include "src/server/person.h"

/* ---- who may come ---- */

static bool is_member(const struct local *local, int fd)
{
	return local->shared && local_peer_in(fd, local->group);
}

static bool knows(void *ctx, int fd)
{
	struct local_peer peer;

	return local_peer(fd, &peer) && (peer.uid == geteuid() || is_member(ctx, fd));
}

/* One's own user needs no name for what can be revoked: they could let themselves in again. */
static bool claim(const struct local *local, int fd, const char *room, struct claims *out)
{
	struct local_peer peer;

	*out = (struct claims){0};
	if (!local_peer(fd, &peer))
		return false;
	snprintf(out->room, sizeof(out->room), "%s", room);
	snprintf(out->sub, sizeof(out->sub), "uid:%u", (unsigned)peer.uid);
	out->role = peer.uid == geteuid() && !local->guests ? ROLE_OWNER : local->role;
	if (peer.uid != geteuid())
		snprintf(out->jti, sizeof(out->jti), "uid:%u", (unsigned)peer.uid);
	return peer.uid == geteuid() || is_member(local, fd);
}

static bool may_join(
	const struct local *local, const struct ws_request *request, struct claims *claims)
{
	return claim(local, request->fd, request->path + 1, claims) &&
	       !(*claims->jti && invites_revoked(local->door->gate->invites, claims->jti));
}

static int admit(void *ctx, const struct ws_request *request, void **session)
{
	struct local *local = ctx;
	struct door *door = local->door;
	const char *room = request->path + 1;
	struct chamber *chamber;
	struct claims claims;
	int status;

	if (local->chamber && strcmp(room, chamber_room(local->chamber)->name) != 0)
		return 404;
	if (!may_join(local, request, &claims))
		return 403;
	if (!request->has_codec)
		return 426;
	if (door->shut)
		return 503;
	status = house_enter(door->house, room, claims.role == ROLE_OWNER, &chamber);
	if (status == 0)
		*session = session_create(
			&chamber->sessions, &claims, request->codec, loop_now_ms(door->loop));
	return status;
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

/* ---- what is here ---- */

static void put_person(struct buf *out, const struct person *person)
{
	buf_add_str(out, "{\"name\":");
	json_put_str(out, str(person->name));
	buf_printf(out, ",\"role\":\"%s\"}", role_name[person->role]);
}

static void put_people(struct buf *out, const struct room *room)
{
	bool first = true;

	for (size_t i = 0; i < room->people_count; i++) {
		if (!room->people[i]->to)
			continue;
		buf_add_str(out, first ? "" : ",");
		put_person(out, room->people[i]);
		first = false;
	}
}

static void put_room(struct buf *out, const struct room *room)
{
	const char *file = room->document_count ? room->documents[0]->path : "";

	buf_printf(out, "%s{\"room\":\"%s\",\"file\":", out->len > 1 ? "," : "", room->name);
	json_put_str(out, str(file));
	buf_add_str(out, ",\"people\":[");
	put_people(out, room);
	buf_add_str(out, "]}");
}

/* A folder of rooms: those in memory are known better. */
static void put_resting(struct buf *out, const struct house *house)
{
	DIR *folder = opendir(house->folder);
	const struct dirent *entry;

	for (size_t i = 0; i < LOCAL_ROOMS_MAX && folder && (entry = readdir(folder)); i++)
		if (room_name_valid(entry->d_name, strlen(entry->d_name)) &&
			!house_find(house, entry->d_name))
			buf_printf(out, "%s{\"room\":\"%s\",\"file\":\"\",\"people\":[]}",
				out->len > 1 ? "," : "", entry->d_name);
	if (folder)
		closedir(folder);
}

static void put_rooms(struct buf *out, const struct house *house)
{
	size_t most = LOCAL_ROOMS_MAX;

	for (const struct chamber *c = house->first; c && most--; c = c->next)
		put_room(out, chamber_room(c));
	if (house->folder)
		put_resting(out, house);
}

/* Whoever was banned is told of none. */
static int get(void *ctx, const struct ws_request *request, struct buf *body)
{
	const struct local *local = ctx;
	struct claims claims;

	if (strcmp(request->path, "/rooms") != 0)
		return 404;
	buf_add_byte(body, '[');
	if (may_join(local, request, &claims))
		put_rooms(body, local->door->house);
	buf_add_str(body, "]\n");
	return 200;
}

static const struct ws_server_handler handler = {
	.knows = knows,
	.admit = admit,
	.opened = conn_opened,
	.frame = conn_frame,
	.closed = conn_closed,
	.rtt = conn_rtt,
	.get = get,
};

/* ---- opening and closing ---- */

static bool find_group(struct local *local, const struct local_options *options, char **why)
{
	const struct group *group = options->group ? getgrnam(options->group) : NULL;

	local->role = options->role;
	local->shared = options->group;
	if (options->group && !group)
		*why = report_sentence("--socket-group %s: there is no such group", options->group);
	local->group = group ? group->gr_gid : 0;
	return !*why;
}

static bool find_place(struct local *local, const struct local_options *options, char **why)
{
	if (!find_group(local, options, why))
		return false;
	local->dir = local->shared ? runtime_shared(options->dir, local->group, why)
				   : runtime_own(options->dir, why);
	local->guests = options->guests;
	local->name = local->chamber ? report_sentence("%s%s", local->guests ? ".guests-" : "",
					       chamber_room(local->chamber)->name)
				     : report_sentence("rooms-%ld", (long)getpid());
	return local->dir;
}

static bool serve(struct local *local, struct loop *loop, int fd, const char **fault)
{
	const struct limits *limits = &local->door->house->service.limits;
	struct ws_server_options listens = {.listener = fd,
		.max_message = limits->message_bytes,
		.max_connections = limits->connections,
		.handshake_ms = (unsigned)limits->handshake_s * 1000};

	local->server = ws_server_create(loop, &listens, &handler, local, fault);
	local->door->beside[local->guests] = local->server;
	return local->server;
}

static bool open_socket(struct local *local, struct loop *loop, char **why)
{
	struct local_access access = {local->shared, local->group};
	const char *fault = NULL;
	int fd;

	local_sweep(local->dir);
	fd = local_listen(local->dir, local->name, &access, &local->lock, &fault);
	if (fd < 0)
		local->lock = -1;
	if (fd >= 0 && serve(local, loop, fd, &fault))
		return true;
	*why = local->shared && !group_member(local->group)
		       ? report_sentence("you are not in the group of --socket-group: only one that"
					 " you are in can join")
		       : report_sentence("no local socket in %s: %s", local->dir, fault);
	return false;
}

bool local_open(struct local *local, struct door *door, struct chamber *chamber, struct loop *loop,
	const struct local_options *options, char **why)
{
	bool opened;

	*local = (struct local){.door = door, .chamber = chamber, .lock = -1};
	if (options->off)
		return true;
	opened = find_place(local, options, why) && open_socket(local, loop, why);
	if (opened || options->dir || options->group || options->guests)
		return opened;
	report_info("%s", *why);
	free(*why);
	*why = NULL;
	local_close(local);
	return true;
}

char *local_path(const struct local *local)
{
	return local->server ? report_sentence("%s/%s%s", local->dir, local->name, LOCAL_SUFFIX)
			     : NULL;
}

size_t local_connections(const struct local *local)
{
	return local->server ? ws_server_connections(local->server) : 0;
}

/* The socket's name goes before the last guest, so that nobody new finds it. */
void local_shut(struct local *local)
{
	if (local->server)
		ws_server_stop_listening(local->server);
	if (local->name && local->lock >= 0)
		local_remove(local->dir, local->name, local->lock);
	local->lock = -1;
}

void local_close(struct local *local)
{
	local_shut(local);
	if (local->server)
		local->door->beside[local->guests] = NULL;
	ws_server_destroy(local->server);
	free(local->dir);
	free(local->name);
	*local = (struct local){.lock = -1};
}
