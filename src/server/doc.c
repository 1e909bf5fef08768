#include "src/server/doc.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/server/manner.h"
#include "src/server/presence.h"
#include "src/server/room_send.h"
#include "src/server/selections.h"

#define TRIM_BYTES ((size_t)1 << 20)

struct doc *doc_create(uint64_t number, const char *path, struct log *takes)
{
	struct doc *doc = mem_alloc(sizeof(*doc));

	doc->doc = number;
	doc->path = mem_dup(path, strlen(path));
	if (takes)
		doc_fill(doc, takes);
	return doc;
}

void doc_fill(struct doc *doc, struct log *takes)
{
	doc->log = takes;
	doc->stored_rev = doc->checked_rev = log_rev(takes);
}

size_t doc_bytes(const struct doc *doc)
{
	return doc->log ? text_size(log_text(doc->log)).bytes : doc->bytes;
}

void doc_forget(struct doc *doc)
{
	doc->bytes = doc_bytes(doc);
	log_destroy(doc->log);
	doc->log = NULL;
	if (doc->bytes >= TRIM_BYTES)
		malloc_trim(0); /* what a text held lies scattered: it would stay with us */
}

void doc_note_use(struct room *room, uint64_t now)
{
	for (size_t i = 0; i < room->people_count; i++) {
		const struct person *person = room->people[i];
		for (size_t s = 0; s < person->seat_count; s++)
			person->seats[s].doc->used_ms = now;
	}
}

void doc_destroy(struct doc *doc)
{
	if (!doc)
		return;
	log_destroy(doc->log);
	free(doc->asks);
	free(doc->path);
	free(doc);
}

/* ---- seats ---- */

struct seat *doc_seat(struct person *person, uint64_t doc)
{
	for (size_t i = 0; i < person->seat_count; i++)
		if (person->seats[i].doc->doc == doc)
			return &person->seats[i];
	return NULL;
}

static void seat_fini(struct seat *seat)
{
	peer_fini(&seat->peer);
	free(seat->sels);
}

void doc_leave(struct person *person, uint64_t doc)
{
	struct seat *seat = doc_seat(person, doc);

	if (!seat)
		return;
	seat_fini(seat);
	*seat = person->seats[--person->seat_count];
}

void doc_leave_all(struct person *person)
{
	while (person->seat_count)
		seat_fini(&person->seats[--person->seat_count]);
	free(person->seats);
	person->seats = NULL;
	person->seat_cap = 0;
}

/* Most people have one document open, and there may be very many people. */
static void make_seat(struct person *person)
{
	if (person->seat_count < person->seat_cap)
		return;
	person->seat_cap = 2 * person->seat_cap + !person->seat_cap;
	person->seats = mem_realloc(person->seats, person->seat_cap, sizeof(*person->seats));
}

/* A seat that knows the newest revision, and expects whatever seq comes next: carets and seq of an older seat stay. */
static struct seat *take_seat(struct room *room, struct person *person, struct doc *doc)
{
	struct seat *seat = doc_seat(person, doc->doc);
	bool again = seat != NULL; /* numbers may have been used up for what was refused */
	uint64_t seq;

	if (seat) {
		seq = seat->peer.seq;
		peer_fini(&seat->peer);
	} else {
		make_seat(person);
		seat = &person->seats[person->seat_count++];
		*seat = (struct seat){.doc = doc};
		seq = room->handler->session_seq(room->ctx, doc->doc, person->session_row);
	}
	seat->peer = peer_at(person->user, log_rev(doc->log));
	seat->peer.seq = seq;
	/* the edits that told how far this session had counted may be dropped */
	seat->peer.resumed = again || seq > 0 || doc->oldest_rev > 0;
	presence_arrived(room, person, doc->doc);
	return seat;
}

static void seat_send(struct room *room, const struct doc *doc, const struct person *except,
	const struct message *m)
{
	struct parcel parcel = {.message = m, .paper = &room->paper};

	for (size_t i = 0; i < room->people_count; i++) {
		struct person *person = room->people[i];
		if (person != except && person->to && doc_seat(person, doc->doc))
			room->handler->send(person->to, &parcel);
	}
	parcel_fini(&parcel);
}

/* ---- opening ---- */

/* The next piece of the text of at most MESSAGE_CHUNK_BYTES, in whole characters; moves *pos behind it. Owned. */
static char *next_piece(const struct text *text, size_t *pos, size_t *bytes)
{
	size_t end = text_pos_at(text, text_byte_at(text, *pos) + MESSAGE_CHUNK_BYTES);
	char *piece = text_slice(text, *pos, end - *pos, bytes);

	*pos = end;
	return piece;
}

static bool may_sit(struct room *room, struct person *person, const struct doc *doc)
{
	if (doc_seat(person, doc->doc) || person->seat_count < room->limits.open)
		return true;
	room_refuse(room, person, "forbidden", "too many documents are open; close one", "open");
	return false;
}

static void send_rest(struct room *room, struct person *person, const struct doc *doc, size_t pos)
{
	const struct text *text = log_text(doc->log);
	size_t bytes, points = text_size(text).points;

	while (pos < points) {
		char *piece = next_piece(text, &pos, &bytes);
		struct message m = {
			.type = MSG_CHUNK, .chunk = {.doc = doc->doc, .text = {piece, bytes}}};
		room_send(room, person, &m);
		free(piece);
	}
}

void doc_open(struct room *room, struct person *person, struct doc *doc)
{
	if (!may_sit(room, person, doc))
		return;
	const struct text *text = log_text(doc->log);
	size_t pos = 0, bytes;
	char *piece = next_piece(text, &pos, &bytes);
	struct message m = {.type = MSG_OPENED};

	manner_look(room, doc);
	take_seat(room, person, doc);
	m.opened.doc = doc->doc;
	m.opened.path = str(doc->path);
	m.opened.rev = log_rev(doc->log);
	m.opened.size = text_size(text).points;
	m.opened.text = (struct str){piece, bytes};
	m.opened.mode = str(doc->read_only || person->role < ROLE_EDITOR ? "ro" : "rw");
	m.opened.eol = str(manner_crlf(doc) ? "crlf" : "lf");
	m.opened.sels = selections_of_others(room, person, doc->doc);
	m.opened.seq = doc_seat(person, doc->doc)->peer.seq;
	room_send(room, person, &m);
	free(m.opened.sels.at);
	free(piece);
	send_rest(room, person, doc, pos);
	manner_tell(room, person, doc);
}

/* ---- coming back ---- */

struct missed {
	struct room *room;
	struct person *person;
};

/* A revision as the person must hear it: their own as an ack. */
static void send_revision(struct room *room, struct person *person, uint64_t doc, uint64_t rev,
	uint64_t user, uint64_t seq, const struct op *op)
{
	struct message m;

	if (user == person->user)
		m = (struct message){.type = MSG_ACK, .ack = {.doc = doc, .rev = rev, .seq = seq}};
	else
		m = (struct message){.type = MSG_EDITED,
			.edited = {.doc = doc, .rev = rev, .user = user, .op = *op}};
	room_send(room, person, &m);
}

static bool send_stored(void *ctx, const struct store_edit *edit)
{
	struct missed *missed = ctx;

	send_revision(missed->room, missed->person, edit->doc, edit->rev, edit->user, edit->seq,
		&edit->op);
	return true;
}

static bool send_missed(struct room *room, struct person *person, struct doc *doc, uint64_t rev)
{
	struct missed missed = {room, person};
	uint64_t kept = log_first(doc->log);

	if (rev + 1 < kept) {
		if (!room->handler->past(room->ctx, doc->doc, rev, kept - 1, send_stored, &missed))
			return false;
		rev = kept - 1;
	}
	while (rev++ < log_rev(doc->log)) {
		const struct log_entry *entry = log_entry(doc->log, rev);
		send_revision(room, person, doc->doc, rev, entry->user, entry->seq, &entry->op);
	}
	return true;
}

/* Can everything after rev still be told? */
static bool is_kept(const struct doc *doc, uint64_t rev)
{
	return rev >= doc->oldest_rev || rev + 1 >= log_first(doc->log);
}

void doc_resume(
	struct room *room, struct person *person, struct doc *doc, uint64_t rev, uint64_t seq)
{
	struct seat *seat;
	struct message m = {.type = MSG_RESUMED};

	if (!may_sit(room, person, doc))
		return;
	(void)seq; /* what it counts up to; its next edit may carry any number above what was ordered */
	if (rev > log_rev(doc->log) || !is_kept(doc, rev)) {
		doc_open(room, person, doc);
		doc_seat(person, doc->doc)->peer.resumed = true;
		return;
	}
	manner_look(room, doc);
	seat = take_seat(room, person, doc);
	seat->peer.resumed = true;
	m.resumed.doc = doc->doc;
	m.resumed.path = str(doc->path);
	m.resumed.rev = log_rev(doc->log);
	m.resumed.seq = seat->peer.seq;
	room_send(room, person, &m);
	manner_tell(room, person, doc);
	if (send_missed(room, person, doc, rev))
		selections_tell(room, person, doc);
	else
		room_refuse_and_close(
			room, person, "internal", "the history on the server has a gap", "hello");
}

/* ---- edits ---- */

/* Who resumes from further back reads the store, so the memory need not hold all of the history. */
static void forget_old(struct doc *doc)
{
	uint64_t rev = log_rev(doc->log), first = log_first(doc->log);

	if (rev - first < 2 * LIMIT_LOG_EDITS)
		return;
	uint64_t before = rev - LIMIT_LOG_EDITS;
	log_forget(doc->log, before <= doc->stored_rev ? before : doc->stored_rev + 1);
}

void doc_ordered(struct room *room, struct doc *doc, struct person *author)
{
	uint64_t rev = log_rev(doc->log);
	const struct log_entry *entry = log_entry(doc->log, rev);
	struct store_edit kept = {.doc = doc->doc,
		.rev = rev,
		.user = entry->user,
		.seq = entry->seq,
		.op = entry->op,
		.name = str(author ? author->name : "disk"),
		.session = author ? author->session_row : 0,
		.at_ms = room->handler->unix_ms(room->ctx)};
	struct message m = {.type = MSG_EDITED,
		.edited = {.doc = doc->doc, .rev = rev, .user = entry->user, .op = entry->op}};

	room->handler->keep_edit(room->ctx, &kept);
	seat_send(room, doc, author, &m);
	if (author && author->to)
		send_revision(room, author, doc->doc, rev, entry->user, entry->seq, NULL);
	selections_shift(room, doc, entry);
	forget_old(doc);
	room->handler->edited(room->ctx, doc);
}

/* What an edit that the log refused means for its sender. */
static void refuse_edit(struct room *room, struct person *person, enum err why)
{
	static const struct {
		enum err why;
		const char *code, *text;
	} words[] = {
		{ERR_RANGE, "bad-op", "the operation runs past the end of the text"},
		{ERR_REV, "bad-op", "the revision does not exist, or goes back"},
		{ERR_SEQ, "bad-op", "the edits are not counted one by one"},
		{ERR_STALE, "stale-rev", "the revision is too old; come back and resume"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].why == why) {
			room_refuse_and_close(room, person, words[i].code, words[i].text, "edit");
			return;
		}
}

static bool may_edit(
	struct room *room, struct person *person, const struct seat *seat, const struct op *op)
{
	const struct text *text = log_text(seat->doc->log);

	if (person->role < ROLE_EDITOR)
		room_refuse(room, person, "read-only", "viewers cannot edit", "edit");
	else if (seat->doc->read_only)
		room_refuse(room, person, "read-only", "this document is read-only", "edit");
	else if (text_size(text).bytes + op_bytes(op) > room->limits.document_bytes)
		room_refuse_and_close(room, person, "too-large",
			"the document would grow past what this server allows", "edit");
	else
		return true;
	return false;
}

void doc_edit(struct room *room, struct person *person, const struct message *m)
{
	struct seat *seat = doc_seat(person, m->edit.doc);
	enum err e;

	if (!seat) {
		room_refuse(room, person, "not-open", "this document is not open", "edit");
		return;
	}
	if (!may_edit(room, person, seat, &m->edit.op) || !room_may_keep(room, person, "edit")) {
		seat->peer.resumed = false; /* the next number stands on what was refused */
		return;
	}
	e = log_receive(seat->doc->log, &seat->peer, m->edit.rev, m->edit.seq, &m->edit.op);
	if (e == ERR_NONE) {
		room->transforms += seat->peer.count;
		doc_ordered(room, seat->doc, person);
	} else if (e != ERR_SEEN)
		refuse_edit(room, person, e);
}

/* ---- history and proof ---- */

struct past {
	struct msg_past_edits edits;
	size_t bytes; /* of inserted text */
};

static bool collect_past(void *ctx, const struct store_edit *edit)
{
	struct past *past = ctx;
	struct msg_past_edit *out = &past->edits.at[past->edits.count++];

	*out = (struct msg_past_edit){
		.rev = edit->rev, .user = edit->user, .at = edit->at_ms, .op = op_copy(&edit->op)};
	out->name = (struct str){mem_dup(edit->name.at, edit->name.len), edit->name.len};
	past->bytes += op_bytes(&edit->op);
	return past->edits.count < LIMIT_HISTORY_EDITS && past->bytes < LIMIT_HISTORY_BYTES;
}

void doc_history(struct room *room, struct person *person, const struct message *m)
{
	struct seat *seat = doc_seat(person, m->history.doc);
	struct past past = {0};
	struct message answer = {.type = MSG_PAST};

	if (!seat) {
		room_refuse(room, person, "not-open", "this document is not open", "history");
		return;
	}
	uint64_t to = m->history.to < seat->doc->stored_rev ? m->history.to : seat->doc->stored_rev;
	uint64_t from =
		m->history.from > seat->doc->oldest_rev ? m->history.from : seat->doc->oldest_rev;
	past.edits.at = mem_alloc(LIMIT_HISTORY_EDITS * sizeof(*past.edits.at));
	if (from < to)
		room->handler->past(room->ctx, m->history.doc, from, to, collect_past, &past);
	answer.past.doc = m->history.doc;
	answer.past.edits = past.edits;
	room_send(room, person, &answer);
	for (size_t i = 0; i < past.edits.count; i++) {
		free((char *)past.edits.at[i].name.at);
		op_fini(&past.edits.at[i].op);
	}
	free(past.edits.at);
}

void doc_check(struct room *room, struct doc *doc, uint64_t now_ms)
{
	uint64_t rev = doc->log ? log_rev(doc->log) : doc->stored_rev;
	struct message m = {.type = MSG_CHECK};
	char hash[17];

	if (rev == doc->checked_rev || now_ms - doc->checked_ms < LIMIT_CHECK_MS)
		return;
	doc->checked_rev = rev;
	doc->checked_ms = now_ms;
	if (!doc->log)
		return; /* nobody has it open, but elsewhere it is in memory, and the same is noted */
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)text_hash(log_text(doc->log)));
	m.check.doc = doc->doc;
	m.check.rev = doc->checked_rev;
	m.check.hash = str(hash);
	seat_send(room, doc, NULL, &m);
}
