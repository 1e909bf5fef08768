/* Which language a text is in. */
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

#include "tui/syntax_language.h"

static const struct {
	const char *path, *text, *name; /* NULL: none */
} rows[] = {
	{"a/main.c", "", "c"},
	{"MAIN.C", "", "c"},
	{"a.c/b", "", NULL},
	{"x.tar.py", "", "python"},
	{"a.hpp", "", "cpp"},
	{"a.mjs", "", "js"},
	{"a.tsx", "", "typescript"},
	{"a.rs", "", "rust"},
	{"a.yml", "", "yaml"},
	{"a.patch", "", "diff"},
	{"README.md", "", "md"},
	{"home/.bashrc", "", "sh"},
	{"Dockerfile", "", "dockerfile"},
	{"c", "", NULL},
	{"a.txt", "int main(void)", NULL},
	{"", "", NULL},
	{".c", "", "c"},
	/* first lines */
	{"x", "#!/bin/sh\n", "sh"},
	{"x", "#!/usr/bin/env python3\n", "python"},
	{"x", "#!/usr/bin/env -S node --flag\n", "js"},
	{"x", "#!/usr/bin/env A=b bash\n", "sh"},
	{"x", "#! /usr/local/bin/perl -w\n", "perl"},
	{"x", "#!/bin/unheard\n", NULL},
	{"x", "#!\n", NULL},
	{"x", "#!/usr/bin/env", NULL},
	{"x", "<?xml version=\"1.0\"?>\n", "xml"},
	{"x", "diff --git a/b b/b\n", "diff"},
	{"x", "%YAML 1.2\n", "yaml"},
	/* mode lines win */
	{"a.txt", "# -*- python -*-\n", "python"},
	{"a.txt", "/* -*- mode: C++; tab-width: 8 -*- */\n", "cpp"},
	{"a.h", "// -*- c++ -*-\n", "cpp"},
	{"a.txt", "x\n# vim: set ft=sh :\n", "sh"},
	{"a.txt", "/* vim:ts=8:filetype=javascript */\n", "js"},
	{"a.c", "# -*- coding: utf-8 -*-\n", "c"},
	{"a.c", "# vim: ts=8\n", "c"},
	{"a.c", "left=3 vim: ", "c"},
	{"a.txt", "# vim: ft=erlang\n", "erlang"},
	/* nobody's text chooses a path */
	{"a.c", "# vim: ft=../../etc/passwd\n", "c"},
	{"a.c", "# -*- ../x -*-\n", "c"},
	{"a.c", "# vim: ft=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "c"},
};

static void languages_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[SYNTAX_FILE_NAME + 1];
		struct text *t;
		assert_int_equal(text_load(&t, rows[i].text, strlen(rows[i].text)), ERR_NONE);
		bool found = syntax_language(rows[i].path, t, name);
		if (found != (rows[i].name != NULL) || (found && strcmp(name, rows[i].name) != 0))
			fail_msg("\"%s\", \"%s\": %s", rows[i].path, rows[i].text,
				found ? name : "none");
		text_destroy(t);
	}
}

/* A mode line at the end of a long text. */
static void the_end_is_read_too(void **state)
{
	static const char line[] = "# vim: ft=go\n";
	char name[SYNTAX_FILE_NAME + 1];
	struct text *t = text_create();

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_insert(t, 0, "some text\n", 10);
	text_insert(t, 5000, line, strlen(line));
	assert_false(syntax_language("a", t, name));
	text_insert(t, text_size(t).points, line, strlen(line));
	assert_true(syntax_language("a", t, name));
	assert_string_equal(name, "go");
	text_destroy(t);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The user's own description comes before all others, and its faults are told. */
static void the_users_folder_comes_first(void **state)
{
	char config[] = "/tmp/codecollab-config-XXXXXX", path[4][128], *why = NULL;

	(void)state;
	assert_non_null(mkdtemp(config));
	setenv("XDG_CONFIG_HOME", config, 1);
	snprintf(path[0], sizeof(path[0]), "%s/codecollab", config);
	snprintf(path[1], sizeof(path[1]), "%s/codecollab/syntax", config);
	snprintf(path[2], sizeof(path[2]), "%s/codecollab/syntax/mine.jsf", config);
	mkdir(path[0], 0700);
	mkdir(path[1], 0700);
	write_file(path[2], ":a Text\n* a\n");
	struct syntax_machine *m = syntax_language_load("mine", &why);
	assert_non_null(m);
	assert_null(why);
	assert_int_equal(m->state_count, 1);
	syntax_machine_destroy(m);
	write_file(path[2], ":a Text\n* b\n");
	m = syntax_language_load("mine", &why);
	assert_non_null(m);
	assert_non_null(strstr(why, "mine.jsf:2: there is no state \"b\""));
	syntax_machine_destroy(m);
	free(why);
	assert_null(syntax_language_load("unheard-of", &why));
	assert_null(why);
	unlink(path[2]);
	rmdir(path[1]);
	rmdir(path[0]);
	rmdir(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(languages_are_known),
		cmocka_unit_test(the_end_is_read_too),
		cmocka_unit_test(the_users_folder_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
