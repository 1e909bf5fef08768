#include "tui/answer.h"

#include <string.h>

#include "tui/command.h"
#include "tui/goto.h"
#include "tui/keymap.h"
#include "tui/seek.h"
#include "tui/state.h"

static void go_to(struct editor *ed, const char *typed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	size_t line, col;

	if (!goto_parse(typed, text_size(t).lines + 1, &line, &col)) {
		editor_notice(ed, now_ms, "That is no line: type a number, like 12 or 12:5.");
		return;
	}
	ed->extend = false;
	editor_go(ed, view_pos(&ed->view, t, line, col));
}

static void answer_with(struct editor *ed, char letter)
{
	ed->answer = letter;
	ed->answered = true;
}

static void prompt_entered(struct editor *ed, uint64_t now_ms)
{
	enum prompt_kind kind = ed->prompt.kind;

	if (kind == PROMPT_FIND) {
		if (!ed->needle.len && ed->prompt.text.len)
			seek_typed(ed);
		else
			seek_again(ed, true, now_ms);
		return;
	}
	*buf_room(&ed->prompt.text, 1) = '\0';
	if (kind == PROMPT_GO && ed->prompt.text.len && ed->doc.replica)
		go_to(ed, ed->prompt.text.at, now_ms);
	if (kind == PROMPT_ASK)
		ed->wants |= EDITOR_QUIT_SURE;
	if (kind == PROMPT_CHOICE)
		answer_with(ed, ed->prompt.chosen);
	prompt_close(&ed->prompt);
}

/* Keys that walk through what was found without leaving the prompt, and the own clipboard. true: it was one. */
static bool prompt_command(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool shifted, find = ed->prompt.kind == PROMPT_FIND && ed->doc.replica;
	const struct command *command = keymap_find(key, &shifted);
	struct key paste = {
		.code = KEY_PASTE, .text = ed->clip.at ? ed->clip.at : "", .bytes = ed->clip.len};

	if (find && (key->code == KEY_DOWN || (command && strcmp(command->name, "find-next") == 0)))
		seek_again(ed, true, now_ms);
	else if (find &&
		 (key->code == KEY_UP || (command && strcmp(command->name, "find-previous") == 0)))
		seek_again(ed, false, now_ms);
	else if (command && strcmp(command->name, "paste") == 0 &&
		 prompt_key(&ed->prompt, &paste) == PROMPT_CHANGED && find)
		seek_typed(ed);
	else
		return command && strcmp(command->name, "paste") == 0;
	return true;
}

bool answer_takes(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	switch (prompt_key(&ed->prompt, key)) {
	case PROMPT_TAKEN: return true;
	case PROMPT_CHANGED:
		if (ed->prompt.kind == PROMPT_FIND && ed->doc.replica)
			seek_typed(ed);
		return true;
	case PROMPT_ENTER:
		if (ed->prompt.kind != PROMPT_FIND || ed->doc.replica)
			prompt_entered(ed, now_ms);
		return true;
	case PROMPT_ESCAPE:
		if (ed->prompt.kind == PROMPT_CHOICE)
			answer_with(ed, '\0');
		prompt_close(&ed->prompt);
		return true;
	default: break;
	}
	if (prompt_command(ed, key, now_ms))
		return true;
	prompt_close(&ed->prompt);
	return false;
}
