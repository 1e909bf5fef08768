#include "tui/config.h"

#include <stdio.h>
#include <string.h>

#include "tui/rules.h"

struct target {
	struct settings *settings;
	struct keymap *keymap;
};

/* ---- lines ---- */

static bool take_key(struct rules *rules, const char *word, struct key *key)
{
	size_t bytes;

	if (keymap_parse(word, key, &bytes) && bytes == strlen(word))
		return true;
	rules_fault(rules, "%s is no key", word);
	return false;
}

static void do_bind(struct rules *rules, char **words)
{
	const struct command *command = command_named(words[2], strlen(words[2]));
	const struct target *to = rules->ctx;
	struct key key;

	if (!take_key(rules, words[1], &key))
		return;
	if (keymap_refusal(&key))
		rules_fault(rules, "%s cannot be bound: %s", words[1], keymap_refusal(&key));
	else if (!command)
		rules_fault(rules, "there is no command %s", words[2]);
	else
		keymap_bind(to->keymap, &key, command);
}

static void do_unbind(struct rules *rules, char **words)
{
	const struct target *to = rules->ctx;
	struct key key;

	if (take_key(rules, words[1], &key))
		keymap_unbind(to->keymap, &key);
}

/* "one of: off, absolute, relative"; "1 to 16" */
static void write_values(const struct setting *setting, char *out, size_t cap)
{
	const char *value, *between = "one of: ";
	char room[16];
	size_t length = 0;

	if (!setting->values && setting->most > setting->least) {
		snprintf(out, cap, "%d to %d", setting->least, setting->most);
		return;
	}
	for (int v = setting->least; length < cap && (value = setting_value(setting, v, room));
		v++, between = ", ")
		length += (size_t)snprintf(out + length, cap - length, "%s%s", between, value);
}

static void do_set(struct rules *rules, char **words)
{
	const struct setting *setting = setting_named(words[0], strlen(words[0]));
	const struct target *to = rules->ctx;
	char values[256];

	if (!setting) {
		rules_fault(rules, "there is no option %s", words[0]);
	} else if (!settings_set(to->settings, setting, words[1], strlen(words[1]))) {
		write_values(setting, values, sizeof(values));
		rules_fault(rules, "%s is %s", setting->name, values);
	} else if (strcmp(setting->name, "keymap") == 0) {
		keymap_use(to->keymap, words[1]);
	}
}

static const struct {
	const char *name;
	size_t words;
	void (*run)(struct rules *rules, char **words);
} forms[] = {
	{"bind", 3, do_bind},
	{"unbind", 2, do_unbind},
	{NULL, 2, do_set},
};

static void take_words(struct rules *rules, char **words, size_t count)
{
	size_t form = 0;

	while (forms[form].name && strcmp(forms[form].name, words[0]) != 0)
		form++;
	if (count == forms[form].words)
		forms[form].run(rules, words);
	else
		rules_fault(rules,
			count < forms[form].words ? "%s: something is missing"
						  : "%s: too many words",
			words[0]);
}

size_t config_read(struct settings *settings, struct keymap *keymap, const char *name,
	const char *text, size_t bytes, struct buf *faults)
{
	struct target to = {settings, keymap};
	struct rules rules = {.name = name, .faults = faults, .take = take_words, .ctx = &to};

	settings_default(settings);
	keymap_reset(keymap);
	if (bytes <= CONFIG_MAX)
		return rules_read(&rules, text, bytes);
	rules_fault(&rules, "this is too long");
	return 1;
}
