/*
 * syntax_language.h: which language a text is in, and where its description is.
 *
 *	if (syntax_language(path, text, name))			-- "python"
 *		machine = syntax_language_load(name, &why);
 *
 * What the text says of itself comes first (a mode line of vim or emacs in the first or last lines), then the file's name, its
 * extension, the interpreter of a first line that begins with #!, and other first lines that give a language away.
 *
 * Folders of descriptions, in this order: the user's own, $XDG_CONFIG_HOME/codecollab/syntax or ~/.config/codecollab/syntax; the
 * program's; and joe's, /usr/share/joe/syntax, whose files are in the same format.
 *
 * Trust: the text may be anybody's: a name it gives is a name of letters, digits, '_', '-' and '+', and nothing else.
 */
#ifndef TUI_SYNTAX_LANGUAGE_H
#define TUI_SYNTAX_LANGUAGE_H

#include <stdbool.h>

#include "ot/text.h"
#include "tui/syntax_file.h"

/* The name of the language, without ".jsf", in name; false: none is known. */
bool syntax_language(const char *path, const struct text *t, char name[SYNTAX_FILE_NAME + 1]);

/* As syntax_file_load(); *why is NULL too for faults that can be lived with, unless they are in the user's own folder. */
struct syntax_machine *syntax_language_load(const char *name, char **why);

#endif
