#include "tui/width.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

#include "ot/utf8.h"

static size_t tab = WIDTH_TAB;

size_t width_tab(void)
{
	return tab;
}

void width_use_tab(size_t cells)
{
	tab = cells >= 1 && cells <= WIDTH_TAB_MAX ? cells : WIDTH_TAB;
}

struct building {
	struct cluster *cluster;
	utf8proc_int32_t state, last;
	int marks; /* on the newest letter */
	bool string;
};

struct range {
	uint32_t first, last;
};

/* They rise. */
static bool within(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

/* Characters with a width of their own that nobody can see, or that turn the line around. */
static bool invisible(uint32_t c)
{
	static const struct range ranges[] = {
		{0x7F, 0x9F},                       /* C1 controls */
		{0xAD, 0xAD},                       /* soft hyphen */
		{0x61C, 0x61C},                     /* Arabic letter mark */
		{0x115F, 0x1160},                   /* Hangul fillers */
		{0x180E, 0x180E}, {0x200B, 0x200F}, /* zero width space, joiners, direction marks */
		{0x2028, 0x202E}, /* line and paragraph separators, embeddings, overrides */
		{0x2060, 0x206F}, /* word joiner, invisible operators, isolates */
		{0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB},
		{0xE0000, 0xE0FFF}, /* tags, and selectors without a letter */
	};

	if (c < 0x7F)
		return c < 0x20;
	return within(ranges, sizeof(ranges) / sizeof(ranges[0]), c);
}

/* Parts of a cluster that change how its letter looks only in some terminals, and its width in fewer. */
static bool left_out(uint32_t c)
{
	static const struct range ranges[] = {
		{0x180B, 0x180F},   /* Mongolian selectors */
		{0x200C, 0x200D},   /* joiners */
		{0xFE00, 0xFE0F},   /* variation selectors */
		{0x1F3FB, 0x1F3FF}, /* skin tones */
		{0xE0020, 0xE007F}, /* tags of a flag */
		{0xE0100, 0xE01EF},
	};

	return within(ranges, sizeof(ranges) / sizeof(ranges[0]), c);
}

static void draw_number(struct cluster *out, uint32_t c)
{
	int bytes = snprintf(
		out->draw, sizeof(out->draw), c < 0x100 ? "<%02X>" : "<U+%04X>", (unsigned)c);

	out->odd = true;
	out->bytes = (size_t)bytes;
	out->cells = bytes;
}

static void draw_point(struct cluster *out, uint32_t c, int cells)
{
	if (out->bytes + 4 > sizeof(out->draw))
		return;
	out->bytes += utf8_encode(c, out->draw + out->bytes);
	out->cells += cells;
}

static void draw_tab(struct cluster *out, size_t col)
{
	out->cells = (int)(tab - col % tab);
	out->bytes = (size_t)out->cells;
	memset(out->draw, ' ', out->bytes);
}

static void begin(struct building *b, uint32_t c, size_t col)
{
	int cells = c < 0x7F ? 1 : wcwidth((wchar_t)c);

	*b->cluster = (struct cluster){.first = c, .points = 1};
	b->state = 0;
	b->last = (utf8proc_int32_t)c;
	b->marks = 0;
	if (c == '\t' && !b->string)
		draw_tab(b->cluster, col);
	else if (c == '\n' && !b->string)
		return;
	else if (cells < 1 || invisible(c))
		draw_number(b->cluster, c);
	else
		draw_point(b->cluster, c, cells);
}

static void join(struct building *b, uint32_t c)
{
	int cells = wcwidth((wchar_t)c);

	b->cluster->points++;
	b->last = (utf8proc_int32_t)c;
	if (left_out(c) || invisible(c) || cells < 0)
		return;
	b->marks = cells ? 0 : b->marks + 1;
	if (b->marks <= WIDTH_MARKS && !(b->cluster->odd && cells == 0))
		draw_point(b->cluster, c, cells);
}

/* false when a new cluster begins at c */
static bool take(struct building *b, uint32_t c)
{
	/* Between two of ASCII there is always a break, but for CR LF. */
	if (c < 0x80 && b->last < 0x80 && c != '\n')
		return false;
	if (utf8proc_grapheme_break_stateful(b->last, (utf8proc_int32_t)c, &b->state))
		return false;
	if (b->cluster->points == WIDTH_POINTS)
		return false;
	join(b, c);
	return true;
}

/* Most are one of ASCII that can be seen, before another of ASCII, which belongs to no cluster before it. */
static bool take_plain(const char *at, size_t bytes, struct cluster *out)
{
	unsigned char c = bytes < 2 ? 0 : (unsigned char)at[0];

	if (c < 0x20 || c >= 0x7F || (unsigned char)at[1] >= 0x80)
		return false;
	*out = (struct cluster){.first = c, .points = 1, .cells = 1, .bytes = 1, .draw = {at[0]}};
	return true;
}

bool width_next(struct text_iter *it, size_t col, struct cluster *out)
{
	struct building b = {.cluster = out};
	const char *at;
	uint32_t c;

	size_t rest = text_iter_rest(it, &at);
	if (take_plain(at, rest, out)) {
		text_iter_skip(it, 1, 1);
		return true;
	}
	if (!text_iter_next(it, &c))
		return false;
	begin(&b, c, col);
	for (struct text_iter ahead = *it; text_iter_next(&ahead, &c) && take(&b, c); *it = ahead)
		;
	return true;
}

bool width_next_in(const char **at, size_t *bytes, struct cluster *out)
{
	struct building b = {.cluster = out, .string = true};
	size_t width;

	if (!*bytes)
		return false;
	if (take_plain(*at, *bytes, out)) {
		*at += 1;
		*bytes -= 1;
		return true;
	}
	begin(&b, utf8_decode(*at, &width), 0);
	do {
		*at += width;
		*bytes -= width;
	} while (*bytes && take(&b, utf8_decode(*at, &width)));
	return true;
}

size_t width_string(const char *at)
{
	size_t bytes = strlen(at), cells = 0;

	for (struct cluster c; width_next_in(&at, &bytes, &c);)
		cells += (size_t)c.cells;
	return cells;
}

size_t width_words(const char *at, int cells)
{
	const char *from = at;
	size_t left = strlen(at), blank = 0;
	struct cluster c;

	for (int used = 0; left;) {
		const char *before = at;
		if (*at == ' ')
			blank = (size_t)(at - from);
		if (!width_next_in(&at, &left, &c) || (used += c.cells) > cells)
			return blank ? blank : (size_t)((before > from ? before : at) - from);
	}
	return (size_t)(at - from);
}
