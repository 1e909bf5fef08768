/*
 * What comes out of Redis, if somebody else wrote it: a snapshot of any bytes, and entries of any bytes after a good one. Nothing may
 * break; what does not parse is ignored, by all alike: a room that is written down and read again hears the same in them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/relay.h"
#include "tests/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- a server that nobody is on ---- */

static void on_send(void *to, struct parcel *parcel)
{
	(void)to;
	(void)parcel;
	abort(); /* nobody is here */
}

static void on_close(void *to, unsigned code, const char *reason)
{
	(void)to;
	(void)code;
	(void)reason;
	abort();
}

static void on_append(void *ctx, const char *at, size_t len)
{
	(void)ctx;
	(void)at;
	(void)len;
}

static const struct relay_handler handler = {
	NOBODY,
	NOBODY_ELSE,
	.send = on_send,
	.close = on_close,
	.urge = on_send,
	.drop = on_close,
	.append = on_append,
};

static struct relay *room(void)
{
	struct relay *relay = relay_create("quiet-otter", NULL, true, &handler, NULL);
	struct text *text;

	must(text_load(&text, "hello\n", 6) == ERR_NONE);
	room_add_document(relay_room(relay), 1, "a.c", log_create(text, 0));
	return relay;
}

static struct relay *again(struct relay *relay)
{
	struct relay *copy = relay_create("", NULL, false, &handler, NULL);
	struct buf state = {0};

	relay_save(relay, &state);
	must(relay_read(copy, state.at, state.len));
	buf_fini(&state);
	return copy;
}

static void same(struct relay *a, struct relay *b)
{
	struct buf mine = {0}, theirs = {0};

	relay_save(a, &mine);
	relay_save(b, &theirs);
	must(mine.len == theirs.len && memcmp(mine.at, theirs.at, mine.len) == 0);
	buf_fini(&mine);
	buf_fini(&theirs);
}

/* The first byte of each says how long it is. */
static void entries(const uint8_t *at, size_t left)
{
	struct relay *one = room(), *other = again(one);

	for (uint64_t position = 1; left; position++) {
		size_t len = *at++;
		len = len < --left ? len : left;
		enum err heard = relay_receive(one, position, (const char *)at, len);
		must(heard == ERR_NONE || heard == ERR_NEWER);
		must(relay_receive(other, position, (const char *)at, len) == heard);
		position -= heard == ERR_NEWER;
		at += len;
		left -= len;
	}
	same(one, other);
	struct relay *third = again(one);
	same(one, third);
	relay_destroy(one);
	relay_destroy(other);
	relay_destroy(third);
}

static void snapshot(const uint8_t *at, size_t len)
{
	struct relay *relay = room();
	struct buf state = {0};

	relay_read(relay, (const char *)at, len);
	relay_save(relay, &state); /* what was read can be written */
	buf_fini(&state);
	relay_destroy(relay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 's')
		snapshot(data + 1, size - 1);
	else if (size)
		entries(data + 1, size - 1);
	return 0;
}
