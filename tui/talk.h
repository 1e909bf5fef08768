/*
 * talk.h: saying something, and looking back at what was said.
 *
 *	Ctrl-T		talk_open(ed)		the prompt is PROMPT_SAY then; the panel shows the chat, or, without one, the
 *						rows above the prompt do
 *	Up, Down	choose a message; Enter with nothing typed goes to the place that it names
 *	Enter		says what was typed, and waits for more
 *	Esc		back to the text
 *
 * What others say never takes the keys from the text.
 */
#ifndef TUI_TALK_H
#define TUI_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/chat.h"
#include "tui/prompt.h"
#include "tui/screen.h"

struct editor;
struct term;

struct talk {
	struct chat chat;
	size_t back;     /* the chosen message, from the newest; 0: none */
	char *draft;     /* what was typed and not said; NULL: nothing */
	char *saying;    /* to be taken by editor_take_say; NULL: nothing */
	bool unfocused;  /* the terminal is not looked at */
	uint64_t key_ms; /* of the newest key in the prompt */
	bool typed;      /* something is in it */
};

void talk_fini(struct talk *talk);
void talk_open(struct editor *ed);
/* Of the prompt: its text was changed; Enter; Up and Down (up is less); it is about to be left. */
void talk_typed(struct editor *ed, uint64_t now_ms);
void talk_enter(struct editor *ed, uint64_t now_ms);
void talk_move(struct editor *ed, ptrdiff_t lines);
void talk_leave(struct editor *ed);
/* Tab: the name that the letters before the caret begin, as a mention; where there are none, the place one is at. */
enum prompt_answer talk_complete(struct editor *ed);

void talk_go(struct editor *ed, const struct chat_line *line, uint64_t now_ms); /* to the place it names */
void talk_go_newest(struct editor *ed, uint64_t now_ms); /* to the newest place that anybody named */

bool talk_chatting(const struct editor *ed, uint64_t now_ms);
uint64_t talk_next_change(const struct editor *ed, uint64_t now_ms); /* ms until that is over; 0: it is not so */

bool talk_shows(const struct editor *ed); /* should the panel have a chat? */
struct rect talk_drawer(const struct editor *ed); /* over the text; no rows: nowhere */
/* What is shown and looked at is read. Once a drawing. */
void talk_look(struct editor *ed, uint64_t now_ms);
/* "2 unread · ", "1 unread, for you · "; adds nothing when there is none. */
void talk_unread_text(const struct editor *ed, struct buf *out);

#endif
