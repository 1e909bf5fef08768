#include "tui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"
#include "ot/utf8.h"

struct name {
	const char *text;
	uint32_t code;
};

static const struct name mods[] = {
	{"Ctrl-", KEY_CTRL},
	{"Alt-", KEY_ALT},
	{"Shift-", KEY_SHIFT},
	{"^", KEY_CTRL},
	{"M-", KEY_ALT},
};

#define WRITTEN_MODS 3 /* those that keys are written with */

static const struct name codes[] = {
	{"Up", KEY_UP},
	{"Down", KEY_DOWN},
	{"Left", KEY_LEFT},
	{"Right", KEY_RIGHT},
	{"Home", KEY_HOME},
	{"End", KEY_END},
	{"PageUp", KEY_PAGE_UP},
	{"PageDown", KEY_PAGE_DOWN},
	{"Insert", KEY_INSERT},
	{"Delete", KEY_DELETE},
	{"Backspace", KEY_BACKSPACE},
	{"Tab", KEY_TAB},
	{"Enter", KEY_ENTER},
	{"Esc", KEY_ESC},
	{"Space", ' '},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What nano's hands do, where that is another key than ours. */
static const struct {
	const char *key, *command;
} nano[] = {
	{"Ctrl-X", "quit"},
	{"Ctrl-O", "save"},
	{"Ctrl-W", "find"},
	{"Ctrl-Q", "find-previous"},
	{"Alt-W", "find-next"},
	{"Alt-Q", "find-previous"},
	{"Ctrl-\\", "replace"},
	{"Alt-R", "replace"},
	{"Alt-U", "undo"},
	{"Alt-E", "redo"},
	{"Ctrl-U", "paste"},
	{"Alt-6", "copy"},
	{"Alt-^", "copy"},
	{"Ctrl-^", "mark"},
	{"Ctrl-R", "open"},
	{"Alt-3", "comment"},
	{"Alt-}", "indent"},
	{"Alt-{", "dedent"},
	{"Alt-]", "bracket"},
	{"Alt-D", "count"},
	{"Ctrl-G", "help"},
	{"Ctrl-_", "go-to-line"},
	{"Alt-G", "go-to-line"},
	{"Ctrl-F", "right"},
	{"Ctrl-B", "left"},
	{"Ctrl-P", "up"},
	{"Ctrl-N", "down"},
	{"Ctrl-A", "home"},
	{"Ctrl-E", "end"},
	{"Ctrl-Y", "page-up"},
	{"Ctrl-V", "page-down"},
	{"Ctrl-D", "delete"},
	{"Alt-\\", "top"},
	{"Alt-/", "bottom"},
	{"Ctrl-Space", "word-right"},
	{"Alt-Space", "word-left"},
};

static const char *const map_names[] = {"default", "nano", NULL};

struct binding {
	uint32_t code;
	unsigned mods;
	const struct command *command; /* NULL: unbound by hand */
	enum { OF_TABLE, OF_HABIT, BY_HAND } origin;
};

struct keymap {
	struct binding *at;
	size_t count, cap;
	/* What is bound but by hand, so that it is not bound anew by each who makes sure of it; and whether anything is by hand. */
	enum { AS_NOTHING, AS_TABLE, AS_NANO } is;
	bool by_hand;
};

/* ---- names ---- */

static size_t parse_mods(const char *text, unsigned *out)
{
	const char *at = text;

	*out = 0;
	for (size_t i = 0; i < COUNT(mods); i++) {
		size_t length = strlen(mods[i].text);
		/* Something must follow: "^" alone is a key. */
		if (strncasecmp(at, mods[i].text, length) != 0 || strchr(" ", at[length]))
			continue;
		at += length;
		*out |= mods[i].code;
		i = (size_t)-1;
	}
	return (size_t)(at - text);
}

static uint32_t parse_code(const char *text, size_t bytes)
{
	size_t width;

	if (bytes && bytes == utf8_width(text[0]) && utf8_check(text, bytes, NULL)) {
		uint32_t c = utf8_decode(text, &width);
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	}
	for (size_t i = 0; i < COUNT(codes); i++)
		if (strlen(codes[i].text) == bytes && strncasecmp(codes[i].text, text, bytes) == 0)
			return codes[i].code;
	bool number =
		(text[0] == 'F' || text[0] == 'f') && strspn(text + 1, "0123456789") == bytes - 1;
	unsigned long n = number ? strtoul(text + 1, NULL, 10) : 0;
	return n >= 1 && n <= 12 ? KEY_F1 + (uint32_t)n - 1 : 0;
}

bool keymap_parse(const char *text, struct key *out, size_t *bytes)
{
	unsigned with;
	size_t before = parse_mods(text, &with), length = strcspn(text + before, " ");

	*out = (struct key){.code = length ? parse_code(text + before, length) : 0, .mods = with};
	if (bytes)
		*bytes = before + length;
	return out->code != 0;
}

static size_t write_code(uint32_t code, char *out)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (codes[i].code == code)
			return (size_t)sprintf(out, "%s", codes[i].text);
	if (code >= KEY_F1 && code <= KEY_F12)
		return (size_t)sprintf(out, "F%d", (int)(code - KEY_F1) + 1);
	return utf8_encode(code >= 'a' && code <= 'z' ? code - ('a' - 'A') : code, out);
}

void keymap_write(const struct key *key, char out[KEYMAP_NAME])
{
	size_t length = 0;

	for (size_t i = 0; i < WRITTEN_MODS; i++)
		if (key->mods & mods[i].code)
			length += (size_t)sprintf(out + length, "%s", mods[i].text);
	length += write_code(key->code, out + length);
	out[length] = '\0';
}

const char *keymap_refusal(const struct key *key)
{
	if (key->code < 0x110000 && !(key->mods & (KEY_CTRL | KEY_ALT)))
		return "without Ctrl or Alt it is text";
	return NULL;
}

/* ---- maps ---- */

static struct binding *find_binding(const struct keymap *map, uint32_t code, unsigned with)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->at[i].code == code && map->at[i].mods == with)
			return &map->at[i];
	return NULL;
}

static void drop(struct keymap *map, struct binding *b)
{
	size_t behind = (size_t)(map->at + map->count - b) - 1;

	memmove(b, b + 1, behind * sizeof(*b));
	map->count--;
}

/* What was done by hand is not undone by a map. */
static void bind_as(struct keymap *map, const struct binding *binding)
{
	struct binding *before = find_binding(map, binding->code, binding->mods);

	if (before && before->origin > binding->origin)
		return;
	if (before)
		drop(map, before);
	map->at = mem_grow(map->at, &map->cap, map->count + 1, sizeof(*map->at));
	map->at[map->count++] = *binding;
}

void keymap_bind(struct keymap *map, const struct key *key, const struct command *command)
{
	map->is = AS_NOTHING; /* it is to come behind this one */
	map->by_hand = true;
	bind_as(map, &(struct binding){key->code, key->mods, command, BY_HAND});
}

void keymap_unbind(struct keymap *map, const struct key *key)
{
	keymap_bind(map, key, NULL);
}

static void bind_table(struct keymap *map)
{
	struct key key;
	size_t bytes;

	map->is = AS_TABLE;
	for (const struct command *c = command_table; c->name; c++)
		for (const char *at = c->keys; keymap_parse(at, &key, &bytes);
			at += strspn(at, " ")) {
			bind_as(map, &(struct binding){key.code, key.mods, c, OF_TABLE});
			at += bytes;
		}
}

static void bind_nano(struct keymap *map)
{
	struct key key;

	for (size_t i = 0; i < COUNT(nano); i++)
		if (keymap_parse(nano[i].key, &key, NULL))
			bind_as(map,
				&(struct binding){key.code, key.mods,
					command_named(nano[i].command, strlen(nano[i].command)),
					OF_HABIT});
	map->is = AS_NANO;
}

struct keymap *keymap_create(void)
{
	struct keymap *map = mem_alloc(sizeof(*map));

	bind_table(map);
	return map;
}

void keymap_reset(struct keymap *map)
{
	if (map->is == AS_TABLE && !map->by_hand)
		return;
	map->count = 0;
	map->by_hand = false;
	bind_table(map);
}

void keymap_destroy(struct keymap *map)
{
	if (!map)
		return;
	free(map->at);
	free(map);
}

const char *const *keymap_names(void)
{
	return map_names;
}

bool keymap_use(struct keymap *map, const char *name)
{
	bool is_nano = strcmp(name, "nano") == 0;

	if (!is_nano && strcmp(name, "default") != 0)
		return false;
	if (map->is == (is_nano ? AS_NANO : AS_TABLE))
		return true;
	for (size_t i = map->count; i--;)
		if (map->at[i].origin != BY_HAND)
			drop(map, &map->at[i]);
	bind_table(map);
	if (is_nano)
		bind_nano(map);
	return true;
}

static const struct command *find(const struct keymap *map, const struct key *key, unsigned with)
{
	/* Plain letters are text. */
	if (key->code < 0x110000 && !(with & (KEY_CTRL | KEY_ALT)))
		return NULL;
	const struct binding *b = find_binding(map, key->code, with);
	return b ? b->command : NULL;
}

const struct command *keymap_find(const struct keymap *map, const struct key *key, bool *shifted)
{
	const struct command *command = find(map, key, key->mods);

	*shifted = false;
	if (command || !(key->mods & KEY_SHIFT))
		return command;
	command = find(map, key, key->mods & ~(unsigned)KEY_SHIFT);
	*shifted = command && command->flags & COMMAND_MOVES;
	/* Shift with Backspace, Enter and their like is a slip of the finger; with Ctrl and a letter it is another key. */
	return *shifted || (command && key->code >= 0x110000) ? command : NULL;
}

/* What terminals have always sent for it: those that tell it apart are to do the same until it is bound. */
struct key keymap_plain(const struct keymap *map, const struct key *key)
{
	static const struct {
		uint32_t code, plain;
		unsigned mods;
	} same[] = {{'h', KEY_BACKSPACE, 0}, {'i', KEY_TAB, 0}, {'j', KEY_ENTER, 0},
		{'m', KEY_ENTER, 0}, {'[', KEY_ESC, 0}, {'3', KEY_ESC, 0}, {'8', KEY_BACKSPACE, 0},
		{KEY_ENTER, KEY_ENTER, 0}, {KEY_ESC, KEY_ESC, 0}, {'/', '_', KEY_CTRL},
		{'7', '_', KEY_CTRL}, {'2', ' ', KEY_CTRL}, {'@', ' ', KEY_CTRL},
		{'4', '\\', KEY_CTRL}, {'5', ']', KEY_CTRL}, {'6', '^', KEY_CTRL}};
	struct key plain = *key;

	if (key->mods != KEY_CTRL || find_binding(map, key->code, KEY_CTRL))
		return plain;
	for (size_t i = 0; i < COUNT(same); i++)
		if (same[i].code == key->code) {
			plain.code = same[i].plain;
			plain.mods = same[i].mods;
		}
	return plain;
}

/* ---- what people see ---- */

/* Keys bound by hand or by habit stand before the table's. */
static const struct binding *first_of(const struct keymap *map, const struct command *command)
{
	const struct binding *first = NULL;

	for (size_t i = 0; i < map->count; i++)
		if (map->at[i].command == command && (!first || map->at[i].origin > first->origin))
			first = &map->at[i];
	return first;
}

static void write_binding(const struct binding *b, char out[KEYMAP_NAME])
{
	keymap_write(&(struct key){.code = b->code, .mods = b->mods}, out);
}

static void add_key(const struct binding *b, struct buf *out)
{
	char name[KEYMAP_NAME];

	write_binding(b, name);
	buf_printf(out, "%s%s", out->len ? " " : "", name);
}

void keymap_keys(const struct keymap *map, const struct command *command, struct buf *out)
{
	const struct binding *first = first_of(map, command);

	if (first)
		add_key(first, out);
	for (size_t i = 0; i < map->count; i++)
		if (map->at[i].command == command && &map->at[i] != first)
			add_key(&map->at[i], out);
	*buf_room(out, 1) = '\0';
}

void keymap_short(const struct keymap *map, const struct command *command, char out[KEYMAP_NAME])
{
	const struct binding *b = first_of(map, command);

	*out = '\0';
	if (b && b->mods == KEY_CTRL && b->code >= ' ' && b->code < 0x7f && b->code != ' ')
		snprintf(out, KEYMAP_NAME, "^%c",
			(int)(b->code >= 'a' && b->code <= 'z' ? b->code - ('a' - 'A') : b->code));
	else if (b)
		write_binding(b, out);
}
