/*
 * cruel.h: a log, its clients, and a cruel network between them, in one process.
 *
 *	struct cruel w = cruel_open(&choice, "text", 3);
 *	while (...)
 *		cruel_step(&w, &w.clients[i]);	-- anything may happen
 *	cruel_settle(&w);				-- everything arrives; all must hold one text
 *	cruel_close(&w);
 *
 * Everybody types, sends some of it, and gets some of what others did, whenever the choices say so;
 * links are cut and mended, the server starts over from an older text, the file on disk changes,
 * history is forgotten. Checked at every step:
 *
 * - each client's text is what its own edits and the `shown` ones make of it (a plain model keeps
 *   step);
 * - what a client has when nothing of its own is on its way has the hash that the server's text had
 *   at that revision;
 * - a selection arrives between the characters it was between, where they still exist;
 * - what the server refuses leaves no trace.
 *
 * Every typed character is another code point, so that a character can be told from all others
 * wherever it goes.
 */
#ifndef TESTS_LAWS_CRUEL_H
#define TESTS_LAWS_CRUEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/log.h"
#include "ot/replica.h"
#include "ot/undo.h"
#include "tests/laws/choice.h"
#include "tests/laws/plain.h"

#define CRUEL_CLIENTS 16
#define CRUEL_LONG    160 /* code points; beyond it people rather delete */

struct cruel_frame { /* an edit on its way up */
	uint64_t rev, seq;
	struct op op;
};

struct cruel_client {
	uint64_t user;
	struct replica *replica;
	struct undo *undo;
	struct plain screen;
	struct plain known; /* the server's text of the replica's revision */
	struct sel sel;
	bool linked;
	size_t epoch;
	uint64_t resume_rev;
	struct cruel_frame *up; /* sent, not yet arrived */
	size_t count, cap;
	struct peer peer; /* the server's end */
};

struct cruel {
	struct choice *c;
	struct log *log;
	struct plain server;
	struct plain
		older; /* the text of some time ago: to start over from, and the file on disk */
	uint64_t older_rev;
	size_t older_epoch;
	uint64_t *hashes; /* of revision first_rev and later ones */
	size_t hash_count, hash_cap;
	uint64_t first_rev;
	size_t epoch; /* how often the server has started over */
	struct cruel_client clients[CRUEL_CLIENTS];
	size_t count;
	size_t window;
	uint32_t next_letter;
	bool pure;      /* only typing and links: a character lives unless somebody deleted it */
	bool twice;     /* undo may have brought a character back that is there again */
	uint8_t *state; /* of each character, if pure */
	size_t state_cap;
};

enum cruel_state { CRUEL_NEVER, CRUEL_TYPED, CRUEL_DELETED };

static inline uint32_t cruel_letter(struct cruel *w)
{
	uint32_t letter = w->next_letter++;

	if (letter == 0xd7ff)
		w->next_letter = 0xe000;
	LAW(w->c, letter <= 0x10ffff);
	return letter;
}

static inline void cruel_set_state(struct cruel *w, uint32_t letter, enum cruel_state state)
{
	size_t cap = w->state_cap;

	w->state = mem_grow(w->state, &w->state_cap, letter + 1, 1);
	if (w->state_cap > cap)
		memset(w->state + cap, CRUEL_NEVER, w->state_cap - cap);
	w->state[letter] = (uint8_t)state;
}

static inline void cruel_note_hash(struct cruel *w)
{
	w->hashes = mem_grow(w->hashes, &w->hash_cap, w->hash_count + 1, sizeof(*w->hashes));
	w->hashes[w->hash_count++] = text_hash(log_text(w->log));
}

/* The server has taken one more revision. */
static inline void cruel_ordered(struct cruel *w)
{
	plain_apply(&w->server, &log_entry(w->log, log_rev(w->log))->op);
	LAW(w->c, plain_is(&w->server, log_text(w->log)));
	cruel_note_hash(w);
}

static inline void cruel_join(struct cruel *w, struct cruel_client *one, uint64_t user)
{
	uint64_t rev = log_rev(w->log);

	*one = (struct cruel_client){
		.user = user,
		.replica = replica_create(text_copy(log_text(w->log)), rev, user),
		.undo = undo_create(),
		.screen = plain_copy(&w->server),
		.known = plain_copy(&w->server),
		.linked = true,
		.epoch = w->epoch,
		.resume_rev = rev,
		.peer = peer_at(user, rev),
	};
}

/*
 * User ids are odd ones in an order of their own, so that a place in the array says nothing of
 * them.
 */
static inline uint64_t cruel_user(size_t i)
{
	return 1 + 2 * (i * 7 % CRUEL_CLIENTS);
}

static inline struct cruel cruel_open(struct choice *c, size_t points, size_t clients)
{
	struct cruel w = {.c = c, .count = clients, .next_letter = '!', .pure = true};

	for (size_t i = 0; i < points; i++) {
		uint32_t letter = cruel_letter(&w);
		plain_add(&w.server, letter);
		cruel_set_state(&w, letter, CRUEL_TYPED);
	}
	w.older = plain_copy(&w.server);
	w.first_rev = pick(c, 3);
	w.older_rev = w.first_rev;
	w.window = 1 + pick(c, REPLICA_WINDOW);
	w.log = log_create(plain_text(&w.server), w.first_rev);
	cruel_note_hash(&w);
	for (size_t i = 0; i < clients; i++)
		cruel_join(&w, &w.clients[i], cruel_user(i));
	return w;
}

static inline void cruel_drop_frames(struct cruel_client *one, size_t n)
{
	for (size_t i = 0; i < n; i++)
		op_fini(&one->up[i].op);
	one->count -= n;
	for (size_t i = 0; i < one->count; i++)
		one->up[i] = one->up[i + n];
}

static inline void cruel_leave(struct cruel_client *one)
{
	cruel_drop_frames(one, one->count);
	free(one->up);
	peer_fini(&one->peer);
	replica_destroy(one->replica);
	undo_destroy(one->undo);
	plain_fini(&one->screen);
	plain_fini(&one->known);
}

static inline void cruel_close(struct cruel *w)
{
	for (size_t i = 0; i < w->count; i++)
		cruel_leave(&w->clients[i]);
	log_destroy(w->log);
	plain_fini(&w->server);
	plain_fini(&w->older);
	free(w->hashes);
	free(w->state);
}

/*
 * A client must show what the model of its screen shows, and the server's text of its revision when
 * it has nothing to add.
 */
static inline void cruel_check(struct cruel *w, struct cruel_client *one)
{
	uint64_t rev = replica_rev(one->replica);

	LAW(w->c, plain_is(&one->screen, replica_text(one->replica)));
	if (!replica_in_step(one->replica))
		return;
	LAW(w->c, plain_equal(&one->screen, &one->known));
	if (one->epoch == w->epoch)
		LAW(w->c, text_hash(replica_text(one->replica)) == w->hashes[rev - w->first_rev]);
}

/* Somebody else's change comes on the screen. Takes shown. */
static inline void cruel_shown(struct cruel_client *one, struct op *shown, uint64_t author)
{
	plain_apply(&one->screen, shown);
	undo_remote(one->undo, shown);
	anchor_shift(&one->sel, shown, author, one->user);
	op_fini(shown);
}

/* Typing */

static inline void cruel_note_op(struct cruel *w, const struct plain *before, const struct op *op)
{
	struct op_iter it = op_iter(op);
	size_t at = 0;

	for (struct op_component c; op_next(&it, &c);) {
		struct plain typed = {0};
		if (c.kind == OP_INSERT)
			plain_add_utf8(&typed, c.text, c.bytes);
		for (size_t i = 0; i < typed.len; i++)
			cruel_set_state(w, typed.at[i], CRUEL_TYPED);
		for (size_t i = 0; c.kind == OP_DELETE && i < c.points; i++)
			cruel_set_state(w, before->at[at + i], CRUEL_DELETED);
		at += c.kind == OP_INSERT ? 0 : c.points;
		plain_fini(&typed);
	}
}

static inline void cruel_typed(struct cruel *w, struct cruel_client *one, const struct op *op)
{
	cruel_note_op(w, &one->screen, op);
	plain_apply(&one->screen, op);
	anchor_shift(&one->sel, op, one->user, one->user);
}

static inline void cruel_own(struct cruel *w, struct cruel_client *one, const struct op *op)
{
	LAW(w->c, replica_edit(one->replica, op) == ERR_NONE);
	cruel_typed(w, one, op);
}

/* Through either door: the one for keys, and the one for ops of any shape. */
static inline void cruel_edit(struct cruel *w, struct cruel_client *one, const struct op *op)
{
	bool join = pick(w->c, 2) == 0;
	struct splice s, back;
	struct op inverse;

	LAW(w->c, op_invert(op, replica_text(one->replica), &inverse) == ERR_NONE);
	if (op_as_splice(op, &s) && pick(w->c, 2)) {
		LAW(w->c, replica_splice(one->replica, &s, &back) == ERR_NONE);
		struct op told = op_of_splice(&back);
		LAW(w->c, op_equal(&told, &inverse));
		undo_splice(one->undo, &back, join);
		op_fini(&told);
		op_fini(&inverse);
	} else {
		LAW(w->c, replica_edit(one->replica, op) == ERR_NONE);
		undo_record(one->undo, &inverse, join);
	}
	cruel_typed(w, one, op);
}

static inline void cruel_insert_letters(struct cruel *w, struct op *op, size_t n)
{
	for (; n; n--) {
		char utf8[4];
		op_insert(op, utf8, utf8_encode(cruel_letter(w), utf8));
	}
}

static inline void cruel_type(struct cruel *w, struct cruel_client *one)
{
	size_t len = one->screen.len, at = pick(w->c, 3) ? one->sel.head : pick(w->c, len + 1);
	size_t drop = pick(w->c, len > CRUEL_LONG ? 24 : 6);
	struct op op = {0};

	at = at < len ? at : len;
	drop = pick(w->c, 2) ? 0 : drop < len - at ? drop : len - at;
	op_retain(&op, at);
	op_delete(&op, drop);
	if (!drop || pick(w->c, 3) == 0)
		cruel_insert_letters(w, &op, 1 + pick(w->c, 3));
	if (pick(w->c, 4) == 0 &&
		at + drop < len) { /* and something farther on, as a replace-all does */
		size_t on = pick(w->c, len - at - drop);
		op_retain(&op, on);
		op_delete(&op, 1);
		cruel_insert_letters(w, &op, pick(w->c, 2));
	}
	one->sel = (struct sel){at, at};
	cruel_edit(w, one, &op);
	op_fini(&op);
}

static inline void cruel_undo(struct cruel *w, struct cruel_client *one)
{
	bool back = pick(w->c, 3) != 0;
	struct op op;

	w->pure = false; /* a character deleted twice may come back twice */
	w->twice = true;
	if ((back ? undo_undo : undo_redo)(one->undo, replica_text(one->replica), &op)) {
		LAW(w->c, !op_is_identity(&op));
		cruel_own(w, one, &op);
	}
	op_fini(&op);
}

static inline void cruel_point(struct cruel *w, struct cruel_client *one)
{
	one->sel.anchor = pick(w->c, one->screen.len + 1);
	one->sel.head = pick(w->c, 2) ? one->sel.anchor : pick(w->c, one->screen.len + 1);
}

/* The way up */

static inline void cruel_send(struct cruel *w, struct cruel_client *one)
{
	struct cruel_frame frame;
	const struct op *op;

	if (!one->linked || replica_unacked(one->replica) > w->window)
		return;
	if (!replica_send(one->replica, &frame.rev, &frame.seq, &op))
		return;
	frame.op = op_copy(op);
	one->up = mem_grow(one->up, &one->cap, one->count + 1, sizeof(*one->up));
	one->up[one->count++] = frame;
}

/* Nothing that is refused leaves a trace: what comes afterwards would not fit. */
static inline void cruel_refusals(struct cruel *w, struct cruel_client *one)
{
	uint64_t rev = log_rev(w->log), covered = one->peer.covered, seq = one->peer.seq;
	struct cruel_frame *f = &one->up[0];
	struct op far = {0};

	op_retain(&far, w->server.len + (1 << 20));
	op_insert(&far, "x", 1);
	op_delete(&far, 1);
	LAW(w->c, log_receive(w->log, &one->peer, f->rev, seq, &f->op) == ERR_SEEN);
	LAW(w->c, log_receive(w->log, &one->peer, rev + 1, f->seq, &f->op) == ERR_REV);
	LAW(w->c, log_receive(w->log, &one->peer, f->rev, f->seq, &far) == ERR_RANGE);
	if (covered)
		LAW(w->c, log_receive(w->log, &one->peer, covered - 1, f->seq, &f->op) == ERR_REV);
	if (!one->peer.resumed)
		LAW(w->c, log_receive(w->log, &one->peer, f->rev, seq + 2, &f->op) == ERR_SEQ);
	LAW(w->c, log_rev(w->log) == rev && one->peer.seq == seq && one->peer.covered == covered);
	LAW(w->c, plain_is(&w->server, log_text(w->log)));
	op_fini(&far);
}

static inline void cruel_arrive(struct cruel *w, struct cruel_client *one)
{
	if (!one->count)
		return;
	struct cruel_frame *f = &one->up[0];
	uint64_t rev = log_rev(w->log);
	if (pick(w->c, 4) == 0)
		cruel_refusals(w, one);
	LAW(w->c, log_receive(w->log, &one->peer, f->rev, f->seq, &f->op) == ERR_NONE);
	LAW(w->c, log_rev(w->log) == rev + 1);
	LAW(w->c, log_entry(w->log, rev + 1)->seq == f->seq);
	LAW(w->c, one->peer.count <= rev - one->peer.covered);
	cruel_ordered(w);
	cruel_drop_frames(one, 1);
}

/* pos must be between the neighbours of where it was, as far as they are there and can be told. */
static inline void cruel_check_between(
	struct cruel *w, const struct plain *from, size_t was, const struct plain *to, size_t pos)
{
	size_t left = was > 0 ? plain_find(to, from->at[was - 1]) : to->len;
	size_t right = was < from->len ? plain_find(to, from->at[was]) : to->len;

	LAW(w->c, pos <= to->len);
	if (!w->pure)
		return;
	if (left < to->len)
		LAW(w->c, pos > left);
	LAW(w->c, pos <= right);
}

/* A selection's way up and down again. */
static inline void cruel_select(struct cruel *w, struct cruel_client *one)
{
	struct sel sel = one->sel;
	uint64_t rev = replica_rev(one->replica);

	if (!one->linked || one->count || !replica_all_sent(one->replica))
		return; /* it belongs behind the edits before it */
	LAW(w->c, log_locate(w->log, &one->peer, rev, &sel) == ERR_NONE);
	cruel_check_between(w, &one->screen, one->sel.anchor, &w->server, sel.anchor);
	cruel_check_between(w, &one->screen, one->sel.head, &w->server, sel.head);
}

/* The way down */

static inline void cruel_deliver(struct cruel *w, struct cruel_client *one)
{
	uint64_t rev = replica_rev(one->replica) + 1;
	const struct log_entry *e = log_entry(w->log, rev);
	struct op shown = {0};

	if (!one->linked || rev > log_rev(w->log))
		return;
	LAW(w->c, e);
	if (pick(w->c, 8) == 0) {
		LAW(w->c,
			replica_receive(one->replica, rev + 1, e->user, &e->op, &shown) == ERR_REV);
		LAW(w->c, replica_ack(one->replica, rev, replica_seq(one->replica) + 1) == ERR_SEQ);
	}
	if (e->user == one->user)
		LAW(w->c, replica_ack(one->replica, rev, e->seq) == ERR_NONE);
	else
		LAW(w->c, replica_receive(one->replica, rev, e->user, &e->op, &shown) == ERR_NONE);
	plain_apply(&one->known, &e->op);
	cruel_shown(one, &shown, e->user);
	cruel_check(w, one);
}

/* Where somebody's caret in the server's text is on this screen. */
static inline void cruel_locate(struct cruel *w, struct cruel_client *one)
{
	size_t was = pick(w->c, one->known.len + 1);
	size_t pos = replica_locate(one->replica, one->user + 1, was);

	if (replica_rev(one->replica) >= one->resume_rev)
		cruel_check_between(w, &one->known, was, &one->screen, pos);
}

/* Cuts, and coming back */

static inline void cruel_cut(struct cruel_client *one)
{
	cruel_drop_frames(one, one->count);
	one->linked = false;
}

/* Carried over are what only we had, and as many deletions as we had made; all else is the server's. */
static inline void cruel_check_carried(
	struct cruel *w, const struct cruel_client *one, const struct plain *was)
{
	size_t took = 0, takes = 0;

	for (size_t i = 0; i < one->known.len; i++)
		took += !plain_has(was, one->known.at[i]);
	for (size_t i = 0; i < w->server.len; i++)
		takes += !plain_has(&one->screen, w->server.at[i]);
	LAW(w->c, takes <= took);
	for (size_t i = 0; i < one->screen.len; i++) {
		uint32_t letter = one->screen.at[i];
		bool ours = plain_has(was, letter) && !plain_has(&one->known, letter);
		LAW(w->c, ours || plain_has(&w->server, letter));
	}
}

static inline void cruel_restart(struct cruel *w, struct cruel_client *one)
{
	struct plain was = plain_copy(&one->screen);
	bool caught_up = replica_rev(one->replica) >= one->resume_rev;
	uint64_t seq = replica_seq(one->replica);
	struct op shown;

	if (pick(w->c, 2))
		one->user += 2 * CRUEL_CLIENTS; /* a session of its own */
	bool stays = one->user == replica_user(one->replica);
	/* Nothing that only we had is lost. (Midway, others' deletions may wait to be shown.) */
	replica_restart(
		one->replica, text_copy(log_text(w->log)), log_rev(w->log), one->user, &shown);
	cruel_shown(one, &shown, 0);
	LAW(w->c, replica_seq(one->replica) == (stays ? seq : 0));
	for (size_t i = 0; caught_up && i < was.len; i++)
		if (!plain_has(&one->known, was.at[i]))
			LAW(w->c, plain_has(&one->screen, was.at[i]));
	if (caught_up && !w->twice)
		cruel_check_carried(w, one, &was);
	plain_fini(&one->known);
	one->known = plain_copy(&w->server);
	peer_fini(&one->peer);
	one->peer = peer_at(one->user, log_rev(w->log));
	one->peer.seq = replica_seq(one->replica);
	one->epoch = w->epoch;
	one->resume_rev = log_rev(w->log);
	w->pure = false;
	plain_fini(&was);
}

static inline void cruel_mend(struct cruel *w, struct cruel_client *one)
{
	uint64_t rev = log_rev(w->log), seq = one->peer.seq;

	if (one->linked)
		return;
	one->linked = true;
	if (one->epoch != w->epoch || replica_rev(one->replica) + 1 < log_first(w->log)) {
		cruel_restart(w, one);
		cruel_check(w, one);
		return;
	}
	peer_fini(&one->peer);
	one->peer = peer_at(one->user, rev);
	one->peer.seq = seq;
	one->peer.resumed = true;
	one->resume_rev = rev;
	replica_resume(one->replica, rev, seq);
	cruel_check(w, one);
}

/* The server goes down and comes back with what it had some time ago, or with a changed file. */
static inline void cruel_start_over(struct cruel *w)
{
	for (size_t i = 0; i < w->count; i++)
		cruel_cut(&w->clients[i]);
	plain_fini(&w->server);
	w->server = plain_copy(&w->older);
	if (w->server.len && pick(w->c, 2))
		w->server.at[pick(w->c, w->server.len)] = cruel_letter(w);
	log_destroy(w->log);
	w->first_rev = pick(w->c, 5);
	w->log = log_create(plain_text(&w->server), w->first_rev);
	w->hash_count = 0;
	cruel_note_hash(w);
	w->epoch++;
	w->pure = false;
}

static inline void cruel_remember(struct cruel *w)
{
	plain_fini(&w->older);
	w->older = plain_copy(&w->server);
	w->older_rev = log_rev(w->log);
	w->older_epoch = w->epoch;
}

/* The file on disk, which is the text of some revision, is changed in one place. */
static inline void cruel_merge(struct cruel *w)
{
	struct op op = {0};

	if (w->older_epoch != w->epoch || w->older_rev + 1 < log_first(w->log))
		cruel_remember(w);
	size_t at = pick(w->c, w->older.len + 1);
	op_retain(&op, at);
	op_delete(&op, at < w->older.len ? pick(w->c, 2) : 0);
	cruel_insert_letters(w, &op, 1);
	cruel_note_op(w, &w->older, &op);
	LAW(w->c, log_merge(w->log, 0, log_rev(w->log) + 1, &op) == ERR_REV);
	LAW(w->c, log_merge(w->log, 0, w->older_rev, &op) == ERR_NONE);
	LAW(w->c, log_entry(w->log, log_rev(w->log))->user == 0);
	cruel_ordered(w);
	op_fini(&op);
}

/* History that no linked client needs any more; who is away may have to start over. */
static inline void cruel_forget(struct cruel *w)
{
	uint64_t least = log_rev(w->log);

	for (size_t i = 0; i < w->count; i++)
		if (w->clients[i].linked && replica_rev(w->clients[i].replica) < least)
			least = replica_rev(w->clients[i].replica);
	for (size_t i = 0; i < w->count; i++)
		for (size_t j = 0; w->clients[i].linked && j < w->clients[i].count; j++)
			if (w->clients[i].up[j].rev < least)
				least = w->clients[i].up[j].rev;
	log_forget(w->log, least + 1);
	LAW(w->c, log_first(w->log) <= least + 1);
}

/* One of the things that may happen. */
static inline void cruel_step(struct cruel *w, struct cruel_client *one)
{
	switch (pick(w->c, 16)) {
	case 0:
	case 1: cruel_type(w, one); break;
	case 2: cruel_point(w, one); break;
	case 3:
	case 4:
	case 5: cruel_send(w, one); break;
	case 6:
	case 7:
	case 8: cruel_arrive(w, one); break;
	case 9:
	case 10:
	case 11:
		for (size_t n = 1 + pick(w->c, 4); n; n--)
			cruel_deliver(w, one);
		break;
	case 12: cruel_select(w, one); break;
	case 13: cruel_locate(w, one); break;
	case 14: pick(w->c, 3) ? cruel_mend(w, one) : cruel_cut(one); break;
	default: cruel_send(w, one); cruel_arrive(w, one);
	}
	cruel_check(w, one);
}

/* The rarer things. */
static inline void cruel_twist(struct cruel *w, struct cruel_client *one)
{
	switch (pick(w->c, 8)) {
	case 0: cruel_start_over(w); break;
	case 1: cruel_remember(w); break;
	case 2: cruel_merge(w); break;
	case 3: cruel_forget(w); break;
	default: cruel_undo(w, one);
	}
}

static inline bool cruel_settled(const struct cruel *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct cruel_client *one = &w->clients[i];
		if (!replica_in_step(one->replica) || replica_rev(one->replica) != log_rev(w->log))
			return false;
	}
	return true;
}

/* Everything arrives; then all must hold what the server holds. */
static inline void cruel_settle(struct cruel *w)
{
	for (size_t i = 0; i < w->count; i++)
		cruel_mend(w, &w->clients[i]);
	for (size_t rounds = 0; !cruel_settled(w); rounds++) {
		LAW(w->c, rounds < 100000);
		for (size_t i = 0; i < w->count; i++) {
			cruel_send(w, &w->clients[i]);
			cruel_arrive(w, &w->clients[i]);
			cruel_deliver(w, &w->clients[i]);
		}
	}
	for (size_t i = 0; i < w->count; i++)
		LAW(w->c, plain_equal(&w->clients[i].screen, &w->server));
	size_t alive = 0;
	for (uint32_t letter = 0; letter < w->state_cap; letter++)
		alive += w->state[letter] == CRUEL_TYPED;
	for (size_t i = 0; w->pure && i < w->server.len; i++)
		LAW(w->c, w->state[w->server.at[i]] == CRUEL_TYPED);
	LAW(w->c, !w->pure || alive == w->server.len);
}

#endif
