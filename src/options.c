#include "src/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "src/report.h"

static int count_rows(const struct option_row *rows)
{
	int count = 0;

	while (rows[count].name)
		count++;
	return count;
}

static void set(const struct option_row *row, const char *value)
{
	if (row->kind == OPTION_TEXT)
		*(const char **)row->to = value;
	else
		*(bool *)row->to = row->kind == OPTION_SET;
}

bool options_parse(const struct option_row *rows, int argc, char **argv, int most, int *rest)
{
	int count = count_rows(rows), index, c;
	struct option *table = mem_alloc(((size_t)count + 1) * sizeof(*table));

	for (int i = 0; i < count; i++)
		table[i] = (struct option){.name = rows[i].name,
			.has_arg = rows[i].kind == OPTION_TEXT ? required_argument : no_argument,
			.val = 1};
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":", table, &index)) == 1)
		set(&rows[index], optarg);
	free(table);
	*rest = optind;
	if (c == -1 && argc - optind <= most)
		return true;
	if (c == -1)
		report_error("%s is one argument too many. See codecollab %s --help",
			argv[optind + most], argv[0]);
	else
		report_error("%s %s. See codecollab %s --help", argv[optind - 1],
			c == ':' ? "needs a value" : "is not an option here", argv[0]);
	return false;
}

void options_help(const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char left[48];
		snprintf(left, sizeof(left), "--%s%s%s", rows->name, rows->value ? " " : "",
			rows->value ? rows->value : "");
		printf("  %-20s %s\n", left, rows->help);
	}
}
