#include "src/client/join.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/client/console.h"
#include "src/client/remote.h"
#include "src/report.h"
#include "tui/chat.h"
#include "tui/editor.h"

#define POINT_NEAR_MS 100 /* nearer than that, each move is told */
#define POINT_MOST_MS 5000
#define BACK_MS       1000

struct join {
	struct loop *loop;
	struct remote *remote;
	struct console *console; /* open when the text is there */
	struct editor *editor;   /* the console's */
	const char *(*quit_question)(void *ctx);
	join_end_fn *end;
	void *ctx;
	bool ended, welcomed;
	bool lent;             /* the terminal, to ssh */
	uint64_t back_ms;      /* when it was given back; 0: it never was */
	struct tunnel *tunnel; /* NULL: none */
	uint64_t pointed_ms;   /* when the others were told of the caret */
	const char *warning;
	uint64_t read;   /* of the chat, and not told yet; 0: nothing */
	struct buf kept; /* what to print when the terminal is free again */
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

static bool take_terminal(struct join *join)
{
	const char *why;

	if (!console_open(join->console, &why)) {
		end(join, why);
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

static void opened(void *ctx, struct replica *replica, const char *path, bool read_only, bool crlf,
	const struct op *shown)
{
	struct join *join = ctx;
	struct editor_document document = {.path = path, .read_only = read_only, .crlf = crlf};

	editor_turn(join->editor, path);
	if (console_is_open(join->console) && !op_is_identity(shown))
		editor_remote(join->editor, 0, shown);
	if (!take_terminal(join))
		return;
	editor_open(join->editor, replica, &document);
	editor_tell_sel(join->editor);
	if (join->warning)
		notice(join, join->warning);
	join->warning = NULL;
}

/* The notice goes by; the whole path is told again when the terminal is a plain one. */
static void diverged(void *ctx, bool refused, const char *copy, const char *why)
{
	const char *what =
		refused ? "The server refused your edits" : "Parted from the server's text: mended";
	struct join *join = ctx;
	char *text = copy ? report_sentence("%s. Yours is in %s", what, copy)
			  : report_sentence("%s. Yours is not kept: %s", what, why);

	notice(join, text);
	free(text);
	if (copy)
		buf_printf(&join->kept, "%s: a copy is in %s\n",
			refused ? "The server refused edits of yours"
				: "Your text had parted from the server's",
			copy);
}

static void resumed(void *ctx)
{
	editor_tell_sel(((struct join *)ctx)->editor);
}

static void files(void *ctx, const struct msg_files *files)
{
	struct join *join = ctx;

	editor_files_clear(join->editor);
	for (size_t i = 0; i < files->count; i++) {
		char *path = text_of(files->at[i].path);
		if (str_is(files->at[i].kind, "file"))
			editor_file_here(join->editor, path);
		free(path);
	}
}

static void filed(void *ctx, struct str verb, struct str path, struct str to)
{
	struct join *join = ctx;
	char *from = text_of(path), *now = text_of(to);

	if (str_is(verb, "create"))
		editor_file_here(join->editor, from);
	else if (str_is(verb, "delete") || str_is(verb, "rename"))
		editor_file_gone(join->editor, from);
	if (str_is(verb, "rename"))
		editor_file_here(join->editor, now);
	free(from);
	free(now);
}

static void stayed(void *ctx, const char *why)
{
	struct join *join = ctx;

	if (why)
		notice(join, why);
	editor_stayed(join->editor);
}

static void forgot(void *ctx, const char *path)
{
	editor_forget(((struct join *)ctx)->editor, path);
}

static void tell_time(struct join *join)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	editor_clock(join->editor, loop_now_ms(join->loop),
		(uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

static void edited(void *ctx, uint64_t user, const struct op *shown)
{
	tell_time(ctx);
	editor_remote(((struct join *)ctx)->editor, user, shown);
}

static void authors(void *ctx, struct authors *takes)
{
	editor_authors(((struct join *)ctx)->editor, takes);
}

static void author(void *ctx, uint64_t user, const char *name)
{
	editor_author(((struct join *)ctx)->editor, user, name);
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

static void returned(void *ctx, const struct msg_user *user)
{
	show_person(ctx, user);
}

static void left(void *ctx, uint64_t user, const char *why)
{
	struct join *join = ctx;

	notice_about(join, user,
		strcmp(why, "kicked") == 0    ? "was sent away"
		: strcmp(why, "expired") == 0 ? "is gone: their invitation expired"
					      : "left");
	editor_person_gone(join->editor, user);
}

static void active(void *ctx, const struct remote_activity *a)
{
	struct join *join = ctx;

	if (strcmp(a->state, "offline") == 0)
		notice_about(join, a->user, "lost the connection");
	editor_person_state(join->editor, a->user, a->state, a->rtt_ms);
	editor_person_place(join->editor, a->user, a->path, a->line);
	editor_person_follows(join->editor, a->user, a->follows, loop_now_ms(join->loop));
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

static void show_said(struct join *join, const struct msg_said *said, bool old)
{
	char *name = text_of(said->name), *text = text_of(said->text);
	struct chat_line line = {
		.id = said->id, .user = said->user, .at = said->at, .name = name, .text = text};

	editor_said(join->editor, &line, old, loop_now_ms(join->loop));
	free(name);
	free(text);
}

/* What was said while the connection was lost is news, what was before one came is not. */
static void chat(void *ctx, const struct msg_chat *chat)
{
	struct join *join = ctx;

	editor_chat_newest(join->editor, chat->count ? chat->at[chat->count - 1].id : 0);
	for (size_t i = 0; i < chat->count; i++)
		show_said(join, &chat->at[i], !join->welcomed);
	join->welcomed = true;
}

static void said(void *ctx, const struct msg_said *said)
{
	show_said(ctx, said, false);
}

static void seen(void *ctx, uint64_t user, uint64_t id)
{
	editor_person_seen(((struct join *)ctx)->editor, user, id);
}

static void failed(void *ctx, const char *sentence)
{
	end(ctx, sentence);
}

static const struct remote_handler remote_handler = {
	.opened = opened,
	.diverged = diverged,
	.resumed = resumed,
	.files = files,
	.filed = filed,
	.stayed = stayed,
	.forgot = forgot,
	.edited = edited,
	.authors = authors,
	.author = author,
	.saved = saved,
	.people = people,
	.joined = joined,
	.returned = returned,
	.left = left,
	.active = active,
	.role = role,
	.selected = selected,
	.chat = chat,
	.said = said,
	.seen = seen,
	.notice = notice,
	.failed = failed,
};

static void gone(void *ctx)
{
	end(ctx, NULL);
}

/* ---- once a turn ---- */

static void obey(struct join *join, unsigned wants)
{
	const char *question = NULL;

	if (wants & EDITOR_WANT_SAVE)
		remote_save(join->remote);
	if (wants & EDITOR_WANT_RETRY)
		try_now(join);
	if (wants & EDITOR_WANT_STAY)
		remote_stay(join->remote);
	if (wants & EDITOR_WANT_SUSPEND)
		console_suspend(join->console);
	if (wants & EDITOR_WANT_CONFIG)
		console_configure(join->console);
	if (wants & EDITOR_WANT_QUIT)
		question = join->quit_question ? join->quit_question(join->ctx) : NULL;
	if (wants & EDITOR_WANT_QUIT && !question && remote_link(join->remote) != REMOTE_ONLINE &&
		remote_unsent(join->remote))
		question = remote_is_kept(join->remote)
				   ? "Not all has reached the server; it is kept for when you join "
				     "again. Quit? (y/n)"
				   : "Some of your edits have not reached the server. Quit and "
				     "lose them? (y/n)";
	if (question)
		editor_ask_quit(join->editor, question);
	else if (wants & (EDITOR_WANT_QUIT | EDITOR_QUIT_SURE))
		end(join, NULL);
}

static void carry_out(struct join *join, const struct editor_decision *decision)
{
	if (!remote_admin(join->remote, decision->verb, decision->user, decision->arg))
		notice(join, "Offline: nothing was changed.");
	else if (decision->done)
		notice(join, decision->done);
}

static void go_to_file(struct join *join)
{
	struct editor_going going;

	if (editor_take_open(join->editor, &going))
		remote_open(join->remote, going.path, going.create);
	editor_catch_up(join->editor, loop_now_ms(join->loop));
}

static void say(struct join *join)
{
	char *text = editor_take_say(join->editor);

	if (text && !remote_chat(join->remote, text))
		notice(join, "Offline: that was not said.");
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

static void on_turn(void *ctx)
{
	struct join *join = ctx;
	struct remote_says says = {0};
	struct editor_decision decision;

	if (join->lent && is_done_asking(join))
		take_terminal(join);
	if (!console_is_open(join->console))
		return;
	if (join->ended) { /* what may not all leave at once goes on leaving */
		remote_turn(join->remote, &says);
		return;
	}
	obey(join, editor_wants(join->editor));
	if (join->lent)
		return;
	go_to_file(join);
	if (editor_take_decision(join->editor, &decision))
		carry_out(join, &decision);
	point(join, &says);
	says.activity = editor_activity(join->editor, loop_now_ms(join->loop));
	says.authors = editor_wants_authors(join->editor);
	tell_time(join);
	says.follows = editor_follows(join->editor);
	say(join);
	remote_turn(join->remote, &says);
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

struct join *join_start(
	struct loop *loop, const struct join_options *options, join_end_fn *on_end, void *ctx)
{
	struct join *join = mem_alloc(sizeof(*join));

	join->loop = loop;
	join->end = on_end;
	join->ctx = ctx;
	join->quit_question = options->quit_question;
	join->warning = options->warning;
	join->console = options->console ? options->console : console_create(loop, gone, join);
	join->editor = console_editor(join->console);
	console_serve(join->console, gone, join);
	if (options->editor_url && options->viewer_url)
		editor_share_urls(join->editor, options->editor_url, options->viewer_url);
	join->remote = remote_create(loop, &options->url,
		options->name ? options->name : login_name(), &remote_handler, join);
	join->tunnel = options->tunnel;
	remote_through(join->remote, options->tunnel);
	remote_keep(join->remote, options->journal);
	if (options->file)
		remote_open(join->remote, options->file, true);
	if (options->replica)
		remote_adopt(join->remote, options->replica);
	loop_on_turn(loop, on_turn, join);
	remote_connect(join->remote);
	return join;
}

void join_notice(struct join *join, const char *text)
{
	notice(join, text);
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
