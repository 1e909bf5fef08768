/*
 * world.h: a room without sockets, disk or clock: people are mailboxes, and what the room sends is read as JSON.
 *
 *	struct world *w = world_create("abc");
 *	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");
 *	say(w, ada, "{\"t\":\"say\",\"text\":\"hello\"}");
 *	assert_heard(&w->ada, "\"t\":\"said\"");
 *	world_destroy(w);
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/presence.h"
#include "src/server/room.h"
#include "tests/ledger.h"

struct mailbox {
	struct buf lines; /* a JSON message a line */
	unsigned closed;
};

struct world {
	struct ledger ledger;
	struct room *room;
	struct doc *doc;
	struct mailbox ada, ben, eve;
	uint64_t now_ms;
	size_t saves;
	struct asks asks; /* what the file asks for */
	bool full;
	unsigned char random;
};

static inline void world_send(void *to, struct parcel *parcel)
{
	struct mailbox *box = to;
	const struct buf *bytes = parcel_bytes(parcel, CODEC_JSON);

	buf_add(&box->lines, bytes->at, bytes->len);
	buf_add_byte(&box->lines, '\n');
}

static inline void world_close(void *to, unsigned code, const char *reason)
{
	(void)reason;
	((struct mailbox *)to)->closed = code;
}

static inline void world_save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)doc;
	(void)user;
	((struct world *)ctx)->saves++;
}

static inline void world_asks(void *ctx, const struct doc *doc, struct asks *out)
{
	(void)doc;
	*out = ((struct world *)ctx)->asks;
}

static inline bool world_full(void *ctx)
{
	return ((struct world *)ctx)->full;
}

static inline void world_end(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

static inline uint64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

static inline void world_random(void *ctx, void *bytes, size_t len)
{
	memset(bytes, ++((struct world *)ctx)->random, len);
}

static const struct room_handler world_handler = {
	.send = world_send,
	.close = world_close,
	.full = world_full,
	.keep_edit = ledger_keep_edit,
	.keep_session = ledger_keep_session,
	.keep_terms = ledger_keep_terms,
	.end_session = ledger_end_session,
	.keep_lock = ledger_keep_lock,
	.keep_next_user = ledger_keep_next_user,
	.keep_chat = ledger_keep_chat,
	.find_session = ledger_find_session,
	.session_seq = ledger_session_seq,
	.past = ledger_past,
	.asks = world_asks,
	.save = world_save,
	.edited = ledger_edited,
	.end = world_end,
	.now_ms = world_now,
	.unix_ms = world_now,
	.random = world_random,
};

static inline struct world *world_create(const char *text)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	w->now_ms = 1000;
	w->room = room_create("quiet-otter", "e1", 1, &world_handler, w);
	w->doc = room_add_document(w->room, 7, "a.c", log_create(t, 0));
	return w;
}

/* The server is killed, and started again with the text that there was: everybody's connection is gone. */
static inline void world_restart(struct world *w)
{
	struct text *text = text_copy(log_text(w->doc->log));
	uint64_t rev = log_rev(w->doc->log);

	room_destroy(w->room);
	w->room = room_create("quiet-otter", "e1", w->ledger.next_user, &world_handler, w);
	w->room->locked = w->ledger.locked;
	w->doc = room_add_document(w->room, 7, "a.c", log_create(text, rev));
}

static inline void world_destroy(struct world *w)
{
	room_destroy(w->room);
	ledger_fini(&w->ledger);
	buf_fini(&w->ada.lines);
	buf_fini(&w->ben.lines);
	buf_fini(&w->eve.lines);
	free(w);
}

/* ---- talking to it ---- */

static inline struct person *say_hello(
	struct world *w, struct mailbox *box, enum role role, const char *json)
{
	struct room_terms terms = {.role = role, .name = ""};
	struct message m;
	size_t used;

	assert_int_equal(codec_decode(CODEC_JSON, false, json, strlen(json), &used, &m), ERR_NONE);
	struct person *person = room_hello(w->room, box, &terms, &m);
	message_fini(&m);
	return person;
}

static inline void say(struct world *w, struct person *person, const char *json)
{
	struct message m;
	size_t used;

	assert_int_equal(codec_decode(CODEC_JSON, false, json, strlen(json), &used, &m), ERR_NONE);
	room_message(w->room, person, &m);
	message_fini(&m);
}

static inline void forget(struct mailbox *box)
{
	buf_clear(&box->lines);
}

static inline const char *heard(struct mailbox *box)
{
	buf_add_byte(&box->lines, '\0');
	box->lines.len--;
	return box->lines.at;
}

#define assert_heard(box, what)     assert_non_null(strstr(heard(box), what))
#define assert_not_heard(box, what) assert_null(strstr(heard(box), what))

static inline void assert_text(struct world *w, const char *expected)
{
	char *text = text_slice(log_text(w->doc->log), 0, SIZE_MAX / 2, NULL);

	assert_string_equal(text, expected);
	free(text);
}

static inline struct person *enter(struct world *w, struct mailbox *box, enum role role, const char *name)
{
	char hello[200];

	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"%s\",\"color\":\"\",\"session\":\"\",\"docs\":[]}",
		name);
	struct person *person = say_hello(w, box, role, hello);
	assert_non_null(person);
	say(w, person, "{\"t\":\"open\",\"path\":\"a.c\",\"create\":false}");
	return person;
}

#endif
