/*
 * syntax_class.h: what a character of a program is: part of a comment, a keyword, a number ...
 *
 * Descriptions of languages (syntax_file.h) name classes as they like, "=DocComment +Comment"; those that syntax_class_find() knows, or
 * else the first known one among what a class falls back to, are what the theme has colours for (theme.h).
 */
#ifndef TUI_SYNTAX_CLASS_H
#define TUI_SYNTAX_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syntax_class {
	SYNTAX_TEXT,
	SYNTAX_COMMENT,
	SYNTAX_STRING,
	SYNTAX_ESCAPE, /* in a string: \n, %d, what is interpolated */
	SYNTAX_NUMBER,
	SYNTAX_CONSTANT,
	SYNTAX_KEYWORD,
	SYNTAX_TYPE,
	SYNTAX_PREPROC, /* what is done before the program proper */
	SYNTAX_FUNCTION,
	SYNTAX_OPERATOR,
	SYNTAX_TAG,
	SYNTAX_ATTRIBUTE,
	SYNTAX_VARIABLE,
	SYNTAX_LABEL,
	SYNTAX_TITLE,
	SYNTAX_STRONG,
	SYNTAX_EMPHASIS,
	SYNTAX_LINK,
	SYNTAX_ADDED,
	SYNTAX_REMOVED,
	SYNTAX_CHANGED,
	SYNTAX_TODO,
	SYNTAX_BAD, /* what the language does not allow */
	SYNTAX_CLASSES
};

/* The class of this name, letters of either case; false: not one that is known. */
bool syntax_class_find(const char *name, size_t bytes, uint8_t *class);

/* One letter for each, as tests write them: '.' for text, 'c' for a comment ... */
char syntax_class_letter(uint8_t class);

#endif
