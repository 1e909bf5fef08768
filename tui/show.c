#include "tui/show.h"

#include <stdio.h>

#include "tui/state.h"

void show_blanks(struct editor *ed, uint64_t now_ms)
{
	ed->settings.show_blanks = !ed->settings.show_blanks;
	editor_settle(ed);
	editor_notice(ed, now_ms,
		ed->settings.show_blanks ? "Blanks are shown." : "Blanks are not shown.");
}

void show_key(struct editor *ed, uint64_t now_ms)
{
	ed->telling = true;
	editor_notice(ed, now_ms, "Press a key.");
}

bool show_takes(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	char name[KEYMAP_NAME], says[256];
	bool shifted, text = key->code < 0x110000 && !(key->mods & (KEY_ALT | KEY_CTRL));
	const struct command *command;

	if (!ed->telling || key->code == KEY_MOUSE || key->code == KEY_PASTE)
		return false;
	ed->telling = false;
	keymap_write(key, name);
	command = keymap_find(ed->keymap, key, &shifted);
	if (command)
		snprintf(says, sizeof(says), "%s: %s. %s", name, command->name, command->help);
	else
		snprintf(says, sizeof(says), "%s %s.", name,
			text ? "is text" : "does nothing: bind it in codecollab.conf");
	editor_notice(ed, now_ms, says);
	return true;
}

void show_wrap(struct editor *ed, uint64_t now_ms)
{
	ed->settings.wrap = !ed->settings.wrap;
	ed->has_goal = false;
	ed->view.follow = true;
	editor_settle(ed);
	editor_notice(ed, now_ms,
		ed->settings.wrap ? "Long lines are wrapped." : "Long lines are not wrapped.");
}

void show_numbers(struct editor *ed, uint64_t now_ms)
{
	static const char *const says[] = {
		[NUMBERS_OFF] = "No line numbers.",
		[NUMBERS_ABSOLUTE] = "Line numbers.",
		[NUMBERS_RELATIVE] = "Line numbers count from the caret's line.",
	};

	ed->settings.line_numbers = (ed->settings.line_numbers + 1) % (NUMBERS_RELATIVE + 1);
	editor_settle(ed);
	editor_notice(ed, now_ms, says[ed->settings.line_numbers]);
}

/* ---- counting ---- */

struct count {
	size_t lines, words, points;
};

static struct count count(const struct text *t, size_t start, size_t end)
{
	struct text_iter it = text_iter(t, start);
	struct count n = {0};
	bool within = false;
	uint32_t c = '\n';

	while (it.pos < end && text_iter_next(&it, &c)) {
		bool blank = c <= ' ' || c == 0xA0 || c == 0x3000;
		n.words += !blank && !within;
		n.lines += c == '\n';
		within = !blank;
	}
	n.points = it.pos - start;
	n.lines += n.points && c != '\n'; /* a last line without an end */
	return n;
}

void show_count(struct editor *ed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	bool all = ed->doc.sel.anchor == ed->doc.sel.head;
	struct count n = all ? count(t, 0, text_size(t).points)
			     : count(t, anchor_start(ed->doc.sel), anchor_end(ed->doc.sel));
	char says[160];

	snprintf(says, sizeof(says), "%s%zu line%s, %zu word%s, %zu character%s",
		all ? "" : "Selected: ", n.lines, n.lines == 1 ? "" : "s", n.words,
		n.words == 1 ? "" : "s", n.points, n.points == 1 ? "" : "s");
	editor_notice(ed, now_ms, says);
}
