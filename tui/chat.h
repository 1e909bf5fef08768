/*
 * chat.h: what was said in a room, and how far everybody has read it.
 *
 *	chat_put(&chat, &line, false)		-- as it comes; the same number again is the same message
 *	chat_read(&chat)			-- all of it has been looked at
 *	if (chat_take_seen(&chat, &id)) ...	-- worth telling the others
 *
 * Texts come from outside: they are shown, never obeyed (screen.h).
 *
 * Units:   `at` is milliseconds since 1970.
 * Memory:  owns copies. CHAT_KEPT messages are kept, the newest.
 */
#ifndef TUI_CHAT_H
#define TUI_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT_KEPT 500

struct chat_line {
	uint64_t id, user, at;
	const char *name, *text; /* owned by the chat */
};

struct chat {
	struct chat_line *at; /* the oldest first */
	size_t count;
	uint64_t seen, told; /* the newest that was read here, and of which the others know */
};

void chat_fini(struct chat *chat);
/* old: it was said before one came, and is not news. false: it was there already. */
bool chat_put(struct chat *chat, const struct chat_line *line, bool old);
void chat_read(struct chat *chat);
bool chat_take_seen(struct chat *chat, uint64_t *id); /* once after each chat_read that read something */
size_t chat_unread(const struct chat *chat, uint64_t me); /* others' messages */

/* Is somebody of this name spoken to: "@Ada"? In any case, and not as the beginning of a longer word. */
bool chat_mentions(const char *text, const char *name);

/* The first place in it, "main.c:12" or "main.c:12:5": *path is `bytes` long. line and col count from 1. */
struct chat_place {
	const char *path;
	size_t bytes, line, col;
};
bool chat_place(const char *text, struct chat_place *out);

#endif
