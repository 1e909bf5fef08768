/*
 * The editor without a terminal: a text, keys as a terminal sends them, and the text and caret that must come of it.
 *
 * In a text `|` is the caret and `^` the selection's other end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/log.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/backtrack.h"
#include "tui/editor.h"
#include "tui/state.h" /* to see the caret, the view and the notice */

#define LEFT         "\033[D"
#define RIGHT        "\033[C"
#define UP           "\033[A"
#define DOWN         "\033[B"
#define HOME         "\033[H"
#define END          "\033[F"
#define S_LEFT       "\033[1;2D"
#define S_RIGHT      "\033[1;2C"
#define S_DOWN       "\033[1;2B"
#define S_END        "\033[1;2F"
#define C_LEFT       "\033[1;5D"
#define C_RIGHT      "\033[1;5C"
#define C_S_RIGHT    "\033[1;6C"
#define C_HOME       "\033[1;5H"
#define C_END        "\033[1;5F"
#define C_S_END      "\033[1;6F"
#define PAGE_UP      "\033[5~"
#define PAGE_DOWN    "\033[6~"
#define DEL          "\033[3~"
#define C_DEL        "\033[3;5~"
#define BACK         "\x7F"
#define A_A          "\033a"
#define A_C          "\033c"
#define A_R          "\033r"
#define A_S          "\033s"
#define A_W          "\033w"
#define A_BACK       "\033\x7F"
#define F3           "\033OR"
#define S_F3         "\033[1;2R"
#define ESC_ALONE    "\033[27u"
#define S_TAB        "\033[Z"
#define A_UP         "\033[1;3A"
#define A_DOWN       "\033[1;3B"
#define A_S_UP       "\033[1;4A"
#define A_S_DOWN     "\033[1;4B"
#define A_J          "\033j"
#define A_K          "\033k"
#define A_L          "\033l"
#define A_M          "\033m"
#define A_N          "\033n"
#define A_P          "\033p"
#define A_V          "\033v"
#define A_SLASH      "\033/"
#define CTRL_BRACKET "\x1D"
#define PASTE(x)     "\033[200~" x "\033[201~"
#define CTRL_A       "\x01"
#define CTRL_C       "\x03"
#define CTRL_D       "\x04"
#define CTRL_F       "\x06"
#define CTRL_G       "\x07"
#define CTRL_K       "\x0B"
#define CTRL_P       "\x10"
#define CTRL_Q       "\x11"
#define CTRL_R       "\x12"
#define CTRL_S       "\x13"
#define CTRL_V       "\x16"
#define CTRL_X       "\x18"
#define CTRL_Y       "\x19"
#define CTRL_Z       "\x1A"
#define FAMILY       "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
#define FLAG         "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"
#define HEART        "\xE2\x9D\xA4\xEF\xB8\x8F"
#define THUMB        "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"
#define E_ACUTE      "e\xCC\x81"
#define NIHON        "\xE6\x97\xA5\xE6\x9C\xAC"

/* One person at a text. */
struct desk {
	struct replica *replica;
	struct editor *ed;
	struct keys *keys;
	uint64_t now;
};

static struct desk desk_make(uint64_t user, const char *text, uint64_t rev, bool read_only)
{
	struct desk desk = {.ed = editor_create(), .keys = keys_create(), .now = 1000000};
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	desk.replica = replica_create(t, rev, user);
	editor_open(desk.ed, desk.replica, &(struct editor_document){"main.c", read_only, false});
	return desk;
}

static void desk_drop(struct desk *desk)
{
	editor_destroy(desk->ed);
	keys_destroy(desk->keys);
	replica_destroy(desk->replica);
}

static void press(struct desk *desk, const char *bytes)
{
	struct key key;

	keys_feed(desk->keys, bytes, strlen(bytes));
	while (keys_next(desk->keys, &key)) {
		desk->now += 10;
		editor_key(desk->ed, &key, desk->now);
	}
	assert_false(keys_waiting(desk->keys));
}

/* Takes `|` and `^` out of marked; without a mark the caret is at the start. */
static struct sel unmark(const char *marked, struct buf *out)
{
	struct sel sel = {0, 0};
	bool anchored = false;
	size_t points = 0, width;

	buf_clear(out);
	for (const char *at = marked; *at; at += width) {
		width = utf8_width(*at);
		if (*at == '|')
			sel.head = points;
		else if (*at == '^')
			sel.anchor = points, anchored = true;
		else
			buf_add(out, at, width), points++;
	}
	*buf_room(out, 1) = '\0';
	if (!anchored)
		sel.anchor = sel.head;
	return sel;
}

static struct desk desk_at(const char *marked)
{
	struct buf text = {0};
	struct sel sel = unmark(marked, &text);
	struct desk desk = desk_make(7, text.at, 0, false);

	document_select(&desk.ed->doc, sel);
	buf_fini(&text);
	return desk;
}

static void assert_desk(struct desk *desk, const char *marked, const char *what)
{
	struct buf text = {0};
	struct sel sel = unmark(marked, &text), is = desk->ed->doc.sel;
	char *got = text_slice(replica_text(desk->replica), 0, SIZE_MAX, NULL);

	text_verify(replica_text(desk->replica));
	if (strcmp(got, text.at) != 0 || sel.head != is.head || sel.anchor != is.anchor)
		fail_msg("%s: \"%s\" %zu-%zu, wanted \"%s\" %zu-%zu", what, got, is.anchor, is.head,
			text.at, sel.anchor, sel.head);
	free(got);
	buf_fini(&text);
}

/* The main one; false: the others know where they all are. */
static bool editor_take_sel(struct editor *ed, struct sel *sel)
{
	const struct sel *sels;

	if (!editor_take_sels(ed, &sels))
		return false;
	*sel = sels[0];
	return true;
}

struct scene {
	const char *before, *keys, *after;
};

static const struct scene scenes[] = {
	/* clang-format off: a table is read by its columns */
	/* typing */
	{"|", "hi", "hi|"}, {"a|c", "b", "ab|c"}, {"^ab|c", "x", "x|c"},
	{"|", "\xC3\xA9\xE2\x82\xAC", "\xC3\xA9\xE2\x82\xAC|"}, {"a|b", "\t", "a\t|b"},
	{"a|b", "\r", "a\n|b"}, {"\t  a|b", "\r", "\t  a\n\t  |b"},
	{"    |x", "\r", "    \n    |x"}, {"  |  x", "\r", "  \n  |  x"},
	{"  a^b\n\tc|d", "\r", "  a\n  |d"}, {"  a|", PASTE("x\r\n\ty\n"), "  ax\n\ty\n|"},
	{"^a|", PASTE("\xE2\x82\xAC"), "\xE2\x82\xAC|"},
	/* deleting */
	{"ab|c", BACK, "a|c"}, {"|abc", BACK, "|abc"}, {"a\n|b", BACK, "a|b"}, {"a|bc", DEL, "a|c"},
	{"abc|", DEL, "abc|"}, {"a^bc|d", BACK, "a|d"}, {"a|bc^d", DEL, "a|d"},
	{"one two|", A_BACK, "one |"}, {"|one two", C_DEL, "| two"}, {"x" FAMILY "|y", BACK, "x|y"},
	{"x" FLAG FLAG "|y", BACK, "x" FLAG "|y"}, {"x|" E_ACUTE "y", DEL, "x|y"},
	{"x|" THUMB "y", DEL, "x|y"},
	/* motions */
	{"ab|c", LEFT LEFT LEFT, "|abc"}, {"a|bc", RIGHT RIGHT RIGHT, "abc|"},
	{"a|\nb", RIGHT, "a\n|b"},
	{"|" FAMILY FLAG HEART THUMB E_ACUTE "z", RIGHT, FAMILY "|" FLAG HEART THUMB E_ACUTE "z"},
	{"|" FAMILY FLAG HEART THUMB E_ACUTE "z", RIGHT RIGHT,
		FAMILY FLAG "|" HEART THUMB E_ACUTE "z"},
	{"|" FAMILY FLAG HEART THUMB E_ACUTE "z", RIGHT RIGHT RIGHT RIGHT RIGHT,
		FAMILY FLAG HEART THUMB E_ACUTE "|z"},
	{FAMILY FLAG HEART THUMB E_ACUTE "|", LEFT LEFT LEFT, FAMILY FLAG "|" HEART THUMB E_ACUTE},
	{FAMILY FLAG HEART THUMB E_ACUTE "|", LEFT LEFT LEFT LEFT LEFT,
		"|" FAMILY FLAG HEART THUMB E_ACUTE},
	{"|one two(three)", C_RIGHT, "one| two(three)"},
	{"|one two(three)", C_RIGHT C_RIGHT, "one two|(three)"},
	{"|one two(three)", C_RIGHT C_RIGHT C_RIGHT, "one two(|three)"},
	{"one two(three)|", C_LEFT, "one two(three|)"},
	{"one two(three)|", C_LEFT C_LEFT C_LEFT, "one two|(three)"},
	{"one\n  |two", C_LEFT, "|one\n  two"}, {"  ab|c", HOME, "  |abc"},
	{"  ab|c", HOME HOME, "|  abc"}, {"a|bc\nd", END, "abc|\nd"},
	{"ab\nc|d\ne", C_HOME, "|ab\ncd\ne"}, {"ab\nc|d\ne", C_END, "ab\ncd\ne|"},
	/* up and down keep to a column, over short lines, tabs and wide characters */
	{"abcd|ef\nx\nabcdef", DOWN, "abcdef\nx|\nabcdef"},
	{"abcd|ef\nx\nabcdef", DOWN DOWN, "abcdef\nx\nabcd|ef"},
	{"abcdef\nx\nabcd|ef", UP UP, "abcd|ef\nx\nabcdef"},
	{"abcdef\nx\nabcd|ef", UP LEFT DOWN, "abcdef\nx\n|abcdef"},
	{"\t|x\nabcdefghij", DOWN, "\tx\nabcdefgh|ij"},
	{NIHON "|x\nabcdef", DOWN, NIHON "x\nabcd|ef"},
	{"abc|d\n" NIHON "x", DOWN, "abcd\n\xE6\x97\xA5|\xE6\x9C\xACx"},
	{"ab|c\ndef", UP, "|abc\ndef"}, {"abc\nd|ef", DOWN, "abc\ndef|"},
	/* selecting */
	{"|abc", S_RIGHT S_RIGHT, "^ab|c"}, {"abc|", S_LEFT, "ab|c^"},
	{"|abc", S_RIGHT LEFT, "|abc"}, {"|abc", S_RIGHT S_RIGHT RIGHT, "ab|c"},
	{"a|b\ncd", S_DOWN, "a^b\nc|d"}, {"a|b c", S_END, "a^b c|"},
	{"|one two", C_S_RIGHT, "^one| two"}, {"a|b\nc", C_S_END, "a^b\nc|"},
	{"a|bc", CTRL_A, "^abc|"}, {"a^b|c", ESC_ALONE, "ab|c"},
	{"x|" FAMILY, S_RIGHT, "x^" FAMILY "|"},
	/* from a mark on, where Shift does not reach: until it is used, or taken back */
	{"|abc", A_A RIGHT RIGHT, "^ab|c"}, {"|ab\ncd", A_A DOWN END, "^ab\ncd|"},
	{"ab|c", A_A LEFT A_A, "a|bc"}, {"^ab|c", A_A RIGHT, "ab^c|"},
	{"|abc", A_A RIGHT ESC_ALONE RIGHT, "ab|c"}, {"|abc", A_A RIGHT "x" RIGHT, "xb|c"},
	{"|abc", A_A RIGHT CTRL_C RIGHT CTRL_V, "aa|bc"}, {"|abc", A_A RIGHT CTRL_X RIGHT, "b|c"},
	{"|a\nb\nc", A_A CTRL_G "2:2\r", "^a\nb|\nc"}, {"|a b", A_A CTRL_A LEFT, "|a b"},
	{"|a(b)", A_A RIGHT CTRL_BRACKET, "^a(b|)"},
	/* the clipboard */
	{"^ab|c", CTRL_C END CTRL_V, "abcab|"}, {"^ab|c", CTRL_X END CTRL_V, "cab|"},
	{"a|b\nc", CTRL_X, "|c"}, {"a|b\nc", CTRL_C DOWN CTRL_V, "ab\nab\nc|"},
	{"a\nb|", CTRL_C CTRL_V, "a\nb\nb|"}, {"a|b\ncd\ne", CTRL_K CTRL_K CTRL_V, "ab\ncd\n|e"},
	{"a|b\ncd\ne\n", CTRL_K CTRL_K CTRL_K CTRL_V CTRL_V, "ab\ncd\ne\nab\ncd\ne\n|"},
	{"a|b\ncd\ne", CTRL_K DOWN UP CTRL_K CTRL_V, "cd\n|e"},
	{"^ab|c\nd", CTRL_K CTRL_V, "ab|c\nd"}, {"^ab|c\nd", CTRL_K CTRL_K CTRL_V, "c\n|d"},
	{"a|\nb\nc", CTRL_X CTRL_K CTRL_V, "b\n|c"}, {"a|b\nc", CTRL_D, "ab\na|b\nc"},
	{"a\nb|c", CTRL_D, "a\nbc\nb|c"},
	/* finding */
	{"|abc abd abd", CTRL_F "abd", "abc ^abd| abd"},
	{"|abc abd abd", CTRL_F "abd\r", "abc abd ^abd|"},
	{"|abc abd abd", CTRL_F "abd\r\r", "abc ^abd| abd"},
	{"|abc abd abd", CTRL_F "ab" BACK "bd" ESC_ALONE F3, "abc abd ^abd|"},
	{"|abc abd abd", CTRL_F "abd" ESC_ALONE S_F3, "abc abd ^abd|"},
	{"|Abc aBC abc", CTRL_F "abc" ESC_ALONE F3, "Abc ^aBC| abc"},
	{"|abc Abc", CTRL_F "Abc", "abc ^Abc|"}, {"x|abc", CTRL_F "none", "x|abc"},
	{"|aaaa", CTRL_F "aa" ESC_ALONE F3, "aa^aa|"},
	{"|x\xC3\x84y", CTRL_F "\xC3\xA4", "x^\xC3\x84|y"},
	{"|abc abd abd", CTRL_F "abd" UP, "abc abd ^abd|"},
	{"one ^two| two", CTRL_F "\r", "one two ^two|"},
	{"|a.c abc", CTRL_F A_R "a[b]c", "a.c ^abc|"},
	{"|a.c abc", CTRL_F "a.c" A_R DOWN, "a.c ^abc|"},
	{"|in inn in", CTRL_F "in" A_W DOWN, "in inn ^in|"}, {"|AB ab", CTRL_F "ab" A_C, "AB ^ab|"},
	{"|a^ b\na b\na b", CTRL_F "b" A_S, "|a^ b\na b\na b"},
	{"a ^b\na b|\na b", CTRL_F "b" A_S DOWN DOWN, "a ^b|\na b\na b"},
	{"a|b", CTRL_F A_R "(", "a|b"}, {"b|a\nb", CTRL_F A_R "^b", "ba\n^b|"},
	/* replacing: one by one, all, in what is selected, by what was found */
	{"|ab ab ab", CTRL_R "ab\rx\ryny", "x ab x|"}, {"|ab ab", CTRL_R "ab\rx\ra", "x| x"},
	{"ab |ab ab", CTRL_R "ab\rx\ryyy", "x| x x"}, {"a|b ab", CTRL_R "ab\r\ra", " |"},
	{"|ab ab", CTRL_R "ab\rx\ry" ESC_ALONE "z", "x z|ab"},
	{"|ab ab", CTRL_R "none\rx\ra", "|ab ab"},
	{"|k=v\nl=w", CTRL_R A_R "(.)=(.)\r$2:\\1\ra", "v:k|\nw:l"},
	{"|aaa", CTRL_R "a\raa\ryyy", "aaaaaa|"}, {"|a\nb\n", CTRL_R A_R "^\r- \ra", "- |a\n- b\n"},
	{"x^x\nxx\n|xx", CTRL_R "x" A_S "\ry\ra", "xy|\nyy\nxx"},
	{"|ab ab", CTRL_R "ab\rx\ra" CTRL_Z, "^ab| ab"},
	{"|ab ab", CTRL_R "ab\rx\ryy" CTRL_Z, "x ^ab|"},
	/* by name */
	{"a|b", CTRL_P "dupline\r", "ab\na|b"}, {"a|b", CTRL_P "DOUBLE\r", "ab\na|b"},
	{"a|b",
		CTRL_P "select ev\r"
		       "x",
		"x|"},
	{"a|b",
		CTRL_P "zzzz\r"
		       "x",
		"ax|b"},
	{"ab|", CTRL_P "duplicate-line" ESC_ALONE "x", "abx|"},
	{"|a\nb", CTRL_P "duplicate-line\r" CTRL_P "\r", "a\na\n|a\nb"},
	/* going to a line */
	{"|a\nbcd\ne", CTRL_G "2\r", "a\n|bcd\ne"}, {"|a\nbcd\ne", CTRL_G "2:3\r", "a\nbc|d\ne"},
	{"|a\nbcd\ne", CTRL_G "2:99\r", "a\nbcd|\ne"}, {"|a\nbcd\ne", CTRL_G "-1\r", "a\nbcd\n|e"},
	{"|a\nbcd\ne", CTRL_G "99999999999999999999\r", "a\nbcd\n|e"},
	{"a\nb|cd\ne", CTRL_G "0\r", "|a\nbcd\ne"}, {"a\nbcd\n|e", CTRL_G "x\r", "a\nbcd\n|e"},
	{"a\nb\nc\nd|", CTRL_G "50%\r", "a\n|b\nc\nd"},
	{"a\nbcd\n|e", CTRL_G "1" ESC_ALONE, "a\nbcd\n|e"},
	/* taking back */
	{"|", "abc" CTRL_Z, "|"}, {"|", "abc" CTRL_Z CTRL_Y, "abc|"}, {"|", "ab cd" CTRL_Z, "ab |"},
	{"|", "ab cd" CTRL_Z CTRL_Z, "|"}, {"abc|", BACK BACK CTRL_Z, "abc|"},
	{"|abc", DEL DEL CTRL_Z, "|abc"}, {"|abc", PASTE("one two\nthree") CTRL_Z, "|abc"},
	{"a^bc|d", "x" CTRL_Z, "a^bc|d"}, {"|", "ab" HOME "x" CTRL_Z, "|ab"},
	{"|", "a" CTRL_Z "b" CTRL_Y, "b|"}, {"|", CTRL_Z CTRL_Y, "|"},
	/* clang-format on */
};

static void scenes_end_as_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct desk desk = desk_at(scenes[i].before);
		char what[32];
		snprintf(what, sizeof(what), "scene %zu", i);
		press(&desk, scenes[i].keys);
		assert_desk(&desk, scenes[i].after, what);
		desk_drop(&desk);
	}
}

/* Whatever was done can be taken back to the first text and done again to the last. */
static void everything_can_be_taken_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct desk desk = desk_at(scenes[i].before);
		struct text *before = text_copy(replica_text(desk.replica));
		press(&desk, scenes[i].keys);
		struct text *after = text_copy(replica_text(desk.replica));
		press(&desk, ESC_ALONE);
		if (!strstr(scenes[i].keys, CTRL_Z)) {
			press(&desk, CTRL_Z CTRL_Z CTRL_Z CTRL_Z CTRL_Z CTRL_Z CTRL_Z CTRL_Z);
			assert_true(text_equal(before, replica_text(desk.replica)));
			press(&desk, CTRL_Y CTRL_Y CTRL_Y CTRL_Y CTRL_Y CTRL_Y CTRL_Y CTRL_Y);
			assert_true(text_equal(after, replica_text(desk.replica)));
		}
		text_destroy(before);
		text_destroy(after);
		desk_drop(&desk);
	}
}

/* ---- several carets: each `|` is one, `^` before it the other end of its selection ---- */

static size_t unmark_all(const char *marked, struct buf *out, struct sel *sels)
{
	size_t points = 0, width, count = 0, anchor = SIZE_MAX;

	buf_clear(out);
	for (const char *at = marked; *at; at += width) {
		width = utf8_width(*at);
		if (*at == '|') {
			sels[count++] = (struct sel){anchor == SIZE_MAX ? points : anchor, points};
			anchor = SIZE_MAX;
		} else if (*at == '^') {
			anchor = points;
		} else {
			buf_add(out, at, width);
			points++;
		}
	}
	*buf_room(out, 1) = '\0';
	return count;
}

static void assert_all(struct desk *desk, const char *marked, const char *what)
{
	struct sel want[16], is[CARETS_MAX];
	struct buf text = {0};
	size_t count = unmark_all(marked, &text, want);
	size_t got_count = document_sels(&desk->ed->doc, is, NULL);
	char *got = text_slice(replica_text(desk->replica), 0, SIZE_MAX, NULL);

	if (strcmp(got, text.at) != 0 || got_count != count)
		fail_msg("%s: \"%s\" with %zu carets, wanted \"%s\" with %zu", what, got, got_count,
			text.at, count);
	for (size_t i = 0; i < count; i++)
		if (is[i].anchor != want[i].anchor || is[i].head != want[i].head)
			fail_msg("%s: caret %zu is %zu-%zu, wanted %zu-%zu", what, i, is[i].anchor,
				is[i].head, want[i].anchor, want[i].head);
	free(got);
	buf_fini(&text);
}

static struct desk desk_at_all(const char *marked)
{
	struct sel sels[16];
	struct buf text = {0};
	size_t count = unmark_all(marked, &text, sels);
	struct desk desk = desk_make(7, text.at, 0, false);

	document_select_all(&desk.ed->doc, sels, count, count - 1);
	buf_fini(&text);
	return desk;
}

static const struct scene many[] = {
	/* clang-format off: a table is read by its columns */
	{"|a\n|b", "xy", "xy|a\nxy|b"}, {"a|\nb|", "\r", "a\n|\nb\n|"}, {"^a|b^c|", "x", "x|bx|"},
	{"ab|cd|", BACK, "a|c|"}, {"|ab|cd", DEL, "|b|d"}, {"a|b|", BACK BACK, "|"},
	{"one| two|", A_BACK, "| |"}, {"|a b|", "x" CTRL_Z, "|a b|"},
	{"^ab|c^de|", "x" CTRL_Z, "^ab|c^de|"}, {"|a|b", "x" CTRL_Z CTRL_Y, "x|ax|b"},
	{"|ab\n|cd", RIGHT, "a|b\nc|d"}, {"|ab\n|cd", S_RIGHT, "^a|b\n^c|d"},
	{"a|b\nc|d", HOME, "|ab\n|cd"}, {"a|b\nc|d", END "x", "abx|\ncdx|"},
	{"|ab\n|cd\nef", DOWN, "ab\n|cd\n|ef"}, {"a|b|", LEFT LEFT, "|ab"},
	{"a|b|c", ESC_ALONE, "ab|c"}, {"^ab|c^de|", ESC_ALONE ESC_ALONE, "abcde|"},
	{"a\n|b", A_S_UP "x", "x|a\nx|b"}, {"|a\nb\nc", A_S_DOWN A_S_DOWN "x", "x|a\nx|b\nx|c"},
	{"abc|\nd\nefg", A_S_DOWN A_S_DOWN "x", "abcx|\ndx|\nefgx|"},
	{"a|b ab ab", A_N, "^ab| ab ab"}, {"a|b ab ab", A_N A_N, "^ab| ^ab| ab"},
	{"a|b ab ab", A_N A_N A_N "x", "x| x| x|"}, {"ab ^ab| ab", A_N A_N "x", "x| x| x|"},
	{"a|b abab Ab", A_L "x", "x| x|x| Ab"}, {"^a\nb\n|c", A_M "x", "ax|\nbx|\nc"},
	{"a|b|c|", A_P, "a|b|c"}, {"^ab| ^cd|", CTRL_C RIGHT CTRL_V, "abab| cdcd|"},
	{"^ab| ^cd| ", CTRL_X ESC_ALONE END CTRL_V, "  ab\ncd|"},
	{"a|b\nc|d\n", CTRL_C CTRL_V, "ab\na|b\ncd\nc|d\n"}, {"a|b\ncd\ne|f\n", CTRL_X, "|cd\n|"},
	{"|a\n|b", PASTE("x\ny"), "x\ny|a\nx\ny|b"},
	/* the mouse: a caret more, a caret less */
	{"|one", "\033[<16;7;2M\033[<16;7;2mx", "x|onx|e"},
	{"|one", "\033[<8;7;2M\033[<8;7;2m\033[<8;5;2M\033[<8;5;2m", "on|e"},
	/* lines */
	{"a|\nb\nc|", CTRL_D, "a\na|\nb\nc\nc|"}, {"a\nb|c\nd", A_UP, "b|c\na\nd"},
	{"a\nb|c\nd", A_DOWN, "a\nd\nb|c"}, {"a\n|b", A_UP, "|b\na"}, {"|a\nb", A_DOWN, "b\n|a"},
	{"|a\nb", A_UP, "|a\nb"}, {"a\n^b\n|c\n", A_UP, "^b\n|a\nc\n"},
	{"^a\nb\n|c\nd", A_DOWN, "c\n^a\nb\n|d"}, {"a|\nb\nc|\nd", A_DOWN, "b\na|\nd\nc|"},
	{"a|b\n  cd", A_J, "a|b cd"}, {"a|\n\nb", A_J, "a|\nb"}, {"^a\nb\nc|", A_J, "^a b c|"},
	{"^a\n \n\n  b|", A_J, "^a b|"}, {"^\n\nb|", A_J, "^b|"}, {"a| \nb", A_J, "a| b"},
	{"a\nb|\nc", A_K, "a\n|c"}, {"^a\nb|\nc", A_K, "|c"}, {"^a\nb|", "\t", "\t^a\n\tb|"},
	{"\ta|\n\tb", S_TAB, "a|\n\tb"}, {"^\ta\n        b\n c|", S_TAB, "^a\nb\nc|"},
	{"^a\n\n  b|", A_SLASH, "// ^a\n\n//   b|"},
	{"^  a\n    b|", A_SLASH, "^  // a\n  //   b|"}, {"^// a\n//   b|", A_SLASH, "^a\n  b|"},
	{"|a", A_SLASH A_SLASH, "|a"},
	/* brackets */
	{"f|(a[1])", CTRL_BRACKET, "f(a[1]|)"}, {"f(a[1]|)", CTRL_BRACKET, "f|(a[1])"},
	{"f(a[1])|", CTRL_BRACKET, "f|(a[1])"}, {"|(()", CTRL_BRACKET, "|(()"},
	{"if (x) {|", "\ry", "if (x) {\n\ty|"},
	/* what was copied before */
	{"^ab|cd", CTRL_C RIGHT S_RIGHT CTRL_C END CTRL_V, "abcdc|"},
	{"^ab|cd", CTRL_C RIGHT S_RIGHT CTRL_C END CTRL_V A_V, "abcdab|"},
	{"^ab|cd", CTRL_C A_V, "^ab|cd"},
	/* clang-format on */
};

static void carets_work_as_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		struct desk desk = desk_at_all(many[i].before);
		char what[48];
		snprintf(what, sizeof(what), "scene %zu of many", i);
		press(&desk, many[i].keys);
		assert_all(&desk, many[i].after, what);
		desk_drop(&desk);
	}
}

/* What was written at all carets is one step, and the step gives text and carets back as they were. */
static void many_are_one_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		struct desk desk = desk_at_all(many[i].before);
		struct text *before = text_copy(replica_text(desk.replica));
		press(&desk, many[i].keys);
		press(&desk, ESC_ALONE ESC_ALONE CTRL_Z CTRL_Z CTRL_Z);
		assert_true(text_equal(before, replica_text(desk.replica)));
		text_destroy(before);
		desk_drop(&desk);
	}
}

static void a_pause_begins_a_new_step(void **state)
{
	struct desk desk = desk_at("|");
	(void)state;

	press(&desk, "ab");
	desk.now += DOCUMENT_PAUSE_MS + 1;
	press(&desk, "cd");
	press(&desk, CTRL_Z);
	assert_desk(&desk, "ab|", "after a pause");
	desk_drop(&desk);
}

static void assert_step(struct desk *desk, size_t i, const char *wanted)
{
	char name[256];

	assert_true(backtrack_name(desk->ed, i, name, sizeof(name)));
	assert_string_equal(name, wanted);
}

/* By name, in the palette: what was chosen is undone, and all that came after it. */
static void steps_are_gone_back(void **state)
{
	struct desk desk = desk_at("|");
	char name[256];
	(void)state;

	press(&desk, "one");
	desk.now += 3600000;
	press(&desk, "four");
	desk.now += 120000;
	press(&desk, BACK BACK);
	desk.now += 30000;
	press(&desk, CTRL_P "undo to before del");
	assert_step(&desk, 0, "undo to before deleting \"ur\", 30 s ago");
	assert_step(&desk, 1, "undo to before typing 4 characters, 2 min ago");
	assert_step(&desk, 2, "undo to before typing 3 characters, 1 h ago");
	assert_false(backtrack_name(desk.ed, 3, name, sizeof(name)));
	press(&desk, "\r");
	assert_desk(&desk, "onefour|", "what was deleted is back");
	press(&desk, CTRL_P "undo to" DOWN "\r");
	assert_desk(&desk, "|", "both words are gone");
	press(&desk, CTRL_Y);
	assert_desk(&desk, "one|", "and can be redone one by one");
	desk_drop(&desk);
}

static void pages_scroll_the_view(void **state)
{
	struct buf lines = {0};
	(void)state;

	for (int i = 0; i < 200; i++)
		buf_printf(&lines, "%d\n", i);
	*buf_room(&lines, 1) = '\0';
	struct desk desk = desk_make(7, lines.at, 0, false);
	editor_resize(desk.ed, 80, 24); /* 21 rows of text */
	press(&desk, PAGE_DOWN);
	assert_int_equal(text_line_at(replica_text(desk.replica), desk.ed->doc.sel.head), 20);
	assert_int_equal(text_line_at(replica_text(desk.replica), desk.ed->view.top), 20);
	press(&desk, PAGE_DOWN PAGE_UP PAGE_UP);
	assert_int_equal(desk.ed->doc.sel.head, 0);
	assert_int_equal(desk.ed->view.top, 0);
	desk_drop(&desk);
	buf_fini(&lines);
}

/* On 20 columns a row has 19 cells: "one two three four ", "five six seven ", "eight". */
#define LONG(a, b, c) "one " a " four " b " seven " c
static const struct scene wrapped[] = {
	/* clang-format off: a table is read by its columns */
	{LONG("t|wo three", "five six", "eight"), DOWN, LONG("two three", "five |six", "eight")},
	{LONG("t|wo three", "five six", "eight"), DOWN DOWN,
		LONG("two three", "five six", "eight|")},
	{LONG("t|wo three", "five six", "eight"), DOWN UP UP,
		"|" LONG("two three", "five six", "eight")},
	{LONG("two three", "five six", "ei|ght") "\nx", DOWN,
		LONG("two three", "five six", "eight") "\nx|"},
	{LONG("two three", "five six", "eight") "\n12|3", UP UP,
		LONG("two three", "fi|ve six", "eight") "\n123"},
	/* the row between is shorter, the column is kept */
	{"one two three fo|ur five six seven eight", DOWN UP,
		"one two three fo|ur five six seven eight"},
	{"one two three fo|ur five six seven eight", DOWN,
		"one two three four five six seven| eight"},
	{LONG("t|wo three", "five six", "eight"), END, "one two three four| five six seven eight"},
	{LONG("t|wo three", "five six", "eight"), END END, LONG("two three", "five six", "eight|")},
	{LONG("two three", "five s|ix", "eight"), HOME, LONG("two three", "|five six", "eight")},
	{LONG("two three", "five s|ix", "eight"), HOME HOME,
		"|" LONG("two three", "five six", "eight")},
	{LONG("two three", "five s|ix", "eight"), END, "one two three four five six seven| eight"},
	{LONG("t|wo three", "five six", "eight"), S_DOWN, LONG("t^wo three", "five |six", "eight")},
	{LONG("t|wo three", "five six", "eight"), A_W DOWN,
		LONG("two three", "five six", "eight|")},
	{"|" LONG("two three", "five six", "eight"), "\033[<0;3;2M\033[<0;3;2m",
		LONG("two three", "fi|ve six", "eight")},
	{"|" LONG("two three", "five six", "eight"), "\033[<0;3;2M\033[<32;3;3M\033[<0;3;3m",
		LONG("two three", "fi^ve six", "ei|ght")},
	{"|aaaaaaaaaaaaaaaaaaaaaaaa", DOWN, "aaaaaaaaaaaaaaaaaaa|aaaaa"},
	{"|" NIHON NIHON NIHON NIHON NIHON, DOWN,
		NIHON NIHON NIHON NIHON "\xE6\x97\xA5|\xE6\x9C\xAC"},
	/* clang-format on */
};

static void rows_are_moved_by(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
		struct desk desk = desk_at(wrapped[i].before);
		char what[32];
		snprintf(what, sizeof(what), "wrapped scene %zu", i);
		editor_resize(desk.ed, 20, 5);
		desk.ed->settings.wrap = true;
		editor_settle(desk.ed);
		press(&desk, wrapped[i].keys);
		assert_desk(&desk, wrapped[i].after, what);
		desk_drop(&desk);
	}
}

/* More than what is searched at once: the answers come before the place is known. */
static void a_long_text_is_replaced_in_idle_time(void **state)
{
	size_t bytes = 5 * FIND_SLICE;
	char *long_text = mem_alloc(bytes + 1);
	(void)state;

	memset(long_text, '.', bytes);
	memcpy(long_text + bytes / 2 + bytes / 4, "needle", 6);
	struct desk desk = desk_make(7, long_text, 0, false);
	press(&desk, C_END CTRL_R "needle");
	assert_true(desk.ed->seek.waiting);
	press(&desk, "\rthread\ra");
	assert_true(desk.ed->seek.waiting);
	while (editor_idle(desk.ed, desk.now))
		;
	assert_string_equal(desk.ed->notice, "1 replaced.");
	memcpy(long_text + bytes / 2 + bytes / 4, "thread", 6);
	char *got = text_slice(replica_text(desk.replica), 0, SIZE_MAX, NULL);
	assert_true(strcmp(got, long_text) == 0);
	free(got);
	desk_drop(&desk);
	free(long_text);
}

/* ---- the mouse: 80 columns, the text begins in row 1, column 4 ---- */

static void the_mouse_points(void **state)
{
	struct desk desk = desk_at("|one two\n\tx\nlast");
	(void)state;

	press(&desk, "\033[<0;7;2M\033[<0;7;2m");
	assert_desk(&desk, "on|e two\n\tx\nlast", "click");
	press(&desk, "\033[<0;70;2M\033[<0;70;2m");
	assert_desk(&desk, "one two|\n\tx\nlast", "click behind the line");
	press(&desk, "\033[<0;8;3M\033[<0;8;3m");
	assert_desk(&desk, "one two\n|\tx\nlast", "click into a tab");
	press(&desk, "\033[<0;7;15M\033[<0;7;15m");
	assert_desk(&desk, "one two\n\tx\nlast|", "click below the text");
	press(&desk, "\033[<0;5;2M\033[<32;8;2M\033[<0;8;2m");
	assert_desk(&desk, "^one| two\n\tx\nlast", "drag");
	desk.now += 1000;
	press(&desk, "\033[<0;10;2M\033[<0;10;2m\033[<0;10;2M\033[<0;10;2m");
	assert_desk(&desk, "one ^two|\n\tx\nlast", "double click");
	press(&desk, "\033[<0;10;2M\033[<0;10;2m");
	assert_desk(&desk, "^one two\n|\tx\nlast", "triple click");
	desk_drop(&desk);
}

static void the_mouse_pastes_and_presses_keys(void **state)
{
	struct desk desk = desk_at("^one| two\nlast");
	(void)state;

	press(&desk, CTRL_C "\033[<1;6;3M\033[<1;6;3m");
	assert_desk(&desk, "one two\nlone|ast", "the middle button");
	/* " ^S Save  ^O Open": Open is from the 11th column to the 17th */
	press(&desk, "\033[<0;10;24M\033[<0;10;24m");
	assert_int_equal(desk.ed->prompt.kind, PROMPT_NONE);
	press(&desk, "\033[<0;11;24M\033[<0;11;24m");
	assert_int_equal(desk.ed->prompt.kind, PROMPT_OPEN);
	press(&desk, ESC_ALONE "\033[<0;17;24M\033[<0;17;24m");
	assert_int_equal(desk.ed->prompt.kind, PROMPT_OPEN);
	press(&desk, ESC_ALONE "\033[<0;18;24M\033[<0;18;24m");
	assert_int_equal(desk.ed->prompt.kind, PROMPT_NONE);
	assert_desk(&desk, "one two\nlone|ast", "beside it");
	desk_drop(&desk);
}

/* Copying changes nothing that is seen: it is told, and what of. */
static void what_is_copied_is_told(void **state)
{
	struct desk desk = desk_at("a^b|c\nd");
	(void)state;

	press(&desk, CTRL_C);
	assert_string_equal(desk.ed->notice, "Copied.");
	press(&desk, ESC_ALONE CTRL_C);
	assert_string_equal(desk.ed->notice, "The line is copied.");
	press(&desk, A_S_DOWN CTRL_C);
	assert_string_equal(desk.ed->notice, "The lines are copied.");
	desk_drop(&desk);
}

static void the_wheel_leaves_the_caret(void **state)
{
	struct buf lines = {0};
	(void)state;

	for (int i = 0; i < 200; i++)
		buf_printf(&lines, "%d\n", i);
	*buf_room(&lines, 1) = '\0';
	struct desk desk = desk_make(7, lines.at, 0, false);
	press(&desk, "\033[<65;5;5M\033[<65;5;5M");
	assert_int_equal(desk.ed->doc.sel.head, 0);
	size_t top = text_line_at(replica_text(desk.replica), desk.ed->view.top);
	assert_in_range(top, 2, 10);
	press(&desk, "\033[<64;5;5M\033[<64;5;5M");
	assert_int_equal(desk.ed->view.top, 0);
	desk_drop(&desk);
	buf_fini(&lines);
}

/* ---- what the owner is told ---- */

static void wants_are_told_once(void **state)
{
	struct desk desk = desk_at("a|");
	(void)state;

	assert_int_equal(editor_wants(desk.ed), 0);
	press(&desk, CTRL_S);
	assert_int_equal(editor_wants(desk.ed), EDITOR_WANT_SAVE);
	assert_int_equal(editor_wants(desk.ed), 0);
	press(&desk, CTRL_Q "\033z");
	assert_int_equal(editor_wants(desk.ed), EDITOR_WANT_QUIT | EDITOR_WANT_SUSPEND);
	editor_ask_quit(desk.ed, "Sure? (y/n)");
	press(&desk, "xn");
	assert_int_equal(editor_wants(desk.ed), 0);
	assert_desk(&desk, "a|", "a question takes the keys");
	press(&desk, "b");
	assert_desk(&desk, "ab|", "and then no more");
	editor_ask_quit(desk.ed, "Sure? (y/n)");
	press(&desk, "y");
	assert_int_equal(editor_wants(desk.ed), EDITOR_QUIT_SURE);
	desk_drop(&desk);
}

static void a_viewer_changes_nothing(void **state)
{
	struct desk desk = desk_make(7, "abc", 0, true);
	struct sel sel;
	(void)state;

	press(&desk, CTRL_C "x\r\t" BACK DEL CTRL_X CTRL_V CTRL_K CTRL_D PASTE("p"));
	assert_desk(&desk, "|abc", "read only");
	assert_string_equal(
		desk.ed->notice, "You are a viewer: you can read, point and chat, not write.");
	assert_true(editor_take_sel(desk.ed, &sel));
	press(&desk, RIGHT);
	assert_true(editor_take_sel(desk.ed, &sel));
	assert_int_equal(sel.head, 1);
	assert_string_equal(editor_activity(desk.ed, desk.now), "active");
	editor_set_read_only(desk.ed, false);
	press(&desk, "x");
	assert_desk(&desk, "ax|bc", "may write now");
	desk_drop(&desk);
}

static void typing_needs_no_word_about_the_caret(void **state)
{
	struct desk desk = desk_at("one |two");
	struct sel sel;
	(void)state;

	assert_true(editor_take_sel(desk.ed, &sel)); /* the first time */
	assert_int_equal(sel.head, 4);
	press(&desk, "new ");
	assert_false(editor_take_sel(desk.ed, &sel));
	press(&desk, BACK BACK);
	assert_false(editor_take_sel(desk.ed, &sel));
	press(&desk, "\r" PASTE("x\ny"));
	assert_false(editor_take_sel(desk.ed, &sel));
	press(&desk, LEFT);
	assert_true(editor_take_sel(desk.ed, &sel));
	assert_int_equal(sel.head, desk.ed->doc.sel.head);
	press(&desk, S_RIGHT);
	assert_true(editor_take_sel(desk.ed, &sel));
	press(&desk, "z"); /* over a selection: both its ends come behind the letter */
	assert_false(editor_take_sel(desk.ed, &sel));
	desk_drop(&desk);
}

static void activity_follows_the_keys(void **state)
{
	struct desk desk = desk_at("|");
	(void)state;

	assert_string_equal(editor_activity(desk.ed, desk.now), "active");
	press(&desk, RIGHT);
	assert_string_equal(editor_activity(desk.ed, desk.now), "active");
	press(&desk, "a");
	assert_string_equal(editor_activity(desk.ed, desk.now + 1999), "typing");
	assert_int_equal(editor_next_change(desk.ed, desk.now), 2000);
	assert_string_equal(editor_activity(desk.ed, desk.now + 2000), "active");
	assert_string_equal(editor_activity(desk.ed, desk.now + 5 * 60 * 1000 - 1), "active");
	assert_string_equal(editor_activity(desk.ed, desk.now + 5 * 60 * 1000), "away");
	desk_drop(&desk);
}

static void saved_is_what_is_on_disk(void **state)
{
	struct desk desk = desk_at("a|");
	struct op remote = {0}, shown;
	const struct op *sent;
	uint64_t rev, seq;
	(void)state;

	assert_true(desk.ed->doc.saved);
	press(&desk, "b");
	assert_false(desk.ed->doc.saved);
	assert_true(replica_send(desk.replica, &rev, &seq, &sent));
	editor_saved(desk.ed, 0); /* an older revision */
	assert_false(desk.ed->doc.saved);
	assert_int_equal(replica_ack(desk.replica, 1, seq), ERR_NONE);
	editor_saved(desk.ed, 1);
	assert_true(desk.ed->doc.saved);
	op_insert(&remote, "x", 1);
	assert_int_equal(replica_receive(desk.replica, 2, 3, &remote, &shown), ERR_NONE);
	editor_remote(desk.ed, 3, &shown);
	assert_false(desk.ed->doc.saved);
	op_fini(&remote);
	op_fini(&shown);
	desk_drop(&desk);
}

/* ---- others' edits ---- */

/* Somebody's op, done to the text here as the next revision. */
static void remote(struct desk *desk, uint64_t user, size_t pos, const char *text, size_t cut)
{
	struct op op = {0}, shown;

	op_retain(&op, pos);
	op_insert(&op, text, strlen(text));
	op_delete(&op, cut);
	assert_int_equal(
		replica_receive(desk->replica, replica_rev(desk->replica) + 1, user, &op, &shown),
		ERR_NONE);
	editor_remote(desk->ed, user, &shown);
	op_fini(&op);
	op_fini(&shown);
}

static void carets_move_with_the_text(void **state)
{
	struct desk desk = desk_at("one |two");
	struct sel linus = {4, 7};
	(void)state;

	editor_person(desk.ed, &(struct editor_person){3, "Linus", "", "editor", "active", false});
	editor_person_sels(desk.ed, 3, &linus, 1);
	remote(&desk, 3, 0, "zero ", 0);
	assert_desk(&desk, "zero one |two", "an edit before the caret");
	remote(&desk, 3, 9, "x", 0); /* at the caret: a lower id stands first, so ours is pushed */
	assert_desk(&desk, "zero one x|two", "an edit at the caret, by a lower id");
	remote(&desk, 9, 10, "y", 0);
	assert_desk(&desk, "zero one x|ytwo", "an edit at the caret, by a higher id");
	press(&desk, "z");
	assert_desk(&desk, "zero one xz|ytwo", "an own edit");
	assert_int_equal(desk.ed->people.at[0].sels[0].anchor,
		10); /* behind Linus' x; ours is above his and does not push */
	remote(&desk, 3, 5, "", 9);
	assert_desk(
		&desk, "zero z|", "a deletion around the caret: what is not yet theirs survives");
	desk_drop(&desk);
}

static void undo_takes_only_ones_own(void **state)
{
	struct desk desk = desk_at("|");
	const struct op *sent;
	uint64_t rev, seq;
	(void)state;

	press(&desk, "mine");
	while (replica_send(desk.replica, &rev, &seq, &sent))
		assert_int_equal(
			replica_ack(desk.replica, replica_rev(desk.replica) + 1, seq), ERR_NONE);
	remote(&desk, 3, 2, "theirs", 0);
	assert_desk(&desk, "mitheirsne|", "theirs within mine");
	press(&desk, CTRL_Z);
	char *got = text_slice(replica_text(desk.replica), 0, SIZE_MAX, NULL);
	assert_string_equal(got, "theirs");
	free(got);
	press(&desk, CTRL_Z CTRL_Y);
	got = text_slice(replica_text(desk.replica), 0, SIZE_MAX, NULL);
	assert_string_equal(got, "mitheirsne");
	free(got);
	desk_drop(&desk);
}

static void edits_above_do_not_move_the_view(void **state)
{
	struct buf lines = {0};
	(void)state;

	for (int i = 0; i < 200; i++)
		buf_printf(&lines, "%03d\n", i);
	*buf_room(&lines, 1) = '\0';
	struct desk desk = desk_make(7, lines.at, 0, false);
	press(&desk, PAGE_DOWN PAGE_DOWN);
	size_t top = text_line_at(replica_text(desk.replica), desk.ed->view.top);
	remote(&desk, 3, 0, "new\nlines\nabove\n", 0);
	assert_int_equal(text_line_at(replica_text(desk.replica), desk.ed->view.top), top + 3);
	remote(&desk, 3, desk.ed->view.top, "right above\n", 0);
	assert_int_equal(text_line_at(replica_text(desk.replica), desk.ed->view.top), top + 4);
	remote(&desk, 3, 0, "", 16);
	assert_int_equal(text_line_at(replica_text(desk.replica), desk.ed->view.top), top + 1);
	desk_drop(&desk);
	buf_fini(&lines);
}

static void keys_come_before_the_text(void **state)
{
	struct desk desk = {.ed = editor_create(), .keys = keys_create(), .now = 1000000};
	struct sel sel;
	(void)state;

	press(&desk, "y" CTRL_Z RIGHT CTRL_F PAGE_DOWN "\033[<0;7;2M");
	assert_false(editor_take_sel(desk.ed, &sel));
	assert_non_null(strstr(desk.ed->notice, "There is no text yet"));
	desk_drop(&desk);
}

static void the_caret_survives_a_reconnect(void **state)
{
	struct desk desk = desk_at("one\ntw|o\nthree");
	struct text *t;
	struct sel sel;
	(void)state;

	press(&desk, "x");
	assert_true(editor_take_sel(desk.ed, &sel));
	assert_int_equal(text_load(&t, "one\ntwxo\n", 9), ERR_NONE);
	struct replica *fresh = replica_create(t, 9, 7);
	editor_open(desk.ed, fresh, &(struct editor_document){"main.c", false, false});
	replica_destroy(desk.replica);
	desk.replica = fresh;
	assert_desk(&desk, "one\ntwx|o\n", "opened again");
	assert_true(editor_take_sel(desk.ed, &sel));
	desk_drop(&desk);
}

/* ---- two people and a server ---- */

#define PEOPLE 2

struct room {
	struct log *log;
	struct desk desks[PEOPLE];
	struct peer peers[PEOPLE];
	uint64_t seen[PEOPLE]; /* the newest revision delivered */
};

static uint64_t seed;

static size_t roll(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % below;
}

static struct room room_make(const char *text)
{
	struct room room = {0};
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	room.log = log_create(t, 0);
	for (uint64_t i = 0; i < PEOPLE; i++) {
		room.desks[i] = desk_make(i + 1, text, 0, false);
		room.peers[i] = peer_at(i + 1, 0);
		for (uint64_t k = 0; k < PEOPLE; k++)
			editor_person(room.desks[i].ed, &(struct editor_person){k + 1, "P", "",
								"editor", "active", i == k});
	}
	return room;
}

static void room_drop(struct room *room)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		desk_drop(&room->desks[i]);
		peer_fini(&room->peers[i]);
	}
	log_destroy(room->log);
}

static void room_send(struct room *room, size_t i)
{
	const struct op *op;
	uint64_t rev, seq;

	while (replica_send(room->desks[i].replica, &rev, &seq, &op))
		assert_int_equal(log_receive(room->log, &room->peers[i], rev, seq, op), ERR_NONE);
}

static void room_deliver(struct room *room, size_t i)
{
	while (room->seen[i] < log_rev(room->log)) {
		uint64_t rev = ++room->seen[i];
		const struct log_entry *entry = log_entry(room->log, rev);
		struct op shown = {0};
		if (entry->user == i + 1) {
			assert_int_equal(
				replica_ack(room->desks[i].replica, rev, entry->seq), ERR_NONE);
			continue;
		}
		assert_int_equal(replica_receive(room->desks[i].replica, rev, entry->user,
					 &entry->op, &shown),
			ERR_NONE);
		editor_remote(room->desks[i].ed, entry->user, &shown);
		op_fini(&shown);
	}
}

static void two_people_meet(void **state)
{
	static const char *const keys[] = {"a", "b", " ", "\r", "\t", BACK, DEL, LEFT, RIGHT, UP,
		DOWN, S_RIGHT, S_LEFT, C_LEFT, C_RIGHT, CTRL_Z, CTRL_Y, CTRL_C, CTRL_X, CTRL_V,
		CTRL_D, CTRL_K, HOME, END, A_S_DOWN, A_N, A_UP, A_DOWN, A_J, A_SLASH, S_TAB,
		PASTE("two\nlines"), E_ACUTE, FAMILY, "hello", "x", "y"};
	(void)state;

	for (seed = 1; seed < 40; seed += 2) {
		uint64_t first = seed;
		struct room room = room_make("one\ntwo " FLAG "\n\tthree\n");
		for (int k = 0; k < 300; k++) {
			size_t i = roll(PEOPLE);
			if (text_size(log_text(room.log)).points < 5000 || roll(2))
				press(&room.desks[i], keys[roll(sizeof(keys) / sizeof(keys[0]))]);
			if (roll(3) == 0)
				room_send(&room, roll(PEOPLE));
			if (roll(3) == 0)
				room_deliver(&room, roll(PEOPLE));
		}
		for (size_t i = 0; i < PEOPLE; i++)
			room_send(&room, i);
		for (size_t i = 0; i < PEOPLE; i++) {
			room_deliver(&room, i);
			if (!text_equal(log_text(room.log), replica_text(room.desks[i].replica)))
				fail_msg("seed %llu: person %zu has another text",
					(unsigned long long)first, i + 1);
		}
		room_drop(&room);
		seed = first;
	}
}

/* What is told of carets is enough for the others to know where they are, once all has arrived. */
static void carets_are_where_the_others_see_them(void **state)
{
	static const char *const keys[] = {"a", "b", " ", "\r", BACK, DEL, LEFT, RIGHT, S_RIGHT,
		CTRL_Z, CTRL_X, CTRL_D, CTRL_V, "xyz", A_S_DOWN, A_S_UP, A_N, A_DOWN, A_J,
		ESC_ALONE};
	(void)state;

	for (seed = 1; seed < 40; seed += 2) {
		uint64_t first = seed;
		struct room room = room_make("one\ntwo three\n");
		for (int k = 0; k < 200; k++) {
			size_t i = roll(PEOPLE), other = 1 - i;
			const struct editor *ed = room.desks[i].ed;
			const struct person *seen;
			const struct sel *sels;
			size_t count;
			press(&room.desks[i], keys[roll(sizeof(keys) / sizeof(keys[0]))]);
			room_send(&room, i);
			room_deliver(&room, i);
			room_deliver(&room, other);
			if ((count = editor_take_sels(room.desks[i].ed, &sels)))
				editor_person_sels(room.desks[other].ed, i + 1, sels, count);
			seen = &room.desks[other].ed->people.at[i];
			assert_int_equal(seen->count, ed->doc.more.count + 1);
			assert_int_equal(seen->sels[0].head, ed->doc.sel.head);
			assert_int_equal(seen->sels[0].anchor, ed->doc.sel.anchor);
			assert_memory_equal(seen->sels + 1, ed->doc.more.at,
				ed->doc.more.count * sizeof(*sels));
		}
		room_drop(&room);
		seed = first;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenes_end_as_told),
		cmocka_unit_test(everything_can_be_taken_back),
		cmocka_unit_test(carets_work_as_one),
		cmocka_unit_test(many_are_one_step),
		cmocka_unit_test(a_pause_begins_a_new_step),
		cmocka_unit_test(steps_are_gone_back),
		cmocka_unit_test(pages_scroll_the_view),
		cmocka_unit_test(rows_are_moved_by),
		cmocka_unit_test(a_long_text_is_replaced_in_idle_time),
		cmocka_unit_test(the_mouse_points),
		cmocka_unit_test(the_mouse_pastes_and_presses_keys),
		cmocka_unit_test(what_is_copied_is_told),
		cmocka_unit_test(the_wheel_leaves_the_caret),
		cmocka_unit_test(wants_are_told_once),
		cmocka_unit_test(a_viewer_changes_nothing),
		cmocka_unit_test(typing_needs_no_word_about_the_caret),
		cmocka_unit_test(activity_follows_the_keys),
		cmocka_unit_test(saved_is_what_is_on_disk),
		cmocka_unit_test(carets_move_with_the_text),
		cmocka_unit_test(undo_takes_only_ones_own),
		cmocka_unit_test(edits_above_do_not_move_the_view),
		cmocka_unit_test(keys_come_before_the_text),
		cmocka_unit_test(the_caret_survives_a_reconnect),
		cmocka_unit_test(two_people_meet),
		cmocka_unit_test(carets_are_where_the_others_see_them),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("editor", tests, NULL, NULL);
}
