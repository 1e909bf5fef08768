#include "tui/thrift.h"

#include <stdbool.h>
#include <string.h>

#define PARAMS    16
#define LIGHT     60    /* from a colour of 30 to 37 to its light one */
#define NUMBER    0x100 /* a colour by its number of 256, and not by its parameter */
#define BEHIND    10    /* from a parameter for letters to the one for what is behind them */
#define MOST      96    /* bytes of a look */
#define SHIFT_OUT 0x0E
#define SHIFT_IN  0x0F
#define UNKNOWN   0x8000u /* among attributes: a look that was made by what is not known here */

enum { BOLD = 1, DIM = 2, ITALIC = 3, UNDERLINE = 4, REVERSE = 7 }; /* parameters */

struct look {
	unsigned attrs; /* a bit each, by parameter */
	int fg, bg;     /* parameters for letters, or NUMBER and more; 0: the terminal's own */
};

struct frame {
	struct buf *out;
	struct look wanted, is;
	int rows, row; /* of the cursor, from 1; 0: it is not known */
	bool home;     /* it stands in the first column of the first row */
	bool region;   /* a part of the screen scrolls by itself */
	bool shifted;  /* to other characters than the usual ones */
};

/* A control sequence: \e [ mark numbers final */
struct sequence {
	char mark, final;
	int count, numbers[PARAMS]; /* -1: left out */
	size_t bytes;               /* 0: it is none */
};

static unsigned bit(int attr)
{
	return 1u << attr;
}

static bool same_look(const struct look *a, const struct look *b)
{
	return a->attrs == b->attrs && a->fg == b->fg && a->bg == b->bg;
}

/* ---- from one look to another ---- */

static int add(char *to, int len, int number)
{
	int digits = 1;

	if (len && to[len - 1] != ';')
		to[len++] = ';';
	for (int rest = number; rest >= 10; rest /= 10)
		digits++;
	for (int i = digits; i--; number /= 10)
		to[len + i] = (char)('0' + number % 10);
	return len + digits;
}

static int add_color(char *to, int len, int color, bool behind)
{
	int base = behind ? BEHIND : 0;

	if (color < NUMBER)
		return add(to, len, (color ? color : 39) + base);
	len = add(to, len, 38 + base);
	len = add(to, len, 5);
	return add(to, len, color - NUMBER);
}

/* From 20 on they are taken back. */
static int add_attrs(char *to, int len, unsigned attrs, int base)
{
	for (int attr = BOLD; attr <= REVERSE; attr++)
		if (attrs & bit(attr))
			len = add(to, len, base + attr);
	return len;
}

/* All anew. What is left out before a ';' is a 0, which puts an end to all that was. */
static int look_whole(char *to, const struct look *look)
{
	int len = 0;

	if (look->attrs || look->fg || look->bg)
		to[len++] = ';';
	len = add_attrs(to, len, look->attrs, 0);
	len = look->fg ? add_color(to, len, look->fg, false) : len;
	return look->bg ? add_color(to, len, look->bg, true) : len;
}

/* Only what is another. Bold and dim are taken back together, by 22. */
static int look_changes(char *to, const struct look *is, const struct look *wanted)
{
	unsigned weight = bit(BOLD) | bit(DIM), gone = is->attrs & ~wanted->attrs;
	unsigned fresh = wanted->attrs & ~is->attrs;
	int len = 0;

	if (gone & weight) {
		len = add(to, len, 22);
		fresh |= wanted->attrs & weight;
	}
	len = add_attrs(to, len, gone & ~weight, 20);
	len = add_attrs(to, len, fresh, 0);
	len = wanted->fg != is->fg ? add_color(to, len, wanted->fg, false) : len;
	return wanted->bg != is->bg ? add_color(to, len, wanted->bg, true) : len;
}

static void say_look(struct frame *f)
{
	char whole[MOST], changes[MOST];

	if (same_look(&f->is, &f->wanted))
		return;
	int all = look_whole(whole, &f->wanted), some = look_changes(changes, &f->is, &f->wanted);
	bool anew = all <= some || f->is.attrs & UNKNOWN;
	buf_add(f->out, "\033[", 2);
	buf_add(f->out, anew ? whole : changes, (size_t)(anew ? all : some));
	buf_add_byte(f->out, 'm');
	f->is = f->wanted;
}

/* Of a blank only this is seen. */
static bool same_blank(const struct look *a, const struct look *b)
{
	unsigned seen = bit(UNDERLINE) | bit(REVERSE);

	return !(a->attrs & UNKNOWN) && a->bg == b->bg && !(a->attrs & seen) && !(b->attrs & seen);
}

/* ---- what curses says of the look ---- */

static int number_at(const struct sequence *s, int i)
{
	return i < s->count && s->numbers[i] >= 0 ? s->numbers[i] : 0;
}

static bool is_color(int number)
{
	return number >= 30 && number <= 37;
}

/* One parameter, or three; how many, 0: not known here. */
static int take_look(struct look *look, const struct sequence *s, int i)
{
	int n = number_at(s, i);

	if (n == 0) {
		*look = (struct look){0, 0, 0};
	} else if (n <= UNDERLINE || n == REVERSE) {
		look->attrs |= bit(n);
	} else if (n == 22) {
		look->attrs &= ~(bit(BOLD) | bit(DIM));
	} else if (n == 23 || n == 24 || n == 27) {
		look->attrs &= ~bit(n - 20);
	} else if (n == 39 || is_color(n) || is_color(n - LIGHT)) {
		look->fg = n == 39 ? 0 : n;
	} else if (n == 49 || is_color(n - BEHIND) || is_color(n - BEHIND - LIGHT)) {
		look->bg = n == 49 ? 0 : n - BEHIND;
	} else if ((n == 38 || n == 48) && number_at(s, i + 1) == 5 && i + 2 < s->count) {
		*(n == 38 ? &look->fg : &look->bg) = NUMBER + number_at(s, i + 2);
		return 3;
	} else {
		return 0;
	}
	return 1;
}

static bool takes_look(struct frame *f, const struct sequence *s)
{
	struct look look = f->wanted;
	int used;

	for (int i = 0; i < (s->count ? s->count : 1); i += used)
		if (!(used = take_look(&look, s, i)))
			return false;
	if (look.attrs & UNKNOWN)
		return false;
	f->wanted = look;
	return true;
}

/* ---- sequences ---- */

static struct sequence sequence_at(const char *at, size_t bytes)
{
	struct sequence s = {.count = 0};
	size_t i = 2;

	if (bytes < 3 || at[1] != '[')
		return s;
	if (at[i] >= '<' && at[i] <= '?')
		s.mark = at[i++];
	for (int number = -1; i < bytes; i++) {
		char c = at[i];
		bool digit = c >= '0' && c <= '9';
		if (digit && number < 10000)
			number = (number < 0 ? 0 : number) * 10 + (c - '0');
		if (digit)
			continue;
		if ((number >= 0 || c == ';') && s.count == PARAMS)
			return (struct sequence){.count = 0};
		if (number >= 0 || c == ';')
			s.numbers[s.count++] = number;
		number = -1;
		if (c == ';')
			continue;
		s.final = c;
		s.bytes = c >= '@' && c <= '~' ? i + 1 : 0;
		break;
	}
	return s;
}

static void copy(struct frame *f, const char *at, size_t bytes)
{
	buf_add(f->out, at, bytes);
	f->home = false;
}

static void set_region(struct frame *f, const struct sequence *s, const char *at)
{
	bool whole = number_at(s, 0) <= 1 && (s->count < 2 || number_at(s, 1) == f->rows);

	if (whole)
		buf_add_str(f->out, "\033[r");
	else
		buf_add(f->out, at, s->bytes);
	f->region = !whole;
	f->row = 1;
	f->home = true;
}

static void go_to(struct frame *f, const struct sequence *s, const char *at)
{
	int row = number_at(s, 0) > 0 ? number_at(s, 0) : 1;
	bool first_col = s->final == 'H' ? number_at(s, 1) <= 1 : false;

	if (s->final == 'd' && f->row && row == f->row + 1 && row <= f->rows && !f->region)
		buf_add_byte(f->out, '\n');
	else if (s->final == 'H' && first_col && f->home && row > 1)
		buf_printf(f->out, "\033[%dd", row);
	else
		buf_add(f->out, at, s->bytes);
	f->row = row;
	f->home = false;
}

/* What erases or inserts does it in the look that is. */
static void other(struct frame *f, const struct sequence *s, const char *at)
{
	static const char sideways[] = "CDG", modes[] = "hl";

	if (!strchr(sideways, s->final) && !strchr(modes, s->final)) {
		say_look(f);
		f->row = strchr("KJXP@", s->final) ? f->row : 0;
	}
	copy(f, at, s->bytes);
}

/* How long it is, by its form. */
static size_t length(const char *at, size_t bytes)
{
	bool control = bytes > 1 && at[1] == '[';
	size_t i = control ? 2 : 1;

	while (i < bytes && at[i] >= ' ' && at[i] < (control ? '@' : '0'))
		i++;
	return i < bytes ? i + 1 : bytes;
}

static size_t unknown(struct frame *f, const char *at, size_t bytes)
{
	size_t len = length(at, bytes);

	if (len == 3 && memcmp(at, "\033(B", 3) == 0)
		return len; /* the usual characters are on */
	say_look(f);
	copy(f, at, len);
	f->row = 0;
	if (at[len - 1] == 'm')
		f->is.attrs = f->wanted.attrs = UNKNOWN;
	return len;
}

static size_t sequence(struct frame *f, const char *at, size_t bytes)
{
	struct sequence s = sequence_at(at, bytes);

	if (s.bytes && s.final == 'm' && takes_look(f, &s))
		return s.bytes;
	if (!s.bytes || s.final == 'm')
		return unknown(f, at, bytes);
	if (s.final == 'r' && !s.mark)
		set_region(f, &s, at);
	else if (s.final == 'H' || s.final == 'd')
		go_to(f, &s, at);
	else
		other(f, &s, at);
	return s.bytes;
}

/* Some take the usual characters with each plain look, though there were no others. true: that is all it was. */
static bool shift(struct frame *f, char c)
{
	bool needless = c == SHIFT_IN && !f->shifted;

	if (c == SHIFT_IN || c == SHIFT_OUT)
		f->shifted = c == SHIFT_OUT;
	return needless;
}

static void character(struct frame *f, char c)
{
	if (shift(f, c))
		return;
	/* A line's end may scroll, and so show the look of what comes in. */
	bool shows = c == '\n' || (unsigned char)c >= ' ';

	f->row = c == '\n' ? 0 : f->row;
	if (shows && !(c == ' ' && same_blank(&f->is, &f->wanted)))
		say_look(f);
	copy(f, &c, 1);
}

void thrift_frame(const char *at, size_t bytes, int rows, struct buf *out)
{
	struct frame f = {.out = out, .rows = rows};

	for (size_t i = 0; i < bytes;)
		if (at[i] == '\033')
			i += sequence(&f, at + i, bytes - i);
		else
			character(&f, at[i++]);
	f.wanted = (struct look){0, 0, 0};
	say_look(&f);
}
