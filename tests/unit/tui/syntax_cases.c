/*
 * What our descriptions of languages say about what is hard in them: syntax/LANGUAGE.cases has texts in which every stretch that is
 * not plain text is marked, k‹if› (c‹// why›): the letter of its class (syntax_class.h), and what it is. "## name" begins a text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/syntax_class.h"
#include "tui/syntax_file.h"

#define OPEN  "‹"
#define CLOSE "›"

/* One text, as it is and as it should look. */
struct example {
	const char *name; /* up to the line's end */
	struct buf text, wanted;
};

static const char *const folders[] = {TESTS_DIR "/../syntax", NULL};

static bool at_mark(const char *at, const char *mark)
{
	return strncmp(at, mark, strlen(mark)) == 0;
}

/* A line without its marks, and the class of each byte; blanks show none, so theirs is not compared. */
static void add_line(struct example *example, const char *at, const char *end)
{
	char class = '.';

	while (at < end) {
		if (at_mark(at + 1, OPEN)) {
			class = *at;
			at += 1 + strlen(OPEN);
		} else if (at_mark(at, CLOSE)) {
			class = '.';
			at += strlen(CLOSE);
		} else {
			buf_add_byte(&example->wanted,
				(unsigned char)(strchr(" \t", *at) ? *at : class));
			buf_add_byte(&example->text, (unsigned char)*at++);
		}
	}
	buf_add_byte(&example->text, '\n');
	buf_add_byte(&example->wanted, '\n');
}

static void load(struct buf *file, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t got;

	assert_non_null(f);
	while ((got = fread(buf_room(file, 4096), 1, 4096, f)) > 0)
		file->len += got;
	fclose(f);
	buf_add_byte(file, '\0');
}

/* Classes as letters, with the line ends that are in the text. */
static char *painted(struct syntax_machine *m, const struct buf *text)
{
	struct syntax_memory *memory = syntax_memory_create();
	uint8_t *classes = mem_alloc(text->len);
	char *letters = mem_alloc(text->len + 1);

	*buf_room((struct buf *)text, 1) = '\n';
	syntax_machine_run(m, memory, 0, text->at, text->len, classes);
	for (size_t i = 0; i < text->len; i++)
		letters[i] = strchr(" \t\n", text->at[i]) ? text->at[i]
							  : syntax_class_letter(classes[i]);
	free(classes);
	syntax_memory_destroy(memory);
	return letters;
}

static int complain(const struct example *example, const char *got)
{
	const char *text = example->text.at, *wanted = example->wanted.at;

	printf("%.*s:\n", (int)strcspn(example->name, "\n"), example->name);
	for (size_t at = 0, bytes; at < example->text.len; at += bytes + 1) {
		bytes = strcspn(text + at, "\n");
		if (memcmp(wanted + at, got + at, bytes) != 0)
			printf("  text   %.*s\n  wanted %.*s\n  got    %.*s\n", (int)bytes,
				text + at, (int)bytes, wanted + at, (int)bytes, got + at);
	}
	return 1;
}

/* Without colours the same places must come out, whether the lines come one by one or together. */
static int check_track(struct syntax_machine *m, const struct example *example)
{
	struct syntax_memory *memory = syntax_memory_create();
	uint16_t one = 0, painted_one = 0, all;
	uint8_t *classes = mem_alloc(example->text.len);
	char *text = example->text.at;
	int bad = 0;

	for (size_t at = 0, bytes; at < example->text.len; at += bytes) {
		bytes = strcspn(text + at, "\n") + 1;
		char *line = mem_dup(text + at, bytes);
		line[bytes] = '\n';
		one = syntax_machine_run(m, memory, one, line, bytes, NULL);
		painted_one = syntax_machine_run(m, memory, painted_one, line, bytes, classes);
		bad |= one != painted_one;
		free(line);
	}
	all = syntax_machine_run(m, memory, 0, text, example->text.len, NULL);
	bad |= all != one;
	if (bad)
		printf("%.*s: lexing without colours ends elsewhere\n",
			(int)strcspn(example->name, "\n"), example->name);
	free(classes);
	syntax_memory_destroy(memory);
	return bad;
}

static int check(struct syntax_machine *m, struct example *example)
{
	int bad = 0;

	if (example->text.len) {
		char *got = painted(m, &example->text);
		if (memcmp(got, example->wanted.at, example->text.len) != 0)
			bad = complain(example, got);
		bad |= check_track(m, example);
		free(got);
	}
	buf_clear(&example->text);
	buf_clear(&example->wanted);
	return bad;
}

/* "## name", lines, "## name", lines ... */
static int check_file(struct syntax_machine *m, const char *at, size_t *count)
{
	struct example example = {.name = "?"};
	int bad = 0;

	for (const char *end; *at; at = end + 1) {
		end = at + strcspn(at, "\n");
		if (strncmp(at, "## ", 3) == 0) {
			bad += check(m, &example);
			example.name = at + 3;
			(*count)++;
		} else {
			add_line(&example, at, end);
		}
		if (!*end)
			break;
	}
	bad += check(m, &example);
	buf_fini(&example.text);
	buf_fini(&example.wanted);
	return bad;
}

static int check_language(const char *path, size_t *count)
{
	const char *slash = strrchr(path, '/');
	char *name = mem_dup(slash + 1, strlen(slash + 1) - strlen(".cases")), *why = NULL;
	struct syntax_machine *m = syntax_file_load(folders, name, &why);
	struct buf file = {0};
	int bad = 1;

	if (!m || why)
		printf("%s: %s\n", name, why ? why : "there is no description");
	load(&file, path);
	if (m)
		bad = check_file(m, file.at, count) + (why != NULL);
	printf("%s: %zu cases, %d wrong\n", name, *count, bad);
	syntax_machine_destroy(m);
	buf_fini(&file);
	free(name);
	free(why);
	return bad;
}

static void every_case_is_painted_as_it_is_marked(void **state)
{
	glob_t found;
	int bad = 0;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/unit/tui/syntax/*.cases", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t count = 0;
		bad += check_language(found.gl_pathv[i], &count);
		assert_true(count > 0);
	}
	globfree(&found);
	assert_int_equal(bad, 0);
}

/* Each description of ours has its cases. */
static void every_language_has_cases(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/../syntax/*.jsf", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		struct buf path = {0};
		buf_printf(&path, "%s/unit/tui/syntax/%.*s.cases", TESTS_DIR,
			(int)(strlen(name) - strlen(".jsf")), name);
		char *cases = buf_take(&path);
		FILE *f = fopen(cases, "r");
		if (!f)
			fail_msg("%s has no cases", name);
		fclose(f);
		free(cases);
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_painted_as_it_is_marked),
		cmocka_unit_test(every_language_has_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
