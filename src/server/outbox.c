#include "src/server/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

#define FIRST_BYTES 256 /* what a busy turn says to one person, more or less */

void outbox_fini(struct outbox *box)
{
	buf_fini(&box->bytes);
	free(box->messages);
	*box = (struct outbox){0};
}

size_t outbox_bytes(const struct outbox *box)
{
	return box->bytes.len - box->sent;
}

/* A connection that is never quite done must not keep all it ever sent: amortised O(1) a byte. */
static void drop_sent(struct outbox *box)
{
	size_t left = box->count - box->next;

	if (box->sent < OUTBOX_FRAME_BYTES || box->sent < box->bytes.len / 2)
		return;
	buf_drop(&box->bytes, box->sent);
	memmove(box->messages, box->messages + box->next, left * sizeof(*box->messages));
	for (size_t i = 0; i < left; i++)
		box->messages[i].end -= box->sent;
	box->unmarked -= box->next;
	box->count = left;
	box->next = box->sent = 0;
}

void outbox_add(struct outbox *box, const void *bytes, size_t len)
{
	drop_sent(box);
	if (!box->bytes.cap)
		buf_room(&box->bytes, FIRST_BYTES);
	buf_add(&box->bytes, bytes, len);
	box->messages = mem_grow(box->messages, &box->cap, box->count + 1, sizeof(*box->messages));
	box->messages[box->count++] = (struct outbox_message){.end = box->bytes.len};
}

void outbox_mark(struct outbox *box, uint64_t batch)
{
	while (box->unmarked < box->count)
		box->messages[box->unmarked++].batch = batch;
}

bool outbox_waits(const struct outbox *box, uint64_t stored)
{
	return box->next < box->unmarked && box->messages[box->next].batch > stored;
}

const char *outbox_frame(struct outbox *box, enum codec codec, uint64_t stored, size_t *len)
{
	size_t from = box->sent, last = box->next;

	while (last < box->unmarked && box->messages[last].batch <= stored) {
		size_t end = box->messages[last].end;
		if (last > box->next && (codec == CODEC_JSON || end - from > OUTBOX_FRAME_BYTES))
			break;
		last++;
	}
	if (last == box->next)
		return NULL;
	box->sent = box->messages[last - 1].end;
	box->next = last;
	*len = box->sent - from;
	return box->bytes.at + from;
}
