#include "tui/chat.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"

#define LINE_MAX_DIGITS 9

static void line_fini(struct chat_line *line)
{
	free((char *)line->name);
	free((char *)line->text);
}

void chat_fini(struct chat *chat)
{
	for (size_t i = 0; i < chat->count; i++)
		line_fini(&chat->at[i]);
	free(chat->at);
	*chat = (struct chat){0};
}

static void forget_oldest(struct chat *chat)
{
	line_fini(&chat->at[0]);
	memmove(chat->at, chat->at + 1, --chat->count * sizeof(*chat->at));
}

bool chat_put(struct chat *chat, const struct chat_line *line, bool old)
{
	if (chat->count && line->id <= chat->at[chat->count - 1].id)
		return false;
	if (!chat->at)
		chat->at = mem_alloc(CHAT_KEPT * sizeof(*chat->at));
	if (chat->count == CHAT_KEPT)
		forget_oldest(chat);
	chat->at[chat->count] = *line;
	chat->at[chat->count].name = mem_dup(line->name, strlen(line->name));
	chat->at[chat->count].text = mem_dup(line->text, strlen(line->text));
	chat->count++;
	if (old)
		chat->seen = chat->told = line->id;
	return true;
}

void chat_read(struct chat *chat)
{
	if (chat->count)
		chat->seen = chat->at[chat->count - 1].id;
}

bool chat_take_seen(struct chat *chat, uint64_t *id)
{
	bool news = chat->seen > chat->told;

	*id = chat->told = chat->seen;
	return news;
}

size_t chat_unread(const struct chat *chat, uint64_t me)
{
	size_t unread = 0;

	for (size_t i = chat->count; i-- > 0 && chat->at[i].id > chat->seen;)
		unread += chat->at[i].user != me;
	return unread;
}

/* ---- what is in a message ---- */

/* Bytes of names: what is not ASCII is taken to be a letter. */
static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

bool chat_mentions(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; len && (at = strchr(at, '@')); at++)
		if ((at == text || !is_word(at[-1])) && strncasecmp(at + 1, name, len) == 0 &&
			!is_word(at[1 + len]))
			return true;
	return false;
}

/* Digits behind a colon; gives how many bytes that was, 0 when it is no number. */
static size_t number_behind(const char *at, size_t *out)
{
	size_t digits = *at == ':' ? strspn(at + 1, "0123456789") : 0;

	if (!digits || digits > LINE_MAX_DIGITS)
		return 0;
	*out = strtoul(at + 1, NULL, 10);
	return 1 + digits;
}

static bool is_path(char c)
{
	return is_word(c) || (c && strchr("./-+#", c));
}

bool chat_place(const char *text, struct chat_place *out)
{
	for (const char *colon = text; (colon = strchr(colon, ':')); colon++) {
		const char *path = colon;
		while (path > text && is_path(path[-1]))
			path--;
		*out = (struct chat_place){path, (size_t)(colon - path), 0, 1};
		size_t taken = path < colon ? number_behind(colon, &out->line) : 0;
		if (!taken || !out->line || is_word(colon[taken]))
			continue;
		if (!number_behind(colon + taken, &out->col) || !out->col)
			out->col = 1;
		return true;
	}
	return false;
}
