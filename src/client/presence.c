#include "src/client/presence.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

void presence_sels(struct remote *remote, const struct sel *sels, size_t count)
{
	remote->sels = mem_realloc(remote->sels, count, sizeof(*sels));
	memcpy(remote->sels, sels, count * sizeof(*sels));
	remote->sel_count = count;
	remote->sel_waits = true;
}

static void say_sel(struct remote *remote)
{
	struct message m = {.type = MSG_SELECT};

	if (!remote->sel_waits || !replica_all_sent(remote->replica))
		return;
	remote->sel_waits = false;
	m.select.doc = remote->doc;
	m.select.rev = replica_rev(remote->replica);
	m.select.seq = replica_seq(remote->replica);
	m.select.sel = (struct msg_sels){remote->sel_count, remote->sels};
	remote_say(remote, &m);
}

static void say_activity(struct remote *remote, const char *activity, uint64_t follows)
{
	struct message m = {
		.type = MSG_ACTIVITY, .activity = {.state = str(activity), .follows = follows}};
	bool known = remote->activity && remote->follows == follows;

	if (!activity || (known && strcmp(activity, remote->activity) == 0))
		return;
	remote->activity = activity;
	remote->follows = follows;
	remote_say(remote, &m);
}

void presence_say(struct remote *remote, const char *activity, uint64_t follows)
{
	say_sel(remote);
	say_activity(remote, activity, follows);
}

void presence_say_seen(struct remote *remote, uint64_t id)
{
	struct message m = {.type = MSG_SEEN, .seen = {.id = id}};

	remote_say(remote, &m);
}

/* ---- the others ---- */

/* Theirs are positions of the server's newest revision here; past what we have typed since they are ours. */
static void tell_sels(struct remote *remote, uint64_t user, const struct msg_sels *sels)
{
	struct sel *here = mem_alloc((sels->count + 1) * sizeof(*here));

	for (size_t i = 0; i < sels->count; i++) {
		here[i].anchor = replica_locate(remote->replica, user, sels->at[i].anchor);
		here[i].head = replica_locate(remote->replica, user, sels->at[i].head);
	}
	REMOTE_TELL(remote, selected, user, here, sels->count);
	free(here);
}

void presence_selected(struct remote *remote, const struct message *m)
{
	if (remote->live && m->selected.doc == remote->doc)
		tell_sels(remote, m->selected.user, &m->selected.sel);
}

void presence_forget_kept(struct remote *remote)
{
	struct msg_user_sels *kept = &remote->incoming.sels;

	for (size_t i = 0; i < kept->count; i++)
		free(kept->at[i].sel.at);
	free(kept->at);
	*kept = (struct msg_user_sels){0};
}

void presence_keep_sels(struct remote *remote, const struct msg_user_sels *sels)
{
	struct msg_user_sels *kept = &remote->incoming.sels;

	presence_forget_kept(remote);
	kept->at = mem_alloc((sels->count + 1) * sizeof(*kept->at));
	for (; kept->count < sels->count; kept->count++) {
		const struct msg_user_sel *from = &sels->at[kept->count];
		struct sel *copy = mem_alloc((from->sel.count + 1) * sizeof(*copy));

		for (size_t i = 0; i < from->sel.count; i++)
			copy[i] = from->sel.at[i];
		kept->at[kept->count] = (struct msg_user_sel){from->user, {from->sel.count, copy}};
	}
}

void presence_tell_kept(struct remote *remote)
{
	const struct msg_user_sels *kept = &remote->incoming.sels;

	for (size_t i = 0; i < kept->count; i++)
		tell_sels(remote, kept->at[i].user, &kept->at[i].sel);
	presence_forget_kept(remote);
}

void presence_welcome(struct remote *remote, const struct message *m)
{
	const struct msg_users *users = &m->welcome.users;

	if (!str_is(m->welcome.epoch, remote->epoch))
		familiar_fini(&remote->familiar); /* ids of other people, perhaps */
	for (size_t i = 0; i < users->count; i++)
		familiar_meet(&remote->familiar, users->at[i].user);
	REMOTE_TELL(remote, people, users);
	REMOTE_TELL(remote, chat, &m->welcome.chat);
}

void presence_join(struct remote *remote, const struct message *m)
{
	struct msg_user user = {.user = m->join.user,
		.name = m->join.name,
		.color = m->join.color,
		.role = m->join.role,
		.state = str("active")};

	if (familiar_meet(&remote->familiar, user.user))
		REMOTE_TELL(remote, joined, &user);
	else
		REMOTE_TELL(remote, returned, &user);
}

void presence_leave(struct remote *remote, const struct message *m)
{
	char why[16];

	remote_copy_str(why, sizeof(why), m->leave.why);
	familiar_part(&remote->familiar, m->leave.user);
	REMOTE_TELL(remote, left, m->leave.user, why);
}

void presence_active(struct remote *remote, const struct message *m)
{
	char state[16], path[REMOTE_PATH_BYTES];
	struct remote_activity activity = {.user = m->active.user,
		.state = state,
		.rtt_ms = m->active.rtt,
		.follows = m->active.follows,
		.path = path,
		.line = m->active.line};

	remote_copy_str(state, sizeof(state), m->active.state);
	remote_copy_str(path, sizeof(path), m->active.path);
	REMOTE_TELL(remote, active, &activity);
}

void presence_role(struct remote *remote, const struct message *m)
{
	char role[16];

	remote_copy_str(role, sizeof(role), m->role.role);
	REMOTE_TELL(remote, role, m->role.user, role);
}

void presence_said(struct remote *remote, const struct message *m)
{
	REMOTE_TELL(remote, said, &m->said);
}

void presence_seen(struct remote *remote, const struct message *m)
{
	REMOTE_TELL(remote, seen, m->seen_by.user, m->seen_by.id);
}
