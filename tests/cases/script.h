/*
 * script.h: a case as it is written: who does what, in the order of the lines (README.md).
 *
 *	text "abc"
 *	ada  insert 1 "x"
 *	ben  delete 0 2
 *	expect "xc"
 *
 * Memory: a script owns its steps and their texts.
 * Errors: script_load says on stderr what is wrong in which line.
 */
#ifndef TESTS_CASES_SCRIPT_H
#define TESTS_CASES_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_PEOPLE 8
#define SCRIPT_NAME   16 /* bytes of a person's name, with its NUL */

enum deed {
	/* anybody's */
	DEED_TEXT,
	DEED_USER,
	DEED_SYNC,
	DEED_EXPECT,
	DEED_EXPECT_CARET,
	/* a person's */
	DEED_INSERT,
	DEED_DELETE,
	DEED_REPLACE,
	DEED_UNDO,
	DEED_REDO,
	DEED_CARET,
	DEED_HOLDS,
	DEED_SENDS,
	DEED_ARRIVES,
	DEED_SEES,
	DEED_CUTS,
	DEED_RESUMES,
	DEED_SHOWS,
};

struct step {
	enum deed deed;
	unsigned line;
	size_t who; /* in script.people */
	uint64_t n[2];
	size_t n_count;
	char *text; /* NULL: none */
	size_t bytes;
};

struct script {
	char people[SCRIPT_PEOPLE][SCRIPT_NAME];
	size_t people_count;
	struct step *steps;
	size_t count, cap;
};

bool script_load(struct script *out, const char *path);
void script_fini(struct script *script);

#endif
