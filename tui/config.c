#include "tui/config.h"

#include <stdio.h>
#include <string.h>

#include "ot/utf8.h"

#define WORDS 3 /* of a line, and one too many */
#define LINE  256

struct reader {
	struct settings *settings;
	struct keymap *keymap;
	struct buf *faults;
	const char *name;
	size_t line, count;
};

static void fault(struct reader *r, const char *what, const char *about)
{
	buf_printf(r->faults, "%s:%zu: ", r->name, r->line);
	buf_printf(r->faults, what, about);
	buf_add_byte(r->faults, '\n');
	r->count++;
}

/* ---- lines ---- */

static bool take_key(struct reader *r, const char *word, struct key *key)
{
	size_t bytes;

	if (keymap_parse(word, key, &bytes) && bytes == strlen(word))
		return true;
	fault(r, "%s is no key", word);
	return false;
}

static void do_bind(struct reader *r, char *words[WORDS])
{
	const struct command *command = command_named(words[2], strlen(words[2]));
	struct key key;
	char why[128];

	if (!take_key(r, words[1], &key))
		return;
	if (keymap_refusal(&key)) {
		snprintf(
			why, sizeof(why), "%s cannot be bound: %s", words[1], keymap_refusal(&key));
		fault(r, "%s", why);
	} else if (!command) {
		fault(r, "there is no command %s", words[2]);
	} else {
		keymap_bind(r->keymap, &key, command);
	}
}

static void do_unbind(struct reader *r, char *words[WORDS])
{
	struct key key;

	if (take_key(r, words[1], &key))
		keymap_unbind(r->keymap, &key);
}

/* "off, absolute, relative"; "1 to 16" */
static void write_values(const struct setting *setting, char *out, size_t cap)
{
	const char *value;
	char room[16];
	size_t length = 0;

	if (!setting->values && setting->most > setting->least) {
		snprintf(out, cap, "%d to %d", setting->least, setting->most);
		return;
	}
	for (int v = setting->least; length < cap && (value = setting_value(setting, v, room)); v++)
		length += (size_t)snprintf(
			out + length, cap - length, "%s%s", length ? ", " : "", value);
}

static void do_set(struct reader *r, char *words[WORDS])
{
	const struct setting *setting = setting_named(words[0], strlen(words[0]));
	char values[256], what[400];

	if (!setting) {
		fault(r, "there is no option %s", words[0]);
	} else if (!settings_set(r->settings, setting, words[1], strlen(words[1]))) {
		write_values(setting, values, sizeof(values));
		snprintf(what, sizeof(what), "%s is one of: %s", setting->name, values);
		fault(r, "%s", what);
	} else if (strcmp(setting->name, "keymap") == 0) {
		keymap_use(r->keymap, words[1]);
	}
}

static const struct {
	const char *name;
	int words;
	void (*run)(struct reader *r, char *words[WORDS]);
} forms[] = {
	{"bind", 3, do_bind},
	{"unbind", 2, do_unbind},
	{NULL, 2, do_set},
};

static void take_words(struct reader *r, char *words[WORDS], int count)
{
	size_t form = 0;

	while (forms[form].name && strcmp(forms[form].name, words[0]) != 0)
		form++;
	if (count == forms[form].words)
		forms[form].run(r, words);
	else
		fault(r,
			count < forms[form].words ? "%s: something is missing"
						  : "%s: too many words",
			words[0]);
}

/* A comment begins at the line's start or behind a blank: "bind Alt-# help" has none. */
static void take_line(struct reader *r, char *line)
{
	char *words[WORDS + 1] = {NULL}, *rest = NULL;
	int count = 0;

	for (char *word = strtok_r(line, " \t\r", &rest); word && *word != '#' && count <= WORDS;
		word = strtok_r(NULL, " \t\r", &rest))
		words[count++] = word;
	if (count)
		take_words(r, words, count);
}

size_t config_read(struct settings *settings, struct keymap *keymap, const char *name,
	const char *text, size_t bytes, struct buf *faults)
{
	struct reader r = {settings, keymap, faults, name, 0, 0};
	char line[LINE];

	settings_default(settings);
	keymap_reset(keymap);
	if (bytes > CONFIG_MAX || !utf8_check(text, bytes, NULL)) {
		fault(&r, "this is %s", bytes > CONFIG_MAX ? "too long" : "no text in UTF-8");
		return r.count;
	}
	for (size_t at = 0, length; at < bytes; at += length + 1) {
		const char *end = memchr(text + at, '\n', bytes - at);
		length = end ? (size_t)(end - text) - at : bytes - at;
		r.line++;
		snprintf(line, sizeof(line), "%.*s", (int)(length < LINE ? length : LINE),
			text + at);
		if (length < LINE)
			take_line(&r, line);
		else
			fault(&r, "this line is too long%s", "");
	}
	return r.count;
}
