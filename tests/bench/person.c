#include "tests/bench/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tests/bench/bench.h"

#define LINE_LETTERS 60

static void broken(const struct person *person, const char *what, unsigned long long number)
{
	fprintf(stderr, "codecollab-bench: person %zu of room %s: %s (%llu)\n", person->index,
		person->url->room, what, number);
	exit(1);
}

/* ---- whose revision it is, and how old ---- */

static void know_author(struct person *person)
{
	struct person_room *room = person->room;
	size_t before = room->authors_cap;

	room->authors = mem_grow(room->authors, &room->authors_cap, (size_t)person->user + 1,
		sizeof(struct person *));
	memset(room->authors + before, 0, (room->authors_cap - before) * sizeof(struct person *));
	room->authors[person->user] = person;
}

static double typed_by(struct person_room *room, uint64_t user)
{
	struct person *author = user < room->authors_cap ? room->authors[user] : NULL;

	return author ? author->sent_ms[++author->placed % PERSON_FLIGHT] : 0;
}

/* When the newest revision of this replica was typed; 0: by none of ours. */
static double typed_ms(struct person *person, uint64_t rev, uint64_t user)
{
	struct person_room *room = person->room;

	if (rev > room->rev) {
		room->typed_ms =
			mem_grow(room->typed_ms, &room->typed_cap, (size_t)rev + 1, sizeof(double));
		room->typed_ms[rev] = typed_by(room, user);
		room->rev = rev;
	}
	return room->typed_ms[rev];
}

/* ---- what it hears ---- */

static void on_welcome(struct person *person, const struct message *m)
{
	struct message open = {.type = MSG_OPEN};

	if (!m->welcome.files.count)
		broken(person, "there is no file", 0);
	person->user = m->welcome.user;
	know_author(person);
	open.open.path = m->welcome.files.at[0].path;
	lean_send(person->lean, &open);
}

static void take_text(struct person *person, struct str piece)
{
	struct text *text;

	buf_add(&person->text, piece.at, piece.len);
	if (person->text.len < person->size) /* a code point is a byte or more */
		return;
	if (text_load(&text, person->text.at, person->text.len) != ERR_NONE)
		broken(person, "the text is not UTF-8", person->text.len);
	if (text_size(text).points < person->size) {
		text_destroy(text);
		return;
	}
	buf_fini(&person->text);
	person->replica = replica_create(text, person->opened_rev, person->user);
	replica_set_window(person->replica, PERSON_FLIGHT);
	person->caret.head = person->caret.anchor = person->size * person->place / PERSON_PLACES;
	spread_add(&person->counts->opened, bench_now_ms() - person->connected_ms);
}

static void on_opened(struct person *person, const struct message *m)
{
	person->doc = m->opened.doc;
	person->size = m->opened.size;
	person->opened_rev = m->opened.rev;
	if (m->opened.rev > person->room->rev)
		person->room->rev = m->opened.rev;
	take_text(person, m->opened.text);
}

static void on_chunk(struct person *person, const struct message *m)
{
	take_text(person, m->chunk.text);
}

static void on_edited(struct person *person, const struct message *m)
{
	struct person_counts *counts = person->counts;
	struct op shown;
	enum err e = replica_receive(
		person->replica, m->edited.rev, m->edited.user, &m->edited.op, &shown);

	if (e)
		broken(person, "an edit that cannot be", m->edited.rev);
	anchor_shift(&person->caret, &shown, m->edited.user, person->user);
	op_fini(&shown);
	double typed = typed_ms(person, m->edited.rev, m->edited.user);
	if (typed <= 0)
		return;
	double ms = bench_now_ms() - typed;
	spread_add(&counts->delivered, ms);
	counts->in_time += ms <= counts->late_ms;
}

static void on_ack(struct person *person, const struct message *m)
{
	if (replica_ack(person->replica, m->ack.rev, m->ack.seq))
		broken(person, "an ack that cannot be", m->ack.rev);
	spread_add(&person->counts->acked,
		bench_now_ms() - typed_ms(person, m->ack.rev, person->user));
}

static void on_check(struct person *person, const struct message *m)
{
	char hash[17];

	if (!replica_in_step(person->replica) || replica_rev(person->replica) != m->check.rev)
		return;
	snprintf(hash, sizeof(hash), "%016llx",
		(unsigned long long)text_hash(replica_text(person->replica)));
	if (!str_is(m->check.hash, hash))
		broken(person, "its text is not the server's at revision", m->check.rev);
}

static void on_error(struct person *person, const struct message *m)
{
	fprintf(stderr, "codecollab-bench: the server: %.*s\n", (int)m->error.text.len,
		m->error.text.at);
	broken(person, "refused", 0);
}

static void (*const on_type[])(struct person *person, const struct message *m) = {
	[MSG_WELCOME] = on_welcome,
	[MSG_OPENED] = on_opened,
	[MSG_CHUNK] = on_chunk,
	[MSG_EDITED] = on_edited,
	[MSG_ACK] = on_ack,
	[MSG_CHECK] = on_check,
	[MSG_ERROR] = on_error,
};

static void on_message(void *ctx, const struct message *m)
{
	if (m->type < sizeof(on_type) / sizeof(on_type[0]) && on_type[m->type])
		on_type[m->type](ctx, m);
}

static void on_open(void *ctx)
{
	struct person *person = ctx;
	struct message hello = {.type = MSG_HELLO, .hello = {.v = 1}};
	char name[24];

	person->connected_ms = bench_now_ms();
	spread_add(&person->counts->connected, person->connected_ms - person->began_ms);
	snprintf(name, sizeof(name), "p%zu", person->index);
	hello.hello.name = str(name);
	lean_send(person->lean, &hello);
}

static void on_closed(void *ctx, unsigned code)
{
	broken(ctx, "the server closed the connection", code);
}

static const struct lean_handler handler = {
	.opened = on_open,
	.message = on_message,
	.closed = on_closed,
};

/* ---- what it does ---- */

bool person_splice(struct person *person, struct splice *edit)
{
	struct splice inverse;

	if (replica_unacked(person->replica) >= PERSON_FLIGHT)
		return false;
	if (replica_splice(person->replica, edit, &inverse))
		broken(person, "an edit does not fit at", edit->pos);
	person->counts->typed++;

	struct message m = {.type = MSG_EDIT, .edit = {.doc = person->doc}};
	const struct op *op;
	while (replica_send(person->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.op = *op; /* borrowed for the call */
		person->sent_ms[m.edit.seq % PERSON_FLIGHT] = bench_now_ms();
		lean_put(person->lean, &m);
	}
	person->has_to_say = true;
	return true;
}

bool person_type(struct person *person)
{
	struct splice letter = {.pos = person->caret.head, .bytes = 1};

	letter.text = (person->typed + 1) % LINE_LETTERS
			      ? &"abcdefghijklmnopqrstuvwxyz"[person->typed % 26]
			      : "\n";
	if (!person_splice(person, &letter))
		return false;
	person->typed++;
	person->caret.anchor = ++person->caret.head;
	return true;
}

void person_say(struct person *person)
{
	if (!person->has_to_say)
		return;
	person->has_to_say = false;
	lean_flush(person->lean);
}

void person_connect(struct person *person)
{
	person->began_ms = bench_now_ms();
	person->lean = lean_connect(person->loop, person->url, &handler, person);
}

void person_fini(struct person *person)
{
	lean_destroy(person->lean);
	replica_destroy(person->replica);
	buf_fini(&person->text);
}

void person_room_fini(struct person_room *room)
{
	free(room->typed_ms);
	free(room->authors);
}
