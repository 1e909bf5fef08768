#include "tests/unit/src/scratch.h"

#include "src/server/pack.h"

#define MOST 100000

static void check_round(const char *at, size_t len)
{
	struct buf packed = {0}, out = {0};

	pack((struct str){at, len}, &packed);
	assert_true(unpack((struct str){packed.at, packed.len}, len, &out));
	assert_int_equal(out.len, len);
	if (len)
		assert_memory_equal(out.at, at, len);
	buf_clear(&out);
	if (len)
		assert_false(unpack((struct str){packed.at, packed.len}, len - 1, &out));
	assert_int_equal(out.len, 0);
	buf_fini(&packed);
	buf_fini(&out);
}

static void what_goes_in_comes_out(void **state)
{
	uint64_t seed = scratch_seed();
	char bytes[5000];

	(void)state;
	check_round(NULL, 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)scratch_choose(&seed, 256);
	for (int round = 0; round < 100; round++)
		check_round(bytes, scratch_choose(&seed, sizeof(bytes)));
	memset(bytes, 'a', sizeof(bytes));
	check_round(bytes, sizeof(bytes));
}

/* A raw block and a run of one byte, put together by hand from RFC 8878: magic, single segment of a size, blocks. */
static void frames_of_others_are_read(void **state)
{
	static const char raw[] = "\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello";
	static const char run[] = "\x28\xb5\x2f\xfd\x20\x07\x3b\x00\x00z";
	struct buf out = {0};

	(void)state;
	assert_true(unpack((struct str){raw, sizeof(raw) - 1}, MOST, &out));
	assert_true(unpack((struct str){run, sizeof(run) - 1}, MOST, &out));
	assert_int_equal(out.len, 12);
	assert_memory_equal(out.at, "hellozzzzzzz", 12);
	buf_fini(&out);
}

static void damage_is_found(void **state)
{
	static const char text[] = "some text that is not too short to be packed, packed, packed";
	struct buf packed = {0}, out = {0};

	(void)state;
	pack((struct str){text, sizeof(text)}, &packed);
	for (size_t i = 0; i < packed.len; i++) {
		assert_false(unpack((struct str){packed.at, i}, MOST, &out));
		for (unsigned bit = 0; bit < 8; bit++) {
			packed.at[i] = (char)((unsigned char)packed.at[i] ^ 1u << bit);
			bool taken = unpack((struct str){packed.at, packed.len}, MOST, &out);
			/* bits that say nothing may flip; but nothing else comes out */
			assert_true(!taken || (out.len == sizeof(text) &&
						      !memcmp(out.at, text, sizeof(text))));
			buf_clear(&out);
			packed.at[i] = (char)((unsigned char)packed.at[i] ^ 1u << bit);
		}
	}
	assert_false(unpack((struct str){NULL, 0}, MOST, &out));
	buf_fini(&packed);
	buf_fini(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(frames_of_others_are_read),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
