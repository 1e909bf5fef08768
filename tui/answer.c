#include "tui/answer.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
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
	ed->extend = ed->marking;
	editor_go(ed, view_pos(&ed->view, t, line, col));
	ed->extend = false;
}

static void answer_with(struct editor *ed, char letter)
{
	ed->answer = letter;
	ed->answered = true;
}

/* Enter in the prompt of find: the next place, or, to replace it, what with. */
static void find_entered(struct editor *ed, uint64_t now_ms)
{
	if (!ed->doc.replica)
		return;
	bool idle = ed->seek.search.seek == SEARCH_IDLE;
	if (ed->prompt.text.len &&
		(!search_is_on(&ed->seek.search) || (ed->seek.replacing && idle)))
		seek_typed(ed, now_ms);
	else if (!ed->seek.replacing)
		seek_again(ed, true, now_ms);
	if (ed->seek.replacing && ed->seek.search.seek != SEARCH_NOWHERE &&
		search_is_on(&ed->seek.search))
		seek_ask_with(ed);
}

static void with_entered(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	buf_clear(&ed->seek.with);
	buf_add(&ed->seek.with, ed->prompt.text.at, ed->prompt.text.len);
	seek_ask_each(ed);
}

static void go_entered(struct editor *ed, uint64_t now_ms)
{
	*buf_room(&ed->prompt.text, 1) = '\0';
	if (ed->prompt.text.len && ed->doc.replica)
		go_to(ed, ed->prompt.text.at, now_ms);
	prompt_close(&ed->prompt);
}

static void palette_entered(struct editor *ed, uint64_t now_ms)
{
	palette_enter(ed, now_ms);
}

static void ask_entered(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_QUIT_SURE;
	prompt_close(&ed->prompt);
}

static void choice_entered(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	answer_with(ed, ed->prompt.chosen);
	prompt_close(&ed->prompt);
}

static void who_entered(struct editor *ed, uint64_t now_ms)
{
	char *typed = mem_dup(ed->prompt.text.at, ed->prompt.text.len);

	prompt_close(&ed->prompt);
	owner_named(ed, typed, now_ms);
	free(typed);
}

static void decide_entered(struct editor *ed, uint64_t now_ms)
{
	char letter = ed->prompt.chosen;

	(void)now_ms;
	prompt_close(&ed->prompt);
	owner_chose(ed, letter);
}

static void path_entered(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	free(ed->entered);
	ed->entered = mem_dup(ed->prompt.text.at, ed->prompt.text.len);
	prompt_close(&ed->prompt);
}

static void say_entered(struct editor *ed, uint64_t now_ms)
{
	talk_enter(ed, now_ms);
}

static void (*const entered[])(struct editor *, uint64_t) = {
	[PROMPT_FIND] = find_entered,
	[PROMPT_WITH] = with_entered,
	[PROMPT_GO] = go_entered,
	[PROMPT_SAY] = say_entered,
	[PROMPT_PALETTE] = palette_entered,
	[PROMPT_OPEN] = palette_entered,
	[PROMPT_PATH] = path_entered,
	[PROMPT_ASK] = ask_entered,
	[PROMPT_CHOICE] = choice_entered,
	[PROMPT_WHO] = who_entered,
	[PROMPT_DECIDE] = decide_entered,
};

static void leave(struct editor *ed)
{
	/* What was not to be replaced is not left to the next letter typed. */
	if (ed->prompt.kind == PROMPT_EACH && ed->doc.replica)
		editor_go(ed, anchor_start(ed->doc.sel));
	if (ed->prompt.kind == PROMPT_SAY)
		talk_leave(ed);
	if (ed->prompt.kind == PROMPT_CHOICE)
		answer_with(ed, '\0');
	if (ed->prompt.kind == PROMPT_PATH)
		editor_set_string(&ed->entered, "");
	prompt_close(&ed->prompt);
	seek_close(ed);
}

static const struct seek_toggle *toggle_of(const struct key *key)
{
	const struct seek_toggle *t = seek_toggles;

	while (t->key && !(key->mods == KEY_ALT && key->code == (uint32_t)t->key))
		t++;
	return t->key ? t : NULL;
}

static bool is(const struct command *command, const char *name)
{
	return command && strcmp(command->name, name) == 0;
}

/* Keys that walk through what was found without leaving the prompt, and toggle how it is looked for. */
static bool find_command(
	struct editor *ed, const struct key *key, const struct command *command, uint64_t now_ms)
{
	const struct seek_toggle *toggle = toggle_of(key);

	if (toggle)
		seek_toggle(ed, toggle, now_ms);
	else if (key->code == KEY_DOWN || is(command, "find-next") || is(command, "find"))
		seek_again(ed, true, now_ms);
	else if (key->code == KEY_UP || is(command, "find-previous"))
		seek_again(ed, false, now_ms);
	else
		return false;
	return true;
}

static void changed(struct editor *ed, uint64_t now_ms)
{
	if (ed->prompt.kind == PROMPT_FIND && ed->doc.replica)
		seek_typed(ed, now_ms);
	if (palette_is_on(ed))
		palette_typed(ed);
	if (ed->prompt.kind == PROMPT_SAY)
		talk_typed(ed, now_ms);
}

/* true: it moves the choice, of a command or of a message. */
static bool list_command(struct editor *ed, const struct key *key, const struct command *command)
{
	static const struct {
		const char *command;
		ptrdiff_t lines;
	} moves[] = {
		{"up", -1}, {"down", 1}, {"page-up", -PALETTE_ROWS}, {"page-down", PALETTE_ROWS}};

	if (key->mods)
		return false;
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (is(command, moves[i].command)) {
			if (ed->prompt.kind == PROMPT_SAY)
				talk_move(ed, moves[i].lines);
			else
				palette_move(ed, moves[i].lines);
			return true;
		}
	return false;
}

/* Of the disk, where the file is. */
static bool completes(const struct editor *ed, const struct key *key)
{
	bool path = ed->prompt.kind == PROMPT_PATH ||
		    (ed->prompt.kind == PROMPT_OPEN && ed->status.link == EDITOR_ALONE);

	return path && key->code == KEY_TAB && !key->mods;
}

/* What the hands of the shell do where no command is bound to it. */
static const char *shell_habit(const struct key *key)
{
	if (key->mods != KEY_CTRL)
		return "";
	return key->code == 'u' ? "cut-line" : key->code == 'w' ? "delete-word-left" : "";
}

/*
 * The line is edited by the keys that the text is edited by. What would write into the text behind it, or do nothing there, does nothing:
 * a slip of the finger neither closes a question nor changes what is not looked at.
 */
static bool line_command(
	struct editor *ed, const struct key *key, const struct command *command, uint64_t now_ms)
{
	bool tab = key->code == KEY_TAB && !key->mods;
	enum prompt_answer answer =
		tab && ed->prompt.kind == PROMPT_SAY
			? talk_complete(ed)
			: prompt_edit(&ed->prompt, command ? command->name : shell_habit(key));

	if (answer == PROMPT_CHANGED)
		changed(ed, now_ms);
	if (answer != PROMPT_OTHER)
		return true;
	return !command || (command->flags & COMMAND_WRITES && !is(command, "replace"));
}

/* true: it was one that the prompt has a use for. */
static bool prompt_command(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool shifted;
	const struct command *command = keymap_find(ed->keymap, key, &shifted);
	const struct clip *clip = clip_newest(ed);
	struct key paste = {.code = KEY_PASTE,
		.text = clip ? clip->text.at : "",
		.bytes = clip ? clip->text.len : 0};

	if (ed->prompt.kind == PROMPT_FIND && ed->doc.replica &&
		find_command(ed, key, command, now_ms))
		return true;
	if ((palette_is_on(ed) || ed->prompt.kind == PROMPT_SAY) && list_command(ed, key, command))
		return true;
	if (ed->prompt.kind == PROMPT_EACH) {
		if (key->mods == 0 && key->code < 0x80 && strchr("yna", (int)key->code))
			seek_answer(ed, (char)key->code, now_ms);
		return true;
	}
	if (is(command, "paste") && prompt_key(&ed->prompt, &paste) == PROMPT_CHANGED)
		changed(ed, now_ms);
	return is(command, "paste") || line_command(ed, key, command, now_ms);
}

/* Ctrl-C, by which the hands of nano and of the shell leave a question, is Esc. */
static struct key as_escape(const struct key *key)
{
	bool leaves = key->code == 'c' && key->mods == KEY_CTRL;

	return leaves ? (struct key){.code = KEY_ESC} : *key;
}

/* true: the mouse has nothing to do with the text. */
static bool mouse_takes(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (palette_is_on(ed) && palette_mouse(ed, key)) {
		palette_enter(ed, now_ms);
		return true;
	}
	if (key->mouse == KEY_MOUSE_DOWN)
		leave(ed);
	return palette_is_on(ed);
}

bool answer_takes(struct editor *ed, const struct key *pressed, uint64_t now_ms)
{
	const struct key escape = as_escape(pressed), *key = &escape;

	editor_set_string(&ed->others, NULL);
	if (completes(ed, key)) {
		ed->wants |= EDITOR_WANT_COMPLETE;
		return true;
	}
	if (key->code == KEY_MOUSE && prompt_is_line(&ed->prompt))
		return mouse_takes(ed, key, now_ms);
	switch (prompt_key(&ed->prompt, key)) {
	case PROMPT_TAKEN: return true;
	case PROMPT_CHANGED: changed(ed, now_ms); return true;
	case PROMPT_ENTER: entered[ed->prompt.kind](ed, now_ms); return true;
	case PROMPT_ESCAPE: leave(ed); return true;
	default: break;
	}
	if (prompt_command(ed, key, now_ms))
		return true;
	leave(ed);
	return false;
}
