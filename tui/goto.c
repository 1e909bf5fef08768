#include "tui/goto.h"

#include <stdlib.h>
#include <string.h>

static size_t line_wanted(const char *at, char **end, size_t lines)
{
	bool back = *at == '-';
	unsigned long long number = strtoull(at + back, end, 10);
	size_t n = number > lines ? lines : (size_t)number;

	if (**end == '%')
		return number >= 100 ? lines : lines * (size_t)number / 100;
	if (back)
		return lines + 1 - (n ? n : 1);
	return n ? n : 1;
}

bool goto_parse(const char *typed, size_t lines, size_t *line, size_t *col)
{
	char *end;

	if (strspn(typed, "-0123456789:%") != strlen(typed) || !strpbrk(typed, "0123456789"))
		return false;
	size_t number = line_wanted(typed, &end, lines);
	unsigned long long column = *end == ':' ? strtoull(end + 1, NULL, 10) : 1;
	*line = number ? number - 1 : 0;
	*col = column ? (size_t)column - 1 : 0;
	return true;
}
