#include "tui/syntax_file.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/syntax_build.h"
#include "tui/syntax_class.h"
#include "tui/syntax_flags.h"
#include "tui/syntax_track.h"

#define NESTING 16 /* of .ifdef */

/* Reading one part. */
struct reader {
	struct syntax_build *b;
	struct syntax_scan scan; /* the rest of the line */
	struct {
		bool skip, before; /* in a stretch left out; the .ifdef itself was */
	} nest[NESTING];
	size_t depth;
	bool inside;    /* of the part wanted */
	uint16_t words; /* list being read; SYNTAX_NONE: none */
};

/* ---- calls ---- */

/* The caller's flags, with those between the parentheses, and without those that have a '-'. NULL: they are too many. */
static char *call_flags(struct reader *r, struct syntax_scan list)
{
	const char *own = syntax_build_now(r->b)->flags;
	char *flags = mem_dup(own, strlen(own));

	for (struct syntax_piece flag; (flag = syntax_scan_word(&list)).bytes;) {
		bool drop = *flag.at == '-';
		struct syntax_piece name = {flag.at + drop, flag.bytes - drop};
		char *without = syntax_flags_without(flags, name);
		char *changed =
			drop ? mem_dup(without, strlen(without)) : syntax_flags_with(without, name);
		free(without);
		free(flags);
		flags = changed;
		if (strlen(flags) > SYNTAX_FILE_FLAGS) {
			syntax_build_fault(r->b, "these are too many flags");
			free(flags);
			return NULL;
		}
	}
	return flags;
}

/* FILE(), FILE.SUBR() or .SUBR() */
static bool read_call(struct reader *r, const char *at, uint16_t *part)
{
	const char *end = r->scan.end, *open = memchr(at, '(', (size_t)(end - at));
	const char *close = open ? memchr(open, ')', (size_t)(end - open)) : NULL;

	if (!close)
		return syntax_build_fault(r->b, "call= needs a name and parentheses");
	const char *dot = memchr(at, '.', (size_t)(open - at)), *name_end = dot ? dot : open;
	struct syntax_piece subr = {dot ? dot + 1 : open, dot ? (size_t)(open - dot - 1) : 0};
	char *name = mem_dup(at, (size_t)(name_end - at));
	size_t source =
		*name ? syntax_source_find(&r->b->sources, name) : syntax_build_now(r->b)->source;
	if (source == SYNTAX_FILE_FILES) {
		syntax_build_fault(r->b, "there is no syntax \"%s\" to call", name);
		free(name);
		return false;
	}
	free(name);
	char *flags = call_flags(r, (struct syntax_scan){open + 1, close});
	bool fine = flags && syntax_build_part(r->b, source, subr, flags, part);
	free(flags);
	r->scan.at = close + 1;
	return fine;
}

/* ---- a rule: which bytes, the next state, what else ---- */

static const struct {
	const char *name;
	enum syntax_flag flag;
} options[] = {
	{"noeat", SYNTAX_NOEAT},
	{"buffer", SYNTAX_BUFFER},
	{"hold", SYNTAX_HOLD},
	{"save_c", SYNTAX_SAVE_C},
	{"save_s", SYNTAX_SAVE_S},
	{"mark", SYNTAX_MARK},
	{"markend", SYNTAX_MARKEND},
	{"recolormark", SYNTAX_RECOLORMARK},
	{"return", SYNTAX_RETURN},
	{"reset", SYNTAX_RESET},
};

static bool read_flag(struct syntax_piece word, struct syntax_action *action)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (syntax_piece_is(word, options[i].name)) {
			action->flags |= (uint16_t)options[i].flag;
			return true;
		}
	return false;
}

static bool starts(struct syntax_piece word, const char *with)
{
	return word.bytes >= strlen(with) && memcmp(word.at, with, strlen(with)) == 0;
}

static bool read_recolor(struct reader *r, struct syntax_piece word, struct syntax_action *action)
{
	unsigned long count = 0;

	for (size_t i = strlen("recolor=-"); i < word.bytes; i++) {
		if (word.at[i] < '0' || word.at[i] > '9' || count > 6000)
			return syntax_build_fault(r->b, "recolor=-N needs a number of characters");
		count = count * 10 + (unsigned long)(word.at[i] - '0');
	}
	action->recolor = (uint16_t)count;
	return true;
}

static bool words_begin(struct reader *r, struct syntax_action *action, bool any_case)
{
	if (r->words != SYNTAX_NONE)
		return syntax_build_fault(r->b, "a list of strings cannot be inside of another");
	action->words = syntax_build_words(r->b, any_case);
	return true;
}

/* true: to be gone on with */
static bool read_option(struct reader *r, struct syntax_piece word, struct syntax_action *action)
{
	if (read_flag(word, action))
		return true;
	if (starts(word, "call="))
		return read_call(r, word.at + strlen("call="), &action->call);
	if (starts(word, "recolor=-"))
		return read_recolor(r, word, action);
	if (syntax_piece_is(word, "strings") || syntax_piece_is(word, "istrings"))
		return words_begin(r, action, *word.at == 'i');
	return syntax_build_fault(r->b, "there is no option \"%.*s\"", (int)word.bytes, word.at);
}

/* What follows the bytes of a rule, or a word of a list. */
static bool read_action(struct reader *r, uint16_t *number)
{
	struct syntax_action action = {.call = SYNTAX_NONE, .words = SYNTAX_NONE};
	struct syntax_piece word = syntax_scan_word(&r->scan);

	if (!word.bytes)
		return syntax_build_fault(r->b, "which state comes next?");
	action.next = syntax_piece_is(word, "NULL") ? syntax_build_now(r->b)->first
						    : syntax_build_state(r->b, word);
	while (action.words == SYNTAX_NONE && !syntax_scan_end(&r->scan))
		if (!read_option(r, syntax_scan_word(&r->scan), &action))
			return false;
	return syntax_build_action(r->b, &action, number);
}

static void rule_set(struct reader *r, const bool set[256], uint16_t action)
{
	for (size_t c = 0; c < 256; c++)
		if (set[c])
			r->b->m->rows[r->b->state][c] = action;
}

static bool read_rule(struct reader *r)
{
	char kind = syntax_scan_peek(&r->scan);
	bool set[256];
	uint16_t action, state = r->b->state;

	if (state == SYNTAX_NONE)
		return syntax_build_fault(r->b, "a rule before the first state");
	if (kind == '"' && !syntax_scan_set(&r->scan, set))
		return syntax_build_fault(r->b, "the quote does not end");
	if (kind != '"' && (!strchr("*&%", kind) || syntax_scan_word(&r->scan).bytes != 1))
		return syntax_build_fault(r->b, "a rule begins with \"characters\", *, & or %%");
	if (!read_action(r, &action))
		return false;
	if (kind == '"')
		rule_set(r, set, action);
	else if (kind == '*')
		syntax_build_star(r->b, action);
	else if (kind == '&')
		r->b->m->states[state].mirror = action;
	else
		r->b->m->states[state].same = action;
	r->words = r->b->m->actions[action].words;
	return true;
}

/* "word" state options, until done. */
static bool read_listed(struct reader *r)
{
	char word[SYNTAX_WORD];
	size_t bytes;
	uint16_t list = r->words, action;

	if (syntax_scan_peek(&r->scan) != '"') {
		r->words = SYNTAX_NONE;
		return syntax_piece_is(syntax_scan_word(&r->scan), "done") ||
		       syntax_build_fault(r->b, "a list of strings ends with \"done\"");
	}
	if (!syntax_scan_string(&r->scan, word, sizeof(word), &bytes))
		return syntax_build_fault(
			r->b, "this is no string of at most %d bytes", SYNTAX_WORD);
	if (!read_action(r, &action))
		return false;
	struct syntax_words *words = &r->b->m->words[list];
	if (bytes == 1 && *word == '&')
		words->saved = action;
	else
		syntax_words_add(words, word, bytes, action);
	return true;
}

/* ---- the other lines ---- */

/* =Name +Instead ... */
static bool read_class(struct reader *r)
{
	r->scan.at++;
	struct syntax_piece name = syntax_scan_word(&r->scan), other;
	uint8_t class = SYNTAX_TEXT;
	bool known = name.bytes && syntax_class_find(name.at, name.bytes, &class);

	if (!name.bytes)
		return syntax_build_fault(r->b, "a class needs a name");
	while (!known && (other = syntax_scan_word(&r->scan)).bytes)
		if (*other.at == '+')
			known = syntax_build_class(
				r->b, (struct syntax_piece){other.at + 1, other.bytes - 1}, &class);
	return syntax_build_class_add(r->b, name, class);
}

/* :name Class */
static bool read_state(struct reader *r)
{
	r->scan.at++;
	struct syntax_piece name = syntax_scan_word(&r->scan), class = syntax_scan_word(&r->scan);

	if (!name.bytes || !class.bytes)
		return syntax_build_fault(r->b, "a state needs a name and a class");
	return syntax_build_define(r->b, name, class);
}

static bool skipping(const struct reader *r)
{
	return r->depth && r->nest[r->depth - 1].skip;
}

static bool read_ifdef(struct reader *r)
{
	struct syntax_piece flag = syntax_scan_word(&r->scan);
	bool before = skipping(r);

	if (!flag.bytes || r->depth == NESTING)
		return syntax_build_fault(
			r->b, flag.bytes ? ".ifdef is nested too deep" : ".ifdef of what?");
	r->nest[r->depth].before = before;
	r->nest[r->depth++].skip = before || !syntax_flags_has(syntax_build_now(r->b)->flags, flag);
	return true;
}

static bool read_directive(struct reader *r)
{
	struct syntax_piece word = syntax_scan_word(&r->scan);
	const char *wanted = syntax_build_now(r->b)->subr;

	if (syntax_piece_is(word, ".ifdef"))
		return read_ifdef(r);
	if (syntax_piece_is(word, ".else") && r->depth) {
		r->nest[r->depth - 1].skip = r->nest[r->depth - 1].before || !skipping(r);
	} else if (syntax_piece_is(word, ".endif") && r->depth) {
		r->depth--;
	} else if (syntax_piece_is(word, ".subr")) {
		struct syntax_piece name = syntax_scan_word(&r->scan);
		if (!name.bytes)
			return syntax_build_fault(r->b, ".subr needs a name");
		r->inside = syntax_piece_is(name, wanted);
	} else if (syntax_piece_is(word, ".end")) {
		r->inside = !*wanted;
	} else {
		return syntax_build_fault(
			r->b, "\"%.*s\" does not belong here", (int)word.bytes, word.at);
	}
	return true;
}

static bool read_line(struct reader *r)
{
	switch (syntax_scan_peek(&r->scan)) {
	case '\0': return true;
	case '.': return read_directive(r);
	case '=': return skipping(r) || read_class(r);
	case '-': return true; /* how far joe looks back */
	default: break;
	}
	if (skipping(r) || !r->inside)
		return true;
	if (syntax_scan_peek(&r->scan) == ':')
		return read_state(r);
	return r->words != SYNTAX_NONE ? read_listed(r) : read_rule(r);
}

static bool read_lines(struct reader *r)
{
	const struct buf *text = &r->b->sources.at[syntax_build_now(r->b)->source].text;
	const char *end = text->at + text->len;

	for (const char *at = text->at, *stop; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		r->b->line++;
		r->scan = (struct syntax_scan){at, stop};
		if (!read_line(r))
			return false;
	}
	return true;
}

/* ---- a part, and all of them ---- */

static bool read_part(struct syntax_build *b, size_t part)
{
	struct reader r = {.b = b, .inside = !*b->parts[part].subr, .words = SYNTAX_NONE};

	syntax_build_begin(b, part);
	return read_lines(&r) && syntax_build_end(b);
}

/* Reading one part finds others, until none is new. */
static bool read_all(struct syntax_build *b, const char *name)
{
	uint16_t first;

	if (syntax_source_find(&b->sources, name) == SYNTAX_FILE_FILES)
		return false;
	b->line = 1;
	syntax_build_part(b, 0, (struct syntax_piece){"", 0}, "", &first);
	for (size_t part = 0; part < b->part_count; part++)
		if (!read_part(b, part))
			return false;
	syntax_build_link(b);
	syntax_track_paint(b->m);
	return true;
}

struct syntax_machine *syntax_file_load(const char *const *folders, const char *name, char **why)
{
	struct syntax_build *b = mem_alloc(sizeof(*b));
	struct syntax_machine *m;

	b->sources.folders = folders;
	b->m = mem_alloc(sizeof(*b->m));
	if (!read_all(b, name)) {
		syntax_machine_destroy(b->m);
		b->m = NULL;
	}
	m = b->m;
	*why = b->sources.why ? b->sources.why : b->why ? b->why : b->warning;
	if (*why != b->why)
		free(b->why);
	if (*why != b->warning)
		free(b->warning);
	syntax_build_fini(b);
	free(b);
	return m;
}
