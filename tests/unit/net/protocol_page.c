/*
 * codecollab-protocol(7) against the table that the codecs are made from: every message with its number, and its fields in
 * order with their types. In the page a message begins with ".It Sy NAME Pq NUMBER", a field with
 * ".It Va NAME No TYPE" or "… No TYPE, optional".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/message.h"

#define PAGE TESTS_DIR "/../man/codecollab-protocol.7"

static const char *const kind_name[FIELD_KINDS] = {
	[FIELD_UINT] = "uint",
	[FIELD_BOOL] = "bool",
	[FIELD_STR] = "str",
	[FIELD_OP] = "op",
	[FIELD_SELS] = "sel",
	[FIELD_LIST] = "list",
};

struct page {
	FILE *file;
	char line[512];
};

static bool begins(const struct page *page, const char *with)
{
	return strncmp(page->line, with, strlen(with)) == 0;
}

/* To the next message or field, whichever comes first. */
static bool page_next(struct page *page)
{
	while (fgets(page->line, sizeof(page->line), page->file))
		if ((begins(page, ".It Sy ") && strstr(page->line, " Pq ")) ||
			begins(page, ".It Va "))
			return true;
	page->line[0] = '\0';
	return false;
}

static void assert_next(struct page *page, const char *want)
{
	page_next(page);
	assert_string_equal(page->line, want);
}

static void assert_message(struct page *page, const struct message_row *row)
{
	char want[512];

	snprintf(want, sizeof(want), ".It Sy %s Pq %d\n", row->name, (int)row->type);
	assert_next(page, want);
	for (const struct field *f = row->fields; f->name; f++) {
		snprintf(want, sizeof(want), ".It Va %s No %s%s\n", f->name, kind_name[f->kind],
			f->optional ? ", optional" : "");
		assert_next(page, want);
	}
}

static void the_page_tells_every_message_and_field(void **state)
{
	struct page page = {.file = fopen(PAGE, "r")};

	(void)state;
	assert_non_null(page.file);
	for (const struct message_row *row = message_table; row->name; row++)
		assert_message(&page, row);
	assert_false(page_next(&page));
	fclose(page.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_tells_every_message_and_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
