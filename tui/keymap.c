#include "tui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	const char *text;
	uint32_t code;
};

static const struct name mods[] = {
	{"Ctrl-", KEY_CTRL},
	{"Alt-", KEY_ALT},
	{"Shift-", KEY_SHIFT},
};

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

static size_t parse_mods(const char *text, unsigned *out)
{
	const char *at = text;

	*out = 0;
	for (size_t i = 0; i < COUNT(mods); i++)
		if (strncmp(at, mods[i].text, strlen(mods[i].text)) == 0) {
			at += strlen(mods[i].text);
			*out |= mods[i].code;
			i = (size_t)-1;
		}
	return (size_t)(at - text);
}

static uint32_t parse_code(const char *text, size_t bytes)
{
	if (bytes == 1)
		return (uint32_t)(text[0] >= 'A' && text[0] <= 'Z' ? text[0] + ('a' - 'A')
								   : text[0]);
	for (size_t i = 0; i < COUNT(codes); i++)
		if (strlen(codes[i].text) == bytes && memcmp(codes[i].text, text, bytes) == 0)
			return codes[i].code;
	unsigned long number = text[0] == 'F' ? strtoul(text + 1, NULL, 10) : 0;
	return number >= 1 && number <= 12 ? KEY_F1 + (uint32_t)number - 1 : 0;
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

static bool command_has(const struct command *command, uint32_t code, unsigned with)
{
	struct key key;
	size_t bytes;

	for (const char *at = command->keys; keymap_parse(at, &key, &bytes);
		at += strspn(at, " ")) {
		if (key.code == code && key.mods == with)
			return true;
		at += bytes;
	}
	return false;
}

static const struct command *find(const struct key *key, unsigned with)
{
	/* Plain letters are text. */
	if (key->code < 0x110000 && !(with & (KEY_CTRL | KEY_ALT)))
		return NULL;
	for (const struct command *c = command_table; c->name; c++)
		if (command_has(c, key->code, with))
			return c;
	return NULL;
}

const struct command *keymap_find(const struct key *key, bool *shifted)
{
	const struct command *command = find(key, key->mods);

	*shifted = false;
	if (command || !(key->mods & KEY_SHIFT))
		return command;
	command = find(key, key->mods & ~(unsigned)KEY_SHIFT);
	*shifted = command && command->flags & COMMAND_MOVES;
	/* Shift with Backspace, Enter and their like is a slip of the finger; with Ctrl and a letter it is another key. */
	return *shifted || (command && key->code >= 0x110000) ? command : NULL;
}

void keymap_short(const struct command *command, char *out, size_t cap)
{
	struct key key;
	size_t bytes = 0;

	keymap_parse(command->keys, &key, &bytes);
	if (key.mods == KEY_CTRL && key.code >= 'a' && key.code <= 'z')
		snprintf(out, cap, "^%c", (int)(key.code - 'a' + 'A'));
	else
		snprintf(out, cap, "%.*s", (int)bytes, command->keys);
}
