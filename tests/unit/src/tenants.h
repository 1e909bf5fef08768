/*
 * tenants.h: people in one room of a real house, with a mailbox in place of a socket, and the server that may be stopped and begin
 * again under them.
 *
 *	serve(w);  all_come(w);			-- Ada, Ben and Cleo have a.txt open
 *	all_type(w, 50);			-- each edit a word of its own, <A17>
 *	until(w, all_in_step);			-- the loop runs until that is so
 *	stop(w);				-- properly; they lose their connections, and keep what they know
 *
 * Whenever somebody hears an ack or another's word, it must be kept already, as another reader sees it (safe.h).
 */
#ifndef TESTS_TENANTS_H
#define TESTS_TENANTS_H

#include "net/codec.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "src/server/house.h"
#include "tests/unit/src/safe.h"

#define PEOPLE      3
#define WORD_BYTES  16
#define MOST_SENT   4096
#define PATIENCE_MS 60000

struct world;

/* A person and the far end of their connection. */
struct ws_conn {
	struct world *world;
	struct session *session; /* NULL: no connection */
	char letter;
	enum role role;
	const char *token;
	unsigned closed;
	char secret[64]; /* of their session */
	uint64_t user, doc;
	char holds[8]; /* the role they were told */
	struct replica *replica;
	bool waits; /* for `opened` or `resumed` */
	size_t typed, acked;
	size_t words_of[MOST_SENT]; /* by seq: how many words were typed by then */
	uint64_t resumed_seq;
	struct buf chat, errors; /* a line each */
	struct buf unheard;      /* what they said, and waits for the room's next turn */
	struct op past;          /* what `history` told, composed */
};

struct world {
	struct safe safe;
	struct loop *loop; /* NULL: nobody serves */
	struct house house;
	struct state state;
	struct ws_conn people[PEOPLE];
	size_t *promised; /* by person: words whose ack has left; shared with who forked us */
	bool (*done)(struct world *w);
};

/* ---- what people are told ---- */

static inline void name_word(char out[WORD_BYTES], const struct ws_conn *one, size_t number)
{
	snprintf(out, WORD_BYTES, "<%c%zu>", one->letter, number);
}

static inline void must_be_kept(struct ws_conn *one, const char *word)
{
	must(one->world->safe.kind->count(&one->world->safe, word) > 0);
}

static inline void on_ack(struct ws_conn *one, uint64_t rev, uint64_t seq)
{
	char word[WORD_BYTES];

	must(replica_ack(one->replica, rev, seq) == ERR_NONE);
	one->acked = one->words_of[seq];
	name_word(word, one, one->acked);
	must_be_kept(one, word);
	one->world->promised[one - one->world->people] = one->acked;
}

static inline void on_edited(struct ws_conn *one, const struct message *m)
{
	struct splice splice;

	must(replica_receive(one->replica, m->edited.rev, m->edited.user, &m->edited.op, NULL) ==
		ERR_NONE);
	if (op_as_splice(&m->edited.op, &splice) && splice.bytes && splice.bytes < WORD_BYTES) {
		char *word = mem_dup(splice.text, splice.bytes);
		must_be_kept(one, word);
		free(word);
	}
}

static inline void on_opened(struct ws_conn *one, const struct message *m)
{
	struct text *text;

	must(text_load(&text, m->opened.text.at, m->opened.text.len) == ERR_NONE);
	replica_destroy(one->replica);
	one->doc = m->opened.doc;
	one->replica = replica_create(text, m->opened.rev, one->user);
	one->waits = false;
}

static inline void on_chunk(struct ws_conn *one, const struct message *m)
{
	struct op op = {0};
	struct text *text = text_copy(replica_text(one->replica));

	op_retain(&op, text_size(text).points);
	op_insert(&op, m->chunk.text.at, m->chunk.text.len);
	must(op_apply(&op, text) == ERR_NONE);
	uint64_t rev = replica_rev(one->replica);
	replica_destroy(one->replica);
	one->replica = replica_create(text, rev, one->user);
	op_fini(&op);
}

static inline void on_past(struct ws_conn *one, const struct message *m)
{
	for (size_t i = 0; i < m->past.edits.count; i++) {
		struct op both = op_compose(&one->past, &m->past.edits.at[i].op);
		op_fini(&one->past);
		one->past = both;
	}
}

static inline void on_said(struct ws_conn *one, const struct msg_said *said)
{
	buf_printf(&one->chat, "%llu %llu %.*s\n", (unsigned long long)said->id,
		(unsigned long long)said->user, (int)said->text.len, said->text.at);
}

static inline void on_welcome(struct ws_conn *one, const struct message *m)
{
	snprintf(one->secret, sizeof(one->secret), "%.*s", (int)m->welcome.session.len,
		m->welcome.session.at);
	snprintf(one->holds, sizeof(one->holds), "%.*s", (int)m->welcome.role.len,
		m->welcome.role.at);
	one->user = m->welcome.user;
	buf_clear(&one->chat);
	for (size_t i = 0; i < m->welcome.chat.count; i++)
		on_said(one, &m->welcome.chat.at[i]);
}

static inline void on_message(struct ws_conn *one, const struct message *m)
{
	switch (m->type) {
	case MSG_WELCOME: on_welcome(one, m); break;
	case MSG_OPENED: on_opened(one, m); break;
	case MSG_CHUNK: on_chunk(one, m); break;
	case MSG_RESUMED:
		one->doc = m->resumed.doc;
		one->resumed_seq = m->resumed.seq;
		one->waits = false;
		if (one->replica)
			replica_resume(one->replica, m->resumed.rev, m->resumed.seq);
		break;
	case MSG_ACK:
		if (one->replica)
			on_ack(one, m->ack.rev, m->ack.seq);
		break;
	case MSG_EDITED:
		if (one->replica)
			on_edited(one, m);
		break;
	case MSG_PAST: on_past(one, m); break;
	case MSG_SAID: on_said(one, &m->said); break;
	case MSG_ROLE:
		if (m->role.user == one->user)
			snprintf(one->holds, sizeof(one->holds), "%.*s", (int)m->role.role.len,
				m->role.role.at);
		break;
	case MSG_ERROR:
		buf_printf(&one->errors, "%.*s\n", (int)m->error.text.len, m->error.text.at);
		break;
	default: break;
	}
}

/* ---- the server ---- */

static inline void on_turn(void *ctx)
{
	house_turn(&((struct world *)ctx)->house);
}

static inline void hang_up(struct ws_conn *one)
{
	if (one->session)
		session_closed(one->session, 1006);
	one->session = NULL;
	buf_clear(&one->unheard);
}

static inline void speak(struct ws_conn *one)
{
	if (one->session && one->unheard.len)
		buf_drop(&one->unheard,
			session_frame(one->session, one->unheard.at, one->unheard.len));
	if (one->unheard.len)
		loop_again(one->world->loop);
}

static inline void look(void *ctx)
{
	struct world *w = ctx;

	for (size_t i = 0; i < PEOPLE; i++)
		if (w->people[i].closed)
			hang_up(&w->people[i]);
	for (size_t i = 0; i < PEOPLE; i++)
		speak(&w->people[i]);
	if (w->done && w->done(w))
		loop_stop(w->loop);
}

static inline bool no_ban(void *ctx, const struct chamber *chamber, const struct person *person)
{
	(void)ctx;
	(void)chamber;
	(void)person;
	return true;
}

static inline void serve(struct world *w)
{
	struct chamber_service *service = &w->house.service;
	char *why, *folder = report_sentence("%s/rooms", w->safe.dir);
	char *dir = report_sentence("%s/state", w->safe.dir);

	w->loop = loop_create();
	must(state_open(&w->state, dir, NULL, &why));
	house_init(&w->house, w->loop);
	service->state = &w->state;
	service->autosave = true;
	service->ban = no_ban;
	limits_init(&service->limits);
	service->limits.edits = 1000000;
	safe_serve(&w->safe, w->loop, service);
	must(house_settle(&w->house, folder, &why));
	loop_on_turn(w->loop, on_turn, w);
	loop_on_last(w->loop, look, w);
	free(folder);
	free(dir);
}

static inline bool is_sending(void *ctx)
{
	struct world *w = ctx;

	return w->house.service.backplane && backplane_busy(w->house.service.backplane);
}

static inline void stop(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++)
		hang_up(&w->people[i]);
	house_bye(&w->house, "", 0);
	loop_off_turn(w->loop, on_turn, w);
	loop_off_turn(w->loop, look, w);
	house_fini(&w->house);
	loop_drain(w->loop, is_sending, w, PATIENCE_MS);
	backplane_close(w->house.service.backplane);
	state_close(&w->state);
	loop_destroy(w->loop);
	w->loop = NULL;
}

static inline void give_up(void *ctx)
{
	(void)ctx;
	fputs("what was waited for did not come\n", stderr);
	abort();
}

static inline void until(struct world *w, bool (*done)(struct world *w))
{
	struct timer *patience = timer_make(w->loop, give_up, w);

	timer_set(patience, PATIENCE_MS, 0);
	w->done = done;
	loop_run(w->loop);
	w->done = NULL;
	timer_destroy(patience);
}

/* ---- people ---- */

/* A room hears only so much in a turn: the rest is said in the next. */
static inline void say(struct ws_conn *one, const struct message *m)
{
	codec_encode(CODEC_BIN, m, &one->unheard);
	speak(one);
}

/* Their session, with all that they know of the document. */
static inline void come_back(struct ws_conn *one)
{
	struct message hello = {.type = MSG_HELLO, .hello = {.v = 1}};
	struct claims claims = {.role = one->role};
	struct msg_doc doc = {.path = str("a.txt")};
	struct chamber *chamber;

	must(house_enter(&one->world->house, ROOM, one->role == ROLE_OWNER, &chamber) == 0);
	snprintf(claims.jti, sizeof(claims.jti), "%s", one->token);
	one->closed = 0;
	one->session = session_create(
		&chamber->sessions, &claims, CODEC_BIN, loop_now_ms(one->world->loop));
	session_opened(one->session, one);
	hello.hello.name = (struct str){&one->letter, 1};
	hello.hello.session = str(one->secret);
	if (one->doc)
		hello.hello.docs = (struct msg_docs){1, &doc};
	doc.rev = one->replica ? replica_rev(one->replica) : 0;
	doc.seq = one->replica ? replica_seq(one->replica) : 0;
	one->waits = one->doc != 0;
	say(one, &hello);
}

static inline void come(struct ws_conn *one)
{
	struct message open = {.type = MSG_OPEN, .open = {.path = str("a.txt"), .create = true}};

	come_back(one);
	one->waits = true;
	say(one, &open);
}

static inline bool all_are_in(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++)
		if (w->people[i].session && (w->people[i].waits || !*w->people[i].secret))
			return false;
	return true;
}

static inline void all_come(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		come(&w->people[i]);
		until(w, all_are_in);
	}
}

static inline void send_edits(struct ws_conn *one)
{
	struct message m = {.type = MSG_EDIT, .edit = {.doc = one->doc}};
	const struct op *op;

	while (one->session && !one->waits &&
		replica_send(one->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.op = *op;
		one->words_of[m.edit.seq] = one->typed;
		say(one, &m);
	}
}

/* At the start or at the end: no word is ever inside another. */
static inline void type_before(struct ws_conn *one, size_t points)
{
	struct op op = {0};
	char word[WORD_BYTES];

	name_word(word, one, ++one->typed);
	op_retain(&op, one->typed % 2 ? 0 : text_size(replica_text(one->replica)).points);
	op_insert(&op, word, strlen(word));
	while (points--)
		op_insert(&op, ".", 1);
	must(replica_edit(one->replica, &op) == ERR_NONE);
	op_fini(&op);
	send_edits(one);
}

static inline void type(struct ws_conn *one)
{
	type_before(one, 0);
}

/* Of those who are connected. */
static inline bool all_in_step(struct world *w)
{
	const struct ws_conn *first = NULL;

	for (size_t i = 0; i < PEOPLE; i++) {
		struct ws_conn *one = &w->people[i];
		if (!one->session)
			continue;
		send_edits(one);
		first = first ? first : one;
		if (one->waits || !replica_in_step(one->replica) ||
			!text_equal(replica_text(one->replica), replica_text(first->replica)))
			return false;
	}
	return true;
}

static inline void all_type(struct world *w, size_t words)
{
	for (size_t n = 0; n < words; n++)
		for (size_t i = 0; i < PEOPLE; i++)
			if (w->people[i].session)
				type(&w->people[i]);
}

static inline void forget(struct ws_conn *one)
{
	replica_destroy(one->replica);
	buf_fini(&one->chat);
	buf_fini(&one->errors);
	buf_fini(&one->unheard);
	op_fini(&one->past);
}

/* ---- what they see ---- */

static inline size_t count(const char *text, const char *word)
{
	size_t found = 0;

	while ((text = strstr(text, word))) {
		found++;
		text += strlen(word);
	}
	return found;
}

static inline char *text_of(const struct ws_conn *one)
{
	return text_slice(replica_text(one->replica), 0, SIZE_MAX / 2, NULL);
}

/* Each word that was promised once, and none more than once. */
static inline void assert_words(struct world *w, const struct ws_conn *seen_by)
{
	char *text = text_of(seen_by), word[WORD_BYTES];

	for (size_t i = 0; i < PEOPLE; i++)
		for (size_t n = 1; n <= w->people[i].typed || n <= w->promised[i]; n++) {
			name_word(word, &w->people[i], n);
			assert_in_range(count(text, word), n <= w->promised[i], 1);
		}
	free(text);
}

static inline bool was_told(struct ws_conn *one, const char *words)
{
	buf_add_byte(&one->errors, '\0');
	one->errors.len--;
	return strstr(one->errors.at, words);
}

#endif
