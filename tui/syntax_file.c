#include "tui/syntax_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/syntax_class.h"
#include "tui/syntax_flags.h"
#include "tui/syntax_scan.h"
#include "tui/syntax_source.h"
#include "tui/syntax_track.h"

#define NESTING 16 /* of .ifdef */

/* A file, or a part of one, as it is with some flags. */
struct instance {
	size_t source;
	char *subr;        /* "": what is in no .subr */
	char *flags;       /* " a b", those set */
	size_t at_line;    /* where it was called first */
	size_t from;       /* and from which source */
	uint16_t first;    /* state */
	uint16_t fallback; /* action of a byte that no rule is for */
};

struct label {
	char *name;
	uint16_t state;
	bool defined;
	size_t line; /* where it was met first */
};

struct color {
	char *name;
	uint8_t class;
};

struct builder {
	struct syntax_machine *m;
	struct syntax_sources sources;
	struct instance instances[SYNTAX_FILE_INSTANCES];
	size_t instance_count;
	char *why, *warning;
};

/* Reading one instance. */
struct reader {
	struct builder *b;
	size_t instance, source;
	struct syntax_scan scan;
	size_t line;
	struct {
		bool skip, before; /* in a part left out; the .ifdef itself was */
	} nest[NESTING];
	size_t depth;
	bool inside; /* of the part wanted */
	struct label *labels;
	size_t label_count, label_cap;
	struct color *colors;
	size_t color_count, color_cap;
	uint16_t state; /* defined now; SYNTAX_NONE: none yet */
	size_t stars_from;
	uint16_t *stars; /* the '*' action of each state, from stars_from on */
	size_t star_cap;
	uint16_t words; /* list being read; SYNTAX_NONE: none */
};

/* ---- what went wrong ---- */

__attribute__((format(printf, 2, 0))) static char *say(
	const struct reader *r, const char *format, va_list args)
{
	struct buf said = {0};
	char sentence[256];

	vsnprintf(sentence, sizeof(sentence), format, args);
	buf_printf(&said, "%s:%zu: %s", r->b->sources.at[r->source].path, r->line, sentence);
	return buf_take(&said);
}

/* The first of either kind is kept. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!r->b->why)
		r->b->why = say(r, format, args);
	va_end(args);
	return false;
}

__attribute__((format(printf, 2, 3))) static void warn(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!r->b->warning)
		r->b->warning = say(r, format, args);
	va_end(args);
}

static char *copy(struct syntax_piece piece)
{
	return mem_dup(piece.at, piece.bytes);
}

/* ---- names of states and classes ---- */

static uint16_t state_add(struct reader *r)
{
	struct syntax_machine *m = r->b->m;
	size_t n = m->state_count;

	if (n == SYNTAX_FILE_STATES) {
		refuse(r, "there are more than %d states", SYNTAX_FILE_STATES);
		return 0;
	}
	m->states = mem_grow(m->states, &m->state_cap, n + 1, sizeof(*m->states));
	m->rows = mem_grow(m->rows, &m->rows_cap, n + 1, sizeof(*m->rows));
	memset(m->rows[n], 0xff, sizeof(m->rows[n]));
	m->states[n] = (struct syntax_state){0, SYNTAX_NONE, SYNTAX_NONE};
	r->stars = mem_grow(r->stars, &r->star_cap, n - r->stars_from + 1, sizeof(*r->stars));
	r->stars[n - r->stars_from] = SYNTAX_NONE;
	m->state_count++;
	return (uint16_t)n;
}

static struct label *label_find(struct reader *r, struct syntax_piece name)
{
	for (size_t i = 0; i < r->label_count; i++)
		if (syntax_piece_is(name, r->labels[i].name))
			return &r->labels[i];
	r->labels = mem_grow(r->labels, &r->label_cap, r->label_count + 1, sizeof(*r->labels));
	struct label *label = &r->labels[r->label_count++];
	*label = (struct label){copy(name), state_add(r), false, r->line};
	return label;
}

static bool color_find(struct reader *r, struct syntax_piece name, uint8_t *class)
{
	for (size_t i = 0; i < r->color_count; i++)
		if (syntax_piece_is(name, r->colors[i].name)) {
			*class = r->colors[i].class;
			return true;
		}
	return syntax_class_find(name.at, name.bytes, class);
}

/* ---- calls ---- */

static uint16_t instance_find(
	struct reader *r, size_t source, struct syntax_piece subr, const char *flags)
{
	struct builder *b = r->b;

	for (size_t i = 0; i < b->instance_count; i++)
		if (b->instances[i].source == source &&
			syntax_piece_is(subr, b->instances[i].subr) &&
			strcmp(b->instances[i].flags, flags) == 0)
			return (uint16_t)i;
	if (b->instance_count == SYNTAX_FILE_INSTANCES) {
		refuse(r, "there are more than %d kinds of calls", SYNTAX_FILE_INSTANCES);
		return 0;
	}
	b->instances[b->instance_count] = (struct instance){.source = source,
		.subr = copy(subr),
		.flags = mem_dup(flags, strlen(flags)),
		.at_line = r->line,
		.from = r->source};
	return (uint16_t)b->instance_count++;
}

/* The caller's flags, with those between the parentheses, and without those that have a '-'. */
static char *call_flags(struct reader *r, struct syntax_scan list)
{
	const char *own = r->b->instances[r->instance].flags;
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
	}
	return flags;
}

/* FILE(), FILE.SUBR() or .SUBR() */
static bool read_call(struct reader *r, const char *at, uint16_t *instance)
{
	const char *end = r->scan.end, *open = memchr(at, '(', (size_t)(end - at));
	const char *close = open ? memchr(open, ')', (size_t)(end - open)) : NULL;

	if (!close)
		return refuse(r, "call= needs a name and parentheses");
	const char *dot = memchr(at, '.', (size_t)(open - at)), *name_end = dot ? dot : open;
	struct syntax_piece subr = {dot ? dot + 1 : open, dot ? (size_t)(open - dot - 1) : 0};
	char *name = mem_dup(at, (size_t)(name_end - at));
	size_t source = *name ? syntax_source_find(&r->b->sources, name) : r->source;
	if (source == SYNTAX_FILE_FILES) {
		refuse(r, "there is no syntax \"%s\" to call", name);
		free(name);
		return false;
	}
	free(name);
	char *flags = call_flags(r, (struct syntax_scan){open + 1, close});
	*instance = instance_find(r, source, subr, flags);
	free(flags);
	r->scan.at = close + 1;
	return !r->b->why;
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
			return refuse(r, "recolor=-N needs a number of characters");
		count = count * 10 + (unsigned long)(word.at[i] - '0');
	}
	action->recolor = (uint16_t)count;
	return true;
}

static bool words_begin(struct reader *r, struct syntax_action *action, bool any_case)
{
	struct syntax_machine *m = r->b->m;

	if (r->words != SYNTAX_NONE)
		return refuse(r, "a list of strings cannot be inside of another");
	m->words = mem_grow(m->words, &m->words_cap, m->words_count + 1, sizeof(*m->words));
	m->words[m->words_count] =
		(struct syntax_words){.any_case = any_case, .saved = SYNTAX_NONE};
	action->words = (uint16_t)m->words_count++;
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
	return refuse(r, "there is no option \"%.*s\"", (int)word.bytes, word.at);
}

/* What follows the bytes of a rule, or a word of a list. */
static bool read_action(struct reader *r, uint16_t *number)
{
	struct syntax_machine *m = r->b->m;
	struct syntax_action action = {.call = SYNTAX_NONE, .words = SYNTAX_NONE};
	struct syntax_piece word = syntax_scan_word(&r->scan);

	if (!word.bytes)
		return refuse(r, "which state comes next?");
	if (m->action_count == SYNTAX_FILE_ACTIONS)
		return refuse(r, "there are more than %d rules", SYNTAX_FILE_ACTIONS);
	action.next = syntax_piece_is(word, "NULL") ? r->b->instances[r->instance].first
						    : label_find(r, word)->state;
	while (action.words == SYNTAX_NONE && !syntax_scan_end(&r->scan))
		if (!read_option(r, syntax_scan_word(&r->scan), &action))
			return false;
	m->actions = mem_grow(m->actions, &m->action_cap, m->action_count + 1, sizeof(*m->actions));
	m->actions[m->action_count] = action;
	*number = (uint16_t)m->action_count++;
	return !r->b->why;
}

static void rule_set(struct reader *r, const bool set[256], uint16_t action)
{
	for (size_t c = 0; c < 256; c++)
		if (set[c])
			r->b->m->rows[r->state][c] = action;
}

static bool read_rule(struct reader *r)
{
	char kind = syntax_scan_peek(&r->scan);
	bool set[256];
	uint16_t action, state = r->state;

	if (state == SYNTAX_NONE)
		return refuse(r, "a rule before the first state");
	if (kind == '"' && !syntax_scan_set(&r->scan, set))
		return refuse(r, "the quote does not end");
	if (kind != '"' && (!strchr("*&%", kind) || syntax_scan_word(&r->scan).bytes != 1))
		return refuse(r, "a rule begins with \"characters\", *, & or %%");
	if (!read_action(r, &action))
		return false;
	if (kind == '"')
		rule_set(r, set, action);
	else if (kind == '*')
		r->stars[state - r->stars_from] = action;
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
		       refuse(r, "a list of strings ends with \"done\"");
	}
	if (!syntax_scan_string(&r->scan, word, sizeof(word), &bytes))
		return refuse(r, "this is no string of at most %d bytes", SYNTAX_WORD);
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
static bool read_color(struct reader *r)
{
	r->scan.at++;
	struct syntax_piece name = syntax_scan_word(&r->scan), other;
	uint8_t class = SYNTAX_TEXT;
	bool known = name.bytes && syntax_class_find(name.at, name.bytes, &class);

	if (!name.bytes || r->color_count == SYNTAX_FILE_CLASSES)
		return refuse(r, name.bytes ? "too many classes" : "a class needs a name");
	while (!known && (other = syntax_scan_word(&r->scan)).bytes)
		if (*other.at == '+')
			known = color_find(
				r, (struct syntax_piece){other.at + 1, other.bytes - 1}, &class);
	r->colors = mem_grow(r->colors, &r->color_cap, r->color_count + 1, sizeof(*r->colors));
	r->colors[r->color_count++] = (struct color){copy(name), class};
	return true;
}

/* :name Class */
static bool read_state(struct reader *r)
{
	r->scan.at++;
	struct syntax_piece name = syntax_scan_word(&r->scan), color = syntax_scan_word(&r->scan);
	struct instance *instance = &r->b->instances[r->instance];

	if (!name.bytes || !color.bytes)
		return refuse(r, "a state needs a name and a class");
	struct label *label = label_find(r, name);
	if (label->defined)
		warn(r, "there is a state \"%s\" already", label->name);
	label->defined = true;
	if (r->state == SYNTAX_NONE)
		instance->first = label->state;
	r->state = label->state;
	if (!color_find(r, color, &r->b->m->states[r->state].class))
		return refuse(r, "there is no class \"%.*s\": declare it with =", (int)color.bytes,
			color.at);
	return !r->b->why;
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
		return refuse(r, flag.bytes ? ".ifdef is nested too deep" : ".ifdef of what?");
	r->nest[r->depth].before = before;
	r->nest[r->depth++].skip =
		before || !syntax_flags_has(r->b->instances[r->instance].flags, flag);
	return true;
}

static bool read_directive(struct reader *r)
{
	struct syntax_piece word = syntax_scan_word(&r->scan);
	const char *wanted = r->b->instances[r->instance].subr;

	if (syntax_piece_is(word, ".ifdef"))
		return read_ifdef(r);
	if (syntax_piece_is(word, ".else") && r->depth) {
		r->nest[r->depth - 1].skip = r->nest[r->depth - 1].before || !skipping(r);
	} else if (syntax_piece_is(word, ".endif") && r->depth) {
		r->depth--;
	} else if (syntax_piece_is(word, ".subr")) {
		r->inside = syntax_piece_is(syntax_scan_word(&r->scan), wanted);
	} else if (syntax_piece_is(word, ".end")) {
		r->inside = !*wanted;
	} else {
		return refuse(r, "\"%.*s\" does not belong here", (int)word.bytes, word.at);
	}
	return true;
}

static bool read_line(struct reader *r)
{
	switch (syntax_scan_peek(&r->scan)) {
	case '\0': return true;
	case '.': return read_directive(r);
	case '=': return skipping(r) || read_color(r);
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
	const struct buf *text = &r->b->sources.at[r->source].text;
	const char *end = text->at + text->len;

	for (const char *at = text->at, *stop; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		r->line++;
		r->scan = (struct syntax_scan){at, stop};
		if (!read_line(r))
			return false;
	}
	return true;
}

/* ---- an instance, and all of them ---- */

static bool all_defined(struct reader *r)
{
	for (size_t i = 0; i < r->label_count; i++)
		if (!r->labels[i].defined) {
			r->line = r->labels[i].line;
			warn(r, "there is no state \"%s\"", r->labels[i].name);
		}
	if (r->state != SYNTAX_NONE)
		return true;
	struct instance *instance = &r->b->instances[r->instance];
	r->source = instance->from;
	r->line = instance->at_line;
	return refuse(r, *instance->subr ? "there is no subroutine \"%s\"" : "there is no state%s",
		instance->subr);
}

/* Bytes without a rule do what '*' says, or else begin anew. */
static void fill_rows(struct reader *r)
{
	struct syntax_machine *m = r->b->m;
	struct syntax_action anew = {.next = r->b->instances[r->instance].first,
		.call = SYNTAX_NONE,
		.words = SYNTAX_NONE};

	m->actions = mem_grow(m->actions, &m->action_cap, m->action_count + 1, sizeof(*m->actions));
	m->actions[m->action_count] = anew;
	for (size_t s = r->stars_from; s < m->state_count; s++) {
		uint16_t star = r->stars[s - r->stars_from];
		for (size_t c = 0; c < 256; c++)
			if (m->rows[s][c] == SYNTAX_NONE)
				m->rows[s][c] =
					star == SYNTAX_NONE ? (uint16_t)m->action_count : star;
	}
	m->action_count++;
}

static bool read_instance(struct builder *b, size_t number)
{
	struct reader r = {.b = b,
		.instance = number,
		.source = b->instances[number].source,
		.inside = !*b->instances[number].subr,
		.state = SYNTAX_NONE,
		.stars_from = b->m->state_count,
		.words = SYNTAX_NONE};

	bool fine = read_lines(&r) && all_defined(&r);
	if (fine)
		fill_rows(&r);
	for (size_t i = 0; i < r.label_count; i++)
		free(r.labels[i].name);
	for (size_t i = 0; i < r.color_count; i++)
		free(r.colors[i].name);
	free(r.labels);
	free(r.colors);
	free(r.stars);
	return fine;
}

/* Calls were noted by instance; now it is known where each begins. */
static void link_calls(struct builder *b)
{
	for (size_t i = 0; i < b->m->action_count; i++)
		if (b->m->actions[i].call != SYNTAX_NONE)
			b->m->actions[i].call = b->instances[b->m->actions[i].call].first;
}

static bool build(struct builder *b, const char *name)
{
	if (syntax_source_find(&b->sources, name) == SYNTAX_FILE_FILES)
		return false;
	b->instances[b->instance_count++] =
		(struct instance){.subr = mem_dup("", 0), .flags = mem_dup("", 0), .at_line = 1};
	for (size_t i = 0; i < b->instance_count; i++)
		if (!read_instance(b, i))
			return false;
	link_calls(b);
	syntax_track(b->m);
	return true;
}

struct syntax_machine *syntax_file_load(const char *const *folders, const char *name, char **why)
{
	struct builder *b = mem_alloc(sizeof(*b));
	struct syntax_machine *m;

	b->sources.folders = folders;
	b->m = mem_alloc(sizeof(*b->m));
	if (!build(b, name)) {
		syntax_machine_destroy(b->m);
		b->m = NULL;
	}
	syntax_sources_fini(&b->sources);
	for (size_t i = 0; i < b->instance_count; i++) {
		free(b->instances[i].subr);
		free(b->instances[i].flags);
	}
	m = b->m;
	*why = b->sources.why ? b->sources.why : b->why ? b->why : b->warning;
	if (*why != b->why)
		free(b->why);
	if (*why != b->warning)
		free(b->warning);
	free(b);
	return m;
}
