/* A file edited alone: saved as it was, never lost, and shared when somebody else is to come in. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define FILE_NAME "notes.txt"

/* Each: the bytes before, what is seen of them, and the bytes after an X was typed at the start and saved. */
static const struct kept {
	const char *before;
	size_t before_len;
	const char *seen, *named, *after;
	size_t after_len;
} kept[] = {
#define BYTES(s) s, sizeof(s) - 1
	{BYTES("one\ntwo\n"), "two", " LF ", BYTES("Xone\ntwo\n")},
	{BYTES("one\r\ntwo"), "two", " CRLF ", BYTES("Xone\r\ntwo")},
	{BYTES("one\r\ntwo\n"), "one<0D>", "CRLF and LF", BYTES("Xone\r\ntwo\n")},
	{BYTES("\xef\xbb\xbfone\n"), "one", "UTF-8 BOM", BYTES("\xef\xbb\xbfXone\n")},
	{BYTES("caf\xe9\n"), "caf\xc3\xa9", "ISO-8859-1", BYTES("Xcaf\xe9\n")},
	{BYTES("\x93so\x94\r\n"), "\xe2\x80\x9cso\xe2\x80\x9d", "WINDOWS-1252 CRLF",
		BYTES("X\x93so\x94\r\n")},
	{BYTES("\xff\xfeh\0i\0\x3d\xd8\x00\xde\n\0"), "hi\xf0\x9f\x98\x80", "UTF-16LE BOM",
		BYTES("\xff\xfeX\0h\0i\0\x3d\xd8\x00\xde\n\0")},
	{BYTES("\xfe\xff\0h\0i"), "hi", "UTF-16BE BOM", BYTES("\xfe\xff\0X\0h\0i")},
#undef BYTES
};

static void test_kept(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		char name[32];
		snprintf(name, sizeof(name), "kept%zu.txt", i);
		const char *path = stage_write(stage, name, kept[i].before, kept[i].before_len);
		struct stat st;
		assert_int_equal(chmod(path, 0640), 0);
		struct terminal *ada = stage_edit(stage, name);
		terminal_see(ada, kept[i].seen);
		terminal_see(ada, kept[i].named);
		terminal_type(ada, "X");
		terminal_see(ada, "not saved");
		terminal_press(ada, "C-s");
		stage_file_becomes(stage, name, kept[i].after, kept[i].after_len);
		terminal_see_none(ada, "not saved");
		scene_leave(ada);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
	}
}

/* It can be looked at, and nothing that a person does writes it. */
static void test_no_text(void **state)
{
	struct stage *stage = *state;
	static const char bytes[] = "\x7f"
				    "ELF\0caf\xe9\n";

	stage_write(stage, FILE_NAME, bytes, sizeof(bytes) - 1);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "ELF\u2400caf\u00e9");
	terminal_see(ada, "it can only be looked at");
	terminal_see(ada, "binary");
	terminal_type(ada, "X");
	terminal_see(ada, "This is no text, so it cannot be changed here. Ctrl-Q leaves.");
	terminal_press(ada, "C-s");
	terminal_see(ada, "it can only be looked at");
	terminal_type(ada, "X");
	terminal_see(ada, "Ctrl-Q leaves.");
	terminal_press(ada, "M-s");
	terminal_see(ada, "it can only be looked at");
	terminal_press(ada, "F2");
	terminal_see(ada, "it can only be looked at");
	terminal_see(ada, "ELF\u2400caf\u00e9");
	scene_leave(ada);
	stage_file_becomes(stage, FILE_NAME, bytes, sizeof(bytes) - 1);
}

static void test_new_file(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = stage_edit(stage, "new.txt");

	terminal_see(ada, "new.txt");
	terminal_type(ada, "made here\n");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "new.txt", "made here\n", 10);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

static void test_a_link_stays_one(void **state)
{
	struct stage *stage = *state;
	const char *link = stage_path(stage, "link.txt");
	struct stat st;

	stage_write(stage, FILE_NAME, "one\n", 4);
	assert_int_equal(symlink(FILE_NAME, link), 0);
	struct terminal *ada = stage_edit(stage, "link.txt");
	terminal_see(ada, "one");
	terminal_type(ada, "X");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "Xone\n", 5);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* Characters that the file's charset lacks are not lost on the way: the save is refused, and says which. */
static void test_a_character_that_does_not_fit(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "caf\xe9\n", 5);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "ISO-8859-1");
	terminal_type(ada, "\xe2\x82\xac");
	terminal_press(ada, "C-s");
	terminal_see(ada, "cannot save"); /* leaving waits for a save under way */
	stage_file_becomes(stage, FILE_NAME, "caf\xe9\n", 5);
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "n");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, FILE_NAME, "caf\xe9\n", 5);
}

static void test_quitting_asks(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\n", 4);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "one");
	terminal_type(ada, "X");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "Not saved.");
	terminal_press(ada, "C-z");
	terminal_see_none(ada, "not saved"); /* it is what the file holds again */
	terminal_type(ada, "Y");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, FILE_NAME, "Yone\n", 5);
}

static bool written_down(const void *arg)
{
	const char *command = arg;

	return system(command) == 0;
}

/* Waits until what is unsaved is on disk, then kills the editor. */
static void kill_when_kept(struct stage *stage, struct terminal *t, const char *words)
{
	char command[512];

	snprintf(command, sizeof(command),
		"grep -qrF --include='*.text' -- '%s' '%s/codecollab/unsaved' 2>/dev/null", words,
		stage_path(stage, "xdg-state"));
	terminal_until_true(written_down, command, "what is unsaved is written down");
	terminal_signal(t, SIGKILL);
	assert_int_equal(terminal_exit(t), 128 + SIGKILL);
	terminal_end(t);
}

static void test_killed(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\n", 4);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "one");
	terminal_type(ada, "never saved ");
	kill_when_kept(stage, ada, "never saved ");
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "are left");
	terminal_press(ada, "Esc"); /* later */
	terminal_see_none(ada, "are left");
	scene_leave(ada);
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "are left");
	terminal_type(ada, "y");
	terminal_see(ada, "never saved one");
	terminal_press(ada, "C-z"); /* one step */
	terminal_see_none(ada, "never saved");
	terminal_press(ada, "C-y C-s");
	stage_file_becomes(stage, FILE_NAME, "never saved one\n", 16);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "never saved one");
	terminal_type(ada, "!"); /* no question takes it */
	terminal_see(ada, "!never saved one");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "!never saved one\n", 17);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

static bool can_be_read(const void *fd)
{
	return poll(&(struct pollfd){.fd = *(const int *)fd, .events = POLLIN}, 1, 0) == 1;
}

static bool is_at_its_end(const void *fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = read(*(const int *)fd, bytes, sizeof(bytes))) > 0)
		;
	return got == 0;
}

static bool has_left(struct terminal *t, const void *arg)
{
	(void)arg;
	return !terminal_alternate(t);
}

/* A pipe stands where what is unsaved is written to: it takes some and no more. The terminal is given back, and what waits ends well. */
static void test_a_disk_that_hangs(void **state)
{
	struct stage *stage = *state;
	static char text[200000];
	char command[1024];
	int fd;

	memset(text, 'a', sizeof(text));
	for (size_t i = 79; i < sizeof(text); i += 80)
		text[i] = '\n';
	const char *path = stage_write(stage, FILE_NAME, text, sizeof(text));
	const char *folder = stage_path(stage, "xdg-state/codecollab/unsaved");
	snprintf(command, sizeof(command),
		"mkdir -p '%s' && cd '%s' && chmod 700 . .. && "
		"name=$(printf %%s '%s' | sha256sum | head -c 32) && "
		"mkfifo \"$name.0.new\" && ln -s \"$name.0.new\" pipe",
		folder, folder, path);
	assert_int_equal(system(command), 0);
	fd = open(stage_path(stage, "xdg-state/codecollab/unsaved/pipe"),
		O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "aaa");
	terminal_type(ada, "X");
	terminal_until_true(can_be_read, &fd, "what is unsaved is being written down");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "n");
	terminal_until(ada, has_left, NULL, "the terminal is given back");
	terminal_until_true(is_at_its_end, &fd, "all of it was written");
	assert_int_equal(terminal_exit(ada), 0);
	assert_null(terminal_left_behind(ada));
	close(fd);
}

/* A text too long to be kept whole: its edits are, for the text that they belong to. early: typed into before it was shown. */
static void kill_in_a_long_text(struct stage *stage, bool early)
{
	size_t len = (size_t)3 << 19; /* 1.5 MiB */
	char *long_text = malloc(len);

	assert_non_null(long_text);
	memset(long_text, 'a', len);
	for (size_t i = 79; i < len; i += 80)
		long_text[i] = '\n';
	stage_write(stage, FILE_NAME, long_text, len);
	struct terminal *ada = stage_edit(stage, early ? "other.txt" : FILE_NAME);
	terminal_see(ada, early ? "other.txt" : "aaa");
	if (early) /* behind the keys that open it */
		terminal_press(ada, "C-o n o t e s Enter");
	terminal_type(ada, "never saved ");
	kill_when_kept(stage, ada, "never saved ");
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "y: take them up");
	terminal_type(ada, "y");
	terminal_see(ada, "never saved aaa");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "n");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "aaa");
	terminal_type(ada, "x"); /* given up is given up */
	terminal_see(ada, "xaaa");
	terminal_end(ada);
	free(long_text);
}

static void test_killed_in_a_long_text(void **state)
{
	kill_in_a_long_text(*state, false);
}

static void test_typed_before_the_first_drawing(void **state)
{
	kill_in_a_long_text(*state, true);
}

static void test_changed_on_disk(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\ntwo\n", 8);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "two");
	stage_write(stage, FILE_NAME, "one\ntwo\nthree\n", 14);
	terminal_see(ada, "three"); /* nothing was unsaved: it is simply there */
	terminal_type(ada, "zero\n");
	terminal_see(ada, "not saved");
	stage_write(stage, FILE_NAME, "one\ntwo\nthree\nfour\n", 19);
	terminal_press(ada, "C-s");
	terminal_see(ada, "m: merge");
	terminal_type(ada, "m");
	stage_file_becomes(stage, FILE_NAME, "zero\none\ntwo\nthree\nfour\n", 24);
	terminal_see_none(ada, "not saved");
	terminal_type(ada, "mine\n");
	terminal_see(ada, "not saved");
	stage_write(stage, FILE_NAME, "theirs\n", 7);
	terminal_press(ada, "C-s");
	terminal_see(ada, "r: reload");
	terminal_type(ada, "r");
	terminal_see(ada, "theirs");
	terminal_see_none(ada, "mine");
	terminal_press(ada, "C-Home");
	terminal_type(ada, "X");
	terminal_see(ada, "not saved");
	stage_write(stage, FILE_NAME, "other\n", 6);
	terminal_press(ada, "C-s");
	terminal_see(ada, "o: overwrite");
	terminal_type(ada, "o");
	stage_file_becomes(stage, FILE_NAME, "Xtheirs\n", 8);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

/* What stands in the file's place cannot be read: nothing is dropped for it, and leaving still asks. */
static void test_reload_of_nothing(void **state)
{
	struct stage *stage = *state;
	const char *path = stage_write(stage, FILE_NAME, "one\n", 4);
	struct terminal *ada = stage_edit(stage, FILE_NAME);

	terminal_see(ada, "one");
	terminal_type(ada, "mine ");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	terminal_press(ada, "C-s");
	terminal_see(ada, "r: reload");
	terminal_type(ada, "r");
	terminal_see_none(ada, "r: reload");
	terminal_see(ada, "mine one");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	assert_int_equal(rmdir(path), 0);
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, FILE_NAME, "mine one\n", 9);
}

static void test_shared(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\n", 4);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "one");
	terminal_type(ada, "unsaved ");
	terminal_press(ada, "F2");
	terminal_see(ada, "To write together");
	terminal_see(ada, "wss://");
	terminal_press(ada, "Esc");
	terminal_see(ada, "unsaved one");
	terminal_see(ada, "1 here");
	stage_file_becomes(stage, FILE_NAME, "unsaved one\n", 12); /* a room saves by itself */
	terminal_press(ada, "C-z"); /* what was typed before it was a room */
	terminal_see_none(ada, "unsaved one");
	stage_file_becomes(stage, FILE_NAME, "one\n", 4);
	scene_leave(ada);
	ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "one");
	terminal_type(ada, "X"); /* nothing is left to recover */
	terminal_see(ada, "Xone");
	terminal_end(ada);
}

static void test_editorconfig(void **state)
{
	static const char rules[] =
		"root = true\n[*.txt]\nindent_style = space\nindent_size = 3\n"
		"trim_trailing_whitespace = true\ninsert_final_newline = true\n";
	struct stage *stage = *state;

	stage_write(stage, ".editorconfig", rules, sizeof(rules) - 1);
	stage_write(stage, FILE_NAME, "one  \ntwo\t \n \nend", 17);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "two");
	terminal_press(ada, "Tab");
	terminal_type(ada, "x");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "   xone\ntwo\n\nend\n", 17);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

static void run(struct terminal *t, const char *command)
{
	terminal_press(t, "C-p");
	terminal_see(t, ">");
	terminal_type(t, command);
	terminal_press(t, "Enter");
}

static void test_line_ends(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\r\ntwo\n", 9);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "CRLF and LF");
	run(ada, "to-crlf");
	terminal_see(ada, "writes CRLF");
	terminal_type(ada, "X");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "Xone\r\ntwo\r\n", 11);
	terminal_see_none(ada, "not saved");
	run(ada, "to-lf");
	terminal_see(ada, "writes LF");
	terminal_type(ada, "Y");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "XYone\ntwo\n", 10);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

static void test_keys_are_told(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\n", 4);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "one");
	run(ada, "show-key");
	terminal_see(ada, "Press a key.");
	terminal_press(ada, "C-k"); /* not done */
	terminal_see(ada, "Ctrl-K: cut-line");
	terminal_see(ada, "  1 one");
	run(ada, "show-key");
	terminal_see(ada, "Press a key.");
	terminal_press(ada, "M-x");
	terminal_see(ada, "Alt-X does nothing");
	scene_leave(ada);
}

/* Several carets, one letter at each, and another person sees where they are. */
static void test_several_carets(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "one\ntwo\nthree\n", 14);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "three");
	terminal_press(ada, "M-S-Down M-S-Down");
	terminal_see(ada, "3 carets");
	terminal_type(ada, "- ");
	terminal_see(ada, "- three");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "- one\n- two\n- three\n", 20);
	terminal_press(ada, "C-z");
	terminal_see_none(ada, "- one");
	terminal_see_none(ada, "- three");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "one\ntwo\nthree\n", 14);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
}

static void test_refused(void **state)
{
	struct stage *stage = *state;

	struct terminal *ada = stage_edit(stage, "none/such.txt");
	assert_int_equal(terminal_exit(ada), 1);
	assert_non_null(strstr(terminal_words(ada), "does not exist"));
	terminal_end(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(kept),
		TEST(no_text),
		TEST(new_file),
		TEST(a_link_stays_one),
		TEST(a_character_that_does_not_fit),
		TEST(quitting_asks),
		TEST(killed),
		TEST(killed_in_a_long_text),
		TEST(a_disk_that_hangs),
		TEST(changed_on_disk),
		TEST(reload_of_nothing),
		TEST(shared),
		TEST(typed_before_the_first_drawing),
		TEST(editorconfig),
		TEST(line_ends),
		TEST(keys_are_told),
		TEST(several_carets),
		TEST(refused),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
