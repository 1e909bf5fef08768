#include "src/client/join.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/client/remote.h"
#include "tui/editor.h"
#include "tui/key.h"
#include "tui/term.h"

#define ESC_WAIT_MS 25 /* a lone Esc is Esc when nothing follows it for so long */

struct join {
	struct loop *loop;
	struct remote *remote;
	struct editor *editor;
	struct keys *keys;
	struct term *term; /* NULL until the text is there */
	struct watch *tty;
	struct timer *esc, *change; /* a lone Esc; something on screen that changes by itself */
	const char *(*quit_question)(void *ctx);
	join_end_fn *end;
	void *ctx;
	bool ended;
};

static void end(struct join *join, const char *failed)
{
	if (join->ended)
		return;
	join->ended = true;
	join->end(join->ctx, failed);
}

/* ---- from the room to the screen ---- */

static char *text_of(struct str s)
{
	return mem_dup(s.at, s.len);
}

static void show_person(struct join *join, const struct msg_user *user)
{
	char *name = text_of(user->name), *color = text_of(user->color),
	     *role = text_of(user->role), *state = text_of(user->state);
	struct editor_person person = {.user = user->user,
		.name = name,
		.color = color,
		.role = role,
		.state = state,
		.me = user->user == remote_user(join->remote)};

	editor_person(join->editor, &person);
	free(name);
	free(color);
	free(role);
	free(state);
}

static void notice(void *ctx, const char *text)
{
	struct join *join = ctx;

	editor_notice(join->editor, loop_now_ms(join->loop), text);
}

static void notice_about(struct join *join, uint64_t user, const char *what)
{
	const char *name = editor_person_name(join->editor, user);
	struct buf text = {0};

	if (!name)
		return;
	buf_printf(&text, "%s %s", name, what);
	buf_add_byte(&text, '\0');
	notice(join, text.at);
	buf_fini(&text);
}

static bool take_terminal(struct join *join);

static void opened(void *ctx, struct replica *replica, const char *path, bool read_only, bool crlf,
	const struct op *shown)
{
	struct join *join = ctx;
	struct editor_document document = {.path = path, .read_only = read_only, .crlf = crlf};

	if (join->term && !op_is_identity(shown))
		editor_remote(join->editor, 0, shown);
	if (!join->term && !take_terminal(join))
		return;
	editor_open(join->editor, replica, &document);
	editor_tell_sel(join->editor);
}

static void resumed(void *ctx)
{
	editor_tell_sel(((struct join *)ctx)->editor);
}

static void edited(void *ctx, uint64_t user, const struct op *shown)
{
	editor_remote(((struct join *)ctx)->editor, user, shown);
}

static void saved(void *ctx, uint64_t rev)
{
	editor_saved(((struct join *)ctx)->editor, rev);
}

static void people(void *ctx, const struct msg_users *users)
{
	struct join *join = ctx;

	editor_people_clear(join->editor);
	for (size_t i = 0; i < users->count; i++)
		show_person(join, &users->at[i]);
}

static void joined(void *ctx, const struct msg_user *user)
{
	show_person(ctx, user);
	notice_about(ctx, user->user, "joined");
}

static void left(void *ctx, uint64_t user, const char *why)
{
	struct join *join = ctx;

	notice_about(join, user, strcmp(why, "kicked") == 0 ? "was sent away" : "left");
	editor_person_gone(join->editor, user);
}

static void active(void *ctx, uint64_t user, const char *state, uint64_t rtt_ms)
{
	struct join *join = ctx;

	if (strcmp(state, "offline") == 0)
		notice_about(join, user, "lost the connection");
	editor_person_state(join->editor, user, state, rtt_ms);
}

static void role(void *ctx, uint64_t user, const char *name)
{
	struct join *join = ctx;
	char what[64];

	editor_person_role(join->editor, user, name);
	snprintf(what, sizeof(what), "is now %s", name);
	notice_about(join, user, what);
	if (user == remote_user(join->remote))
		editor_set_read_only(join->editor, strcmp(name, "viewer") == 0);
}

static void selected(void *ctx, uint64_t user, const struct sel *sels, size_t count)
{
	editor_person_sels(((struct join *)ctx)->editor, user, sels, count);
}

static void said(void *ctx, const struct msg_said *said)
{
	struct buf text = {0};

	buf_printf(&text, "%.*s: %.*s", (int)said->name.len, said->name.at, (int)said->text.len,
		said->text.at);
	buf_add_byte(&text, '\0');
	notice(ctx, text.at);
	buf_fini(&text);
}

static void failed(void *ctx, const char *sentence)
{
	end(ctx, sentence);
}

static const struct remote_handler remote_handler = {
	.opened = opened,
	.resumed = resumed,
	.edited = edited,
	.saved = saved,
	.people = people,
	.joined = joined,
	.left = left,
	.active = active,
	.role = role,
	.selected = selected,
	.said = said,
	.notice = notice,
	.failed = failed,
};

/* ---- from the keys to the editor ---- */

static void take_keys(struct join *join)
{
	struct key key;

	while (keys_next(join->keys, &key))
		editor_key(join->editor, &key, loop_now_ms(join->loop));
	if (keys_waiting(join->keys))
		timer_set(join->esc, ESC_WAIT_MS, 0);
}

static void lone_esc(void *ctx)
{
	struct join *join = ctx;

	keys_flush(join->keys);
	take_keys(join);
}

static void tty_ready(void *ctx, bool readable, bool writable)
{
	struct join *join = ctx;
	char bytes[16384];
	ptrdiff_t len = 0;

	(void)writable; /* the frame that waits leaves at the end of the turn */
	while (readable && (len = term_read(join->term, bytes, sizeof(bytes))) > 0)
		keys_feed(join->keys, bytes, (size_t)len);
	take_keys(join);
	if (len < 0)
		end(join, NULL);
}

static void on_resize(void *ctx, int signum)
{
	struct join *join = ctx;
	int cols, rows;

	(void)signum;
	if (!join->term || !term_resized(join->term))
		return;
	term_size(join->term, &cols, &rows);
	editor_resize(join->editor, cols, rows);
}

static bool take_terminal(struct join *join)
{
	const char *why;
	int cols, rows;

	join->term = term_open(&why);
	if (!join->term) {
		end(join, why);
		return false;
	}
	join->tty = watch_create(join->loop, term_fd(join->term), tty_ready, join);
	if (!join->tty) {
		end(join, "this terminal cannot be watched for keys");
		return false;
	}
	watch_set(join->tty, true, false);
	term_size(join->term, &cols, &rows);
	editor_resize(join->editor, cols, rows);
	return true;
}

/* ---- once a turn ---- */

static void obey(struct join *join, unsigned wants)
{
	const char *question = NULL;

	if (wants & EDITOR_WANT_SAVE)
		remote_save(join->remote);
	if (wants & EDITOR_WANT_RETRY)
		remote_connect(join->remote);
	if (wants & EDITOR_WANT_SUSPEND)
		term_suspend(join->term);
	if (wants & EDITOR_WANT_QUIT)
		question = join->quit_question ? join->quit_question(join->ctx) : NULL;
	if (wants & EDITOR_WANT_QUIT && !question && remote_link(join->remote) != REMOTE_ONLINE &&
		remote_unsent(join->remote))
		question =
			"Some of your edits have not reached the server. Quit and lose them? (y/n)";
	if (question)
		editor_ask_quit(join->editor, question);
	else if (wants & (EDITOR_WANT_QUIT | EDITOR_QUIT_SURE))
		end(join, NULL);
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
		.unsent = remote_unsent(join->remote),
		.room = remote_room(join->remote),
	};

	editor_status(join->editor, &status);
}

static void draw(struct join *join)
{
	uint64_t now = loop_now_ms(join->loop), next;

	show_status(join);
	if (term_ready(join->term))
		editor_draw(join->editor, join->term, now);
	watch_set(join->tty, true, !term_flush(join->term));
	next = editor_next_change(join->editor, now);
	if (remote_link(join->remote) == REMOTE_OFFLINE && (!next || next > 1000))
		next = 1000; /* the seconds until the next try count down */
	if (next)
		timer_set(join->change, next, 0);
	else
		timer_stop(join->change);
}

static void on_turn(void *ctx)
{
	struct join *join = ctx;
	struct remote_says says = {0};
	struct sel sel;

	if (!join->term || join->ended)
		return;
	obey(join, editor_wants(join->editor));
	if (editor_take_sel(join->editor, &sel))
		says.sel = &sel;
	says.activity = editor_activity(join->editor, loop_now_ms(join->loop));
	remote_turn(join->remote, &says);
	draw(join);
}

static void on_change(void *ctx)
{
	(void)ctx; /* the turn that follows draws it */
}

/* ---- for its owner ---- */

static const char *login_name(void)
{
	const char *name = getenv("USER");
	const struct passwd *who = name && *name ? NULL : getpwuid(getuid());

	return name && *name ? name : who ? who->pw_name : "guest";
}

struct join *join_start(
	struct loop *loop, const struct join_options *options, join_end_fn *on_end, void *ctx)
{
	struct join *join = mem_alloc(sizeof(*join));

	join->loop = loop;
	join->end = on_end;
	join->ctx = ctx;
	join->quit_question = options->quit_question;
	join->editor = editor_create();
	join->keys = keys_create();
	join->esc = timer_make(loop, lone_esc, join);
	join->change = timer_make(loop, on_change, join);
	if (options->editor_url && options->viewer_url)
		editor_share_urls(join->editor, options->editor_url, options->viewer_url);
	join->remote = remote_create(loop, &options->url,
		options->name ? options->name : login_name(), &remote_handler, join);
	remote_keep(join->remote, options->journal);
	loop_on_signal(loop, SIGWINCH, on_resize, join);
	loop_on_turn(loop, on_turn, join);
	remote_connect(join->remote);
	return join;
}

void join_leave(struct join *join)
{
	join->ended = true;
	remote_leave(join->remote);
	watch_destroy(join->tty);
	join->tty = NULL;
	term_close(join->term);
	join->term = NULL;
}

bool join_unsettled(const struct join *join)
{
	return remote_link(join->remote) == REMOTE_ONLINE && remote_unsent(join->remote) > 0;
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
	watch_destroy(join->tty);
	term_close(join->term);
	timer_destroy(join->esc);
	timer_destroy(join->change);
	editor_destroy(join->editor);
	remote_destroy(join->remote);
	keys_destroy(join->keys);
	free(join);
}
