#include "tui/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ot/utf8.h"

void rules_fault(struct rules *rules, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	buf_printf(rules->faults, "%s:%zu: %s\n", rules->name, rules->line, what);
	rules->count++;
}

static bool begins_comment(const struct rules *rules, const char *word)
{
	return *word == '#' && !(rules->is_word && rules->is_word(word));
}

static void take_line(struct rules *rules, char *line)
{
	char *words[RULES_WORDS], *rest = NULL;
	size_t count = 0;

	for (char *word = strtok_r(line, " \t\r", &rest);
		word && count < RULES_WORDS && !begins_comment(rules, word);
		word = strtok_r(NULL, " \t\r", &rest))
		words[count++] = word;
	if (count)
		rules->take(rules, words, count);
}

size_t rules_read(struct rules *rules, const char *text, size_t bytes)
{
	char line[RULES_LINE];

	for (size_t at = 0, length; at < bytes; at += length + 1) {
		const char *end = memchr(text + at, '\n', bytes - at);
		length = end ? (size_t)(end - text) - at : bytes - at;
		rules->line++;
		if (length >= RULES_LINE || !utf8_check(text + at, length, NULL)) {
			rules_fault(rules, "this line is %s",
				length >= RULES_LINE ? "too long" : "no text in UTF-8");
			continue;
		}
		memcpy(line, text + at, length);
		line[length] = '\0';
		take_line(rules, line);
	}
	return rules->count;
}
