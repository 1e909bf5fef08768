#include "tests/faults/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tests/laws/choice.h"

#define TICK_MS         1
#define LATE_MS         30    /* at most, each way */
#define DRIBBLE         64    /* bytes a tick, each sent alone */
#define HANDSHAKE       2500  /* a fate within so many bytes strikes before the first message */
#define LIFE            1500  /* a fate strikes within so many bytes */
#define LINE_BUFFER     8192  /* of a socket before a slow line */
#define HELD            65536 /* bytes on their way in one direction; beyond it the sender waits */
#define READ_BYTES      16384
#define DRIBBLED_ONE_IN 4

const char *const proxy_fate_name[FATES] = {
	"none", "reset", "closed", "client lost", "server lost", "swallowed"};

enum end { CLIENT, SERVER, ENDS };

/* Bytes that arrived together leave together, late_ms after. */
struct flight {
	uint64_t due_ms;
	size_t len;
};

struct link;

/* One end of a link, and the bytes on their way to it. */
struct side {
	struct link *link;
	int fd; /* -1: gone */
	struct watch *watch;
	bool deaf; /* what it says is swallowed, and it hears nothing */
	bool read; /* its last byte was */
	struct buf bytes;
	struct flight *flights;
	size_t first, count, cap;
	size_t passed; /* bytes that ever came for it */
};

struct link {
	struct proxy *proxy;
	struct link *next;
	size_t number;
	struct side side[ENDS];
	uint64_t late_ms;
	bool dribbles;
	enum proxy_fate fate;
	enum end to; /* the direction whose bytes count */
	size_t after;
};

struct proxy {
	struct loop *loop;
	uint64_t seed;
	int fd;
	unsigned port, server_port;
	struct watch *door;
	struct timer *tick;
	bool cruel;
	uint64_t storms;                  /* how often it became cruel */
	unsigned line_late_ms, line_rate; /* 0: a line without bounds */
	double free_ms[ENDS];             /* when the line has carried all that was given to it */
	struct link *links;
	size_t begun, met[FATES], passed[ENDS];
};

/* ---- ends ---- */

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};
}

static void hang_up(struct side *side, bool reset)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (side->fd < 0)
		return;
	if (reset)
		setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	watch_destroy(side->watch);
	side->watch = NULL;
	close(side->fd);
	side->fd = -1;
	buf_clear(&side->bytes);
	side->first = side->count = 0;
}

static void hang_up_both(struct link *link, bool reset)
{
	hang_up(&link->side[CLIENT], reset);
	hang_up(&link->side[SERVER], reset);
}

static struct side *other(struct side *side)
{
	return side == &side->link->side[CLIENT] ? &side->link->side[SERVER]
						 : &side->link->side[CLIENT];
}

static void lose(struct link *link, enum end lost)
{
	link->side[ENDS - 1 - lost].deaf = true;
	hang_up(&link->side[lost], true);
}

static void meet_fate(struct link *link)
{
	enum proxy_fate fate = link->fate;

	link->fate = FATE_NONE;
	link->proxy->met[fate]++;
	switch (fate) {
	case FATE_RESET: hang_up_both(link, true); break;
	case FATE_CLOSE: hang_up_both(link, false); break;
	case FATE_LOSE_CLIENT: lose(link, CLIENT); break;
	case FATE_LOSE_SERVER: lose(link, SERVER); break;
	case FATE_SWALLOW: link->side[CLIENT].deaf = link->side[SERVER].deaf = true; break;
	case FATE_NONE:
	case FATES: break;
	}
}

/* ---- bytes ---- */

/* A slow line's own queue is short. */
static size_t held(const struct proxy *proxy)
{
	return proxy->line_rate ? LINE_BUFFER : HELD;
}

static void watch_side(struct side *side)
{
	if (side->watch)
		watch_set(side->watch,
			!side->read && other(side)->bytes.len < held(side->link->proxy), false);
}

/* As much of the oldest flight as the socket takes; dribbling, `most` bytes of it one by one. */
static size_t put(struct side *side, size_t len, bool dribbles, size_t *most)
{
	size_t sent = 0;

	while (sent < len && *most) {
		ssize_t n = send(side->fd, side->bytes.at + sent, dribbles ? 1 : len - sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0) {
			*most = 0;
			break;
		}
		sent += (size_t)n;
		*most -= dribbles;
	}
	buf_drop(&side->bytes, sent);
	return sent;
}

static void deliver(struct side *side, uint64_t now_ms)
{
	size_t most = DRIBBLE;

	while (side->fd >= 0 && side->count && side->flights[side->first].due_ms <= now_ms &&
		most) {
		struct flight *flight = &side->flights[side->first];
		flight->len -= put(side, flight->len, side->link->dribbles, &most);
		if (flight->len)
			break;
		side->first++;
		if (!--side->count)
			side->first = 0;
	}
	if (side->fd >= 0 && !side->count && other(side)->read && !side->deaf)
		hang_up_both(side->link, false); /* all that was said has been heard */
}

static enum end end_of(const struct side *side)
{
	return side == &side->link->side[CLIENT] ? CLIENT : SERVER;
}

/* When the line, which carries one thing after the other, has carried this. */
static uint64_t leaves_ms(struct proxy *proxy, enum end to, size_t len)
{
	double now = (double)loop_now_ms(proxy->loop), *line = &proxy->free_ms[to];

	if (!proxy->line_rate)
		return (uint64_t)now;
	*line = (*line > now ? *line : now) + (double)len * 1000 / proxy->line_rate;
	return (uint64_t)*line;
}

static void take_off(struct side *to, const char *at, size_t len)
{
	struct link *link = to->link;

	if (to->first) {
		memmove(to->flights, to->flights + to->first, to->count * sizeof(*to->flights));
		to->first = 0;
	}
	buf_add(&to->bytes, at, len);
	to->flights = mem_grow(to->flights, &to->cap, to->count + 1, sizeof(*to->flights));
	to->flights[to->count++] = (struct flight){
		.due_ms = leaves_ms(link->proxy, end_of(to), len) + link->late_ms, .len = len};
	to->passed += len;
	link->proxy->passed[end_of(to)] += len;
}

/* The bytes up to the fateful one still pass. */
static void pass(struct side *to, const char *at, size_t len)
{
	struct link *link = to->link;
	bool fateful = link->fate && to == &link->side[link->to] && link->proxy->cruel;

	if (fateful && to->passed + len >= link->after) {
		size_t last = link->after > to->passed ? link->after - to->passed : 0;
		take_off(to, at, last);
		deliver(to, UINT64_MAX);
		meet_fate(link);
		return;
	}
	take_off(to, at, len);
}

static void on_side(void *ctx, bool readable, bool writable)
{
	struct side *side = ctx, *to = other(side);
	char bytes[READ_BYTES];
	ssize_t n;

	(void)writable;
	if (!readable)
		return;
	n = recv(side->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		hang_up_both(side->link, true);
	else if (n == 0)
		side->read = true;
	else if (!side->deaf && to->fd >= 0)
		pass(to, bytes, (size_t)n);
	if (side->read && (side->deaf || to->fd < 0))
		hang_up(side, false);
	watch_side(side);
}

/* ---- links ---- */

static void draw(struct link *link)
{
	const struct proxy *proxy = link->proxy;
	struct choice c =
		choice_of_seed(proxy->seed ^ (uint64_t)link->number << 20 ^ proxy->storms << 40);

	link->late_ms = pick(&c, LATE_MS + 1);
	link->dribbles = pick(&c, DRIBBLED_ONE_IN) == 0;
	link->fate = (enum proxy_fate)pick(&c, FATES);
	link->to = (enum end)pick(&c, ENDS);
	link->after = link->side[link->to].passed + 1 + pick(&c, pick(&c, 4) ? LIFE : HANDSHAKE);
}

static bool prepare(struct side *side, struct link *link, int fd)
{
	side->link = link;
	side->fd = fd;
	if (fd < 0)
		return false;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	side->watch = watch_create(link->proxy->loop, fd, on_side, side);
	return side->watch != NULL;
}

static int connect_to(unsigned port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void shrink(struct link *link)
{
	for (int i = 0; i < ENDS; i++)
		if (link->side[i].fd >= 0)
			setsockopt(link->side[i].fd, SOL_SOCKET, SO_RCVBUF, &(int){LINE_BUFFER},
				sizeof(int));
}

static void begin(struct proxy *proxy, int fd)
{
	struct link *link = mem_alloc(sizeof(*link));
	bool whole;

	link->proxy = proxy;
	link->next = proxy->links;
	proxy->links = link;
	link->number = proxy->begun++;
	link->late_ms = proxy->line_late_ms;
	if (proxy->cruel)
		draw(link);
	whole = prepare(&link->side[CLIENT], link, fd);
	whole = prepare(&link->side[SERVER], link, connect_to(proxy->server_port)) && whole;
	if (!whole)
		hang_up_both(link, true);
	if (proxy->line_rate) /* what waits is to wait with its sender, not here */
		shrink(link);
	watch_side(&link->side[CLIENT]);
	watch_side(&link->side[SERVER]);
}

static void on_door(void *ctx, bool readable, bool writable)
{
	struct proxy *proxy = ctx;
	int fd = accept4(proxy->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)readable, (void)writable;
	if (fd >= 0)
		begin(proxy, fd);
}

static void end(struct link **at)
{
	struct link *link = *at;

	*at = link->next;
	hang_up_both(link, true);
	for (int i = 0; i < ENDS; i++) {
		buf_fini(&link->side[i].bytes);
		free(link->side[i].flights);
	}
	free(link);
}

/* One end is gone, and the other may hear of it. */
static bool is_over(struct link *link)
{
	struct side *client = &link->side[CLIENT], *server = &link->side[SERVER];

	if (client->fd >= 0 && server->fd >= 0)
		return false;
	return !(client->fd >= 0 && client->deaf) && !(server->fd >= 0 && server->deaf);
}

static void on_tick(void *ctx)
{
	struct proxy *proxy = ctx;
	uint64_t now_ms = loop_now_ms(proxy->loop);

	for (struct link **at = &proxy->links; *at;) {
		for (int i = 0; i < ENDS; i++)
			deliver(&(*at)->side[i], now_ms);
		for (int i = 0; i < ENDS; i++)
			watch_side(&(*at)->side[i]);
		if (is_over(*at))
			end(at);
		else
			at = &(*at)->next;
	}
}

/* ---- for the test ---- */

static bool open_door(struct proxy *proxy)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof(address);

	proxy->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (proxy->fd < 0 || bind(proxy->fd, (struct sockaddr *)&address, len) ||
		listen(proxy->fd, SOMAXCONN) ||
		getsockname(proxy->fd, (struct sockaddr *)&address, &len))
		return false;
	proxy->port = ntohs(address.sin_port);
	proxy->door = watch_create(proxy->loop, proxy->fd, on_door, proxy);
	return proxy->door != NULL;
}

struct proxy *proxy_create(struct loop *loop, unsigned server_port, uint64_t seed)
{
	struct proxy *proxy = mem_alloc(sizeof(*proxy));

	proxy->loop = loop;
	proxy->seed = seed;
	proxy->server_port = server_port;
	if (!open_door(proxy))
		abort(); /* a test without its network shows nothing */
	watch_set(proxy->door, true, false);
	proxy->tick = timer_make(loop, on_tick, proxy);
	timer_set(proxy->tick, TICK_MS, TICK_MS);
	return proxy;
}

void proxy_destroy(struct proxy *proxy)
{
	if (!proxy)
		return;
	while (proxy->links)
		end(&proxy->links);
	watch_destroy(proxy->door);
	close(proxy->fd);
	timer_destroy(proxy->tick);
	free(proxy);
}

unsigned proxy_port(const struct proxy *proxy)
{
	return proxy->port;
}

void proxy_cruel(struct proxy *proxy)
{
	proxy->cruel = true;
	proxy->storms++;
	for (struct link *link = proxy->links; link; link = link->next)
		draw(link);
}

void proxy_calm(struct proxy *proxy)
{
	proxy->cruel = false;
	for (struct link *link = proxy->links; link; link = link->next) {
		link->late_ms = 0;
		link->dribbles = false;
		if (link->side[CLIENT].deaf || link->side[SERVER].deaf)
			hang_up_both(link, true);
	}
}

size_t proxy_links(const struct proxy *proxy)
{
	return proxy->begun;
}

size_t proxy_met(const struct proxy *proxy, enum proxy_fate fate)
{
	return proxy->met[fate];
}

void proxy_line(struct proxy *proxy, unsigned late_ms, unsigned bytes_per_s)
{
	proxy->line_late_ms = late_ms;
	proxy->line_rate = bytes_per_s;
}

size_t proxy_passed(const struct proxy *proxy, bool to_server)
{
	return proxy->passed[to_server ? SERVER : CLIENT];
}
