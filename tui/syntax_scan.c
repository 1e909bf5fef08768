#include "tui/syntax_scan.h"

#include <string.h>

#include "ot/utf8.h"

#define ASCII_END 0x80

/* A character in quotes, or a class of them. */
struct item {
	uint32_t point;
	char class; /* of an escape like \d; NUL: a character */
};

static void skip_blanks(struct syntax_scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r", *scan->at))
		scan->at++;
}

bool syntax_scan_end(struct syntax_scan *scan)
{
	skip_blanks(scan);
	return scan->at == scan->end || *scan->at == '#';
}

char syntax_scan_peek(struct syntax_scan *scan)
{
	return syntax_scan_end(scan) ? '\0' : *scan->at;
}

struct syntax_piece syntax_scan_word(struct syntax_scan *scan)
{
	struct syntax_piece piece = {NULL, 0};

	if (syntax_scan_end(scan))
		return piece;
	piece.at = scan->at;
	while (scan->at < scan->end && !strchr(" \t\r#", *scan->at))
		scan->at++;
	piece.bytes = (size_t)(scan->at - piece.at);
	return piece;
}

bool syntax_piece_is(struct syntax_piece piece, const char *word)
{
	/* Most differ in the first byte. */
	return (!piece.bytes || *piece.at == *word) && piece.bytes == strlen(word) &&
	       memcmp(piece.at, word, piece.bytes) == 0;
}

/* ---- quotes ---- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static uint32_t number(struct syntax_scan *scan, int base, int digits)
{
	uint32_t value = 0;

	for (; digits && scan->at < scan->end && digit(*scan->at) < base; digits--)
		value = value * (uint32_t)base + (uint32_t)digit(*scan->at++);
	return value;
}

/* {20AC}, or four digits. */
static uint32_t braced(struct syntax_scan *scan)
{
	if (scan->at == scan->end || *scan->at != '{')
		return number(scan, 16, 4);
	scan->at++;
	uint32_t value = number(scan, 16, 6);
	scan->at += scan->at < scan->end && *scan->at == '}';
	return value;
}

static void skip_braces(struct syntax_scan *scan)
{
	const char *close = memchr(scan->at, '}', (size_t)(scan->end - scan->at));

	if (scan->at < scan->end && *scan->at == '{' && close)
		scan->at = close + 1;
}

static struct item escape(struct syntax_scan *scan)
{
	static const char from[] = "ntrfvabe", to[] = "\n\t\r\f\v\a\b\033";
	char c = *scan->at++;
	const char *simple = strchr(from, c);

	if (simple)
		return (struct item){(uint32_t)to[simple - from], '\0'};
	if (strchr("dswicp", c)) {
		if (c == 'p')
			skip_braces(scan);
		return (struct item){0, c};
	}
	if (c == 'x')
		return (struct item){number(scan, 16, 2), '\0'};
	if (c == 'u')
		return (struct item){braced(scan), '\0'};
	if (c >= '0' && c <= '7') {
		scan->at--;
		return (struct item){number(scan, 8, 3), '\0'};
	}
	return (struct item){(unsigned char)c, '\0'};
}

/* false at the closing quote, and at the line's end. */
static bool next(struct syntax_scan *scan, struct item *item)
{
	size_t width;

	if (scan->at == scan->end || *scan->at == '"')
		return false;
	if (*scan->at == '\\' && scan->at + 1 < scan->end) {
		scan->at++;
		*item = escape(scan);
		return true;
	}
	*item = (struct item){utf8_decode(scan->at, &width), '\0'};
	scan->at += width;
	return true;
}

static bool opened(struct syntax_scan *scan)
{
	if (syntax_scan_peek(scan) != '"')
		return false;
	scan->at++;
	return true;
}

static bool closed(struct syntax_scan *scan)
{
	if (scan->at == scan->end || *scan->at != '"')
		return false;
	scan->at++;
	return true;
}

static void add_range(bool set[256], uint32_t first, uint32_t last)
{
	for (uint32_t c = first; c <= last && c < ASCII_END; c++)
		set[c] = true;
	if (last >= ASCII_END)
		memset(set + ASCII_END, true, 256 - ASCII_END);
}

static void add_class(bool set[256], char class)
{
	if (class == 's') {
		add_range(set, '\t', '\r');
		add_range(set, ' ', ' ');
		return;
	}
	if (class != 'i' && class != 'p')
		add_range(set, '0', '9');
	if (class == 'd')
		return;
	add_range(set, 'a', 'z');
	add_range(set, 'A', 'Z');
	add_range(set, ASCII_END, ASCII_END);
	if (class != 'p')
		add_range(set, '_', '_');
}

/* Behind a character: is this "-z"? Then z is read. */
static bool range(struct syntax_scan *scan, struct item *last)
{
	struct syntax_scan ahead = *scan;

	if (ahead.end - ahead.at < 2 || *ahead.at != '-')
		return false;
	ahead.at++;
	if (!next(&ahead, last) || last->class)
		return false;
	*scan = ahead;
	return true;
}

bool syntax_scan_set(struct syntax_scan *scan, bool set[256])
{
	struct item item, last;

	memset(set, false, 256);
	if (!opened(scan))
		return false;
	while (next(scan, &item)) {
		if (item.class)
			add_class(set, item.class);
		else if (range(scan, &last))
			add_range(set, item.point, last.point);
		else
			add_range(set, item.point, item.point);
	}
	return closed(scan);
}

bool syntax_scan_string(struct syntax_scan *scan, char *out, size_t cap, size_t *bytes)
{
	struct item item;
	char encoded[4];

	*bytes = 0;
	if (!opened(scan))
		return false;
	while (next(scan, &item)) {
		bool scalar = item.point && item.point < 0x110000 &&
			      (item.point < 0xd800 || item.point > 0xdfff);
		size_t width = scalar ? utf8_encode(item.point, encoded) : 0;
		if (!width || item.class || width > cap - *bytes)
			return false;
		memcpy(out + *bytes, encoded, width);
		*bytes += width;
	}
	return closed(scan);
}
