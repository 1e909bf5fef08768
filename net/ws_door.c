#include "net/ws_door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/local.h"
#include "net/origin.h"
#include "ot/mem.h"

#define ACCEPTS_A_TURN 64
#define PAUSE_MS       100
#define ROOM_MS        20   /* until it is looked again whether there is room */
#define YOUNG_MS       1000 /* who came since then is not sent away to make room */
#define LANES          64   /* that addresses are spread over */

#define RECORD_HEAD_BYTES 5     /* RFC 8446, 5.1 */
#define RECORD_MAX_BYTES  16384 /* of a handshake record in the clear */
#define RECORD_HANDSHAKE  22

struct visitor;

struct queue {
	struct visitor *first, *last;
};

struct visitor {
	struct ws_door *door;
	struct visitor *next, *prev; /* in its queue, oldest first */
	struct queue *queue;
	int fd;
	struct watch *watch; /* NULL once its hello is whole */
	bool heralded;       /* whom they come for is still to be said */
	int awaits;          /* so many bytes wake us; 0: the first */
	uint64_t since_ms;
	unsigned lane;
	char peer[INET6_ADDRSTRLEN];
};

struct ws_door {
	struct loop *loop;
	const struct ws_door_handler *handler;
	void *ctx;
	bool tls;
	struct networks proxies;
	unsigned handshake_ms;
	int fd;
	struct watch *watch;
	int most_fd; /* descriptors from there on are not for who comes */
	struct timer *reopen, *sweep, *room;
	struct queue outside;      /* their hello is not whole */
	struct queue lanes[LANES]; /* it is */
	unsigned lane;             /* whose turn is next */
	size_t visitors, ready;
};

/* ---- queues ---- */

static void join(struct queue *queue, struct visitor *visitor)
{
	visitor->queue = queue;
	visitor->next = NULL;
	visitor->prev = queue->last;
	if (queue->last)
		queue->last->next = visitor;
	else
		queue->first = visitor;
	queue->last = visitor;
}

static void leave(struct visitor *visitor)
{
	struct queue *queue = visitor->queue;

	if (visitor->next)
		visitor->next->prev = visitor->prev;
	else
		queue->last = visitor->prev;
	if (visitor->prev)
		visitor->prev->next = visitor->next;
	else
		queue->first = visitor->next;
}

/* Forgets it; its descriptor is the caller's. */
static void forget(struct visitor *visitor)
{
	struct ws_door *door = visitor->door;

	leave(visitor);
	watch_destroy(visitor->watch);
	door->visitors--;
	door->ready -= !visitor->watch;
	free(visitor);
}

static void send_away(struct visitor *visitor, int status)
{
	struct ws_door *door = visitor->door;

	door->handler->failed(door->ctx, visitor->peer, status);
	close(visitor->fd);
	forget(visitor);
}

/* ---- who they are ---- */

static void name_local(int fd, char *out, size_t cap)
{
	struct local_peer peer;
	if (local_peer(fd, &peer))
		snprintf(out, cap, "local:%u", (unsigned)peer.uid);
	else
		snprintf(out, cap, "local");
}

static void name_address(
	const struct sockaddr_storage *address, socklen_t len, char *out, size_t cap)
{
	static const char mapped[] = "::ffff:";
	char name[NI_MAXHOST];
	if (getnameinfo((const struct sockaddr *)address, len, name, sizeof(name), NULL, 0,
		    NI_NUMERICHOST))
		name[0] = '\0';
	bool is_mapped = strncmp(name, mapped, strlen(mapped)) == 0 && strchr(name, '.');
	const char *from = name + (is_mapped ? strlen(mapped) : 0);
	size_t width = strnlen(from, cap - 1);
	memcpy(out, from, width);
	out[width] = '\0';
}

/* Of an IPv6 address its network counts: hosts are free to be had there. FNV-1a (Fowler, Noll & Vo 1991). */
static unsigned lane_of(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	bool is_v6 = address->ss_family == AF_INET6;
	bool mapped = is_v6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
	const unsigned char *at = is_v6 ? v6->sin6_addr.s6_addr + (mapped ? 12 : 0)
					: (const unsigned char *)&v4->sin_addr;
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < (is_v6 && !mapped ? 8 : 4); i++)
		hash = (hash ^ at[i]) * 16777619U;
	return (hash ^ hash >> 16) % LANES;
}

static void name(struct visitor *visitor, const struct sockaddr_storage *from, socklen_t len)
{
	visitor->lane = lane_of(from);
	if (from->ss_family == AF_UNIX)
		name_local(visitor->fd, visitor->peer, sizeof(visitor->peer));
	else
		name_address(from, len, visitor->peer, sizeof(visitor->peer));
}

/* ---- the first record ---- */

enum sight { SEES_NONE, SEES_WRONG, SEES_PART, SEES_ALL };

static bool is_leaving(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0;
}

static enum sight await(struct visitor *visitor, int bytes)
{
	visitor->awaits = bytes;
	setsockopt(visitor->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
	return SEES_PART;
}

/* Bytes of the whole record; as far as it can be known from those that are here. 0: it is none. */
static int record_bytes(const unsigned char *head, size_t have)
{
	int len = have < RECORD_HEAD_BYTES ? 0 : head[3] << 8 | head[4];

	if (head[0] != RECORD_HANDSHAKE || (have > 1 && head[1] != 3))
		return 0;
	if (have < RECORD_HEAD_BYTES)
		return RECORD_HEAD_BYTES;
	return len && len <= RECORD_MAX_BYTES ? RECORD_HEAD_BYTES + len : 0;
}

/* Nothing is read past the header: what follows is for TLS. */
static enum sight look_for_herald(struct visitor *visitor)
{
	struct sockaddr_storage from;
	char header[ORIGIN_MAX_BYTES];
	ssize_t n = recv(visitor->fd, header, sizeof(header), MSG_PEEK);
	size_t used = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return SEES_PART;
	if (n <= 0)
		return SEES_NONE;
	switch (origin_read(header, (size_t)n, &used, &from)) {
	case ORIGIN_NONE: return SEES_WRONG;
	case ORIGIN_PART:
		return visitor->awaits > n && is_leaving(visitor->fd) ? SEES_NONE
								      : await(visitor, (int)n + 1);
	case ORIGIN_ALL: break;
	}
	if (recv(visitor->fd, header, used, 0) != (ssize_t)used)
		return SEES_NONE;
	if (from.ss_family != AF_UNSPEC)
		name(visitor, &from, sizeof(from));
	visitor->heralded = false;
	await(visitor, 1);
	return SEES_ALL;
}

static enum sight look(struct visitor *visitor)
{
	unsigned char head[RECORD_HEAD_BYTES];
	ssize_t n = recv(visitor->fd, head, sizeof(head), MSG_PEEK);
	int want, have = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return SEES_PART;
	if (n <= 0)
		return SEES_NONE;
	if (!visitor->door->tls)
		return SEES_ALL;
	want = record_bytes(head, (size_t)n);
	if (!want || ioctl(visitor->fd, FIONREAD, &have))
		return SEES_NONE;
	if (have >= want)
		return SEES_ALL;
	if (want ==
		visitor->awaits) /* woken before that: it will not come, or the kernel cannot keep so much */
		return is_leaving(visitor->fd) ? SEES_NONE : SEES_ALL;
	return await(visitor, want);
}

static void make_ready(struct visitor *visitor)
{
	struct ws_door *door = visitor->door;

	leave(visitor);
	watch_destroy(visitor->watch);
	visitor->watch = NULL;
	setsockopt(visitor->fd, SOL_SOCKET, SO_RCVLOWAT, &(int){1}, sizeof(int));
	join(&door->lanes[visitor->lane], visitor);
	door->ready++;
}

static void on_visitor(void *ctx, bool readable, bool writable)
{
	struct visitor *visitor = ctx;

	(void)readable, (void)writable;
	enum sight seen = visitor->heralded ? look_for_herald(visitor) : SEES_ALL;
	if (seen == SEES_ALL)
		seen = look(visitor);
	switch (seen) {
	case SEES_NONE: send_away(visitor, 0); break;
	case SEES_WRONG: send_away(visitor, 400); break;
	case SEES_PART: break;
	case SEES_ALL: make_ready(visitor); break;
	}
}

/* ---- coming ---- */

/* The one who has been outside for longest, to make room. false: nobody has been for long. */
static bool send_oldest_away(struct ws_door *door)
{
	struct visitor *oldest = door->outside.first;

	if (!oldest || loop_now_ms(door->loop) - oldest->since_ms < YOUNG_MS)
		return false;
	send_away(oldest, 408);
	return true;
}

static void set_sweep(struct ws_door *door)
{
	unsigned every = door->handshake_ms / 4;
	every = every < 1 ? 1 : every > 1000 ? 1000 : every;
	timer_set(door->sweep, every, every);
}

static void receive(
	struct ws_door *door, int fd, const struct sockaddr_storage *from, socklen_t len)
{
	struct visitor *visitor = mem_alloc(sizeof(*visitor));

	visitor->door = door;
	visitor->fd = fd;
	visitor->since_ms = loop_now_ms(door->loop);
	name(visitor, from, len);
	visitor->heralded = networks_have(&door->proxies, visitor->peer);
	visitor->watch = watch_create(door->loop, fd, on_visitor, visitor);
	join(&door->outside, visitor);
	if (!door->visitors++)
		set_sweep(door);
	if (visitor->watch)
		watch_set(visitor->watch, true, false);
	else
		make_ready(visitor);
}

/* The one waiting at a full table stays waiting, and would wake us for ever. */
static void pause_door(struct ws_door *door)
{
	watch_set(door->watch, false, false);
	timer_set(door->reopen, PAUSE_MS, 0);
}

static bool is_full_table(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Is there a descriptor for one more, and are some left for what else a server opens: the file to be saved above all? */
static bool has_descriptor(const struct ws_door *door)
{
	int fd = fcntl(door->fd, F_DUPFD_CLOEXEC, 0); /* the lowest that is free */

	if (fd >= 0)
		close(fd);
	return fd >= 0 && fd < door->most_fd;
}

static void on_door(void *ctx, bool readable, bool writable)
{
	struct ws_door *door = ctx;
	(void)readable, (void)writable;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof(from);
		if ((door->visitors >= WS_DOOR_WAITING || !has_descriptor(door)) &&
			!send_oldest_away(door)) {
			pause_door(door);
			return;
		}
		int fd = accept4(
			door->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			receive(door, fd, &from, len);
		} else if (is_full_table(errno) && !send_oldest_away(door)) {
			pause_door(door);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static void on_reopen(void *ctx)
{
	watch_set(((struct ws_door *)ctx)->watch, true, false);
}

/* Only those whose hello is not whole: the others wait for us. */
static void on_sweep(void *ctx)
{
	struct ws_door *door = ctx;
	uint64_t now_ms = loop_now_ms(door->loop);
	struct visitor *oldest;

	while ((oldest = door->outside.first) && now_ms - oldest->since_ms >= door->handshake_ms)
		send_away(oldest, 408);
	if (!door->visitors)
		timer_stop(door->sweep);
}

/* ---- going in ---- */

static struct visitor *next_ready(struct ws_door *door)
{
	for (unsigned i = 0; i < LANES; i++) {
		struct queue *lane = &door->lanes[door->lane++ % LANES];
		if (lane->first)
			return lane->first;
	}
	return NULL;
}

static void on_room(void *ctx)
{
	(void)ctx; /* the turn that follows looks */
}

bool ws_door_turn(struct ws_door *door, size_t room)
{
	size_t most = room < WS_DOOR_ENTER ? room : WS_DOOR_ENTER, count = 0;
	struct visitor *visitor;

	while (door->ready && count < most && (visitor = next_ready(door))) {
		struct visitor in = *visitor;
		forget(visitor);
		door->handler->enter(door->ctx, in.fd, in.peer);
		count++;
	}
	if (door->ready && !count)
		timer_set(door->room, ROOM_MS, 0);
	return count > 0;
}

/* ---- opening and closing ---- */

static int most_fd(void)
{
	struct rlimit files;
	rlim_t spare = WS_DOOR_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur > INT_MAX)
		return INT_MAX;
	if (spare > files.rlim_cur / 4)
		spare = files.rlim_cur / 4;
	return (int)(files.rlim_cur - spare);
}

struct ws_door *ws_door_create(struct loop *loop, const struct ws_door_options *options,
	const struct ws_door_handler *handler, void *ctx)
{
	struct ws_door *door = mem_alloc(sizeof(*door));
	door->loop = loop;
	door->handler = handler;
	door->ctx = ctx;
	door->tls = options->tls;
	door->proxies = options->proxies;
	door->handshake_ms = options->handshake_ms;
	door->fd = options->listener;
	door->most_fd = most_fd();
	door->reopen = timer_make(loop, on_reopen, door);
	door->sweep = timer_make(loop, on_sweep, door);
	door->room = timer_make(loop, on_room, door);
	door->watch = watch_create(loop, door->fd, on_door, door);
	if (door->watch) {
		watch_set(door->watch, true, false);
		return door;
	}
	ws_door_destroy(door);
	return NULL;
}

static void close_queue(struct queue *queue)
{
	while (queue->first) {
		close(queue->first->fd);
		forget(queue->first);
	}
}

void ws_door_destroy(struct ws_door *door)
{
	if (!door)
		return;
	close_queue(&door->outside);
	for (unsigned i = 0; i < LANES; i++)
		close_queue(&door->lanes[i]);
	watch_destroy(door->watch);
	timer_destroy(door->reopen);
	timer_destroy(door->sweep);
	timer_destroy(door->room);
	close(door->fd);
	free(door);
}
