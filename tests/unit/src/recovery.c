/* What is unsaved survives the editor, and nothing else is ever offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/recovery.h"
#include "src/report.h"
#include "tests/unit/src/scratch.h"

#define PATH "/home/ada/main.c"

struct fixture {
	struct loop *loop;
	struct replica *replica;
};

static struct text *text_of(const char *utf8)
{
	struct text *text;

	assert_int_equal(text_load(&text, utf8, strlen(utf8)), ERR_NONE);
	return text;
}

static struct recovery *open_it(struct fixture *f)
{
	char *why = NULL;
	struct recovery *r = recovery_open(PATH, f->loop, &why);

	assert_null(why);
	assert_non_null(r);
	return r;
}

static void type(struct fixture *f, size_t pos, const char *text)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, text, strlen(text));
	assert_int_equal(replica_edit(f->replica, &op), ERR_NONE);
	op_fini(&op);
}

static struct fixture begin(const char *text)
{
	return (struct fixture){loop_create(), replica_create(text_of(text), 0, 1)};
}

static void end(struct fixture *f)
{
	replica_destroy(f->replica);
	loop_destroy(f->loop);
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static void assert_left(struct recovery *r, const char *wanted)
{
	struct recovery_left left;

	assert_int_equal(recovery_left(r, &left), wanted != NULL);
	if (wanted) {
		char *is = text_slice(left.text, 0, SIZE_MAX, NULL);
		assert_string_equal(is, wanted);
		free(is);
		recovery_left_fini(&left);
	}
}

static void what_is_unsaved_is_offered(void **state)
{
	struct fixture f = begin("one\n");
	struct recovery *r = open_it(&f);

	(void)state;
	assert_left(r, NULL);
	recovery_base(r, replica_text(f.replica));
	type(&f, 3, " two");
	recovery_edited(r, f.replica);
	recovery_close(r); /* writes what waits */
	r = open_it(&f);
	assert_left(r, "one two\n");
	recovery_base(r, replica_text(f.replica)); /* saved */
	recovery_close(r);
	r = open_it(&f);
	assert_left(r, NULL);
	recovery_close(r);
	end(&f);
}

/* Written while the editor lives, not only when it is closed. */
static void it_is_written_soon(void **state)
{
	struct fixture f = begin("one\n"), other = begin("one\n");
	struct recovery *r = open_it(&f), *second;

	(void)state;
	recovery_base(r, replica_text(f.replica));
	type(&f, 0, "x");
	recovery_edited(r, f.replica);
	for (int i = 0; i < 100; i++) { /* until it is there, 10 s at most */
		char command[512];
		loop_drain(f.loop, always, NULL, 100);
		snprintf(command, sizeof(command),
			"grep -qrF --include='*.text' xone '%s' 2>/dev/null",
			getenv("XDG_STATE_HOME"));
		if (system(command) == 0)
			break;
		assert_true(i < 99);
	}
	/* It is the living editor's: a second one is not offered it, and keeps its own. */
	second = open_it(&other);
	assert_left(second, NULL);
	recovery_base(second, replica_text(other.replica));
	type(&other, 0, "y");
	recovery_edited(second, other.replica);
	recovery_close(second);
	recovery_base(r, replica_text(f.replica));
	recovery_close(r);
	r = open_it(&f);
	assert_left(r, "yone\n");
	recovery_leave(r); /* for another time */
	assert_left(r, NULL);
	recovery_close(r);
	r = open_it(&f);
	assert_left(r, "yone\n");
	recovery_base(r, replica_text(f.replica));
	recovery_close(r);
	end(&f);
	end(&other);
}

static void find_file(char *out, size_t cap)
{
	char command[512];

	snprintf(command, sizeof(command), "find '%s' -name '*.text'", getenv("XDG_STATE_HOME"));
	FILE *found = popen(command, "r");
	assert_non_null(found);
	assert_non_null(fgets(out, (int)cap, found));
	out[strcspn(out, "\n")] = '\0';
	pclose(found);
}

static void what_is_damaged_is_not_offered(void **state)
{
	struct fixture f = begin("one\n");
	struct recovery *r = open_it(&f);
	char path[512];

	(void)state;
	recovery_base(r, replica_text(f.replica));
	type(&f, 0, "x");
	recovery_edited(r, f.replica);
	recovery_close(r);
	find_file(path, sizeof(path));
	assert_int_equal(scratch_mode(path), 0600);
	struct buf good = scratch_read(path);
	for (size_t i = 0; i < good.len; i++) {
		good.at[i] = (char)(good.at[i] ^ 1);
		scratch_write(path, good.at, good.len);
		r = open_it(&f);
		assert_left(r, NULL);
		recovery_close(r);
		good.at[i] = (char)(good.at[i] ^ 1);
		scratch_write(path, good.at, i);
		r = open_it(&f);
		assert_left(r, NULL);
		recovery_close(r);
	}
	scratch_write(path, good.at, good.len);
	r = open_it(&f);
	assert_left(r, "xone\n");
	recovery_base(r, replica_text(f.replica));
	recovery_close(r);
	buf_fini(&good);
	end(&f);
}

/* Longer than what is kept whole: the edits are, with the hash of what they stand on. */
static void of_a_long_text_the_edits_are_kept(void **state)
{
	char *long_text = malloc(RECOVERY_TEXT_BYTES + 2);
	struct recovery_left left;

	(void)state;
	memset(long_text, 'a', RECOVERY_TEXT_BYTES + 1);
	long_text[RECOVERY_TEXT_BYTES + 1] = '\0';
	struct fixture f = begin(long_text);
	struct text *file = text_of(long_text);
	struct recovery *r = open_it(&f);
	recovery_base(r, replica_text(f.replica));
	type(&f, 3, "x");
	type(&f, 1000, "y");
	recovery_edited(r, f.replica);
	recovery_close(r);
	r = open_it(&f);
	assert_true(recovery_left(r, &left));
	assert_null(left.text);
	assert_int_equal(left.hash, text_hash(file));
	assert_int_equal(op_apply(&left.op, file), ERR_NONE);
	assert_true(text_equal(file, replica_text(f.replica)));
	recovery_left_fini(&left);
	recovery_base(r, replica_text(f.replica));
	recovery_close(r);
	text_destroy(file);
	free(long_text);
	end(&f);
}

/* The first edit was saved while the second was typed: that one stands on what is in the file then. */
static void what_was_typed_during_a_save_belongs_to_what_was_saved(void **state)
{
	struct text *file = text_create();
	struct recovery_left left;
	uint64_t rev, seq;
	const struct op *sent;

	(void)state;
	for (size_t i = 0; i <= RECOVERY_TEXT_BYTES; i += 8)
		assert_int_equal(text_insert(file, i, "aaaaaaa\n", 8), ERR_NONE);
	struct fixture f = {loop_create(), replica_create(text_copy(file), 0, 1)};
	struct recovery *r = open_it(&f);
	recovery_base(r, replica_text(f.replica));
	type(&f, 3, "x");
	recovery_edited(r, f.replica);
	assert_true(replica_send(f.replica, &rev, &seq, &sent));
	assert_int_equal(op_apply(sent, file), ERR_NONE);
	type(&f, 1000, "y");
	assert_int_equal(replica_ack(f.replica, 1, seq), ERR_NONE);
	recovery_moved(r, text_hash(file));
	recovery_edited(r, f.replica);
	recovery_close(r);
	r = open_it(&f);
	assert_true(recovery_left(r, &left));
	assert_int_equal(left.hash, text_hash(file));
	assert_int_equal(op_apply(&left.op, file), ERR_NONE);
	assert_true(text_equal(file, replica_text(f.replica)));
	recovery_left_fini(&left);
	recovery_base(r, replica_text(f.replica));
	recovery_close(r);
	text_destroy(file);
	end(&f);
}

static char *home;

static int setup(void **state)
{
	(void)state;
	home = scratch_make();
	return setenv("XDG_STATE_HOME", home, 1);
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(home);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_is_unsaved_is_offered),
		TEST(it_is_written_soon),
		TEST(what_is_damaged_is_not_offered),
		TEST(of_a_long_text_the_edits_are_kept),
		TEST(what_was_typed_during_a_save_belongs_to_what_was_saved),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
