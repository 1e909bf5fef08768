#include "tui/help.h"

#include <stdio.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define ASKED "palette: "

/* clang-format off */
#define HEADING(text)     {.heading = text}
#define COMMAND(name)     {.command = name}
#define ROW(key, meaning) {.keys = key, .words = meaning}

const struct help_row help_rows[] = {
	HEADING("FIRST OF ALL"),
	COMMAND("help"), COMMAND("commands"), COMMAND("cancel"),

	HEADING("FILES"),
	COMMAND("save"), COMMAND("save-as"), COMMAND("open"), COMMAND("quit"), COMMAND("suspend"),
	ROW("Tab", "While a path is asked for: the rest of it, or what it may be"),
	COMMAND("to-lf"), COMMAND("to-crlf"), COMMAND("to-utf8"),
	ROW("", "Line ends, a byte order mark, the charset and a missing last newline stay as they are; "
		"the bottom line tells of them."),
	ROW("", "What is not saved is written down as you type: after a crash, edit offers it."),

	HEADING("MOVING"),
	COMMAND("left"), COMMAND("right"), COMMAND("up"), COMMAND("down"), COMMAND("word-left"),
	COMMAND("word-right"), COMMAND("home"), COMMAND("end"), COMMAND("page-up"),
	COMMAND("page-down"), COMMAND("top"), COMMAND("bottom"), COMMAND("go-to-line"),
	ROW("120 120:8 -9 50%", "To go to: a line, a column too, from the end, middle"),
	COMMAND("bracket"), COMMAND("scroll-up"), COMMAND("scroll-down"),
	ROW("Click", "The caret there; the wheel scrolls"),

	HEADING("SELECTING"),
	ROW("Shift-Left ...", "Select: Shift with any motion"),
	COMMAND("mark"), COMMAND("select-all"),
	ROW("Drag, double click",
		"Select; two clicks a word, three a line; Shift-click up to there"),

	HEADING("COPYING"),
	COMMAND("copy"), COMMAND("cut"), COMMAND("paste"), COMMAND("paste-older"),
	COMMAND("cut-line"),
	ROW("Middle button", "Paste what was copied here"),
	ROW("Shift with the mouse", "The terminal's own selecting and copying"),
	ROW("", "Copies also go to the terminal's own clipboard, where it allows that."),

	HEADING("WRITING"),
	COMMAND("newline"), COMMAND("tab"), COMMAND("backspace"), COMMAND("delete"),
	COMMAND("delete-word-left"), COMMAND("delete-word-right"), COMMAND("duplicate-line"),
	COMMAND("delete-line"), COMMAND("move-line-up"), COMMAND("move-line-down"),
	COMMAND("join-lines"), COMMAND("indent"), COMMAND("dedent"), COMMAND("comment"),

	HEADING("TAKING BACK"),
	COMMAND("undo"), COMMAND("redo"),
	ROW(ASKED "undo to", "Your newest steps, to go back to before one"),

	HEADING("SEVERAL CARETS"),
	COMMAND("caret-above"), COMMAND("caret-below"), COMMAND("caret-next"),
	COMMAND("caret-all"), COMMAND("caret-lines"), COMMAND("caret-drop"),
	ROW("Ctrl-click, Alt-click", "One more caret there, or one less"),

	HEADING("FINDING AND REPLACING"),
	COMMAND("find"), COMMAND("find-next"), COMMAND("find-previous"), COMMAND("replace"),
	ROW("Enter Down", "While it asks: the next place"),
	ROW("Up", "While it asks: the place before"),
	ROW("Alt-C", "While it asks: capitals count, or not"),
	ROW("Alt-W", "While it asks: whole words only, or not"),
	ROW("Alt-R",
		"While it asks: a regular expression, or not. In what replaces it $1 is a group"),
	ROW("Alt-S", "While it asks: only within the selection, or not"),
	ROW("y n a", "Replace this place, leave it, or replace all there are"),

	HEADING("TOGETHER"),
	COMMAND("share"),
	ROW("e v", "Of the links: copy that for writing, or for watching"),
	COMMAND("people"),
	ROW("Up Down", "In the panel: choose somebody; below are role, state, place and delay"),
	ROW("Enter", "In the panel: jump to where they are, in any file"),
	ROW("f", "In the panel: follow them, until you move, type or press Esc"),
	ROW(ASKED "follow Ada", "The same without the panel; so is \"go to Ada\""),
	ROW("", "Names stand beside carets that moved. At the edges is who is above and below."),
	COMMAND("authors"), COMMAND("retry"),

	HEADING("CHAT"),
	COMMAND("chat"),
	ROW("@Ada", "In the chat: a mention, said to Ada. Tab completes names"),
	ROW("main.c:12", "In the chat: a place, to jump to. After a blank Tab is yours"),
	ROW("Up Enter", "In the chat: look back, and jump to the place a message names"),
	COMMAND("chat-place"),
	ROW("", "A check mark tells who has read your newest message; the top line counts what you have not."),

	HEADING("FOR OWNERS"),
	COMMAND("role"), COMMAND("kick"), COMMAND("ban"), COMMAND("lock"), COMMAND("unlock"),

	HEADING("HOW IT LOOKS"),
	COMMAND("wrap"), COMMAND("blanks"), COMMAND("numbers"), COMMAND("count"),
	ROW(ASKED "theme", "Colours: dark, light, high-contrast, color-blind, mono, your own"),
	ROW(ASKED "hints off", "No line of keys at the bottom"),

	HEADING("SETTINGS AND KEYS"),
	COMMAND("show-key"),
	ROW(ASKED "keymap nano", "The keys of nano"),
	ROW("", "To keep settings, write them into ~/.config/codecollab/codecollab.conf, a line each. "
		"It is read again when it changes."),
	ROW("tab-width 4", "In that file: a setting; ^P shows them all"),
	ROW("bind ^B page-up", "In that file: a key does a command, by the name it has in ^P"),
	ROW("unbind F4", "In that file: a key does nothing"),
	ROW("theme NAME", "In that file: colours; your own are in themes/NAME.theme beside it"),
	COMMAND("reload-config"),
	ROW("", "codecollab.conf(5) tells more of it, codecollab(1) of all else."),
	{NULL, NULL, NULL, NULL},
};
/* clang-format on */

void help_open(struct editor *ed)
{
	ed->overlay = EDITOR_HELP;
	ed->overlay_top = 0;
	ed->help = (struct help){.bytes = 0};
}

/* ---- looking something up ---- */

static void take_back(struct help *help)
{
	while (help->bytes && (help->typed[help->bytes - 1] & 0xC0) == 0x80)
		help->bytes--;
	help->bytes -= help->bytes > 0;
}

bool help_key(struct editor *ed, const struct key *key)
{
	struct help *help = &ed->help;
	bool character = key->code >= ' ' && key->code < 0x110000 &&
			 !(key->mods & (KEY_CTRL | KEY_ALT)) && (key->code != ' ' || help->bytes);

	if (!character && key->code != KEY_BACKSPACE)
		return false;
	if (key->code == KEY_BACKSPACE)
		take_back(help);
	else if (help->bytes + 4 < HELP_TYPED)
		help->bytes += utf8_encode(key->code, help->typed + help->bytes);
	help->typed[help->bytes] = '\0';
	ed->overlay_top = 0;
	return true;
}

/* The row as it is searched and shown. */
struct shown {
	const char *heading, *name, *words;
	struct buf keys;
};

/* What the palette is asked for begins with its key, whichever that is now. */
static void add_asked(const struct editor *ed, const char *name, struct buf *out)
{
	char palette[KEYMAP_NAME];

	keymap_short(ed->keymap, command_named("commands", strlen("commands")), palette);
	buf_printf(out, "%s %s", palette, name);
}

static void add_keys(const struct editor *ed, const char *keys, struct buf *out)
{
	if (strncmp(keys, ASKED, strlen(ASKED)) == 0)
		add_asked(ed, keys + strlen(ASKED), out);
	else
		buf_add_str(out, keys);
}

static void name_keys(const struct editor *ed, const struct command *command, struct buf *out)
{
	keymap_keys(ed->keymap, command, out);
	if (!out->len)
		add_asked(ed, command->name, out);
}

static void fill(const struct editor *ed, const struct help_row *row, struct shown *out)
{
	const struct command *command =
		row->command ? command_named(row->command, strlen(row->command)) : NULL;

	buf_clear(&out->keys);
	out->name = row->command ? row->command : "";
	out->words = command ? command->help : row->words;
	if (command)
		name_keys(ed, command, &out->keys);
	else
		add_keys(ed, row->keys, &out->keys);
	*buf_room(&out->keys, 1) = '\0';
}

static bool holds(const struct shown *row, const char *word)
{
	return strcasestr(row->keys.at, word) || strcasestr(row->words, word) ||
	       strcasestr(row->name, word) || strcasestr(row->heading, word);
}

static bool is_wanted(const struct help *help, const struct shown *row)
{
	char words[HELP_TYPED];
	char *rest = NULL;

	snprintf(words, sizeof(words), "%s", help->typed);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!holds(row, word))
			return false;
	return true;
}

/* ---- drawing ---- */

struct sheet {
	struct term *term;
	struct rect area; /* below what is looked for */
	int line, top;
};

static void put(const struct sheet *sheet, int line, int col, const char *at, size_t bytes,
	enum theme theme)
{
	int row = sheet->area.row + line - sheet->top;

	if (screen_within(sheet->area, row, sheet->area.col) && col < sheet->area.cols)
		screen_bytes(sheet->term, row, sheet->area.col + col, sheet->area.cols - col, at,
			bytes, theme_style(term_colors(sheet->term), theme));
}

static void put_words(struct sheet *sheet, int col, const char *text, enum theme theme)
{
	int cells = sheet->area.cols - col - 1;

	do {
		size_t bytes = width_words(text, cells);
		put(sheet, sheet->line++, col, text, bytes, theme);
		text += bytes;
		text += strspn(text, " ");
	} while (*text);
}

static void put_row(struct sheet *sheet, const struct shown *row)
{
	bool wide = sheet->area.cols >= HELP_WIDE;
	int words = wide ? HELP_COLUMN : 3;

	if (row->keys.len && wide && (int)width_string(row->keys.at) < HELP_COLUMN - 1)
		put(sheet, sheet->line, 1, row->keys.at, row->keys.len, THEME_PROMPT);
	else if (row->keys.len)
		put_words(sheet, 1, row->keys.at, THEME_PROMPT);
	put_words(sheet, row->keys.len ? words : 1, row->words, THEME_TEXT);
}

static void put_heading(struct sheet *sheet, const char *text)
{
	if (sheet->line)
		sheet->line++;
	put(sheet, sheet->line++, 1, text, strlen(text), THEME_HEADING);
}

static void put_rows(struct editor *ed, struct sheet *sheet)
{
	struct shown shown = {.heading = ""};
	bool headed = true;

	for (const struct help_row *row = help_rows; row->heading || row->command || row->words;
		row++) {
		if (row->heading) {
			shown.heading = row->heading;
			headed = false;
			continue;
		}
		fill(ed, row, &shown);
		if (!is_wanted(&ed->help, &shown))
			continue;
		if (!headed)
			put_heading(sheet, shown.heading);
		headed = true;
		put_row(sheet, &shown);
	}
	buf_fini(&shown.keys);
	if (!sheet->line)
		put_words(sheet, 1, "Nothing here is called so: Backspace.", THEME_TEXT);
}

static void put_typed(const struct editor *ed, struct term *term, struct rect area)
{
	struct buf text = {0};

	if (ed->help.bytes)
		buf_printf(&text, "Help on: %s", ed->help.typed);
	else
		buf_add_str(&text, "Help: type what you look for; Down scrolls, Esc closes");
	buf_add_byte(&text, '\0');
	screen_text(term, area.row, area.col + 1, area.cols - 2, text.at,
		theme_style(term_colors(term), THEME_HEADING));
	buf_fini(&text);
}

int help_draw(struct editor *ed, struct term *term, struct rect area)
{
	struct sheet sheet = {.term = term, .area = area, .top = ed->overlay_top};

	sheet.area.row++;
	sheet.area.rows--;
	put_typed(ed, term, area);
	put_rows(ed, &sheet);
	return sheet.line + 1;
}
