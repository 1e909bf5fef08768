#include "src/client/live.h"

#include <signal.h>

#include "net/loop.h"
#include "src/client/answers.h"
#include "tui/key.h"

struct running {
	const struct live *live;
	struct loop *loop;
	struct term *term;
	struct keys *keys;
	struct answers answers;
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

static void take_key(struct running *r, const struct key *key)
{
	bool ctrl = key->mods & KEY_CTRL;

	if (answers_take(&r->answers, key))
		return;
	if (ctrl && key->code == 'z')
		term_suspend(r->term);
	else if (key->code == 'q' || key->code == 'Q' ||
		 (ctrl && (key->code == 'c' || key->code == 'd')))
		loop_stop(r->loop);
}

/* What is read may be no key, but an answer of the terminal. */
static void on_tty(void *ctx, bool readable, bool writable)
{
	struct running *r = ctx;
	char bytes[4096];
	ptrdiff_t len = 0;
	struct key key;

	(void)writable;
	while (readable && (len = term_read(r->term, bytes, sizeof(bytes))) > 0)
		keys_feed(r->keys, bytes, (size_t)len);
	while (keys_next(r->keys, &key))
		take_key(r, &key);
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
	struct running r = {.live = live, .loop = loop_create(), .keys = keys_create()};

	live->ask(live->ctx);
	r.term = term_open(why);
	if (r.term) {
		answers_begin(&r.answers, r.term, loop_now_ms(r.loop));
		r.tty = watch_create(r.loop, term_fd(r.term), on_tty, &r);
		run(&r);
		answers_await(&r.answers, r.keys);
		term_close(r.term);
	}
	keys_destroy(r.keys);
	loop_destroy(r.loop);
	return r.term != NULL;
}
