/*
 * loop.h: one thread, one event loop (libuv), and the rhythm of the program.
 *
 *	struct loop *loop = loop_create();
 *	struct timer *tick = timer_make(loop, on_tick, ctx);
 *	timer_set(tick, 100, 1000);
 *	loop_on_turn(loop, draw, ctx);
 *	loop_run(loop);			-- until somebody calls loop_stop()
 *	timer_destroy(tick);
 *	loop_destroy(loop);
 *
 * Handlers change state and mark it. Once a turn, after all handlers that were ready have run, the turn hooks are called in the
 * order they were added: that is where edits are committed, frames leave, and the screen is drawn. What a hook starts (a timer,
 * a watch, a frame) is seen before the loop sleeps; a hook that leaves work to a hook before it says loop_again(). The last hooks come
 * behind all the others, whenever they were added: what many have left to be written, they write at once.
 *
 * Memory:  what is made here is destroyed by its maker, also from inside its own callback: it is freed later. No callback
 *          comes after its destroy.
 * Errors:  none but watch_create(), which may meet a descriptor that cannot be watched.
 * Threads: wake_send() may be called from any; the work of loop_work() runs on another; all else belongs to the loop's own.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct timer;
struct watch;
struct wake;
struct crew;

typedef void loop_fn(void *ctx);

struct loop *loop_create(void);
void loop_destroy(struct loop *loop); /* everything made on it must be gone; waits for loop_work */
void loop_run(struct loop *loop);     /* until loop_stop; the hooks are called once more before it returns */
void loop_stop(struct loop *loop);    /* ends the loop_run under way, after this turn */
/* For goodbyes: more turns while busy(ctx) says that something is to be waited for, but not longer than limit_ms. */
void loop_drain(struct loop *loop, bool (*busy)(void *ctx), void *ctx, uint64_t limit_ms);
uint64_t loop_now_ms(const struct loop *loop); /* monotonic, of this turn */
void *loop_uv(struct loop *loop);              /* uv_loop_t *, for ws_* only */

#define LOOP_HOOKS_MAX 16

void loop_on_turn(struct loop *loop, loop_fn *fn, void *ctx); /* at most LOOP_HOOKS_MAX of both kinds */
void loop_on_last(struct loop *loop, loop_fn *fn, void *ctx);
void loop_off_turn(struct loop *loop, loop_fn *fn, void *ctx);
void loop_again(struct loop *loop); /* call the hooks once more before sleeping */

/* One shot unless every_ms is not 0; setting again replaces what was set. (The name timer_create is POSIX's.) */
struct timer *timer_make(struct loop *loop, loop_fn *fn, void *ctx);
void timer_set(struct timer *timer, uint64_t after_ms, uint64_t every_ms);
void timer_stop(struct timer *timer);
void timer_destroy(struct timer *timer);

/*
 * Readable and/or writable descriptors. The descriptor stays the caller's, but becomes non-blocking; call watch_destroy before
 * closing it. Nothing is watched until watch_set. An error on the descriptor is told as both, once: read or write to learn it.
 */
typedef void watch_fn(void *ctx, bool readable, bool writable);
struct watch *watch_create(struct loop *loop, int fd, watch_fn *fn, void *ctx); /* NULL when fd cannot be watched */
void watch_set(struct watch *watch, bool readable, bool writable);
void watch_destroy(struct watch *watch);

/* Signals, as watches: one function for any number of them. */
typedef void signal_fn(void *ctx, int signum);
void loop_on_signal(struct loop *loop, int signum, signal_fn *fn, void *ctx); /* until the loop is destroyed */

/* From another thread: call fn in the loop's thread soon; several wakes may become one call. */
struct wake *wake_create(struct loop *loop, loop_fn *fn, void *ctx);
void wake_send(struct wake *wake); /* any thread */
void wake_destroy(struct wake *wake);

/* Run work(ctx) on a thread of libuv's pool, then done(ctx) in the loop's thread. */
void loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *ctx);
/* Threads for jobs that come again and again (crew.h): made when first asked for, gone with the loop. */
struct crew *loop_crew(struct loop *loop);

#endif
