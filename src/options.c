#include "src/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"

static int count_rows(const struct option_row *rows)
{
	int count = 0;

	while (rows[count].name)
		count++;
	return count;
}

static bool set_number(const struct option_row *row, const char *value)
{
	const struct option_number *into = row->to;
	char *end;
	unsigned long long number = strtoull(value, &end, 10);
	unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;

	if (*value >= '0' && *value <= '9' && !end[shift != 0] && number >> (63 - shift) == 0 &&
		number << shift >= into->least && number << shift <= into->most) {
		*into->to = (size_t)(number << shift);
		return true;
	}
	report_error("--%s %s: it must be a number from %zu to %zu", row->name, value, into->least,
		into->most);
	return false;
}

static bool set(const struct option_row *row, const char *value)
{
	if (row->kind == OPTION_NUMBER)
		return set_number(row, value);
	if (row->kind == OPTION_TEXT)
		*(const char **)row->to = value;
	else
		*(bool *)row->to = row->kind == OPTION_SET;
	return true;
}

static bool takes_value(const struct option_row *row)
{
	return row->kind == OPTION_TEXT || row->kind == OPTION_NUMBER;
}

/* What getopt_long() found, -h being --help. NULL: nothing of ours. */
static const struct option_row *row_of(const struct option_row *rows, int c, int index)
{
	if (c == 1)
		return &rows[index];
	while (c == 'h' && rows->name && strcmp(rows->name, "help") != 0)
		rows++;
	return c == 'h' && rows->name ? rows : NULL;
}

static struct option *getopt_table(const struct option_row *rows)
{
	int count = count_rows(rows);
	struct option *table = mem_alloc(((size_t)count + 1) * sizeof(*table));

	for (int i = 0; i < count; i++)
		table[i] = (struct option){.name = rows[i].name,
			.has_arg = takes_value(&rows[i]) ? required_argument : no_argument,
			.val = 1};
	return table;
}

/* *c is what getopt_long() said last; -1: there are no more options. false: a value was wrong, and that was told. */
static bool read_options(const struct option_row *rows, int argc, char **argv, int *c)
{
	struct option *table = getopt_table(rows);
	const struct option_row *row;
	bool good = true;
	int index;

	opterr = 0;
	optind = 1;
	while (good && (*c = getopt_long(argc, argv, ":h", table, &index)) != -1 &&
		(row = row_of(rows, *c, index)))
		good = set(row, optarg);
	free(table);
	return good;
}

static void tell_misuse(int c, char **argv, int most)
{
	if (c == -1)
		report_error("%s is one argument too many. See codecollab %s --help",
			argv[optind + most], argv[0]);
	else if (c == '?' && optopt) /* one of several letters: optind may still be on them */
		report_error(
			"-%c is not an option here. See codecollab %s --help", optopt, argv[0]);
	else
		report_error("%s %s. See codecollab %s --help", argv[optind - 1],
			c == ':' ? "needs a value" : "is not an option here", argv[0]);
}

bool options_parse(const struct option_row *rows, int argc, char **argv, int most, int *rest)
{
	int c = -1;

	if (!read_options(rows, argc, argv, &c))
		return false;
	*rest = optind;
	if (c == -1 && argc - optind <= most)
		return true;
	tell_misuse(c, argv, most);
	return false;
}

void options_help(const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char left[48];
		snprintf(left, sizeof(left), "--%s%s%s", rows->name, rows->value ? " " : "",
			rows->value ? rows->value : "");
		printf("  %-23s %s\n", left, rows->help);
	}
}
