#include "tui/pattern.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <utf8proc.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define BLOCK       64          /* bytes looked at together */
#define CHUNK       1024        /* starts that one call of PCRE2 may try */
#define MATCH_LIMIT 100000      /* backtracks from one start */
#define HEAP_KB     (20u << 10) /* without JIT */
#define JIT_STACK   ((size_t)1 << 20)

struct pattern {
	/* Words: byte i of a match is value[i] once the bits of mask[i] are set. */
	size_t bytes;
	unsigned char value[PATTERN_MAX], mask[PATTERN_MAX];
	size_t rare; /* which of them texts seldom have */
	bool word;

	pcre2_code *code; /* NULL: words that need no more than the above */
	bool regex;
	size_t start; /* of the call that found last */
	pcre2_match_data *found;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
};

static bool is_capital(uint32_t c)
{
	return c < 0x80 ? c >= 'A' && c <= 'Z'
			: utf8proc_tolower((utf8proc_int32_t)c) != (utf8proc_int32_t)c;
}

/* Of an expression what stands behind a backslash is no letter: \W, \pL. */
static bool has_capital(const char *at, size_t bytes, bool regex)
{
	for (size_t i = 0, width; i < bytes; i += width) {
		if (regex && at[i] == '\\' && i + 1 < bytes) {
			bool property = (at[i + 1] | 0x20) == 'p';
			width = 1 + utf8_width(at[i + 1]);
			if (property && i + 2 < bytes && at[i + 2] != '{')
				width += utf8_width(at[i + 2]);
			else if (property)
				width += strcspn(at + i + width, "}");
		} else if (is_capital(utf8_decode(at + i, &width))) {
			return true;
		}
	}
	return false;
}

static bool is_ascii(const char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)at[i] >= 0x80)
			return false;
	return true;
}

/* How seldom a byte is, in programs and in prose; what stands in neither list is the rarest. */
static size_t rarity(unsigned char c)
{
	static const char common[] = " etaoinsrlcdhupmfg\n\tbyw_,.();vk=\"*/x-0123456789jqz";
	const char *at = memchr(common, c, sizeof(common) - 1);

	if (c >= 0xC0) /* where a character begins so, they all do */
		return 0;
	return at ? (size_t)(at - common) + 1 : sizeof(common);
}

static size_t rarest(const char *at, size_t bytes)
{
	size_t best = 0;

	for (size_t i = 1; i < bytes; i++)
		if (rarity((unsigned char)at[i]) > rarity((unsigned char)at[best]))
			best = i;
	return best;
}

static void set_words(struct pattern *p, const char *at, size_t bytes, bool fold)
{
	p->bytes = bytes;
	p->rare = rarest(at, bytes);
	for (size_t i = 0; i < bytes; i++) {
		p->value[i] = (unsigned char)at[i];
		p->mask[i] = fold && at[i] >= 'a' && at[i] <= 'z' ? 0x20 : 0;
	}
}

/* ---- making ---- */

static bool set_code(struct pattern *p, const char *at, size_t bytes, unsigned flags, bool fold,
	char *why, size_t why_bytes)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t options = PCRE2_UTF | PCRE2_USE_OFFSET_LIMIT | (fold ? PCRE2_CASELESS : 0);
	PCRE2_SIZE where;
	int error;

	if (!context)
		abort();
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	options |= p->regex ? PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C : PCRE2_LITERAL;
	if (p->regex && flags & PATTERN_WORD)
		pcre2_set_compile_extra_options(context, PCRE2_EXTRA_MATCH_WORD);
	p->code = pcre2_compile((PCRE2_SPTR)at, bytes, options, &error, &where, context);
	pcre2_compile_context_free(context);
	if (!p->code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)why, why_bytes);
		return false;
	}
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* without it only slower */
	return true;
}

static void set_limits(struct pattern *p)
{
	p->found = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->limits = pcre2_match_context_create(NULL);
	p->stack = pcre2_jit_stack_create((size_t)32 << 10, JIT_STACK, NULL);
	if (!p->found || !p->limits)
		abort();
	pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(p->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(p->limits, HEAP_KB);
	if (p->stack)
		pcre2_jit_stack_assign(p->limits, NULL, p->stack);
}

struct pattern *pattern_make(
	const char *what, size_t bytes, unsigned flags, char *why, size_t why_bytes)
{
	struct pattern *p;
	bool regex = flags & PATTERN_REGEX;

	if (bytes > PATTERN_MAX || !utf8_check(what, bytes, NULL)) {
		snprintf(why, why_bytes, "%s", bytes > PATTERN_MAX ? "too long" : "no text");
		return NULL;
	}
	bool fold = !(flags & PATTERN_CASE) && !has_capital(what, bytes, regex);
	p = mem_alloc(sizeof(*p));
	p->regex = regex;
	p->word = !regex && flags & PATTERN_WORD;
	set_words(p, what, bytes, fold);
	if (!bytes || (!regex && (!fold || is_ascii(what, bytes))))
		return p;
	if (!set_code(p, what, bytes, flags, fold, why, why_bytes)) {
		free(p);
		return NULL;
	}
	set_limits(p);
	return p;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	pcre2_match_data_free(p->found);
	pcre2_match_context_free(p->limits);
	pcre2_jit_stack_free(p->stack);
	free(p);
}

size_t pattern_behind(const struct pattern *p)
{
	return p->regex ? PATTERN_BEHIND : 4;
}

/* Folded, a character takes at most three times its bytes; and whole words end where a character more is seen. */
size_t pattern_ahead(const struct pattern *p)
{
	return p->regex ? PATTERN_SPAN : (p->code ? 3 : 1) * p->bytes + 4;
}

bool pattern_is_slow(const struct pattern *p)
{
	return p->code != NULL;
}

/* ---- words ---- */

/* May a match begin at one of BLOCK places? first and last: the bytes where those of a match would be. Compilers make vectors of it. */
static bool block_may(const struct pattern *p, const char *first, const char *last)
{
	unsigned char a = p->value[0], b = p->value[p->bytes - 1];
	unsigned char a_mask = p->mask[0], b_mask = p->mask[p->bytes - 1], any = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		unsigned char x = (unsigned char)((unsigned char)first[i] | a_mask);
		unsigned char y = (unsigned char)((unsigned char)last[i] | b_mask);
		any |= (unsigned char)((x == a) & (y == b));
	}
	return any;
}

static bool same(const struct pattern *p, const char *at)
{
	for (size_t i = 0; i < p->bytes; i++)
		if (((unsigned char)at[i] | p->mask[i]) != p->value[i])
			return false;
	return true;
}

/* The rare byte, in either case where case does not count. */
static const char *next_rare(const struct pattern *p, const char *at, size_t len)
{
	unsigned char c = p->value[p->rare], capital = c & (unsigned char)~p->mask[p->rare];
	const char *small = memchr(at, c, len), *other = NULL;

	if (capital != c)
		other = memchr(at, capital, small ? (size_t)(small - at) : len);
	return other ? other : small;
}

/* Goes by the rare byte as long as it is one. *from: up to there they are not; true: they are there. */
static bool words_rarely(const struct pattern *p, const char *at, size_t *from, size_t until)
{
	const char *rare;

	for (size_t begun = *from, n = 1; *from < until; ++*from, n++) {
		rare = next_rare(p, at + *from + p->rare, until - *from);
		*from = rare ? (size_t)(rare - at) - p->rare : until;
		if (rare && same(p, at + *from))
			return true;
		if (*from - begun < n * BLOCK)
			return false;
	}
	return false;
}

/* Where the words are next, or `until`. Every place up to there has all bytes of a match before the window's end. */
static size_t words_next(const struct pattern *p, const char *at, size_t from, size_t until)
{
	if (words_rarely(p, at, &from, until))
		return from;
	size_t last = p->bytes - 1;

	while (from < until) {
		size_t stop = until - from < BLOCK ? until : from + BLOCK;
		if (stop == from + BLOCK && !block_may(p, at + from, at + from + last)) {
			from = stop;
			continue;
		}
		for (; from < stop; from++)
			if (same(p, at + from))
				return from;
	}
	return until;
}

size_t pattern_words(const struct pattern *p, const char *at, size_t len)
{
	size_t places = len < p->bytes ? 0 : len - p->bytes + 1;
	size_t found = words_next(p, at, 0, places);

	return found < places ? found : len;
}

size_t pattern_bytes(const struct pattern *p)
{
	return p->bytes;
}

static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       c == '_';
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)c);
	return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO);
}

static uint32_t before(const char *at, size_t place)
{
	size_t width;

	do
		place--;
	while (utf8_is_rest(at[place]));
	return utf8_decode(at + place, &width);
}

/* Does no word run over this place? */
static bool is_edge(const struct pattern_window *w, size_t place)
{
	size_t width;

	return place == 0 || place == w->bytes || !is_word(before(w->at, place)) ||
	       !is_word(utf8_decode(w->at + place, &width));
}

static bool is_whole(
	const struct pattern *p, const struct pattern_window *w, const struct pattern_match *match)
{
	return !p->word || (is_edge(w, match->start) && is_edge(w, match->end));
}

static enum pattern_answer next_words(struct pattern *p, const struct pattern_window *w,
	size_t from, size_t until, struct pattern_match *out)
{
	size_t end = w->bytes < p->bytes ? 0 : w->bytes - p->bytes + 1;

	end = end < until ? end : until;
	for (; (from = words_next(p, w->at, from, end)) < end; from++) {
		*out = (struct pattern_match){from, from + p->bytes};
		if (is_whole(p, w, out))
			return PATTERN_FOUND;
	}
	return PATTERN_NONE;
}

/* ---- what PCRE2 looks for ---- */

static size_t round_down(const struct pattern_window *w, size_t place)
{
	while (place < w->bytes && utf8_is_rest(w->at[place]))
		place--;
	return place;
}

/* Tries the starts from `from` to before `until`, which is not far, and looks at no more than it may. */
static int match(struct pattern *p, const struct pattern_window *w, size_t from, size_t until)
{
	size_t end = p->regex ? until + PATTERN_SPAN - CHUNK : until + pattern_ahead(p);
	uint32_t options = PCRE2_NO_UTF_CHECK | (w->first ? 0 : PCRE2_NOTBOL);

	end = end < w->bytes ? round_down(w, end) : w->bytes;
	if (end < w->bytes || !w->last)
		options |= PCRE2_NOTEOL;
	p->start = from;
	pcre2_set_offset_limit(p->limits, until - 1);
	return pcre2_match(p->code, (PCRE2_SPTR)w->at, end, from, options, p->found, p->limits);
}

static enum pattern_answer next_match(struct pattern *p, const struct pattern_window *w,
	size_t from, size_t until, struct pattern_match *out)
{
	for (size_t stop; from < until; from = stop) {
		stop = until - from > CHUNK ? round_down(w, from + CHUNK) : until;
		int answer = match(p, w, from, stop);
		if (answer < 0 && answer != PCRE2_ERROR_NOMATCH)
			return PATTERN_HARD;
		if (answer < 0)
			continue;
		const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(p->found);
		/* \K can put the start anywhere; what begins behind its end is nothing. */
		*out = (struct pattern_match){ends[0], ends[1] > ends[0] ? ends[1] : ends[0]};
		if (out->start >= from && is_whole(p, w, out))
			return PATTERN_FOUND;
		stop = round_down(w, from) + 1;
		while (stop < w->bytes && utf8_is_rest(w->at[stop]))
			stop++;
	}
	return PATTERN_NONE;
}

enum pattern_answer pattern_next(struct pattern *p, const struct pattern_window *window,
	size_t from, size_t until, struct pattern_match *out)
{
	if (!p->bytes || from >= until)
		return PATTERN_NONE;
	return p->code ? next_match(p, window, from, until, out)
		       : next_words(p, window, from, until, out);
}

/* ---- replacing ---- */

/* \1 as $1 */
static void dollars(const char *template, size_t bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes; i++) {
		bool escape = template[i] == '\\' && i + 1 < bytes;
		if (escape && template[i + 1] >= '0' && template[i + 1] <= '9') {
			buf_printf(out, "${%c}", template[++i]);
			continue;
		}
		buf_add_byte(out, (unsigned char)template[i]);
		if (escape)
			buf_add_byte(out, (unsigned char)template[++i]);
	}
}

static int substitute(
	struct pattern *p, const struct pattern_window *w, const struct buf *with, struct buf *out)
{
	PCRE2_SIZE room = PATTERN_RESULT;
	char *at = buf_room(out, room);
	uint32_t options = PCRE2_SUBSTITUTE_MATCHED | PCRE2_SUBSTITUTE_REPLACEMENT_ONLY |
			   PCRE2_SUBSTITUTE_EXTENDED | PCRE2_SUBSTITUTE_UNSET_EMPTY |
			   PCRE2_NO_UTF_CHECK;
	int done = pcre2_substitute(p->code, (PCRE2_SPTR)w->at, w->bytes, p->start, options,
		p->found, p->limits, (PCRE2_SPTR)with->at, with->len, (PCRE2_UCHAR *)at, &room);

	if (done >= 0)
		out->len += room;
	return done;
}

bool pattern_replacement(struct pattern *p, const struct pattern_window *window,
	const char *template, size_t bytes, struct buf *out, char *why, size_t why_bytes)
{
	struct buf with = {0};
	size_t before = out->len;

	if (!p->regex) {
		buf_add(out, template, bytes);
		return true;
	}
	buf_room(&with, 1);
	dollars(template, bytes, &with);
	int done = substitute(p, window, &with, out);
	buf_fini(&with);
	bool text = done >= 0 && utf8_check(out->at + before, out->len - before, NULL);
	if (done == PCRE2_ERROR_NOMEMORY)
		snprintf(why, why_bytes, "what comes of it is too long");
	else if (done < 0)
		pcre2_get_error_message(done, (PCRE2_UCHAR *)why, why_bytes);
	else if (!text)
		snprintf(why, why_bytes, "what comes of it is no text");
	return text;
}
