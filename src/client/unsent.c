#include "src/client/unsent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"

/* Told once, and once more when it is over: it stays so for a while, and people type on. */
static void tell(struct remote *remote, int e)
{
	char *text;

	if (!e == !remote->keep_error)
		return;
	remote->keep_error = e;
	text = e ? report_sentence(
			   "Unsent edits cannot be written down on this machine (%s): do not "
			   "kill this program.",
			   strerror(e))
		 : report_sentence("Unsent edits are written down again.");
	REMOTE_TELL(remote, notice, text);
	free(text);
}

static struct kept what_is(const struct remote *remote)
{
	const struct replica *r = remote->replica;

	return (struct kept){.rev = replica_rev(r),
		.seq = replica_seq(r),
		.unacked = replica_unacked(r),
		.hash = text_hash(replica_text(r))};
}

static bool same(const struct kept *a, const struct kept *b)
{
	return a->rev == b->rev && a->seq == b->seq && a->unacked == b->unacked &&
	       a->hash == b->hash;
}

static bool keeps(const struct remote *remote)
{
	return remote->journal && remote->replica && !remote->adopted &&
	       (replica_unacked(remote->replica) || journal_bytes(remote->journal));
}

static void keep(struct remote *remote)
{
	struct journal_place place = {.user = replica_user(remote->replica),
		.session = remote->session,
		.room = remote->room,
		.epoch = remote->epoch,
		.path = remote->path};

	timer_stop(remote->keep);
	remote->keep_waits = false;
	remote->kept = what_is(remote);
	remote->kept_ms = loop_now_ms(remote->loop);
	if (replica_unacked(remote->replica))
		tell(remote, journal_keep(remote->journal, remote->replica, &place));
	else
		journal_clear(remote->journal);
}

void unsent_keep_now(struct remote *remote)
{
	if (keeps(remote))
		keep(remote);
}

bool unsent_may_send(const struct remote *remote)
{
	return !remote->keep_waits;
}

void unsent_keep_again(void *ctx)
{
	((struct remote *)ctx)->keep_waits = false; /* the turn that follows keeps it */
}

/* How long what is to be kept now has to wait. */
static uint64_t wait_ms(const struct remote *remote)
{
	uint64_t ago = loop_now_ms(remote->loop) - remote->kept_ms;

	if (journal_bytes(remote->journal) < UNSENT_LARGE_BYTES || ago >= UNSENT_KEEP_MS)
		return 0;
	return UNSENT_KEEP_MS - ago;
}

void unsent_keep(struct remote *remote)
{
	struct kept now;
	uint64_t wait;

	if (remote->keep_waits || !keeps(remote))
		return;
	now = what_is(remote);
	if (same(&now, &remote->kept))
		return;
	wait = replica_unacked(remote->replica) ? wait_ms(remote) : 0;
	remote->keep_waits = wait > 0;
	if (wait)
		timer_set(remote->keep, wait, 0);
	else
		unsent_keep_now(remote);
}

void remote_keep(struct remote *remote, struct journal *journal)
{
	remote->journal = journal;
}

bool remote_is_hopeless(const struct remote *remote)
{
	return remote->hopeless;
}

bool remote_is_kept(const struct remote *remote)
{
	struct kept now;

	if (!remote->journal || !remote->replica || remote->keep_error)
		return false;
	now = what_is(remote);
	return same(&now, &remote->kept);
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
	snprintf(remote->epoch, sizeof(remote->epoch), "%s", left->epoch);
}
