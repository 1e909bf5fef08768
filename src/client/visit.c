#include "src/client/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

/* ---- wishing ---- */

void remote_open(struct remote *remote, const char *path, bool create)
{
	if (strlen(path) >= sizeof(remote->wish.path)) {
		REMOTE_TELL(remote, stayed, "That name is too long.");
		return;
	}
	snprintf(remote->wish.path, sizeof(remote->wish.path), "%s", path);
	remote->wish.create = create;
	remote->wish.asked = false;
	if (remote->replica && remote->link != REMOTE_ONLINE)
		visit_stay(
			remote, "Offline: another file can be opened when the connection is back.");
}

void remote_stay(struct remote *remote)
{
	if (!remote->incoming.on)
		visit_stay(remote, NULL);
}

void visit_stay(struct remote *remote, const char *why)
{
	remote->wish = (struct wish){0};
	if (remote->replica)
		REMOTE_TELL(remote, stayed, why);
	else if (why)
		REMOTE_TELL(remote, failed, why);
}

static void ask_for(struct remote *remote)
{
	struct message m = {.type = MSG_OPEN,
		.open = {.path = str(remote->wish.path), .create = remote->wish.create}};

	remote->wish.asked = true;
	remote_say(remote, &m);
	remote_flush(remote);
}

void visit_first(struct remote *remote, const struct msg_files *files)
{
	if (!*remote->wish.path && !files->count) {
		REMOTE_TELL(remote, failed,
			"this room has no file yet. Name one to begin it: codecollab join URL FILE");
		return;
	}
	if (!*remote->wish.path)
		remote_copy_str(remote->wish.path, sizeof(remote->wish.path), files->at[0].path);
	ask_for(remote);
}

void visit_turn(struct remote *remote)
{
	if (*remote->wish.path && !remote->wish.asked && remote->live &&
		!replica_unacked(remote->replica))
		ask_for(remote);
}

void visit_filed(struct remote *remote, const struct message *m)
{
	REMOTE_TELL(remote, filed, m->filed.verb, m->filed.path, m->filed.to);
}

/* ---- from one to another ---- */

bool visit_is_other(const struct remote *remote, const char *path)
{
	return remote->replica && *remote->path && strcmp(remote->path, path) != 0;
}

static void say_close(struct remote *remote, uint64_t doc)
{
	remote_say(remote, &(struct message){.type = MSG_CLOSE, .close = {.doc = doc}});
}

bool visit_expects(struct remote *remote, const struct message *opened)
{
	bool shown =
		!remote->replica || !*remote->path || str_is(opened->opened.path, remote->path);

	if (shown || (remote->wish.asked && str_is(opened->opened.path, remote->wish.path)))
		return true;
	say_close(remote, opened->opened.doc);
	remote_flush(remote);
	return false;
}

/* The replica at index i; the ones behind it move up. */
static struct replica *take_left(struct remote *remote, size_t i)
{
	struct replica *replica = remote->left[i].replica;

	remote->left_count--;
	memmove(&remote->left[i], &remote->left[i + 1],
		(remote->left_count - i) * sizeof(*remote->left));
	return replica;
}

static void forget_oldest(struct remote *remote)
{
	REMOTE_TELL(remote, forgot, remote->left[0].path);
	replica_destroy(take_left(remote, 0));
}

static void leave(struct remote *remote)
{
	struct left_file *left;

	if (!remote->left)
		remote->left = mem_alloc(VISIT_LEFT_MAX * sizeof(*remote->left));
	if (remote->left_count == VISIT_LEFT_MAX)
		forget_oldest(remote);
	left = &remote->left[remote->left_count++];
	memcpy(left->path, remote->path, sizeof(left->path));
	memcpy(left->session, remote->session, sizeof(left->session));
	left->replica = remote->replica;
}

void visit_turn_to(struct remote *remote, const char *path, bool *same)
{
	size_t i = 0;

	say_close(remote, remote->doc);
	leave(remote);
	remote->replica = NULL;
	remote->sel_waits = false;
	remote->kept = (struct kept){0};
	while (i < remote->left_count && strcmp(remote->left[i].path, path) != 0)
		i++;
	if (i == remote->left_count)
		return;
	*same = strcmp(remote->left[i].session, remote->offered) == 0;
	remote->replica = take_left(remote, i);
}

void visit_opened(struct remote *remote)
{
	if (strcmp(remote->wish.path, remote->path) == 0)
		remote->wish = (struct wish){0};
}

void visit_fini(struct remote *remote)
{
	while (remote->left_count)
		replica_destroy(take_left(remote, remote->left_count - 1));
	free(remote->left);
}
