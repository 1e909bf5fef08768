/*
 * files.h: the files that one may go to, and going there.
 *
 *	files_open(ed)			^O: a prompt, and above it the files (palette.h)
 *	files_go(ed, "b.c", false)	the owner takes it (editor_take_open) and answers with editor_open or editor_stayed
 *	files_go_line(ed, "b.c", 12, 1)	and to a place there
 *	files_go_person(ed, 3)		and to where somebody is there
 *
 * From the wish until the answer keys wait (held.h), so that what is typed right after it lands in the file it is meant for. Esc
 * takes the wish back. Then one that asks something of the owner lets those behind it wait once more: they may be the answer to a
 * question.
 *
 * Limits:  FILES_MAX files are listed; more can be opened by their name.
 */
#ifndef TUI_FILES_H
#define TUI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/held.h"
#include "tui/key.h"

#define FILES_MAX 10000

struct editor;
struct person;

struct files {
	char **at; /* sorted */
	size_t count, cap;
	bool listing; /* they are being asked for */
	char *last; /* the one that was left last; NULL: none */

	char *going; /* NULL: nowhere */
	bool create; /* if it is not there */
	bool taken;  /* its owner knows */
	bool taken_back; /* by Esc */
	size_t line, col; /* to go to there, from 1; 0: nowhere */
	uint64_t user;    /* to whom to go there; 0: nobody */
	struct held held;
	bool catching_up; /* what was held is typed now */
};

void files_open(struct editor *ed);
void files_go(struct editor *ed, const char *path, bool create);
void files_go_line(struct editor *ed, const char *path, size_t line, size_t col);
void files_go_person(struct editor *ed, const struct person *person);
bool files_hold(struct editor *ed, const struct key *key, uint64_t now_ms); /* true: it waits, or was Esc */
void files_arrived(struct editor *ed); /* the text is shown; what was wanted of it is done */
void files_found(struct editor *ed, uint64_t user); /* their carets are known now */
bool files_is_here(const struct editor *ed, const char *path); /* is it shown? */
bool files_has(const struct files *files, const char *path);
/* The path of the one that is called so, by its whole path or by its last part; NULL: none is. */
const char *files_called(const struct files *files, const char *name, size_t bytes);
void files_people(const struct editor *ed, const char *path, struct buf *out); /* " Ada, Linus" who are in it */
void files_fini(struct files *files);

#endif
