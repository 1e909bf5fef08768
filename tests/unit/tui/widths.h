/*
 * widths.h: characters and clusters, the cells they take, and what is drawn of them: the table that the program and two terminal emulators
 * are held against.
 */
#ifndef TESTS_WIDTHS_H
#define TESTS_WIDTHS_H

#include <stddef.h>

struct width_row {
	const char *text;
	size_t points;
	int cells;
	const char *draw;
};

static const struct width_row width_rows[] = {
	/* clang-format off */
	{"a", 1, 1, "a"},
	{"\xC3\xA9", 1, 1, "\xC3\xA9"},
	{"e\xCC\x81", 2, 1, "e\xCC\x81"},                                              /* a letter and its mark */
	{"e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85", 6, 1, "e\xCC\x81\xCC\x82\xCC\x83\xCC\x84"}, /* four marks are drawn */
	{"\xE6\x97\xA5", 1, 2, "\xE6\x97\xA5"},                                        /* wide */
	{"\xF0\x9F\x98\x80", 1, 2, "\xF0\x9F\x98\x80"},
	{"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 2, 2, "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"}, /* a flag: two of one cell */
	{"\xE2\x9D\xA4\xEF\xB8\x8F", 2, 1, "\xE2\x9D\xA4"},                            /* the selector is not drawn */
	{"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 2, 2, "\xF0\x9F\x91\x8D"},                /* nor is the skin tone */
	{"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", 3, 4, "\xF0\x9F\x91\xA8\xF0\x9F\x91\xA9"}, /* nor the joiner */
	{"\xEA\xB0\x80", 1, 2, "\xEA\xB0\x80"},
	/* more of what terminals may think otherwise about */
	{"\xEF\xBC\xA1", 1, 2, "\xEF\xBC\xA1"},                                        /* a full-width letter */
	{"\xEF\xBD\xB1", 1, 1, "\xEF\xBD\xB1"},                                        /* a half-width one */
	{"\xE2\x94\x82", 1, 1, "\xE2\x94\x82"},                                        /* a line of a box */
	{"\xE2\x96\x8C", 1, 1, "\xE2\x96\x8C"},
	{"\xE2\x80\xA6", 1, 1, "\xE2\x80\xA6"},
	{"\xD0\x96", 1, 1, "\xD0\x96"},
	{"\xD7\xA9", 1, 1, "\xD7\xA9"},                                                /* of a script that runs to the left */
	{"\xE0\xB8\x81\xE0\xB8\xB4", 2, 1, "\xE0\xB8\x81\xE0\xB8\xB4"},               /* Thai, and a mark above */
	{"\xE2\x9C\x93", 1, 1, "\xE2\x9C\x93"},
	{"\xE2\x9C\x85", 1, 2, "\xE2\x9C\x85"},                                        /* an emoji by itself */
	/* what cannot be seen */
	{"\x01", 1, 4, "<01>"},
	{"\x7F", 1, 4, "<7F>"},
	{"\xC2\x85", 1, 4, "<85>"},
	{"\xC2\xAD", 1, 4, "<AD>"},
	{"\xE2\x80\x8B", 1, 8, "<U+200B>"},
	{"\xE2\x80\xAE", 1, 8, "<U+202E>"},
	{"\xE2\x81\xA6", 1, 8, "<U+2066>"},
	{"\xEF\xBB\xBF", 1, 8, "<U+FEFF>"},
	{"\xCC\x81", 1, 8, "<U+0301>"},                                                /* a mark without a letter */
	{"\xF3\xA0\x84\x80", 1, 9, "<U+E0100>"},
	{"\xF4\x8F\xBF\xBF", 1, 10, "<U+10FFFF>"},
	/* clang-format on */
};

#endif
