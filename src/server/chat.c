#include "src/server/chat.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/server/room_send.h"

static void said_fini(struct msg_said *said)
{
	free((char *)said->name.at);
	free((char *)said->text.at);
}

static void remember_said(struct room *room, const struct msg_said *said)
{
	if (room->chat_count == LIMIT_CHAT_RECENT) {
		said_fini(&room->chat[0]);
		memmove(room->chat, room->chat + 1, --room->chat_count * sizeof(*room->chat));
	}
	room->chat[room->chat_count++] = (struct msg_said){.id = said->id,
		.user = said->user,
		.at = said->at,
		.name = {mem_dup(said->name.at, said->name.len), said->name.len},
		.text = {mem_dup(said->text.at, said->text.len), said->text.len}};
}

void chat_recall(struct room *room, const struct msg_said *said)
{
	remember_said(room, said);
	room->next_chat = said->id + 1;
}

/* Each message takes LIMIT_SAY_MS of a person's time, of which they may be LIMIT_SAY_AHEAD in debt. */
static bool may_say(struct room *room, struct person *person)
{
	uint64_t now = room->handler->now_ms(room->ctx);
	uint64_t from = person->said_ms > now ? person->said_ms : now;

	if (from - now >= LIMIT_SAY_MS * LIMIT_SAY_AHEAD)
		return false;
	person->said_ms = from + LIMIT_SAY_MS;
	return true;
}

void chat_say(struct room *room, struct person *person, const struct message *m)
{
	struct buf clean = {0};
	struct message said = {.type = MSG_SAID};

	if (!room_may_keep(room, person, "say"))
		return;
	if (!may_say(room, person)) {
		room_refuse(room, person, "too-fast", "too many messages in a short time", "say");
		return;
	}
	limits_clean_chat(m->say.text, &clean);
	if (clean.len) {
		said.said = (struct msg_said){.id = room->next_chat++,
			.user = person->user,
			.name = str(person->name),
			.at = room->handler->unix_ms(room->ctx),
			.text = {clean.at, clean.len}};
		room->handler->keep_chat(room->ctx, &said.said);
		remember_said(room, &said.said);
		room_send_others(room, NULL, &said);
	}
	buf_fini(&clean);
}

void chat_seen(struct room *room, struct person *person, const struct message *m)
{
	struct message seen = {
		.type = MSG_SEEN_BY, .seen_by = {.user = person->user, .id = m->seen.id}};

	if (m->seen.id >= room->next_chat || m->seen.id <= person->seen)
		return;
	person->seen = m->seen.id;
	room_send_others(room, person, &seen);
}

void chat_forget(struct room *room)
{
	for (size_t i = 0; i < room->chat_count; i++)
		said_fini(&room->chat[i]);
	free(room->chat);
}
