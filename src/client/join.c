#include "src/client/join_state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/report.h"

#define POINT_NEAR_MS 100 /* nearer than that, each move is told */
#define POINT_MOST_MS 5000
#define BACK_MS       1000

void join_end(struct join *join, const char *failed)
{
	if (join->ended)
		return;
	join->ended = true;
	join->end(join->ctx, failed);
}

void join_notice(struct join *join, const char *text)
{
	editor_notice(join->editor, loop_now_ms(join->loop), text);
}

void join_tell_time(struct join *join)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	editor_clock(join->editor, loop_now_ms(join->loop),
		(uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* ---- the terminal ---- */

bool join_take_terminal(struct join *join)
{
	const char *why;

	if (!console_open(join->console, &why)) {
		join_end(join, why);
		return false;
	}
	if (join->tunnel)
		tunnel_quiet(join->tunnel, true);
	if (join->lent)
		join->back_ms = loop_now_ms(join->loop);
	join->lent = false;
	return true;
}

/* ssh asks on it, and then the editor is back, whatever came of it. */
static void lend_terminal(struct join *join)
{
	console_close(join->console);
	tunnel_quiet(join->tunnel, false);
	join->lent = true;
}

static void try_now(struct join *join)
{
	if (join->tunnel && tunnel_needs_person(join->tunnel))
		lend_terminal(join);
	remote_connect(join->remote);
}

static bool is_done_asking(const struct join *join)
{
	return !remote_connected(join->remote) || remote_link(join->remote) == REMOTE_ONLINE;
}

static void gone(void *ctx)
{
	join_end(ctx, NULL);
}

/* ---- once a turn ---- */

/* An own edit: everybody sees it, and who saved can undo it. Where somebody is about to type blanks stay. */
static void tidy(struct join *join)
{
	size_t count, *spared = editor_others(join->editor, &count);
	struct op op =
		style_tidy(&join->style, replica_text(remote_replica(join->remote)), spared, count);

	if (op_is_identity(&op)) {
		op_fini(&op);
	} else {
		tidy_did(&join->tidy, remote_replica(join->remote), &op);
		editor_edit(join->editor, &op);
	}
	free(spared);
}

static void save(struct join *join)
{
	if (remote_link(join->remote) == REMOTE_ONLINE && editor_may_edit(join->editor))
		tidy(join);
	remote_save(join->remote);
}

/* What there is to lose; NULL: nothing. */
static const char *quit_question(const struct join *join)
{
	const char *question = join->quit_question ? join->quit_question(join->ctx) : NULL;

	if (question || remote_link(join->remote) == REMOTE_ONLINE || !remote_unsent(join->remote))
		return question;
	return remote_is_kept(join->remote)
		       ? "Not all has reached the server; it is kept for when you join again. "
			 "Quit? (y/n)"
		       : "Some of your edits have not reached the server. Quit and lose them? "
			 "(y/n)";
}

static void quit(struct join *join)
{
	const char *question = quit_question(join);

	if (question)
		editor_ask_quit(join->editor, question);
	else
		join_end(join, NULL);
}

static void quit_surely(struct join *join)
{
	join_end(join, NULL);
}

static void stay(struct join *join)
{
	remote_stay(join->remote);
}

static void suspend(struct join *join)
{
	console_suspend(join->console);
}

static void configure(struct join *join)
{
	console_configure(join->console);
}

static void obey(struct join *join, unsigned wants)
{
	static const struct {
		unsigned want; /* enum editor_want */
		void (*then)(struct join *join);
	} rows[] = {
		{EDITOR_WANT_SAVE, save},
		{EDITOR_WANT_RETRY, try_now},
		{EDITOR_WANT_STAY, stay},
		{EDITOR_WANT_SUSPEND, suspend},
		{EDITOR_WANT_CONFIG, configure},
		{EDITOR_WANT_QUIT, quit},
		{EDITOR_QUIT_SURE, quit_surely},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wants & rows[i].want)
			rows[i].then(join);
}

static void go_to_file(struct join *join)
{
	struct editor_going going;

	if (editor_take_open(join->editor, &going))
		remote_open(join->remote, going.path, going.create);
	if (editor_catch_up(join->editor, loop_now_ms(join->loop)))
		loop_again(join->loop);
}

static void say(struct join *join)
{
	char *text = editor_take_say(join->editor);

	if (text && !remote_chat(join->remote, text))
		join_notice(join, "Offline: that was not said.");
	free(text);
}

static void show_status(struct join *join)
{
	static const enum editor_link links[] = {[REMOTE_CONNECTING] = EDITOR_CONNECTING,
		[REMOTE_ONLINE] = EDITOR_ONLINE,
		[REMOTE_OFFLINE] = EDITOR_OFFLINE,
		[REMOTE_ENDED] = EDITOR_OFFLINE};
	struct editor_status status = {
		.link = links[remote_link(join->remote)],
		.rtt_ms = remote_rtt_ms(join->remote),
		.retry_s = remote_retry_s(join->remote),
		.trying = remote_trying(join->remote),
		.unsent = remote_unsent(join->remote),
		.room = remote_room(join->remote),
	};

	editor_status(join->editor, &status);
}

/* On a slow line a caret that moves keeps what is typed waiting: so it is told once in a round trip. */
static uint64_t point_wait_ms(const struct join *join)
{
	uint64_t every = remote_rtt_ms(join->remote),
		 passed = loop_now_ms(join->loop) - join->pointed_ms;

	every = every < POINT_NEAR_MS ? 0 : every < POINT_MOST_MS ? every : POINT_MOST_MS;
	return passed < every ? every - passed : 0;
}

static void point(struct join *join, struct remote_says *says)
{
	if (point_wait_ms(join))
		return;
	says->sel_count = editor_take_sels(join->editor, &says->sels);
	if (says->sel_count)
		join->pointed_ms = loop_now_ms(join->loop);
}

static void draw(struct join *join)
{
	/* The seconds until the next try count down. */
	bool counts = remote_link(join->remote) == REMOTE_OFFLINE;

	show_status(join);
	console_draw(join->console, counts ? 1000 : point_wait_ms(join));
	if (remote_idle(join->remote))
		loop_again(join->loop);
}

/* What the drawing has shown is read: after it, or it would be told when something else happens. */
static void tell_read(struct join *join)
{
	uint64_t id;

	if (editor_take_seen(join->editor, &id))
		join->read = id;
	if (join->read && remote_seen(join->remote, join->read))
		join->read = 0;
}

static void decide(struct join *join)
{
	struct editor_decision decision;

	if (!editor_take_decision(join->editor, &decision))
		return;
	if (!remote_admin(join->remote, decision.verb, decision.user, decision.arg))
		join_notice(join, "Offline: nothing was changed.");
	else if (decision.done)
		join_notice(join, decision.done);
}

/* What was typed, chosen and said leaves. */
static void tell(struct join *join)
{
	struct remote_says says = {
		.activity = editor_activity(join->editor, loop_now_ms(join->loop)),
		.follows = editor_follows(join->editor),
		.authors = editor_wants_authors(join->editor),
	};

	point(join, &says);
	say(join);
	remote_turn(join->remote, &says);
}

static void on_turn(void *ctx)
{
	struct join *join = ctx;

	if (join->lent && is_done_asking(join))
		join_take_terminal(join);
	if (!console_is_open(join->console))
		return;
	if (join->ended) { /* what may not all leave at once goes on leaving */
		remote_turn(join->remote, &(struct remote_says){0});
		return;
	}
	obey(join, editor_wants(join->editor));
	if (join->lent)
		return;
	go_to_file(join);
	decide(join);
	join_tell_time(join);
	tell(join);
	draw(join);
	tell_read(join);
}

/* ---- for its owner ---- */

static const char *login_name(void)
{
	const char *name = getenv("USER");
	const struct passwd *who = name && *name ? NULL : getpwuid(getuid());

	return name && *name ? name : who ? who->pw_name : "guest";
}

static struct remote *make_remote(struct join *join, const struct join_options *options)
{
	struct remote *remote = remote_create(join->loop, &options->url,
		options->name ? options->name : login_name(), &hearing, join);

	remote_through(remote, options->tunnel);
	remote_keep(remote, options->journal);
	if (options->file)
		remote_open(remote, options->file, true);
	if (options->replica)
		remote_adopt(remote, options->replica);
	return remote;
}

struct join *join_start(
	struct loop *loop, const struct join_options *options, join_end_fn *on_end, void *ctx)
{
	struct join *join = mem_alloc(sizeof(*join));

	join->loop = loop;
	join->end = on_end;
	join->ctx = ctx;
	join->quit_question = options->quit_question;
	join->warning = options->warning;
	join->tunnel = options->tunnel;
	join->console = options->console ? options->console : console_create(loop, gone, join);
	join->editor = console_editor(join->console);
	console_serve(join->console, gone, join);
	if (options->editor_url && options->viewer_url)
		editor_share_urls(join->editor, options->editor_url, options->viewer_url);
	if (options->room_here)
		editor_share_here(join->editor, options->room_here);
	join->remote = make_remote(join, options);
	loop_on_turn(loop, on_turn, join);
	remote_connect(join->remote);
	return join;
}

/* The interrupt that ended ssh may be told here after that end. */
bool join_is_asking(const struct join *join)
{
	return join->lent || (join->back_ms && loop_now_ms(join->loop) - join->back_ms < BACK_MS);
}

void join_leave(struct join *join)
{
	join->ended = true;
	remote_leave(join->remote);
	console_close(join->console);
	fwrite(join->kept.at, 1, join->kept.len, stderr);
	buf_clear(&join->kept);
}

bool join_unsettled(const struct join *join)
{
	return remote_link(join->remote) == REMOTE_ONLINE && remote_unsent(join->remote) > 0;
}

const struct text *join_settled(const struct join *join)
{
	const struct replica *replica = remote_replica(join->remote);

	if (!replica || remote_link(join->remote) != REMOTE_ONLINE || replica_unacked(replica))
		return NULL;
	return replica_text(replica);
}

bool join_connected(const struct join *join)
{
	return remote_connected(join->remote);
}

void join_destroy(struct join *join)
{
	if (!join)
		return;
	loop_off_turn(join->loop, on_turn, join);
	console_destroy(join->console);
	remote_destroy(join->remote);
	buf_fini(&join->kept);
	free(join);
}
