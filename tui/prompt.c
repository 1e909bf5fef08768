#include "tui/prompt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/sentence.h"
#include "tui/theme.h"
#include "tui/width.h"

void prompt_close(struct prompt *prompt)
{
	free(prompt->label);
	buf_fini(&prompt->text);
	*prompt = (struct prompt){.kind = PROMPT_NONE};
}

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *label, const char *text)
{
	prompt_close(prompt);
	prompt->kind = kind;
	prompt->label = mem_dup(label, strlen(label));
	buf_room(&prompt->text, 1); /* so that there is an address even when empty */
	buf_add_str(&prompt->text, text);
	prompt->at = prompt->text.len;
	prompt->fresh = prompt->text.len > 0;
}

/* ---- keys ---- */

static size_t before(const struct prompt *prompt)
{
	const char *at = prompt->text.at;
	size_t left = prompt->text.len, start = 0;
	struct cluster c;

	while (width_next_in(&at, &left, &c) && prompt->text.len - left < prompt->at)
		start = prompt->text.len - left;
	return start;
}

static size_t after(const struct prompt *prompt)
{
	const char *at = prompt->text.at + prompt->at;
	size_t left = prompt->text.len - prompt->at;
	struct cluster c;

	width_next_in(&at, &left, &c);
	return prompt->text.len - left;
}

static enum prompt_answer cut(struct prompt *prompt, size_t start, size_t end)
{
	if (start == end)
		return PROMPT_TAKEN;
	memmove(prompt->text.at + start, prompt->text.at + end, prompt->text.len - end);
	prompt->text.len -= end - start;
	prompt->at = start;
	return PROMPT_CHANGED;
}

static enum prompt_answer put(struct prompt *prompt, const char *text, size_t bytes)
{
	if (prompt->fresh)
		cut(prompt, 0, prompt->text.len);
	prompt->fresh = false;
	if (!bytes || bytes > PROMPT_MAX - prompt->text.len)
		return PROMPT_TAKEN;
	buf_room(&prompt->text, bytes);
	char *at = prompt->text.at + prompt->at;
	memmove(at + bytes, at, prompt->text.len - prompt->at);
	memcpy(at, text, bytes);
	prompt->text.len += bytes;
	prompt->at += bytes;
	return PROMPT_CHANGED;
}

static enum prompt_answer put_line(struct prompt *prompt, const char *text, size_t bytes)
{
	const char *end = bytes ? memchr(text, '\n', bytes) : NULL;

	return put(prompt, text, end ? (size_t)(end - text) : bytes);
}

static enum prompt_answer put_key(struct prompt *prompt, uint32_t c)
{
	char bytes[4];

	return put(prompt, bytes, utf8_encode(c, bytes));
}

static enum prompt_answer move(struct prompt *prompt, size_t at)
{
	prompt->at = at;
	prompt->fresh = false;
	return PROMPT_TAKEN;
}

static enum prompt_answer ask_key(const struct key *key)
{
	if (key->mods & (KEY_ALT | KEY_CTRL))
		return PROMPT_TAKEN;
	if (key->code == 'y' || key->code == 'Y')
		return PROMPT_ENTER;
	return key->code == 'n' || key->code == 'N' || key->code == KEY_ESC ? PROMPT_ESCAPE
									    : PROMPT_TAKEN;
}

static enum prompt_answer choice_key(struct prompt *prompt, const struct key *key)
{
	uint32_t c = key->code >= 'A' && key->code <= 'Z' ? key->code + ('a' - 'A') : key->code;

	if (c == KEY_ESC)
		return PROMPT_ESCAPE;
	if (key->mods & (KEY_ALT | KEY_CTRL) || c < 'a' || c > 'z' ||
		!strchr(prompt->choices, (int)c))
		return PROMPT_TAKEN;
	prompt->chosen = (char)c;
	return PROMPT_ENTER;
}

static enum prompt_answer line_key(struct prompt *prompt, const struct key *key)
{
	switch (key->code) {
	case KEY_ENTER: return PROMPT_ENTER;
	case KEY_ESC: return PROMPT_ESCAPE;
	case KEY_LEFT: return move(prompt, before(prompt));
	case KEY_RIGHT: return move(prompt, after(prompt));
	case KEY_HOME: return move(prompt, 0);
	case KEY_END: return move(prompt, prompt->text.len);
	case KEY_BACKSPACE: return cut(prompt, prompt->fresh ? 0 : before(prompt), prompt->at);
	case KEY_DELETE: return cut(prompt, prompt->at, after(prompt));
	case KEY_PASTE: return put_line(prompt, key->text, key->bytes);
	default:
		return key->code >= ' ' && key->code < 0x110000 ? put_key(prompt, key->code)
								: PROMPT_OTHER;
	}
}

/* Letters of any script, digits and '_'; what is not ASCII counts as one, so that no character is cut. */
static bool is_word(char c)
{
	return (c & 0x80) || isalnum((unsigned char)c) || c == '_';
}

static size_t word_before(const struct prompt *prompt)
{
	const char *text = prompt->text.at;
	size_t at = prompt->at;

	while (at && !is_word(text[at - 1]))
		at--;
	while (at && is_word(text[at - 1]))
		at--;
	return at;
}

static size_t word_after(const struct prompt *prompt)
{
	const char *text = prompt->text.at;
	size_t at = prompt->at, end = prompt->text.len;

	while (at < end && !is_word(text[at]))
		at++;
	while (at < end && is_word(text[at]))
		at++;
	return at;
}

static size_t start(const struct prompt *prompt)
{
	(void)prompt;
	return 0;
}

static size_t end(const struct prompt *prompt)
{
	return prompt->text.len;
}

static const struct {
	const char *command;
	size_t (*to)(const struct prompt *prompt);
	bool cuts;
} edits[] = {
	{"left", before, false},
	{"right", after, false},
	{"home", start, false},
	{"end", end, false},
	{"word-left", word_before, false},
	{"word-right", word_after, false},
	{"backspace", before, true},
	{"delete", after, true},
	{"delete-word-left", word_before, true},
	{"delete-word-right", word_after, true},
	{"cut-line", start, true},
	{NULL, NULL, false},
};

enum prompt_answer prompt_edit(struct prompt *prompt, const char *command)
{
	size_t i = 0, to;

	if (!prompt_is_line(prompt))
		return PROMPT_OTHER;
	prompt->fresh |= strcmp(command, "select-all") == 0 && prompt->text.len;
	if (strcmp(command, "select-all") == 0)
		return PROMPT_TAKEN;
	while (edits[i].command && strcmp(edits[i].command, command) != 0)
		i++;
	if (!edits[i].command)
		return PROMPT_OTHER;
	to = edits[i].to(prompt);
	prompt->fresh = false;
	if (!edits[i].cuts)
		return move(prompt, to);
	return to < prompt->at ? cut(prompt, to, prompt->at) : cut(prompt, prompt->at, to);
}

enum prompt_answer prompt_insert(struct prompt *prompt, size_t from, const char *text)
{
	cut(prompt, from, prompt->at);
	return put(prompt, text, strlen(text));
}

bool prompt_is_line(const struct prompt *prompt)
{
	switch (prompt->kind) {
	case PROMPT_NONE:
	case PROMPT_EACH:
	case PROMPT_ASK:
	case PROMPT_CHOICE:
	case PROMPT_DECIDE: return false;
	default: return true;
	}
}

enum prompt_answer prompt_key(struct prompt *prompt, const struct key *key)
{
	if (prompt->kind == PROMPT_ASK)
		return ask_key(key);
	if (prompt->kind == PROMPT_CHOICE || prompt->kind == PROMPT_DECIDE)
		return choice_key(prompt, key);
	if (key->mods & (KEY_ALT | KEY_CTRL))
		return PROMPT_OTHER;
	if (prompt->kind == PROMPT_EACH)
		return key->code == KEY_ESC ? PROMPT_ESCAPE : PROMPT_OTHER;
	return line_key(prompt, key);
}

/* ---- drawing ---- */

/* Where to begin so that the caret is within `cells`. */
static size_t first_shown(const struct prompt *prompt, size_t cells)
{
	const char *at = prompt->text.at;
	size_t left = prompt->at, col = 0;
	struct cluster c;

	for (const char *p = at; width_next_in(&p, &left, &c);)
		col += (size_t)c.cells;
	left = prompt->at;
	while (col >= cells && width_next_in(&at, &left, &c))
		col -= (size_t)c.cells;
	return prompt->at - left;
}

int prompt_rows(const struct prompt *prompt, int cols)
{
	int used = sentence_last(prompt->label, cols);

	return sentence_rows(prompt->label, cols) +
	       (prompt_is_line(prompt) && used + 1 + PROMPT_ROOM > cols);
}

/* Over the rows that there are; gives the cells it takes of the last row. */
static int draw_label(const struct prompt *prompt, struct term *term, struct rect rect)
{
	struct term_style bold = theme_style(term_colors(term), THEME_PROMPT);
	bool below = prompt_rows(prompt, rect.cols) > sentence_rows(prompt->label, rect.cols);

	if (rect.rows == 1 || !below)
		return sentence_draw(term, rect, prompt->label, bold);
	rect.rows--;
	sentence_draw(term, rect, prompt->label, bold);
	return 0;
}

void prompt_draw(const struct prompt *prompt, struct term *term, struct rect rect, const char *note)
{
	struct term_style plain = theme_style(term_colors(term), THEME_TEXT);
	int label = draw_label(prompt, term, rect), row = rect.row + rect.rows - 1;
	int gap = label > 0, room = rect.cols - label - gap - (int)width_string(note);
	int col = rect.col + label + gap;

	room = room > 4 ? room : rect.cols - label - gap;
	size_t from = first_shown(prompt, room > 1 ? (size_t)room : 1);
	int cursor = screen_bytes(
		term, row, col, room, prompt->text.at + from, prompt->at - from, plain);
	screen_bytes(term, row, col, room, prompt->text.at + from, prompt->text.len - from, plain);
	if (room == rect.cols - label - gap - (int)width_string(note))
		screen_text(term, row, col + room, rect.cols, note,
			theme_style(term_colors(term), THEME_FAINT));
	term_cursor(term, row,
		col + cursor < rect.col + rect.cols ? col + cursor : rect.col + rect.cols - 1);
}
