#include "src/server/outbox.h"

#include <string.h>

#define FIRST_BYTES 256 /* what a busy turn says to one person, more or less */

static struct outbox_message *message(const struct outbox *box, size_t i)
{
	return (struct outbox_message *)(void *)box->messages.at + i;
}

void outbox_fini(struct outbox *box)
{
	stock_give(box->stock, &box->bytes);
	stock_give(box->stock, &box->messages);
	*box = (struct outbox){.stock = box->stock};
}

size_t outbox_bytes(const struct outbox *box)
{
	return box->bytes.len - box->sent;
}

/* A connection that is never quite done must not keep all it ever sent: amortised O(1) a byte. */
static void drop_sent(struct outbox *box)
{
	if (box->sent < OUTBOX_FRAME_BYTES || box->sent < box->bytes.len / 2)
		return;
	buf_drop(&box->bytes, box->sent);
	buf_drop(&box->messages, box->next * sizeof(struct outbox_message));
	box->count -= box->next;
	for (size_t i = 0; i < box->count; i++)
		message(box, i)->end -= box->sent;
	box->unmarked -= box->next;
	box->next = box->sent = 0;
}

static void furnish(struct outbox *box)
{
	stock_lend(box->stock, &box->bytes);
	stock_lend(box->stock, &box->messages);
	if (!box->bytes.cap)
		buf_room(&box->bytes, FIRST_BYTES);
}

void outbox_add(struct outbox *box, const void *bytes, size_t len)
{
	struct outbox_message added = {0};

	drop_sent(box);
	furnish(box);
	buf_add(&box->bytes, bytes, len);
	added.end = box->bytes.len;
	buf_add(&box->messages, &added, sizeof(added));
	box->count++;
}

void outbox_mark(struct outbox *box, uint64_t batch)
{
	while (box->unmarked < box->count)
		message(box, box->unmarked++)->batch = batch;
}

bool outbox_waits(const struct outbox *box, uint64_t stored)
{
	return box->next < box->unmarked && message(box, box->next)->batch > stored;
}

const char *outbox_frame(struct outbox *box, enum codec codec, uint64_t stored, size_t *len)
{
	size_t from = box->sent, last = box->next;

	while (last < box->unmarked && message(box, last)->batch <= stored) {
		size_t end = message(box, last)->end;
		if (last > box->next && (codec == CODEC_JSON || end - from > OUTBOX_FRAME_BYTES))
			break;
		last++;
	}
	if (last == box->next)
		return NULL;
	box->sent = message(box, last - 1)->end;
	box->next = last;
	*len = box->sent - from;
	return box->bytes.at + from;
}
