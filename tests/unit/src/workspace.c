#include "tests/unit/src/scratch.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "net/loop.h"
#include "src/server/workspace.h"

#define NOBODY 65534

static char *dir; /* of the test that runs */

static int setup(void **state)
{
	(void)state;
	dir = scratch_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static char *in_dir(const char *name)
{
	return report_sentence("%s/%s", dir, name);
}

static size_t files_in_dir(void)
{
	DIR *d = opendir(dir);
	size_t count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count - 2;
}

static void assert_bytes(const char *path, const char *at, size_t len)
{
	struct buf is = scratch_read(path);

	assert_int_equal(is.len, len);
	assert_memory_equal(is.at ? is.at : "", at, len);
	buf_fini(&is);
}

static void assert_text(const struct text *text, const char *expected)
{
	size_t len;
	char *is = text_slice(text, 0, text_size(text).points, &len);

	assert_int_equal(len, strlen(expected));
	assert_string_equal(is, expected);
	free(is);
}

static struct text *open_good(const char *path, bool create, struct workspace_file *file)
{
	struct text *text;
	char *why;

	if (!workspace_open(path, create, file, &text, &why))
		fail_msg("%s", why);
	assert_null(why);
	assert_non_null(text);
	return text;
}

static void save_good(struct workspace_file *file, const struct text *text)
{
	char *why = workspace_save_now(file, text);

	if (why)
		fail_msg("%s", why);
	assert_true(file->exists);
	assert_false(workspace_changed(file));
}

/* What a file's bytes are as a text, and what they become when "+" is put in front of the text. */
static const struct round {
	const char *bytes, *text;
	bool crlf, bom;
	const char *after;
} rounds[] = {
	{"", "", false, false, "+"},
	{"one", "one", false, false, "+one"},
	{"one\ntwo\n", "one\ntwo\n", false, false, "+one\ntwo\n"},
	{"one\r\ntwo\r\n", "one\ntwo\n", true, false, "+one\r\ntwo\r\n"},
	{"one\r\ntwo", "one\ntwo", true, false, "+one\r\ntwo"},
	{"\r\n", "\n", true, false, "+\r\n"},
	{"\r\n\r\n\r\n", "\n\n\n", true, false, "+\r\n\r\n\r\n"},
	{"one\r\ntwo\n", "one\r\ntwo\n", false, false, "+one\r\ntwo\n"},
	{"one\ntwo\r\n", "one\ntwo\r\n", false, false, "+one\ntwo\r\n"},
	{"one\rtwo\r\n", "one\rtwo\r\n", false, false, "+one\rtwo\r\n"},
	{"one\r\r\n", "one\r\r\n", false, false, "+one\r\r\n"},
	{"one\r\ntwo\r", "one\r\ntwo\r", false, false, "+one\r\ntwo\r"},
	{"one\rtwo\r", "one\rtwo\r", false, false, "+one\rtwo\r"},
	{"\xef\xbb\xbfone\n", "one\n", false, true, "\xef\xbb\xbf+one\n"},
	{"\xef\xbb\xbfone\r\n", "one\n", true, true, "\xef\xbb\xbf+one\r\n"},
	{"\xef\xbb\xbf", "", false, true, "\xef\xbb\xbf+"},
	{"\xef\xbb\xbf\xef\xbb\xbfx", "\xef\xbb\xbfx", false, true, "\xef\xbb\xbf+\xef\xbb\xbfx"},
	{"x\xef\xbb\xbf\n", "x\xef\xbb\xbf\n", false, false, "+x\xef\xbb\xbf\n"},
	{"gr\xc3\xbc\xc3\x9f \xf0\x9f\xa6\xa6\r\n", "gr\xc3\xbc\xc3\x9f \xf0\x9f\xa6\xa6\n", true,
		false, "+gr\xc3\xbc\xc3\x9f \xf0\x9f\xa6\xa6\r\n"},
};

static void check_round(const char *path, const struct round *round)
{
	struct workspace_file file;

	scratch_write(path, round->bytes, strlen(round->bytes));
	struct text *text = open_good(path, false, &file);
	assert_text(text, round->text);
	assert_int_equal(file.form.crlf, round->crlf);
	assert_int_equal(file.form.bom, round->bom);
	assert_true(file.exists);
	assert_string_equal(file.path, path);
	save_good(&file, text);
	assert_bytes(path, round->bytes, strlen(round->bytes));
	assert_int_equal(text_insert(text, 0, "+", 1), ERR_NONE);
	save_good(&file, text);
	assert_bytes(path, round->after, strlen(round->after));
	text_destroy(text);
	workspace_fini(&file);
}

static void bytes_come_back(void **state)
{
	char *path = in_dir("file");

	(void)state;
	for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++) {
		print_message("round %zu\n", i);
		check_round(path, &rounds[i]);
	}
	assert_int_equal(files_in_dir(), 1);
	free(path);
}

/* Behind a first line so long that what is behind it is met at the end of one read, at the start of another, or half and half. */
static void check_long_round(const char *path, const struct round *round, size_t pad)
{
	size_t bom = round->bom ? 3 : 0;
	struct buf bytes = {0}, text = {0};
	struct workspace_file file;

	buf_add(&bytes, round->bytes, bom);
	memset(buf_room(&bytes, pad), 'y', pad);
	bytes.len += pad;
	buf_add(&text, bytes.at + bom, pad);
	buf_add_str(&bytes, round->bytes + bom);
	buf_add_str(&text, round->text);
	scratch_write(path, bytes.at, bytes.len);
	struct text *is = open_good(path, false, &file);
	char *expected = buf_take(&text);
	assert_text(is, expected);
	free(expected);
	assert_int_equal(file.form.crlf, round->crlf);
	assert_int_equal(file.form.bom, round->bom);
	assert_int_equal(file.form.mixed, !round->crlf && strstr(round->bytes, "\r\n") != NULL);
	text_destroy(is);
	workspace_fini(&file);
	buf_fini(&bytes);
}

static void bytes_come_back_from_several_reads(void **state)
{
	char *path = in_dir("file");

	(void)state;
	for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++)
		for (size_t pad = 65536 - 14; pad <= 65536; pad++)
			check_long_round(path, &rounds[i], pad);
	free(path);
}

/* Any valid bytes, unchanged, come back: from pieces that meet in every order. */
static void any_bytes_come_back(void **state)
{
	static const char *const pieces[] = {"\n", "\r\n", "\r", "a", "\xef\xbb\xbf", "\xc3\xa9",
		"\xf0\x9f\xa6\xa6", "word ", "\r\n"};
	char *path = in_dir("file");
	uint64_t seed = scratch_seed();

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct workspace_file file;
		struct buf bytes = {0};
		for (size_t n = scratch_choose(&seed, 12); n; n--)
			buf_add_str(&bytes,
				pieces[scratch_choose(&seed, sizeof(pieces) / sizeof(*pieces))]);
		scratch_write(path, bytes.at ? bytes.at : "", bytes.len);
		struct text *text = open_good(path, false, &file);
		save_good(&file, text);
		assert_bytes(path, bytes.at ? bytes.at : "", bytes.len);
		text_destroy(text);
		workspace_fini(&file);
		buf_fini(&bytes);
	}
	free(path);
}

static void long_files_come_back(void **state)
{
	char *path = in_dir("file");
	struct workspace_file file;
	struct buf bytes = {0};

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&bytes, "line %u \xe2\x82\xac\r\n", i);
	scratch_write(path, bytes.at, bytes.len);
	struct text *text = open_good(path, false, &file);
	assert_true(file.form.crlf);
	assert_int_equal(text_size(text).bytes, bytes.len - 100000);
	assert_int_equal(text_size(text).lines, 100000);
	save_good(&file, text);
	assert_bytes(path, bytes.at, bytes.len);
	text_destroy(text);
	workspace_fini(&file);
	buf_fini(&bytes);
	free(path);
}

/* ---- what is refused ---- */

static void assert_refused(const char *path, const char *words)
{
	struct workspace_file file;
	struct text *text = NULL;
	char *why = NULL;

	assert_false(workspace_open(path, true, &file, &text, &why));
	assert_null(text);
	assert_null(file.path);
	assert_non_null(why);
	if (!strstr(why, words))
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	if (*path && !strstr(why, path))
		fail_msg("\"%s\" does not name %s", why, path);
	free(why);
}

static void refuse_bytes(const char *bytes, size_t len, const char *words)
{
	char *path = in_dir("bad");

	scratch_write(path, bytes, len);
	assert_refused(path, words);
	assert_bytes(path, bytes, len);
	free(path);
}

static void what_is_no_text_is_refused(void **state)
{
	(void)state;
	refuse_bytes("caf\xe9\n", 5,
		"is not UTF-8 text: byte 0xE9 at offset 3. Convert it first, for"
		" example: iconv -f latin1 -t utf-8");
	refuse_bytes("\xef\xbb\xbf\x80", 4, "byte 0x80 at offset 3");
	refuse_bytes("ab\xe2\x82", 4, "byte 0xE2 at offset 2");
	refuse_bytes("\xc0\x80", 2, "byte 0xC0 at offset 0");
	refuse_bytes("\xed\xa0\x80", 3, "at offset 0");
	refuse_bytes("\x7f"
		     "ELF\0",
		5, "is not a text: byte 0x00 at offset 4");
	refuse_bytes("\xff\xfeh\0i\0", 6, "is UTF-16");
	refuse_bytes("\xfe\xff\0h\0i", 6, "is UTF-16");
}

static void what_is_no_text_takes_no_texts_place(void **state)
{
	char *path = in_dir("becomes"), *why;
	struct workspace_file file;
	struct text *text;

	(void)state;
	scratch_write(path, "a\0", 2);
	assert_true(workspace_open_any(path, &file, &text, &why));
	assert_int_equal(file.form.charset, CHARSET_BINARY);
	assert_int_equal(text_size(text).points, 2);
	text_destroy(text);
	assert_true(workspace_read_again(&file, &text, &why));
	text_destroy(text);
	workspace_fini(&file);
	scratch_write(path, "ab", 2);
	assert_true(workspace_open_any(path, &file, &text, &why));
	text_destroy(text);
	scratch_write(path, "a\0b", 3);
	assert_false(workspace_read_again(&file, &text, &why));
	assert_non_null(strstr(why, "is not a text: byte 0x00 at offset 1"));
	assert_int_equal(file.form.charset, CHARSET_UTF8);
	free(why);
	workspace_fini(&file);
	free(path);
}

static void what_is_no_file_is_refused(void **state)
{
	char *fifo = in_dir("fifo"), *link = in_dir("link"), *below = in_dir("none/file");
	char *slash = in_dir("none/"), *file = in_dir("plain"), *inside = in_dir("plain/file");

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("nowhere", link), 0);
	scratch_write(file, "x", 1);
	assert_refused(dir, "is a folder, not a file");
	assert_refused(fifo, "is a pipe, not a file");
	assert_refused("/dev/null", "is a device, not a file");
	assert_refused(link, "it is a link to a file that does not exist");
	assert_refused(below, "does not exist");
	assert_refused(slash, "does not exist");
	assert_refused(inside, "Not a directory");
	assert_refused("", "no file was named");
	free(fifo);
	free(link);
	free(below);
	free(slash);
	free(file);
	free(inside);
}

static void what_is_too_large_is_refused(void **state)
{
	char *path = in_dir("large");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)WORKSPACE_MAX_BYTES + 1), 0);
	close(fd);
	assert_refused(path, "is too large: a document may have 64 MiB");
	/* of this size the limit is not said to be the reason: the zeros are */
	assert_int_equal(truncate(path, (off_t)WORKSPACE_MAX_BYTES), 0);
	assert_refused(path, "byte 0x00 at offset 0");
	free(path);
}

/* ---- new files, links, modes ---- */

static void new_files_are_made(void **state)
{
	char *now = in_dir("now"), *later = in_dir("later");
	struct workspace_file file;
	mode_t mask = umask(027);

	(void)state;
	struct text *text = open_good(now, true, &file);
	assert_true(file.exists);
	assert_bytes(now, "", 0);
	assert_int_equal(scratch_mode(now), 0640);
	assert_false(workspace_changed(&file));
	workspace_fini(&file);
	text_destroy(text);

	text = open_good(later, false, &file);
	assert_false(file.exists);
	assert_int_equal(text_size(text).bytes, 0);
	assert_int_equal(access(later, F_OK), -1);
	assert_false(workspace_changed(&file));
	assert_int_equal(text_insert(text, 0, "hi\n", 3), ERR_NONE);
	save_good(&file, text);
	assert_bytes(later, "hi\n", 3);
	assert_int_equal(scratch_mode(later), 0640);
	workspace_fini(&file);
	text_destroy(text);
	umask(mask);
	free(now);
	free(later);
}

static void relative_paths_are_resolved(void **state)
{
	char *path = in_dir("file");
	char *up = report_sentence("..%s/./file", strrchr(dir, '/'));
	char *before = getcwd(NULL, 0);
	struct workspace_file file;

	(void)state;
	assert_int_equal(chdir(dir), 0);
	text_destroy(open_good("file", false, &file));
	assert_string_equal(file.path, path);
	workspace_fini(&file);
	text_destroy(open_good(up, false, &file));
	assert_string_equal(file.path, path);
	workspace_fini(&file);
	assert_int_equal(chdir(before), 0);
	free(before);
	free(path);
	free(up);
}

static void links_stay_links(void **state)
{
	char *target = in_dir("target"), *link = in_dir("link");
	struct workspace_file file;
	struct stat st;

	(void)state;
	scratch_write(target, "old\n", 4);
	assert_int_equal(symlink("target", link), 0);
	struct text *text = open_good(link, false, &file);
	assert_string_equal(file.path, target);
	assert_int_equal(text_insert(text, 0, "very ", 5), ERR_NONE);
	save_good(&file, text);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_bytes(target, "very old\n", 9);
	assert_int_equal(files_in_dir(), 2);
	workspace_fini(&file);
	text_destroy(text);
	free(target);
	free(link);
}

static void a_file_that_became_a_link_is_followed(void **state)
{
	char *path = in_dir("file"), *target = in_dir("target");
	struct workspace_file file;
	struct stat st;

	(void)state;
	scratch_write(path, "old\n", 4);
	struct text *text = open_good(path, false, &file);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(text_insert(text, 0, "very ", 5), ERR_NONE);
	save_good(&file, text);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_bytes(target, "very old\n", 9);
	workspace_fini(&file);
	text_destroy(text);
	free(target);
	free(path);
}

static void modes_and_owners_stay(void **state)
{
	static const unsigned modes[] = {0600, 0640, 0644, 0664, 0666, 0755, 0777};
	char *path = in_dir("file");
	struct workspace_file file;
	struct stat st;

	(void)state;
	scratch_write(path, "x\n", 2);
	if (geteuid() == 0)
		assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	struct text *text = open_good(path, false, &file);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		save_good(&file, text);
		assert_int_equal(scratch_mode(path), modes[i]);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, geteuid() ? geteuid() : NOBODY);
	workspace_fini(&file);
	text_destroy(text);
	free(path);
}

/* ---- changes from outside ---- */

static void changes_are_noticed(void **state)
{
	char *path = in_dir("file"), *other = in_dir("other"), *why;
	struct workspace_file file;
	struct text *again;

	(void)state;
	scratch_write(path, "one\n", 4);
	struct text *text = open_good(path, false, &file);
	assert_false(workspace_changed(&file));
	scratch_write(path, "one\r\ntwo\r\n", 10);
	assert_true(workspace_changed(&file));
	assert_true(workspace_read_again(&file, &again, &why));
	assert_text(again, "one\ntwo\n");
	assert_true(file.form.crlf);
	assert_false(workspace_changed(&file));
	text_destroy(again);

	scratch_write(other, "renamed over\n", 13);
	assert_int_equal(rename(other, path), 0);
	assert_true(workspace_changed(&file));
	assert_true(workspace_read_again(&file, &again, &why));
	assert_text(again, "renamed over\n");
	assert_false(file.form.crlf);
	text_destroy(again);

	/* another file of the same size and time */
	struct timespec times[2] = {file.stamp.mtime, file.stamp.mtime};
	scratch_write(other, "RENAMED OVER\n", 13);
	assert_int_equal(utimensat(AT_FDCWD, other, times, 0), 0);
	assert_int_equal(rename(other, path), 0);
	assert_true(workspace_changed(&file));

	scratch_write(path, "\xff", 1);
	assert_false(workspace_read_again(&file, &again, &why));
	assert_null(again);
	assert_non_null(strstr(why, "byte 0xFF at offset 0"));
	assert_true(workspace_changed(&file));
	assert_true(file.exists);
	free(why);
	text_destroy(text);
	workspace_fini(&file);
	free(path);
	free(other);
}

static void a_vanished_file_comes_back(void **state)
{
	char *path = in_dir("file"), *why;
	struct workspace_file file;
	struct text *again;

	(void)state;
	scratch_write(path, "one\n", 4);
	struct text *text = open_good(path, false, &file);
	assert_int_equal(unlink(path), 0);
	assert_true(workspace_changed(&file));
	assert_true(workspace_read_again(&file, &again, &why));
	assert_int_equal(text_size(again).bytes, 0);
	assert_false(file.exists);
	assert_false(workspace_changed(&file));
	save_good(&file, text);
	assert_bytes(path, "one\n", 4);
	text_destroy(again);
	text_destroy(text);
	workspace_fini(&file);
	free(path);
}

static void a_file_that_appears_is_a_change(void **state)
{
	char *path = in_dir("file");
	struct workspace_file file;

	(void)state;
	text_destroy(open_good(path, false, &file));
	assert_false(workspace_changed(&file));
	scratch_write(path, "mine\n", 5);
	assert_true(workspace_changed(&file));
	workspace_fini(&file);
	free(path);
}

/* ---- saving on the worker ---- */

struct wait {
	struct loop *loop;
	int calls;
	char *why;
	struct workspace_file *file;
};

static void on_saved(void *ctx, const char *why)
{
	struct wait *wait = ctx;

	wait->calls++;
	wait->why = why ? report_sentence("%s", why) : NULL;
	assert_false(!why && workspace_changed(wait->file));
	loop_stop(wait->loop);
}

static void saves_are_of_the_moment_they_are_asked(void **state)
{
	char *path = in_dir("file");
	struct wait wait = {.loop = loop_create()};
	struct workspace_file file;

	(void)state;
	scratch_write(path, "one\r\n", 5);
	struct text *text = open_good(path, false, &file);
	assert_int_equal(text_insert(text, 4, "two\n", 4), ERR_NONE);
	wait.file = &file;
	workspace_save(&file, wait.loop, text, on_saved, &wait);
	assert_int_equal(text_insert(text, 0, "later", 5), ERR_NONE);
	assert_int_equal(wait.calls, 0);
	loop_run(wait.loop);
	assert_int_equal(wait.calls, 1);
	assert_null(wait.why);
	assert_bytes(path, "one\r\ntwo\r\n", 10);
	loop_destroy(wait.loop);
	text_destroy(text);
	workspace_fini(&file);
	free(path);
}

static void failures_reach_the_loop(void **state)
{
	char *folder = in_dir("folder"), *path = in_dir("folder/file");
	struct wait wait = {.loop = loop_create()};
	struct workspace_file file;

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	struct text *text = open_good(path, true, &file);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	wait.file = &file;
	workspace_save(&file, wait.loop, text, on_saved, &wait);
	loop_run(wait.loop);
	assert_int_equal(wait.calls, 1);
	assert_non_null(wait.why);
	assert_non_null(strstr(wait.why, path));
	assert_non_null(strstr(wait.why, strerror(ENOENT)));
	free(wait.why);
	loop_destroy(wait.loop);
	text_destroy(text);
	workspace_fini(&file);
	free(folder);
	free(path);
}

static void assert_not_saved(
	struct workspace_file *file, const struct text *text, const char *words)
{
	char *why = workspace_save_now(file, text);

	assert_non_null(why);
	if (!strstr(why, words) || !strstr(why, file->path))
		fail_msg("\"%s\" does not say \"%s\" of %s", why, words, file->path);
	free(why);
}

/* A limit on file sizes stands for a full disk: the write fails half way. */
static void a_failed_save_leaves_the_old_file(void **state)
{
	char *path = in_dir("file");
	struct rlimit before, small;
	struct workspace_file file;
	struct buf more = {0};

	(void)state;
	scratch_write(path, "precious\n", 9);
	struct text *text = open_good(path, false, &file);
	for (int i = 0; i < 10000; i++)
		buf_add_str(&more, "more and more\n");
	assert_int_equal(text_insert(text, 0, more.at, more.len), ERR_NONE);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	char *why = workspace_save_now(&file, text);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(why);
	assert_non_null(strstr(why, strerror(EFBIG)));
	free(why);
	assert_bytes(path, "precious\n", 9);
	assert_int_equal(files_in_dir(), 1);
	assert_false(workspace_changed(&file));
	save_good(&file, text);
	buf_add_str(&more, "precious\n");
	assert_bytes(path, more.at, more.len);
	buf_fini(&more);
	text_destroy(text);
	workspace_fini(&file);
	free(path);
}

static void what_may_not_be_written_is_not(void **state)
{
	char *path = in_dir("file");
	struct workspace_file file;
	uid_t before = geteuid();

	(void)state;
	assert_int_equal(chmod(dir, 0755), 0);
	if (before == 0) {
		assert_int_equal(chown(dir, NOBODY, NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	scratch_write(path, "old\n", 4);
	struct text *text = open_good(path, false, &file);
	assert_int_equal(chmod(path, 0444), 0);
	assert_not_saved(&file, text, "it is read-only");
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(dir, 0555), 0);
	assert_not_saved(&file, text, "its folder may not be written to");
	assert_int_equal(chmod(dir, 0755), 0);
	save_good(&file, text);
	assert_int_equal(chmod(path, 0), 0);
	assert_refused(path, "Permission denied");
	assert_int_equal(seteuid(before), 0);
	text_destroy(text);
	workspace_fini(&file);
	free(path);
}

static void a_folder_in_its_place_is_refused(void **state)
{
	char *path = in_dir("file");
	struct workspace_file file;

	(void)state;
	struct text *text = open_good(path, true, &file);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_not_saved(&file, text, "it has become a folder");
	text_destroy(text);
	workspace_fini(&file);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(bytes_come_back),
		TEST(bytes_come_back_from_several_reads),
		TEST(any_bytes_come_back),
		TEST(long_files_come_back),
		TEST(what_is_no_text_is_refused),
		TEST(what_is_no_text_takes_no_texts_place),
		TEST(what_is_no_file_is_refused),
		TEST(what_is_too_large_is_refused),
		TEST(new_files_are_made),
		TEST(relative_paths_are_resolved),
		TEST(links_stay_links),
		TEST(a_file_that_became_a_link_is_followed),
		TEST(modes_and_owners_stay),
		TEST(changes_are_noticed),
		TEST(a_vanished_file_comes_back),
		TEST(a_file_that_appears_is_a_change),
		TEST(saves_are_of_the_moment_they_are_asked),
		TEST(failures_reach_the_loop),
		TEST(a_failed_save_leaves_the_old_file),
		TEST(what_may_not_be_written_is_not),
		TEST(a_folder_in_its_place_is_refused),
	};

	return cmocka_run_group_tests_name("workspace", tests, NULL, NULL);
}
