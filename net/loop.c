#include "net/loop.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "net/crew.h"
#include "ot/mem.h"

struct hook {
	loop_fn *fn;
	void *ctx;
	bool last;
};

struct signal_watch {
	uv_signal_t uv;
	signal_fn *fn;
	void *ctx;
	struct signal_watch *next;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t turn;
	uv_idle_t again; /* while active, the loop does not sleep */
	/* For all wakes: libuv looks at each async that there is whenever one of them is sent. */
	uv_async_t async;
	_Atomic(struct wake *) woken;
	struct hook hooks[LOOP_HOOKS_MAX];
	size_t hook_count;
	bool stopped;
	struct signal_watch *signals;
	struct crew *crew; /* NULL while nobody asked for it */
};

struct timer {
	uv_timer_t uv;
	loop_fn *fn;
	void *ctx;
};

struct watch {
	uv_poll_t uv;
	int events; /* that are watched */
	watch_fn *fn;
	void *ctx;
};

struct wake {
	struct loop *loop;
	loop_fn *fn; /* NULL: destroyed while it was among the woken */
	void *ctx;
	atomic_bool is_woken;
	struct wake *next; /* among them */
};

struct work {
	uv_work_t uv;
	loop_fn *work, *done;
	void *ctx;
};

/* Every handle below is the first member of what malloc returned, so its address is what to free. */
static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void close_and_free(void *handle)
{
	if (handle)
		uv_close(handle, free_handle);
}

static void must(int status)
{
	if (status < 0)
		abort(); /* out of descriptors or memory while setting up: nothing can run without it */
}

/* --- the loop ---------------------------------------------------------------------------------------------------- */

static bool is_hooked(const struct loop *loop, const struct hook *hook)
{
	for (size_t i = 0; i < loop->hook_count; i++)
		if (loop->hooks[i].fn == hook->fn && loop->hooks[i].ctx == hook->ctx)
			return true;
	return false;
}

static void run_hooks(struct loop *loop)
{
	/* A hook may take itself or others off: those that stay are still each called once. */
	struct hook hooks[LOOP_HOOKS_MAX];
	size_t count = loop->hook_count;
	memcpy(hooks, loop->hooks, sizeof(hooks));
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < count; i++)
			if (hooks[i].last == last && is_hooked(loop, &hooks[i]))
				hooks[i].fn(hooks[i].ctx);
}

static void on_prepare(uv_prepare_t *handle)
{
	struct loop *loop = handle->data;
	uv_idle_stop(&loop->again);
	run_hooks(loop);
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle;
}

static void on_async(uv_async_t *handle)
{
	struct loop *loop = handle->data;
	struct wake *wake = atomic_exchange(&loop->woken, NULL), *next;
	for (; wake; wake = next) {
		next = wake->next;
		if (!wake->fn) {
			free(wake);
			continue;
		}
		atomic_store(&wake->is_woken, false);
		wake->fn(wake->ctx);
	}
}

struct loop *loop_create(void)
{
	struct loop *loop = mem_alloc(sizeof(*loop));
	must(uv_loop_init(&loop->uv));
	must(uv_prepare_init(&loop->uv, &loop->turn));
	must(uv_idle_init(&loop->uv, &loop->again));
	must(uv_async_init(&loop->uv, &loop->async, on_async));
	loop->turn.data = loop->async.data = loop;
	must(uv_prepare_start(&loop->turn, on_prepare));
	return loop;
}

static void unref(uv_handle_t *handle, void *ctx)
{
	(void)ctx;
	uv_unref(handle);
}

/* Woken and destroyed, and nobody has looked since. */
static void free_woken(struct loop *loop)
{
	struct wake *wake = atomic_exchange(&loop->woken, NULL), *next;
	for (; wake; wake = next) {
		next = wake->next;
		free(wake);
	}
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	crew_destroy(loop->crew);
	uv_close((uv_handle_t *)&loop->turn, NULL);
	uv_close((uv_handle_t *)&loop->again, NULL);
	uv_close((uv_handle_t *)&loop->async, NULL);
	while (loop->signals) {
		struct signal_watch *s = loop->signals;
		loop->signals = s->next;
		close_and_free(s);
	}
	/* Only what is closing or being worked on may hold the loop now; a handle forgotten by its maker must not. */
	uv_walk(&loop->uv, unref, NULL);
	while (uv_run(&loop->uv, UV_RUN_DEFAULT))
		;
	free_woken(loop);
	int status = uv_loop_close(&loop->uv);
	assert(status == 0 && "something made on the loop outlives it");
	if (status == 0)
		free(loop);
}

void loop_run(struct loop *loop)
{
	loop->stopped = false;
	do {
		uv_run(&loop->uv, UV_RUN_DEFAULT);
	} while (!loop->stopped); /* libuv remembers an earlier stop */
	run_hooks(loop); /* what the last handlers marked before loop_stop must not stay undone */
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
	uv_stop(&loop->uv);
}

static void on_limit(void *ctx)
{
	*(bool *)ctx = true;
}

void loop_drain(struct loop *loop, bool (*busy)(void *ctx), void *ctx, uint64_t limit_ms)
{
	bool late = false;
	struct timer *limit = timer_make(loop, on_limit, &late);

	uv_update_time(&loop->uv);
	timer_set(limit, limit_ms, 0);
	while (!late && busy(ctx))
		uv_run(&loop->uv, UV_RUN_ONCE);
	timer_destroy(limit);
	uv_run(&loop->uv, UV_RUN_NOWAIT);
}

uint64_t loop_now_ms(const struct loop *loop)
{
	return uv_now(&loop->uv);
}

void *loop_uv(struct loop *loop)
{
	return &loop->uv;
}

static void add_hook(struct loop *loop, loop_fn *fn, void *ctx, bool last)
{
	assert(loop->hook_count < LOOP_HOOKS_MAX);
	loop->hooks[loop->hook_count++] = (struct hook){.fn = fn, .ctx = ctx, .last = last};
}

void loop_on_turn(struct loop *loop, loop_fn *fn, void *ctx)
{
	add_hook(loop, fn, ctx, false);
}

void loop_on_last(struct loop *loop, loop_fn *fn, void *ctx)
{
	add_hook(loop, fn, ctx, true);
}

void loop_off_turn(struct loop *loop, loop_fn *fn, void *ctx)
{
	for (size_t i = 0; i < loop->hook_count; i++)
		if (loop->hooks[i].fn == fn && loop->hooks[i].ctx == ctx) {
			size_t behind = --loop->hook_count - i;
			memmove(&loop->hooks[i], &loop->hooks[i + 1],
				behind * sizeof(loop->hooks[0]));
			return;
		}
}

void loop_again(struct loop *loop)
{
	uv_idle_start(&loop->again, on_idle);
}

/* --- timers ------------------------------------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *handle)
{
	struct timer *timer = (struct timer *)handle;
	timer->fn(timer->ctx);
}

struct timer *timer_make(struct loop *loop, loop_fn *fn, void *ctx)
{
	struct timer *timer = mem_alloc(sizeof(*timer));
	timer->fn = fn;
	timer->ctx = ctx;
	must(uv_timer_init(&loop->uv, &timer->uv));
	return timer;
}

void timer_set(struct timer *timer, uint64_t after_ms, uint64_t every_ms)
{
	uv_timer_start(&timer->uv, on_timer, after_ms, every_ms);
}

void timer_stop(struct timer *timer)
{
	uv_timer_stop(&timer->uv);
}

void timer_destroy(struct timer *timer)
{
	close_and_free(timer);
}

/* --- descriptors ------------------------------------------------------------------------------------------------- */

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct watch *watch = (struct watch *)handle;
	bool readable = status < 0 || (events & UV_READABLE);
	bool writable = status < 0 || (events & UV_WRITABLE);
	if (status < 0)
		watch->events = 0; /* libuv stopped it */
	watch->fn(watch->ctx, readable, writable);
}

struct watch *watch_create(struct loop *loop, int fd, watch_fn *fn, void *ctx)
{
	struct watch *watch = mem_alloc(sizeof(*watch));
	watch->fn = fn;
	watch->ctx = ctx;
	if (uv_poll_init(&loop->uv, &watch->uv, fd) == 0)
		return watch;
	free(watch);
	return NULL;
}

void watch_set(struct watch *watch, bool readable, bool writable)
{
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
	/* Starting anew would take it out of epoll and put it back in. */
	if (events == watch->events)
		return;
	watch->events = events;
	if (events)
		uv_poll_start(&watch->uv, events, on_poll);
	else
		uv_poll_stop(&watch->uv);
}

void watch_destroy(struct watch *watch)
{
	close_and_free(watch);
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int signum)
{
	struct signal_watch *s = (struct signal_watch *)handle;
	s->fn(s->ctx, signum);
}

void loop_on_signal(struct loop *loop, int signum, signal_fn *fn, void *ctx)
{
	struct signal_watch *s = mem_alloc(sizeof(*s));
	s->fn = fn;
	s->ctx = ctx;
	must(uv_signal_init(&loop->uv, &s->uv));
	must(uv_signal_start(&s->uv, on_signal, signum));
	s->next = loop->signals;
	loop->signals = s;
}

/* --- other threads ----------------------------------------------------------------------------------------------- */

struct wake *wake_create(struct loop *loop, loop_fn *fn, void *ctx)
{
	struct wake *wake = mem_alloc(sizeof(*wake));
	wake->loop = loop;
	wake->fn = fn;
	wake->ctx = ctx;
	return wake;
}

void wake_send(struct wake *wake)
{
	if (atomic_exchange(&wake->is_woken, true))
		return;
	struct loop *loop = wake->loop;
	wake->next = atomic_load(&loop->woken);
	while (!atomic_compare_exchange_weak(&loop->woken, &wake->next, wake))
		;
	uv_async_send(&loop->async); /* the wake may be gone by now */
}

void wake_destroy(struct wake *wake)
{
	if (wake && atomic_load(&wake->is_woken))
		wake->fn = NULL; /* on_async() has it, or will have */
	else
		free(wake);
}

static void on_work(uv_work_t *request)
{
	struct work *work = (struct work *)request;
	work->work(work->ctx);
}

static void on_done(uv_work_t *request, int status)
{
	struct work *work = (struct work *)request;
	(void)status; /* nobody cancels work here */
	work->done(work->ctx);
	free(work);
}

void loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *ctx)
{
	struct work *w = mem_alloc(sizeof(*w));
	*w = (struct work){.work = work, .done = done, .ctx = ctx};
	must(uv_queue_work(&loop->uv, &w->uv, on_work, on_done));
}

struct crew *loop_crew(struct loop *loop)
{
	if (!loop->crew)
		loop->crew = crew_create(CREW_HANDS);
	return loop->crew;
}
