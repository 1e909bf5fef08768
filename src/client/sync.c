#include "src/client/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/diff.h"
#include "ot/utf8.h"
#include "src/client/authorship.h"
#include "src/client/conflict.h"
#include "src/client/visit.h"
#include "src/client/presence.h"

void sync_say_edits(struct remote *remote)
{
	struct message m = {.type = MSG_EDIT};
	const struct op *op;

	while (replica_send(remote->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.doc = remote->doc;
		m.edit.op = *op; /* borrowed for the call: an op moves by assignment */
		remote_say(remote, &m);
		if (remote->out.len >= REMOTE_FRAME_BYTES)
			remote_flush(remote);
	}
}

/* Not earlier: were the link to break before the text is here, another session would be resumed with the old one. */
static void begin_session(struct remote *remote)
{
	memcpy(remote->session, remote->offered, sizeof(remote->session));
	remote->live = true;
	remote->adopted = false;
	remote->link = REMOTE_ONLINE;
}

static void keep_copy(struct remote *remote)
{
	const struct text *text = replica_text(remote->replica);
	char *why = NULL, *copy;

	copy = conflict_keep(text, remote->url.room, remote->path, time(NULL), &why);
	REMOTE_TELL(remote, diverged, remote->refused, copy, why);
	free(copy);
	free(why);
}

/* The server's text alone: what is unacknowledged was refused, and stays in the copy. */
static void replace(struct remote *remote, struct text *takes, struct op *shown)
{
	struct replica *old = remote->replica;

	keep_copy(remote);
	*shown = op_diff(replica_text(old), takes);
	remote->replica = replica_create(takes, remote->incoming.rev, remote->user);
	replica_count_from(remote->replica, replica_seq(old));
	replica_destroy(old);
}

/* Edits are counted by session; the seq that came with a text counts ours only if it is in the same one. */
static void restart(struct remote *remote, struct text *takes, bool same, struct op *shown)
{
	if (same)
		replica_ordered(remote->replica, remote->incoming.seq);
	if (remote->refused)
		replace(remote, takes, shown);
	else
		replica_restart(remote->replica, takes, remote->incoming.rev, remote->user, shown);
	if (!same)
		replica_count_from(remote->replica, 0);
}

/* Of a document that was open in this session before, and is not known here any more, the count goes on. */
static void begin(struct remote *remote, struct text *takes)
{
	remote->replica = replica_create(takes, remote->incoming.rev, remote->user);
	replica_count_from(remote->replica, remote->incoming.seq);
}

/* Longer than any text may be: this server is wrong, and is left. */
static void refuse_text(struct remote *remote)
{
	remote->incoming.on = false;
	buf_fini(&remote->incoming.text);
	ws_client_close(remote->ws, 1009, "text-too-large");
}

/* Its file is shown from now on, with what was known of it here. */
static void take_up(struct remote *remote, struct text *takes, struct op *shown)
{
	struct incoming *in = &remote->incoming;
	bool same = strcmp(remote->offered, remote->session) == 0;

	if (visit_is_other(remote, in->path))
		visit_turn_to(remote, in->path, &same);
	remote->doc = in->doc;
	snprintf(remote->path, sizeof(remote->path), "%s", in->path);
	if (remote->replica)
		restart(remote, takes, same, shown);
	else
		begin(remote, takes);
	remote->diverged = remote->refused = false;
	visit_opened(remote);
}

static void open_incoming(struct remote *remote)
{
	struct incoming *in = &remote->incoming;
	struct text *text;
	struct op shown = {0};

	in->on = false;
	if (text_load(&text, in->text.at ? in->text.at : "", in->text.len) != ERR_NONE) {
		refuse_text(remote);
		return;
	}
	buf_fini(&in->text);
	take_up(remote, text, &shown);
	begin_session(remote);
	REMOTE_TELL(remote, opened, remote->replica, remote->path, in->read_only, in->crlf, &shown);
	op_fini(&shown);
	presence_tell_kept(remote);
}

static void take_piece(struct remote *remote, struct str piece)
{
	struct incoming *in = &remote->incoming;

	if (in->size > TEXT_MAX_BYTES || piece.len > TEXT_MAX_BYTES - in->text.len) {
		refuse_text(remote);
		return;
	}
	buf_add(&in->text, piece.at, piece.len);
	in->points += utf8_count(piece.at, piece.len).points;
	if (in->points >= in->size)
		open_incoming(remote);
}

/* ---- a text that cannot be the server's ---- */

static void say_diverged(struct remote *remote)
{
	struct message m = {.type = MSG_DIVERGED,
		.diverged = {.doc = remote->doc, .rev = replica_rev(remote->replica)}};

	remote_say(remote, &m);
	remote_flush(remote);
}

static void no_recovery(struct remote *remote, const char *why)
{
	remote->hopeless = true;
	REMOTE_TELL(remote, failed, why);
}

/* Nothing more is sent or applied until the server's text is here. */
static void give_up_text(struct remote *remote)
{
	remote->live = false;
	if (remote->recovering) {
		no_recovery(remote,
			remote->refused ? remote->last_error : "they do not fit the server's text");
		return;
	}
	if (!remote->diverged && !remote->refused)
		keep_copy(remote);
	remote->diverged = true;
}

static void start_over(struct remote *remote)
{
	give_up_text(remote);
	if (remote->diverged)
		say_diverged(remote);
}

void sync_unfit(struct remote *remote)
{
	if (remote->live)
		give_up_text(remote);
}

void sync_refused(struct remote *remote)
{
	if (!remote->live)
		return;
	remote->refused = true;
	start_over(remote);
}

/* ---- what the server says ---- */

void sync_opened(struct remote *remote, const struct message *m)
{
	struct incoming *in = &remote->incoming;

	if (remote->recovering) {
		no_recovery(remote, "the server has another history now");
		return;
	}
	if (!visit_expects(remote, m))
		return;
	remote->live = false;
	authorship_reset(remote);
	presence_keep_sels(remote, &m->opened.sels);
	buf_clear(&in->text);
	*in = (struct incoming){.on = true,
		.doc = m->opened.doc,
		.rev = m->opened.rev,
		.size = m->opened.size,
		.seq = m->opened.seq,
		.text = in->text,
		.sels = in->sels,
		.read_only = str_is(m->opened.mode, "ro"),
		.crlf = str_is(m->opened.eol, "crlf")};
	remote_copy_str(in->path, sizeof(in->path), m->opened.path);
	take_piece(remote, m->opened.text);
}

void sync_chunk(struct remote *remote, const struct message *m)
{
	if (remote->incoming.on && m->chunk.doc == remote->incoming.doc)
		take_piece(remote, m->chunk.text);
}

void sync_resumed(struct remote *remote, const struct message *m)
{
	if (!remote->replica)
		return;
	remote->doc = m->resumed.doc;
	if (remote->diverged) { /* the connection was lost before `opened` was here */
		say_diverged(remote);
		return;
	}
	replica_resume(remote->replica, m->resumed.rev, m->resumed.seq);
	begin_session(remote);
	if (remote->handler->resumed)
		remote->handler->resumed(remote->ctx);
}

void sync_edited(struct remote *remote, const struct message *m)
{
	struct op shown = {0};

	if (!remote->live || m->edited.doc != remote->doc)
		return;
	if (replica_receive(remote->replica, m->edited.rev, m->edited.user, &m->edited.op,
		    &shown) != ERR_NONE) {
		start_over(remote);
		return;
	}
	if (!op_is_identity(&shown))
		REMOTE_TELL(remote, edited, m->edited.user, &shown);
	op_fini(&shown);
}

void sync_ack(struct remote *remote, const struct message *m)
{
	if (!remote->live || m->ack.doc != remote->doc)
		return;
	if (replica_ack(remote->replica, m->ack.rev, m->ack.seq) != ERR_NONE)
		start_over(remote);
	backoff_reset(&remote->backoff);
}

void sync_check(struct remote *remote, const struct message *m)
{
	char hash[17];

	if (!remote->live || remote->recovering || m->check.doc != remote->doc ||
		!replica_in_step(remote->replica) || replica_rev(remote->replica) != m->check.rev)
		return;
	snprintf(hash, sizeof(hash), "%016" PRIx64, text_hash(replica_text(remote->replica)));
	if (!str_is(m->check.hash, hash))
		start_over(remote);
}

void sync_style(struct remote *remote, const struct message *m)
{
	const struct msg_asks *said = &m->style.asks;
	struct asks asks = {0};

	for (size_t i = 0; i < said->count; i++)
		asks_add(&asks, said->at[i].name, said->at[i].value);
	if (m->style.doc == remote->doc && remote->replica)
		REMOTE_TELL(remote, style, &asks);
}

void sync_saved(struct remote *remote, const struct message *m)
{
	if (m->saved.doc == remote->doc && remote->replica)
		REMOTE_TELL(remote, saved, m->saved.rev);
}
