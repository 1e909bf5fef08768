#include "net/pump.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"

/* One descriptor: a socket is the end of both lanes. */
struct port {
	struct pump *pump;
	int fd;
	struct watch *watch;
};

struct lane { /* from one side to the other */
	int from, to;
	struct buf held;
	bool ended; /* nothing more comes */
	bool told;
};

struct pump {
	struct port ports[4];
	size_t port_count;
	struct lane lanes[2]; /* by the side it begins at */
	pump_fn *done;
	void *ctx;
	bool destroyed, busy;
};

/* ---- a lane ---- */

static void fill(struct lane *lane)
{
	size_t room = PUMP_BYTES - lane->held.len;
	ssize_t n;

	if (lane->ended || !room)
		return;
	n = read(lane->from, buf_room(&lane->held, room), room);
	if (n > 0)
		lane->held.len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		lane->ended = true;
}

/* false: its end is broken. */
static bool drain(struct lane *lane)
{
	ssize_t n = lane->held.len ? write(lane->to, lane->held.at, lane->held.len) : 0;

	if (n > 0)
		buf_drop(&lane->held, (size_t)n);
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void break_off(struct pump *pump)
{
	for (int side = PUMP_A; side <= PUMP_B; side++) {
		pump->lanes[side].ended = true;
		buf_clear(&pump->lanes[side].held);
	}
}

/* ---- all of it ---- */

static void watch_port(struct port *port)
{
	bool reads = false, writes = false;

	for (int side = PUMP_A; side <= PUMP_B; side++) {
		const struct lane *lane = &port->pump->lanes[side];
		reads |= lane->from == port->fd && !lane->ended && lane->held.len < PUMP_BYTES;
		writes |= lane->to == port->fd && lane->held.len > 0;
	}
	watch_set(port->watch, reads, writes);
}

static void tell(struct pump *pump, enum pump_side side)
{
	struct lane *lane = &pump->lanes[side];

	if (pump->destroyed || lane->told || !lane->ended || lane->held.len)
		return;
	lane->told = true;
	shutdown(lane->to, SHUT_WR); /* a pipe's end is its close */
	pump->done(pump->ctx, side);
}

static void give_back(struct pump *pump)
{
	for (size_t i = 0; i < pump->port_count; i++)
		watch_destroy(pump->ports[i].watch);
	for (int side = PUMP_A; side <= PUMP_B; side++)
		buf_fini(&pump->lanes[side].held);
	free(pump);
}

static void on_port(void *ctx, bool readable, bool writable)
{
	struct pump *pump = ((struct port *)ctx)->pump;

	(void)readable, (void)writable;
	pump->busy = true;
	for (int side = PUMP_A; side <= PUMP_B; side++) {
		fill(&pump->lanes[side]);
		if (!drain(&pump->lanes[side]))
			break_off(pump);
	}
	for (int side = PUMP_A; side <= PUMP_B; side++)
		tell(pump, (enum pump_side)side);
	for (size_t i = 0; i < pump->port_count && !pump->destroyed; i++)
		watch_port(&pump->ports[i]);
	pump->busy = false;
	if (pump->destroyed)
		give_back(pump);
}

static bool add_port(struct pump *pump, struct loop *loop, int fd)
{
	struct port *port = &pump->ports[pump->port_count];

	for (size_t i = 0; i < pump->port_count; i++)
		if (pump->ports[i].fd == fd)
			return true;
	*port = (struct port){.pump = pump, .fd = fd};
	port->watch = watch_create(loop, fd, on_port, port);
	pump->port_count += port->watch != NULL;
	return port->watch;
}

struct pump *pump_create(struct loop *loop, const struct pump_end *a, const struct pump_end *b,
	pump_fn *done, void *ctx)
{
	struct pump *pump = mem_alloc(sizeof(*pump));

	pump->done = done;
	pump->ctx = ctx;
	pump->lanes[PUMP_A] = (struct lane){.from = a->in, .to = b->out};
	pump->lanes[PUMP_B] = (struct lane){.from = b->in, .to = a->out};
	if (add_port(pump, loop, a->in) && add_port(pump, loop, a->out) &&
		add_port(pump, loop, b->in) && add_port(pump, loop, b->out)) {
		for (size_t i = 0; i < pump->port_count; i++)
			watch_port(&pump->ports[i]);
		return pump;
	}
	give_back(pump);
	return NULL;
}

void pump_destroy(struct pump *pump)
{
	if (!pump || pump->destroyed)
		return;
	pump->destroyed = true;
	if (!pump->busy)
		give_back(pump);
}
