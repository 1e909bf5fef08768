/* The manual page names every key, in the words of the help screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/command.h"
#include "tui/key.h"
#include "tui/keymap.h"
#include "tui/settings.h"
#include "tui/theme.h"

static char *manual(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf page = {0};
	size_t got;

	assert_non_null(f);
	while ((got = fread(buf_room(&page, 4096), 1, 4096, f)) > 0)
		page.len += got;
	fclose(f);
	return buf_take(&page);
}

static void assert_in(
	const char *page, const char *command, const char *before, const char *what, size_t bytes)
{
	struct buf wanted = {0};

	buf_add_str(&wanted, before);
	buf_add(&wanted, what, bytes);
	char *text = buf_take(&wanted);
	if (!strstr(page, text))
		fail_msg("the manual does not say \"%s\" of %s", text, command);
	free(text);
}

static void every_key_is_in_the_manual(void **state)
{
	char *page = manual(TESTS_DIR "/../man/codecollab.1");

	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		struct key key;
		size_t bytes;

		assert_in(page, c->name, "\n", c->help, strlen(c->help));
		for (const char *at = c->keys; keymap_parse(at, &key, &bytes);
			at += strspn(at, " ")) {
			assert_in(page, c->name, at == c->keys ? ".It " : "", at, bytes);
			at += bytes;
		}
	}
	free(page);
}

/* ".It Cm NAME", and of what has names for values each of them. */
static void every_setting_is_in_the_manual(void **state)
{
	char *page = manual(TESTS_DIR "/../man/codecollab.conf.5");

	(void)state;
	for (const struct setting *s = setting_table; s->name; s++) {
		assert_in(page, s->name, "\n.It Cm ", s->name, strlen(s->name));
		for (size_t i = 0; s->values && s->values[i]; i++)
			assert_in(page, s->name, " ", s->values[i], strlen(s->values[i]));
	}
	for (int i = 0; theme_at(i); i++)
		assert_in(page, "theme", "\n.It Cm ", theme_at(i), strlen(theme_at(i)));
	for (enum theme part = 0; part < THEME_PARTS; part++) {
		const char *name = theme_name_of(part);
		assert_in(page, "theme", " ", name, strlen(name));
	}
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_key_is_in_the_manual),
		cmocka_unit_test(every_setting_is_in_the_manual)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
