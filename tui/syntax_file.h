/*
 * syntax_file.h: descriptions of languages, read from files into tables.
 *
 *	char *why = NULL;
 *	struct syntax_machine *m = syntax_file_load(folders, "python", &why);
 *	if (!m && why) ...	-- "/home/ada/.config/codecollab/syntax/python.jsf:12: there is no state \"strnig\""
 *
 * The format is joe's: a state machine, a line each for a state, a transition, a class. In short (codecollab(1) has more):
 *
 *	=Comment                        a class, and where the theme may not know it, what to take instead: =Doc +Comment
 *	:idle Text                      a state, and the class of what it eats; the first is where a text begins
 *		*       idle                every byte not named below
 *		"#"     comment recolor=-1  a byte, the next state, and what else to do
 *	:comment Comment
 *		*       comment
 *		"\n"    idle
 *
 * A file is looked for in each folder in turn. Subroutines (call=lib.sub(flags)) become states of the one machine, once for each set
 * of flags they are called with.
 *
 * Limits:  the SYNTAX_FILE_* below; what is beyond is refused with a reason, as is all that the format does not have.
 * Source:  the JOE manual, chapter "Syntax highlighting".
 */
#ifndef TUI_SYNTAX_FILE_H
#define TUI_SYNTAX_FILE_H

#include "tui/syntax_machine.h"

#define SYNTAX_FILE_BYTES     ((size_t)512 * 1024)
#define SYNTAX_FILE_FILES     32    /* of one machine */
#define SYNTAX_FILE_INSTANCES 256   /* subroutines, by the flags they are called with */
#define SYNTAX_FILE_STATES    6000
#define SYNTAX_FILE_ACTIONS   40000
#define SYNTAX_FILE_FLAGS     512   /* bytes of those of one call, together */
#define SYNTAX_FILE_CLASSES   256   /* of one file */
#define SYNTAX_FILE_NAME      32    /* bytes of a language's name: letters, digits, '_' '-' '+' */

/*
 * folders ends with NULL; those that are not there are passed over. NULL: *why (owned) says what is wrong with the file and where,
 * or is NULL when there is no such file. With a machine, *why is NULL or the first of the faults that can be lived with: a state that
 * is defined twice (all its rules count), or not at all (it leads to the first state).
 */
struct syntax_machine *syntax_file_load(const char *const *folders, const char *name, char **why);

#endif
