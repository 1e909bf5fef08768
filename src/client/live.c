#include "src/client/live.h"

#include <signal.h>
#include <string.h>

#include "net/loop.h"

#define SUSPEND 0x1a

struct running {
	const struct live *live;
	struct loop *loop;
	struct term *term;
	struct watch *tty;
	struct timer *timer;
	bool asking; /* a worker is at it: what it asks for is not to be looked at */
	bool drawn;  /* what was answered is on the screen */
};

static void draw(struct running *r)
{
	int cols, rows;

	if (r->drawn || r->asking || !term_ready(r->term))
		return;
	term_size(r->term, &cols, &rows);
	r->live->draw(r->live->ctx, r->term, cols, rows);
	term_cursor(r->term, -1, -1);
	term_frame(r->term);
	r->drawn = true;
}

static void ask(void *ctx)
{
	const struct running *r = ctx;

	r->live->ask(r->live->ctx);
}

static void asked(void *ctx)
{
	struct running *r = ctx;

	r->asking = r->drawn = false;
	timer_set(r->timer, LIVE_MS, 0);
}

static void on_timer(void *ctx)
{
	struct running *r = ctx;

	r->asking = true;
	loop_work(r->loop, ask, asked, r);
}

static void take_key(struct running *r, char key)
{
	if (key == SUSPEND)
		term_suspend(r->term);
	else if (strchr("qQ\x03\x04\x1b", key))
		loop_stop(r->loop);
}

static void on_tty(void *ctx, bool readable, bool writable)
{
	struct running *r = ctx;
	char bytes[256];
	ptrdiff_t len = 0;

	(void)writable;
	while (readable && (len = term_read(r->term, bytes, sizeof(bytes))) > 0)
		take_key(r, bytes[0]); /* of a key that sends several, the first tells enough */
	if (len < 0)
		loop_stop(r->loop);
}

static void on_signal(void *ctx, int signum)
{
	struct running *r = ctx;

	if (signum != SIGWINCH)
		loop_stop(r->loop);
	else if (term_resized(r->term))
		r->drawn = false;
}

static void on_turn(void *ctx)
{
	struct running *r = ctx;

	draw(r);
	watch_set(r->tty, true, !term_flush(r->term));
}

static bool busy(void *ctx)
{
	return ((struct running *)ctx)->asking;
}

static void run(struct running *r)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_on_signal(r->loop, signals[i], on_signal, r);
	r->timer = timer_make(r->loop, on_timer, r);
	timer_set(r->timer, LIVE_MS, 0);
	watch_set(r->tty, true, false);
	loop_on_turn(r->loop, on_turn, r);
	loop_run(r->loop);
	loop_off_turn(r->loop, on_turn, r);
	loop_drain(r->loop, busy, r, LIVE_MS);
	watch_destroy(r->tty);
	timer_destroy(r->timer);
}

bool live_run(const struct live *live, const char **why)
{
	struct running r = {.live = live, .loop = loop_create()};

	live->ask(live->ctx);
	r.term = term_open(why);
	if (r.term) {
		r.tty = watch_create(r.loop, term_fd(r.term), on_tty, &r);
		run(&r);
		term_close(r.term);
	}
	loop_destroy(r.loop);
	return r.term != NULL;
}
