#include "src/client/console.h"

#include <signal.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "src/client/answers.h"
#include "src/client/profile.h"
#include "tui/key.h"
#include "tui/term.h"

struct console {
	struct loop *loop;
	struct editor *editor;
	struct keys *keys;
	struct profile *profile;
	struct term *term; /* NULL: not open */
	struct answers answers;
	bool holds; /* keys wait */
	struct watch *tty;
	struct timer *esc, *change; /* a lone Esc; something on screen that changes by itself */
	console_gone_fn *gone;
	void *ctx;
};

static bool take_answer(struct console *console, const struct key *key)
{
	if (!answers_take(&console->answers, key))
		return false;
	if (console->answers.keys)
		term_tell_keys(console->term);
	editor_background(console->editor, console->answers.light);
	return true;
}

/* What a key asks of the editor's owner is done before the next one counts: that may be the answer to a question. */
static bool take_keys(struct console *console)
{
	uint64_t now = loop_now_ms(console->loop);
	struct key key;
	bool any = false;

	for (; !console->holds && !editor_waits(console->editor) && keys_next(console->keys, &key);
		any = true)
		if (!take_answer(console, &key))
			editor_key(console->editor, &key, now);
	if (keys_waiting(console->keys)) {
		bool lone = keys_lone_esc(console->keys);
		timer_set(console->esc, answers_esc_ms(&console->answers, lone, now), 0);
	}
	return any;
}

static void lone_esc(void *ctx)
{
	struct console *console = ctx;
	uint64_t now = loop_now_ms(console->loop);

	keys_expect(console->keys, answers_expected(&console->answers, now));
	keys_flush(console->keys);
	take_keys(console);
}

static void on_change(void *ctx)
{
	(void)ctx; /* the turn that follows draws it */
}

static void tty_ready(void *ctx, bool readable, bool writable)
{
	struct console *console = ctx;
	char bytes[16384];
	ptrdiff_t len = 0;

	(void)writable; /* the frame that waits leaves at the end of the turn */
	do {
		len = readable ? term_read(console->term, bytes, sizeof(bytes)) : 0;
		if (len > 0)
			keys_feed(console->keys, bytes, (size_t)len);
	} while (len == (ptrdiff_t)sizeof(bytes)); /* less was all there is */
	take_keys(console);
	if (len < 0)
		console->gone(console->ctx);
}

static void take_size(struct console *console)
{
	int cols, rows;

	term_size(console->term, &cols, &rows);
	editor_resize(console->editor, cols, rows);
}

static void on_resize(void *ctx, int signum)
{
	struct console *console = ctx;

	(void)signum;
	if (console->term && term_resized(console->term))
		take_size(console);
}

static void on_continue(void *ctx, int signum)
{
	struct console *console = ctx;

	(void)signum;
	if (!console->term)
		return;
	term_resume(console->term);
	take_size(console);
}

struct console *console_create(struct loop *loop, console_gone_fn *gone, void *ctx)
{
	struct console *console = mem_alloc(sizeof(*console));

	console->loop = loop;
	console_serve(console, gone, ctx);
	console->editor = editor_create();
	console->keys = keys_create();
	console->profile = profile_create(loop, console->editor);
	console->esc = timer_make(loop, lone_esc, console);
	console->change = timer_make(loop, on_change, console);
	loop_on_signal(loop, SIGWINCH, on_resize, console);
	loop_on_signal(loop, SIGCONT, on_continue, console);
	return console;
}

void console_destroy(struct console *console)
{
	if (!console)
		return;
	console_close(console);
	profile_destroy(console->profile);
	timer_destroy(console->esc);
	timer_destroy(console->change);
	keys_destroy(console->keys);
	editor_destroy(console->editor);
	free(console);
}

void console_serve(struct console *console, console_gone_fn *gone, void *ctx)
{
	console->gone = gone;
	console->ctx = ctx;
}

struct editor *console_editor(struct console *console)
{
	return console->editor;
}

bool console_open(struct console *console, const char **why)
{
	if (console->term)
		return true;
	console->term = term_open(why);
	if (!console->term)
		return false;
	console->tty = watch_create(console->loop, term_fd(console->term), tty_ready, console);
	if (!console->tty) {
		*why = "this terminal cannot be watched for keys";
		return false;
	}
	watch_set(console->tty, true, false);
	take_size(console);
	answers_begin(&console->answers, console->term, loop_now_ms(console->loop));
	editor_background(console->editor, console->answers.light);
	return true;
}

void console_hold(struct console *console, bool on)
{
	console->holds = on;
}

void console_style(struct console *console, const struct style *style)
{
	editor_style(console->editor,
		&(struct editor_style){.by = style->by == STYLE_BY_TABS     ? EDITOR_INDENT_TABS
					     : style->by == STYLE_BY_BLANKS ? EDITOR_INDENT_BLANKS
									    : EDITOR_INDENT_AS_SET,
			.indent = style->indent,
			.tab_width = style->tab_width,
			.line_max = style->line_max});
}

void console_configure(struct console *console)
{
	profile_read(console->profile);
}

bool console_is_open(const struct console *console)
{
	return console->term != NULL;
}

void console_close(struct console *console)
{
	watch_destroy(console->tty);
	console->tty = NULL;
	if (console->term)
		answers_await(&console->answers, console->keys);
	term_close(console->term);
	console->term = NULL;
}

void console_suspend(struct console *console)
{
	answers_await(&console->answers, console->keys);
	term_suspend(console->term);
	take_size(console);
}

void console_draw(struct console *console, uint64_t latest_ms)
{
	uint64_t now = loop_now_ms(console->loop), next;

	editor_draw(console->editor, console->term, now);
	watch_set(console->tty, true, !term_flush(console->term));
	if (take_keys(console))
		loop_again(console->loop);
	if (editor_idle(console->editor, now))
		loop_again(console->loop);
	next = editor_next_change(console->editor, now);
	if (latest_ms && (!next || next > latest_ms))
		next = latest_ms;
	if (next)
		timer_set(console->change, next, 0);
	else
		timer_stop(console->change);
}
