#include "src/client/unsent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

void unsent_keep_now(void *ctx)
{
	struct remote *remote = ctx;
	struct journal_place place = {.user = replica_user(remote->replica),
		.session = remote->session,
		.room = remote->room,
		.epoch = remote->epoch,
		.path = remote->path};

	remote->keep_waits = false;
	if (!replica_unacked(remote->replica))
		journal_clear(remote->journal);
	else if (!journal_keep(remote->journal, remote->replica, &place))
		REMOTE_TELL(remote, notice,
			"Your unsent edits cannot be written down on this machine.");
}

void unsent_keep_soon(struct remote *remote)
{
	if (!remote->journal || !remote->replica || remote->adopted || remote->keep_waits ||
		(!replica_unacked(remote->replica) && journal_is_empty(remote->journal)))
		return;
	remote->keep_waits = true;
	timer_set(remote->keep, UNSENT_KEEP_MS, 0);
}

void remote_keep(struct remote *remote, struct journal *journal)
{
	remote->journal = journal;
}

/* A text as long as that one was: an op needs to know no more. */
static struct text *text_of_length(size_t points)
{
	struct text *text;
	char *blanks = mem_alloc(points + 1);

	memset(blanks, ' ', points);
	if (text_load(&text, blanks, points) != ERR_NONE)
		text = text_create();
	free(blanks);
	return text;
}

void remote_recover(struct remote *remote, const struct journal_left *left)
{
	remote->recovering = true;
	remote->replica = replica_create(text_of_length(left->points), left->rev, left->user);
	for (size_t i = 0; i < left->count; i++)
		replica_again(remote->replica, left->edits[i].seq, &left->edits[i].op);
	replica_count_from(remote->replica, left->seq);
	snprintf(remote->session, sizeof(remote->session), "%s", left->session);
	snprintf(remote->path, sizeof(remote->path), "%s", left->path);
}
