/* The format of descriptions: what each part of it does, and what is said of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/syntax_class.h"
#include "tui/syntax_file.h"

static char folder[] = "/tmp/codecollab-syntax-XXXXXX";
static const char *folders[] = {"/nowhere", folder, NULL};

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	glob_t found;
	char *pattern = NULL;
	struct buf path = {0};

	(void)state;
	buf_printf(&path, "%s/*", folder);
	pattern = buf_take(&path);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
	free(pattern);
	return rmdir(folder);
}

static void describe(const char *name, const char *text)
{
	struct buf path = {0};

	buf_printf(&path, "%s/%s.jsf", folder, name);
	char *at = buf_take(&path);
	FILE *f = fopen(at, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(at);
}

/* What the description "t" makes of a text, in letters. */
static void must_paint(const char *description, const char *text, const char *wanted)
{
	size_t bytes = strlen(text);
	uint8_t *classes = mem_alloc(bytes + 1);
	char *why = NULL, *at = mem_dup(text, bytes + 1), *got = mem_alloc(bytes + 1);

	describe("t", description);
	struct syntax_machine *m = syntax_file_load(folders, "t", &why);
	if (!m || why)
		fail_msg("%s", why ? why : "there is no file");
	struct syntax_memory *memory = syntax_memory_create();
	at[bytes] = '\n';
	uint16_t painted = syntax_machine_run(m, memory, 0, at, bytes, classes);
	assert_int_equal(syntax_machine_run(m, memory, 0, at, bytes, NULL), painted);
	for (size_t i = 0; i < bytes; i++)
		got[i] = text[i] == '\n' ? '\n' : syntax_class_letter(classes[i]);
	assert_string_equal(got, wanted);
	syntax_memory_destroy(memory);
	syntax_machine_destroy(m);
	free(classes);
	free(at);
	free(got);
}

static void states_color_what_they_eat(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"x\" b\n:b String\n* b\n\"y\" a\n", "axbyc", "..ss.");
}

static void noeat_gives_the_character_on(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"x\" b noeat\n:b String\n* a noeat\n\"x\" b\n", "axxb", ".ss.");
}

static void recolor_is_of_characters_up_to_this_one(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"x\" b recolor=-2\n:b String\n* b\n", "abxc", ".sss");
	must_paint(":a Text\n* a\n\"x\" b noeat recolor=-2\n:b String\n* b\n", "abxc", ".sss");
	/* A character of two bytes is one; the line's start is an end. */
	must_paint(":a Text\n* a\n\"x\" b recolor=-2\n:b String\n* a\n", "aéx\nx", ".sss\ns");
}

static void bytes_without_a_rule_begin_anew(void **state)
{
	(void)state;
	must_paint(":a Text\n\"x\" b\n:b String\n\"x\" b\n", "xxyxz", ".ss.s");
}

static void classes_have_ranges_and_escapes(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"0-9a-c\\-\\\"\\x5d\\t\" b noeat\n:b Number\n* a\n",
		"05d-c\"]\tz", "nn.nnnnn.");
	must_paint(":a Text\n* a\n\"\\d\\s\" b noeat\n:b Number\n* a\n", "a1 b_", ".nn..");
	must_paint(":a Text\n* a\n\"\\i\" b noeat\n:b Number\n* a\n", "a1_é.", "n.nnn.");
	must_paint(":a Text\n* a\n\"\\u{e9}\" b noeat\n:b Number\n* a\n", "aé", ".nn");
}

static void strings_and_istrings(void **state)
{
	static const char words[] =
		":a Text\n* a\n\"a-zA-Z\" w buffer\n:w Text\n* a noeat %s\n"
		"\"if\" k\n\"else\" k\ndone\n\"a-zA-Z\" w\n:k Keyword\n* a noeat\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), words, "strings");
	must_paint(text, "if x iff else.If ", "kk.......kkkk....");
	snprintf(text, sizeof(text), words, "istrings");
	must_paint(text, "if x iff else.If ", "kk.......kkkk.kk.");
}

static void hold_ends_the_word(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"a-z\" w buffer\n:w Text\n* a noeat\n\"a-z\" w\n\" \" g hold\n"
		   ":g Text\n* a noeat\n\" \" g\n\"(\" a noeat strings\n\"go\" f\ndone\n"
		   ":f Function\n* a noeat\n",
		"go  (go) go x", "ff...........");
}

static void marks_are_recolored(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"<\" b mark\n:b Text\n* b\n\":\" b markend\n\"\\n\" a\n"
		   "\">\" c noeat recolormark\n:c Tag\n* a\n",
		"a<b>c\n<b:c>",
		".ggg.\n"
		"gg..g");
}

static void a_character_is_remembered(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"/|\" b save_c recolor=-1\n:b String\n* b\n% a\n", "x/a|b/c|d|e",
		".sssss.sss.");
	must_paint(":a Text\n* a\n\"([{\" b save_c recolor=-1\n:b String\n* b\n& a\n",
		"x(a]b)c[)]e", ".sssss.sss.");
}

static void a_word_is_remembered(void **state)
{
	(void)state;
	must_paint(
		":a Text\n* a\n\"<\" d\n:d Text\n* d1 noeat buffer\n:d1 Text\n* d1\n\"\\n\" l save_s\n"
		":l String\n* l1 noeat buffer\n:l1 String\n* l1\n\"\\n\" l strings\n\"&\" e\ndone\n"
		":e Label\n* a\n",
		"<EOF\nab\nEOF2\nEOF\nx", "....\nss\nssss\nlll\n.");
}

static void subroutines_return_where_they_were_called(void **state)
{
	(void)state;
	must_paint(
		":a Text\n* a\n\"(\" a call=.p() recolor=-1\n\"[\" b call=.p() recolor=-1\n"
		":b Number\n* b\n.subr p\n:p String\n* p\n\"(\" p call=.p()\n\")]\" p return\n.end\n",
		"a(b(c)d)e[f]g", ".sssssss.sssn");
	/* Outside of a subroutine "return" only goes to its state. */
	must_paint(":a Text\n* a\n\"x\" b return\n:b String\n* b\n", "axa", "..s");
}

static void reset_leaves_all_subroutines(void **state)
{
	(void)state;
	must_paint(":a Text\n* a\n\"(\" a call=.p()\n.subr p\n:p String\n* p\n\"(\" p call=.p()\n"
		   "\")\" p return\n\"!\" q reset\n:q Number\n* q\n\")\" p return\n.end\n",
		"((a!b)c", ".sssnns");
}

static void flags_choose_what_is_there(void **state)
{
	static const char lib[] =
		":x Text\n* x\n.subr s\n:s String\n* s\n.ifdef dq\n\"Q\" s return\n"
		".else\n.ifdef sq\n\"q\" s return\n.endif\n.endif\n.end\n";

	(void)state;
	describe("lib", lib);
	must_paint(
		":a Text\n* a\n\"1\" a call=lib.s(dq)\n\"2\" a call=lib.s(sq)\n\"3\" a call=lib.s(sq dq -sq)\n",
		"1qQ2Qq3qQ.", ".ss.ss.ss.");
}

static void a_file_can_be_a_subroutine(void **state)
{
	(void)state;
	describe("lib", ":s String\n* s\n\";\" s return\n");
	must_paint(":a Text\n* a\n\"1\" a call=lib()\n", "1a;b", ".ss.");
}

static void classes_fall_back(void **state)
{
	(void)state;
	must_paint(
		"=Own +Unheard +Comment\n=Mine +Own\n=None\n:a Own\n* a\n\"x\" b\n:b Mine\n* b\n\"y\" c\n"
		":c None\n* c\n",
		"axby.", "cccc.");
}

static void a_chain_that_never_eats_ends(void **state)
{
	(void)state;
	must_paint(":a Text\n* b noeat\n:b String\n* a noeat\n", "abc\n", "sss\n");
}

static void subroutines_without_end_are_bounded(void **state)
{
	char text[4096];

	(void)state;
	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	char *wanted = mem_dup(text, sizeof(text));
	memset(wanted, 's', sizeof(text) - 1);
	wanted[0] = '.';
	must_paint(":a Text\n* a\n\"(\" a call=.p()\n.subr p\n:p String\n* p\n\"(\" p call=.p()\n"
		   "\")\" p return\n.end\n",
		text, wanted);
	free(wanted);
}

/* ---- what is wrong ---- */

static const struct {
	const char *text, *line, *says;
} faults[] = {
	{"\"a\" b\n", ":1:", "before the first state"},
	{":a Text\n\"a b\n", ":2:", "quote does not end"},
	{":a Text\n* \n", ":2:", "which state"},
	{":a\n", ":1:", "a name and a class"},
	{":a Colour\n", ":1:", "no class \"Colour\""},
	{":a Text\n* a eat\n", ":2:", "no option \"eat\""},
	{":a Text\n* a recolor=-x\n", ":2:", "recolor"},
	{":a Text\n* a call=b\n", ":2:", "parentheses"},
	{":a Text\n* a call=nofile()\n", ":2:", "no syntax \"nofile\""},
	{":a Text\n* a call=etc/passwd()\n", ":2:", "no syntax"},
	{":a Text\n\n* a call=.b()\n", ":3:", "no subroutine \"b\""},
	{":a Text\n* a strings\n\"x\" a\n", ":", NULL},
	{":a Text\n* a strings\nx\ndone\n", ":3:", "done"},
	{".else\n", ":1:", "does not belong"},
	{".ifdef\n", ":1:", "of what"},
	{"=\n", ":1:", "needs a name"},
	{":a Text\n.subr\n", ":2:", "needs a name"},
	{":a Text\nx a\n", ":2:", "characters"},
	{"# nothing\n", ":1:", "no state"},
	{":a Text\n\xff a\n", ":1:", "UTF-8"},
	/* These can be lived with. */
	{":a Text\n* b\n", ":2:", "no state \"b\""},
	{":a Text\n* a\n:a Text\n", ":3:", "already"},
};

static void faults_are_told_with_file_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char *why = NULL;
		describe("t", faults[i].text);
		struct syntax_machine *m = syntax_file_load(folders, "t", &why);
		if (!faults[i].says)
			assert_null(why);
		else if (!why || !strstr(why, faults[i].says) || !strstr(why, faults[i].line) ||
			 !strstr(why, "/t.jsf:"))
			fail_msg("%s: it says \"%s\"", faults[i].text, why ? why : "nothing");
		syntax_machine_destroy(m);
		free(why);
	}
}

static void limits_hold(void **state)
{
	struct buf text = {0};
	char *why = NULL;

	(void)state;
	buf_add_str(&text, ":a Text\n");
	for (int i = 0; i <= SYNTAX_FILE_STATES; i++)
		buf_printf(&text, "\"a\" b%d\n", i);
	buf_add_byte(&text, '\0');
	describe("t", text.at);
	assert_null(syntax_file_load(folders, "t", &why));
	assert_non_null(strstr(why, "states"));
	free(why);
	while (text.len <= SYNTAX_FILE_BYTES)
		buf_add_str(&text, "# and more\n");
	memset(text.at, '#', text.len - 1);
	text.at[text.len - 1] = '\0';
	describe("t", text.at);
	assert_null(syntax_file_load(folders, "t", &why));
	assert_non_null(strstr(why, "512 KiB"));
	free(why);
	buf_fini(&text);
}

static void a_call_has_so_many_flags(void **state)
{
	struct buf text = {0};
	char *why = NULL;

	(void)state;
	buf_add_str(&text, ":a Text\n* a call=.s(");
	for (int i = 0; i < SYNTAX_FILE_FLAGS / 4; i++)
		buf_printf(&text, "f%d ", i);
	buf_add_str(&text, ")\n.subr s\n:s Text\n* s\n.end\n");
	buf_add_byte(&text, '\0');
	describe("t", text.at);
	assert_null(syntax_file_load(folders, "t", &why));
	assert_non_null(strstr(why, "t.jsf:2: these are too many flags"));
	free(why);
	buf_fini(&text);
}

static void what_is_not_there_is_no_fault(void **state)
{
	char *why = (char *)1;

	(void)state;
	assert_null(syntax_file_load(folders, "nothing", &why));
	assert_null(why);
	assert_null(syntax_file_load(folders, "../t", &why));
	assert_null(why);
}

/* joe's own files, where joe is installed: each that is a language is one here. */
static void the_files_of_joe_can_be_read(void **state)
{
	static const char *const joe[] = {"/usr/share/joe/syntax", NULL};
	static const char *const few[] = {"c", "python", "sh", "perl", "java", "css", "lua"};

	(void)state;
	if (access(joe[0], R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++) {
		char *why = NULL;
		struct syntax_machine *m = syntax_file_load(joe, few[i], &why);
		if (!m)
			fail_msg("%s: %s", few[i], why ? why : "not there");
		syntax_machine_destroy(m);
		free(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_color_what_they_eat),
		cmocka_unit_test(noeat_gives_the_character_on),
		cmocka_unit_test(recolor_is_of_characters_up_to_this_one),
		cmocka_unit_test(bytes_without_a_rule_begin_anew),
		cmocka_unit_test(classes_have_ranges_and_escapes),
		cmocka_unit_test(strings_and_istrings),
		cmocka_unit_test(hold_ends_the_word),
		cmocka_unit_test(marks_are_recolored),
		cmocka_unit_test(a_character_is_remembered),
		cmocka_unit_test(a_word_is_remembered),
		cmocka_unit_test(subroutines_return_where_they_were_called),
		cmocka_unit_test(reset_leaves_all_subroutines),
		cmocka_unit_test(flags_choose_what_is_there),
		cmocka_unit_test(a_file_can_be_a_subroutine),
		cmocka_unit_test(classes_fall_back),
		cmocka_unit_test(a_chain_that_never_eats_ends),
		cmocka_unit_test(subroutines_without_end_are_bounded),
		cmocka_unit_test(faults_are_told_with_file_and_line),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_call_has_so_many_flags),
		cmocka_unit_test(what_is_not_there_is_no_fault),
		cmocka_unit_test(the_files_of_joe_can_be_read),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
