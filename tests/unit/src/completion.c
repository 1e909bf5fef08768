/*
 * Paths as they are typed, and what Tab makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/completion.h"

static const char *const files[] = {"main.c", "main.h", "make", ".hidden", "src/one.c",
	"src/deep/two.c", "grüße.txt", "grünes.txt", "bad\nname", "bad\xff", "only file", NULL};

static int begin(void **state)
{
	static char folder[] = "/tmp/completion-XXXXXX";
	char *made = mkdtemp(strcpy(folder, "/tmp/completion-XXXXXX"));

	if (!made || chdir(made) || mkdir("src", 0700) || mkdir("src/deep", 0700) ||
		symlink("src", "link"))
		return 1;
	for (const char *const *name = files; *name; name++) {
		FILE *file = fopen(*name, "w");
		if (!file || fclose(file))
			return 1;
	}
	setenv("HOME", made, 1);
	*state = made;
	return 0;
}

static int end(void **state)
{
	for (const char *const *name = files; *name; name++)
		unlink(*name);
	rmdir("src/deep");
	rmdir("src");
	unlink("link");
	return chdir("/") || rmdir(*state);
}

static void completes(void **state)
{
	static const struct {
		const char *typed, *path, *others;
	} rows[] = {
		{"s", "src/", NULL},
		{"l", "link/", NULL},
		{"src/", "src/", "deep/  one.c"},
		{"src/o", "src/one.c", NULL},
		{"src/deep/", "src/deep/two.c", NULL},
		{"m", "ma", "main.c  main.h  make"},
		{"mai", "main.", "main.c  main.h"},
		{"main.c", "main.c", NULL},
		{"none", "none", NULL},
		{"none/a", "none/a", NULL},
		{".", ".hidden", NULL},
		{"g", "grü", "grünes.txt  grüße.txt"}, /* two characters that share a byte */
		{"bad", "bad", NULL},
		{"o", "only file", NULL},
		{"~/src/o", "~/src/one.c", NULL},
		{"", "", "grünes.txt  grüße.txt  link/  main.c  main.h  make  only file  src/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct completion completion = completion_of(rows[i].typed);
		assert_string_equal(completion.path, rows[i].path);
		assert_int_equal(completion.others != NULL, rows[i].others != NULL);
		if (rows[i].others)
			assert_string_equal(completion.others, rows[i].others);
		completion_fini(&completion);
	}
}

static void the_home(void **state)
{
	static const struct {
		const char *typed, *behind; /* of the home; NULL: as it was typed */
	} rows[] = {{"~", ""}, {"~/a", "/a"}, {"~ada/a", NULL}, {"a/~", NULL}, {"", NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *path = completion_path(rows[i].typed), expected[64];
		snprintf(expected, sizeof(expected), "%s%s", rows[i].behind ? (char *)*state : "",
			rows[i].behind ? rows[i].behind : rows[i].typed);
		assert_string_equal(path, expected);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completes),
		cmocka_unit_test(the_home),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
