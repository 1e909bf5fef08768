/* Sixty seconds, and how they are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/client/spark.h"
#include "src/server/pulse.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Beside the ring: a list of every second since the start. */
static void a_pulse_is_the_last_minute(void **state)
{
	static uint32_t model[400];
	struct pulse pulse = {0};
	uint32_t seconds[PULSE_SECONDS];
	unsigned dice = 12345;

	(void)state;
	for (uint64_t s = 0; s < COUNT(model); s++) {
		bool quiet = s % 150 > 80; /* for longer than the ring is */
		for (unsigned k = quiet ? 0 : (dice = dice * 1103515245U + 12345U) >> 16 & 3; k;
			k--) {
			pulse_add(&pulse, s * 1000 + k * 100);
			model[s]++;
		}
		pulse_read(&pulse, s * 1000 + 999, seconds);
		for (uint64_t i = 0; i < PULSE_SECONDS; i++) {
			uint64_t age = PULSE_SECONDS - i;
			assert_int_equal(seconds[i], s < age ? 0 : model[s - age]);
		}
	}
}

static void lines_share_evenly(void **state)
{
	static const struct {
		int cells;
		size_t got;
	} rows[] = {{200, 60}, {60, 60}, {59, 30}, {30, 30}, {29, 20}, {19, 15}, {12, 12}, {11, 10},
		{9, 0}, {0, 0}, {-5, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(spark_cells(60, rows[i].cells), rows[i].got);
}

static void a_line_of_bars(void **state)
{
	static const unsigned values[6] = {0, 0, 1, 0, 3, 3};
	struct buf out = {0};

	(void)state;
	spark_line(values, 6, 3, true, &out);
	assert_string_equal(out.at, "▁▃█"); /* 0, 1, 6 */
	buf_clear(&out);
	spark_line(values, 6, 3, false, &out);
	assert_string_equal(out.at, ".-@");
	buf_clear(&out);
	spark_line((const unsigned[3]){0, 0, 0}, 3, 3, true, &out);
	assert_string_equal(out.at, "▁▁▁");
	buf_fini(&out);
}

/* Two rows of eight steps: 16 is the highest. */
static void rows_of_bars(void **state)
{
	static const unsigned values[4] = {0, 4, 8, 16};
	static const char *const drawn[2] = {"   █", "▁▄██"};

	(void)state;
	for (int row = 0; row < 2; row++) {
		struct buf out = {0};
		spark_row(values, 4, 16, 2, row, true, &out);
		assert_string_equal(out.at, drawn[row]);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pulse_is_the_last_minute),
		cmocka_unit_test(lines_share_evenly),
		cmocka_unit_test(a_line_of_bars),
		cmocka_unit_test(rows_of_bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
