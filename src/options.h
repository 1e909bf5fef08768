/*
 * options.h: a subcommand's options as a table, from which parsing and --help both come.
 *
 *	static const struct option_row rows[] = {
 *		{"listen", "ADDR:PORT", "where to listen", OPTION_TEXT, &listen},
 *		{0},
 *	};
 *	if (!options_parse(rows, argc, argv, 0, &rest)) return 1;
 *
 * Both --name VALUE and --name=VALUE, and -h for --help. Errors are printed, with the option's name.
 */
#ifndef SRC_OPTIONS_H
#define SRC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_TEXT /* const char * */,
	OPTION_SET /* bool: true when given */,
	OPTION_CLEAR /* bool: false */,
	OPTION_NUMBER /* struct option_number; K and M may stand behind it */
};

struct option_row {
	const char *name;  /* without dashes */
	const char *value; /* what it is called in help; NULL for OPTION_SET and OPTION_CLEAR */
	const char *help;
	enum option_kind kind;
	void *to;
};

struct option_number {
	size_t *to, least, most;
};

/* *rest is the index of the first argument that is not an option; at most `most` of them may follow. */
bool options_parse(const struct option_row *rows, int argc, char **argv, int most, int *rest);
void options_help(const struct option_row *rows);

#endif
