/*
 * ask.c: what the owner asks the person, and what came of it (editor.h).
 */
#include "ot/mem.h"
#include "tui/state.h"

void editor_ask(struct editor *ed, const char *question, const char *letters)
{
	prompt_open(&ed->prompt, PROMPT_CHOICE, question, "");
	ed->prompt.choices = letters;
	ed->answered = false;
	ed->dirty = true;
}

bool editor_answer(struct editor *ed, char *letter)
{
	bool answered = ed->answered;

	*letter = ed->answer;
	ed->answered = false;
	return answered;
}

void editor_ask_path(struct editor *ed, const char *question, const char *path)
{
	prompt_open(&ed->prompt, PROMPT_PATH, question, path);
	ed->dirty = true;
}

char *editor_take_path(struct editor *ed)
{
	char *entered = ed->entered;

	ed->entered = NULL;
	return entered;
}

char *editor_path_typed(const struct editor *ed)
{
	return mem_dup(ed->prompt.text.at, ed->prompt.at);
}

void editor_complete(struct editor *ed, const char *path, const char *others)
{
	ed->prompt.fresh = false;
	if (prompt_insert(&ed->prompt, 0, path) == PROMPT_CHANGED && palette_is_on(ed))
		palette_typed(ed);
	editor_set_string(&ed->others, others);
	ed->dirty = true;
}

void editor_ask_quit(struct editor *ed, const char *question)
{
	prompt_open(&ed->prompt, PROMPT_ASK, question, "");
	ed->dirty = true;
}
