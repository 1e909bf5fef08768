#include "src/server/manner.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/room_send.h"
#include "src/style.h"

static struct style style_asked(const struct doc *doc)
{
	return doc->asks ? style_from(doc->asks) : (struct style){0};
}

/* ---- told ---- */

/* The words are borrowed from doc, the items from `at`. */
static struct message message_of(const struct doc *doc, struct msg_ask at[ASKS_MOST])
{
	struct message m = {.type = MSG_STYLE};

	for (size_t i = 0; i < doc->asks->count; i++)
		at[i] = (struct msg_ask){str(doc->asks->at[i].name), str(doc->asks->at[i].value)};
	m.style.doc = doc->doc;
	m.style.asks = (struct msg_asks){doc->asks->count, at};
	return m;
}

void manner_tell(struct room *room, struct person *person, const struct doc *doc)
{
	struct msg_ask at[ASKS_MOST];

	if (!doc->asks || !doc->asks->count)
		return;
	struct message m = message_of(doc, at);
	room_send(room, person, &m);
}

static void tell_all(struct room *room, const struct doc *doc)
{
	struct msg_ask at[ASKS_MOST];
	struct message m = message_of(doc, at);

	for (size_t i = 0; i < room->people_count; i++)
		if (doc_seat(room->people[i], doc->doc))
			room_send(room, room->people[i], &m);
}

/* Nobody who has it open was told of anything while nothing was known. */
void manner_look(struct room *room, struct doc *doc)
{
	uint64_t now = room_here_ms(room);
	struct asks asks = {0};
	bool news;

	if (!room->handler->asks || (doc->asks && now - doc->asked_ms < MANNER_LOOK_MS))
		return;
	room->handler->asks(room->ctx, doc, &asks);
	doc->asked_ms = now;
	news = doc->asks ? !asks_same(doc->asks, &asks) : asks.count > 0;
	if (!doc->asks)
		doc->asks = mem_alloc(sizeof(*doc->asks));
	*doc->asks = asks;
	if (news)
		tell_all(room, doc);
}

/* ---- obeyed ---- */

bool manner_crlf(const struct doc *doc)
{
	enum style_ends ends = style_asked(doc).ends;

	return ends == STYLE_ENDS_AS_THEY_ARE ? doc->crlf : ends == STYLE_CRLF;
}

static bool holds_cr(const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	const char *at;
	size_t bytes;

	while (text_iter_run(&it, &at, &bytes))
		if (memchr(at, '\r', bytes))
			return true;
	return false;
}

void manner_form(const struct doc *doc, struct workspace_file *file, const struct text *text)
{
	struct style style = style_asked(doc);

	if (file->form.mixed && style.ends && holds_cr(text))
		style.ends = STYLE_ENDS_AS_THEY_ARE;
	style.has_charset &= style.charset == CHARSET_UTF8;
	style_form(&style, file);
}
