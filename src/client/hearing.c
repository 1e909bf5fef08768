/* hearing.c: what the room says, shown: the handler that a join (join.h) gives its remote. */
#include "src/client/join_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"
#include "tui/chat.h"

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
	join_notice(ctx, text);
}

static void notice_about(struct join *join, uint64_t user, const char *what)
{
	const char *name = editor_person_name(join->editor, user);
	struct buf text = {0};

	if (!name)
		return;
	buf_printf(&text, "%s %s", name, what);
	buf_add_byte(&text, '\0');
	join_notice(join, text.at);
	buf_fini(&text);
}

static void style(void *ctx, const struct asks *asks)
{
	struct join *join = ctx;

	join->style = style_from(asks);
	console_style(join->console, &join->style);
}

static void opened(void *ctx, struct replica *replica, const char *path, bool read_only, bool crlf,
	const struct op *shown)
{
	struct join *join = ctx;
	struct editor_document document = {.path = path, .read_only = read_only, .crlf = crlf};

	join->tidy = (struct tidy){0};
	editor_turn(join->editor, path);
	if (console_is_open(join->console) && !op_is_identity(shown))
		editor_remote(join->editor, 0, shown);
	if (!join_take_terminal(join))
		return;
	editor_open(join->editor, replica, &document);
	style(join, &(struct asks){0});
	editor_tell_sel(join->editor);
	if (join->warning)
		join_notice(join, join->warning);
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

	join_notice(join, text);
	free(text);
	if (copy)
		buf_printf(&join->kept, "%s: a copy is in %s\n",
			refused ? "The server refused edits of yours"
				: "Your text had parted from the server's",
			copy);
}

static void resumed(void *ctx)
{
	struct join *join = ctx;

	join->tidy = (struct tidy){0};
	editor_tell_sel(join->editor);
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
		join_notice(join, why);
	editor_stayed(join->editor);
}

static void forgot(void *ctx, const char *path)
{
	editor_forget(((struct join *)ctx)->editor, path);
}

/* What was saved by both is not what it should be: so once more. */
static void tidy_again(struct join *join, struct op *takes)
{
	if (op_is_identity(takes) || !editor_may_edit(join->editor)) {
		op_fini(takes);
		return;
	}
	editor_edit_on(join->editor, takes);
	remote_save(join->remote);
}

static void edited(void *ctx, uint64_t user, const struct op *shown)
{
	struct join *join = ctx;

	join_tell_time(join);
	editor_remote(join->editor, user, shown);
	struct op op = tidy_heard(&join->tidy, remote_replica(join->remote), shown);
	tidy_again(join, &op);
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
	join_end(ctx, sentence);
}

const struct remote_handler hearing = {
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
	.style = style,
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
