#include "tests/bench/party.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/codec.h"
#include "ot/mem.h"

/* What is not wrong in the traces cannot be refused. */
static void must(enum err e, const char *what)
{
	if (!e)
		return;
	fprintf(stderr, "codecollab-bench: %s was refused: %d\n", what, (int)e);
	exit(1);
}

struct party party_open(const struct trace *t)
{
	struct party p = {.log = log_create(text_create(), 0), .count = t->agent_count};

	p.members = mem_alloc(p.count * sizeof(*p.members));
	for (size_t i = 0; i < p.count; i++) {
		p.members[i].replica = replica_create(text_create(), 0, i + 1);
		p.members[i].peer = peer_at(i + 1, 0);
		replica_set_window(p.members[i].replica, SIZE_MAX);
	}
	return p;
}

void party_close(struct party *p)
{
	for (size_t i = 0; i < p->count; i++) {
		replica_destroy(p->members[i].replica);
		peer_fini(&p->members[i].peer);
	}
	free(p->members);
	free(p->post);
	buf_fini(&p->up);
	buf_fini(&p->down);
	log_destroy(p->log);
}

void party_edit(struct party *p, size_t agent, const struct patch *patch)
{
	struct splice inverse, s = {.pos = patch->pos,
				       .drop = patch->del,
				       .text = patch->text,
				       .bytes = patch->bytes};

	must(replica_splice(p->members[agent].replica, &s, &inverse), "a patch");
}

/* The server tells all of its newest revision. */
static void post(struct party *p, uint64_t seq)
{
	uint64_t rev = log_rev(p->log);
	const struct log_entry *entry = log_entry(p->log, rev);
	struct message edited = {.type = MSG_EDITED,
		.edited = {.doc = 1, .rev = rev, .user = entry->user, .op = entry->op}};
	struct message ack = {.type = MSG_ACK, .ack = {.doc = 1, .rev = rev, .seq = seq}};

	p->post = mem_grow(p->post, &p->post_cap, (size_t)rev + 1, sizeof(*p->post));
	struct party_post *at = &p->post[rev];
	at->user = entry->user;
	at->edit = p->down.len;
	codec_encode(CODEC_BIN, &edited, &p->down);
	at->ack = p->down.len;
	codec_encode(CODEC_BIN, &ack, &p->down);
	at->end = p->down.len;
}

/* What came from a member, as the server reads it. */
static void receive(struct party *p, struct party_member *from)
{
	struct message m;
	size_t used;

	must(codec_decode(CODEC_BIN, false, p->up.at, p->up.len, &used, &m), "a message");
	must(log_receive(p->log, &from->peer, m.edit.rev, m.edit.seq, &m.edit.op), "an edit");
	p->transforms += from->peer.count;
	post(p, m.edit.seq);
	message_fini(&m);
}

void party_send(struct party *p, size_t agent)
{
	struct party_member *from = &p->members[agent];
	struct message m = {.type = MSG_EDIT, .edit = {.doc = 1}};
	const struct op *op;

	while (replica_send(from->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.op = *op; /* borrowed for the call: an op moves by assignment */
		buf_clear(&p->up);
		codec_encode(CODEC_BIN, &m, &p->up);
		p->bytes_up += p->up.len;
		receive(p, from);
	}
}

static void read_message(struct party *p, struct party_member *to, size_t from, size_t end)
{
	struct message m;
	size_t used;

	must(codec_decode(CODEC_BIN, true, p->down.at + from, end - from, &used, &m), "a message");
	p->bytes_down += end - from;
	if (m.type == MSG_ACK) {
		must(replica_ack(to->replica, m.ack.rev, m.ack.seq), "an ack");
	} else {
		p->transforms += replica_unacked(to->replica);
		must(replica_receive(to->replica, m.edited.rev, m.edited.user, &m.edited.op, NULL),
			"somebody's edit");
	}
	message_fini(&m);
}

void party_take(struct party *p, size_t agent, uint64_t rev)
{
	struct party_member *to = &p->members[agent];

	for (uint64_t next; (next = replica_rev(to->replica) + 1) <= rev;) {
		const struct party_post *at = &p->post[next];
		if (at->user == agent + 1)
			read_message(p, to, at->ack, at->end);
		else
			read_message(p, to, at->edit, at->ack);
	}
}

void party_resume(struct party *p, size_t agent)
{
	struct party_member *to = &p->members[agent];
	uint64_t seq = to->peer.seq, rev = log_rev(p->log);

	peer_fini(&to->peer);
	to->peer = peer_at(agent + 1, rev);
	to->peer.seq = seq;
	to->peer.resumed = true;
	replica_resume(to->replica, rev, seq);
	party_take(p, agent, rev);
}

bool party_agrees(const struct party *p, const struct trace *t)
{
	bool right = trace_ends_in(t, log_text(p->log));

	for (size_t i = 0; i < p->count; i++)
		right = right && replica_in_step(p->members[i].replica) &&
			text_equal(replica_text(p->members[i].replica), log_text(p->log));
	return right;
}
