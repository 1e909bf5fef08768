/*
 * What is put into a cellar comes out as it was, or not at all; and a room of which it does not come out, says so.
 */
#include "tests/unit/src/scratch.h"

#include <dirent.h>

#include "ot/mem.h"
#include "src/server/relay.h"
#include "tests/nobody.h"

static char *dir;

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

/* The file has no name: it is found among what this process has open. */
static int find_file(void)
{
	DIR *open_files = opendir("/proc/self/fd");
	const struct dirent *entry;
	int found = -1;

	assert_non_null(open_files);
	while (found < 0 && (entry = readdir(open_files))) {
		char path[4096];
		ssize_t len = readlinkat(dirfd(open_files), entry->d_name, path, sizeof(path) - 1);
		path[len > 0 ? len : 0] = '\0';
		if (strstr(path, "/asleep-"))
			found = atoi(entry->d_name);
	}
	closedir(open_files);
	assert_true(found >= 0);
	return found;
}

static void flip(off_t at)
{
	int fd = find_file();
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void assert_holds(
	const struct cellar *cellar, const struct cellar_place *place, const char *what)
{
	struct buf out = {0};

	buf_add_byte(&out, '>');
	assert_true(cellar_get(cellar, place, &out));
	assert_int_equal(out.len, 1 + strlen(what));
	assert_memory_equal(out.at + 1, what, strlen(what));
	buf_fini(&out);
}

static void what_goes_in_comes_out(void **state)
{
	struct cellar *cellar = cellar_open(dir);
	struct cellar_place first, second, nothing;
	DIR *folder = opendir(dir);
	int names = 0;

	(void)state;
	assert_non_null(cellar);
	assert_true(cellar_put(cellar, "hello", 5, &first));
	assert_true(cellar_put(cellar, "", 0, &nothing));
	assert_true(cellar_put(cellar, "world!", 6, &second));
	assert_holds(cellar, &second, "world!");
	assert_holds(cellar, &first, "hello");
	assert_holds(cellar, &nothing, "");
	cellar_drop(cellar, &first);
	assert_holds(cellar, &second, "world!");
	while (readdir(folder))
		names++;
	assert_int_equal(names, 2); /* itself and its parent */
	closedir(folder);
	cellar_close(cellar);
}

static void what_is_damaged_does_not(void **state)
{
	struct cellar *cellar = cellar_open(dir);
	struct cellar_place first, second;
	struct buf out = {0};

	(void)state;
	assert_true(cellar_put(cellar, "hello", 5, &first));
	assert_true(cellar_put(cellar, "world!", 6, &second));
	flip(7);
	assert_false(cellar_get(cellar, &second, &out));
	assert_int_equal(out.len, 0);
	assert_holds(cellar, &first, "hello");
	assert_int_equal(ftruncate(find_file(), 3), 0);
	assert_false(cellar_get(cellar, &first, &out));
	buf_fini(&out);
	cellar_close(cellar);
	assert_null(cellar_open("/nowhere"));
}

/* ---- a room ---- */

static void on_send(void *to, struct parcel *parcel)
{
	(void)to;
	(void)parcel;
}

static void on_close(void *to, unsigned code, const char *reason)
{
	(void)to;
	(void)code;
	(void)reason;
}

static size_t appended;

static void on_append(void *ctx, const char *at, size_t len)
{
	(void)ctx;
	(void)at;
	appended += len;
}

static const struct relay_handler handler = {
	NOBODY,
	NOBODY_ELSE,
	.send = on_send,
	.close = on_close,
	.urge = on_send,
	.drop = on_close,
	.append = on_append,
};

static struct relay *resting(struct doc **doc)
{
	struct relay *relay = relay_create("quiet-otter", NULL, true, &handler, NULL);
	struct text *text;

	assert_int_equal(text_load(&text, "hello\n", 6), ERR_NONE);
	*doc = room_add_document(relay_room(relay), 1, "a.c", log_create(text, 0));
	assert_false(relay_put_away(relay, *doc));
	relay_use_cellar(relay, cellar_open(dir));
	assert_true(relay_put_away(relay, *doc));
	assert_null((*doc)->log);
	return relay;
}

static void a_document_is_the_same_asleep(void **state)
{
	struct buf asleep = {0}, awake = {0};
	struct doc *doc;
	struct relay *relay = resting(&doc);
	char *text;

	(void)state;
	assert_true(relay_save(relay, &asleep));
	assert_true(relay_wake(relay, doc));
	text = text_slice(log_text(doc->log), 0, SIZE_MAX / 2, NULL);
	assert_string_equal(text, "hello\n");
	assert_true(relay_save(relay, &awake));
	assert_int_equal(asleep.len, awake.len);
	assert_memory_equal(asleep.at, awake.at, awake.len);
	assert_false(relay_broken(relay));
	free(text);
	buf_fini(&asleep);
	buf_fini(&awake);
	relay_destroy(relay);
}

/* Nothing of it is told to anybody as if it were the room. */
static void a_room_that_lost_one_is_silent(void **state)
{
	struct buf saved = {0};
	struct doc *doc;
	struct relay *relay = resting(&doc);

	(void)state;
	flip(2);
	assert_false(relay_wake(relay, doc));
	assert_true(relay_broken(relay));
	assert_false(relay_save(relay, &saved));
	relay_tick(relay);
	relay_turn(relay);
	assert_int_equal(appended, 0);
	assert_int_equal(relay_receive(relay, relay_position(relay) + 1, "", 0), ERR_REV);
	buf_fini(&saved);
	relay_destroy(relay);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_goes_in_comes_out),
		TEST(what_is_damaged_does_not),
		TEST(a_document_is_the_same_asleep),
		TEST(a_room_that_lost_one_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
