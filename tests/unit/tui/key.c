/*
 * The bytes are those that xterm (ctlseqs), the Linux console (console_codes(4)), rxvt and kitty's protocol document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "tui/key.h"

#define C KEY_CTRL
#define A KEY_ALT
#define S KEY_SHIFT

struct row {
	const char *bytes;
	uint32_t code;
	unsigned mods;
};

static const struct row rows[] = {
	/* clang-format off */
	/* characters */
	{"a", 'a', 0}, {"A", 'A', 0}, {"~", '~', 0}, {" ", ' ', 0},
	{"\xC3\xA9", 0xE9, 0}, {"\xE2\x82\xAC", 0x20AC, 0}, {"\xF0\x9F\x98\x80", 0x1F600, 0},
	/* control */
	{"\x01", 'a', C}, {"\x13", 's', C}, {"\x1A", 'z', C}, {"\x1C", '\\', C}, {"\x1F", '_', C},
	{"\t", KEY_TAB, 0}, {"\r", KEY_ENTER, 0}, {"\n", KEY_ENTER, 0}, {"\x7F", KEY_BACKSPACE, 0}, {"\b", KEY_BACKSPACE, 0},
	/* Alt as ESC */
	{"\033x", 'x', A}, {"\033X", 'X', A}, {"\033\x7F", KEY_BACKSPACE, A}, {"\033\r", KEY_ENTER, A}, {"\033\x01", 'a', A | C},
	{"\033\xC3\xA9", 0xE9, A}, {"\033\033[A", KEY_UP, A},
	/* xterm, both cursor modes */
	{"\033[A", KEY_UP, 0}, {"\033OA", KEY_UP, 0}, {"\033[D", KEY_LEFT, 0}, {"\033OH", KEY_HOME, 0}, {"\033[F", KEY_END, 0},
	{"\033[1;2A", KEY_UP, S}, {"\033[1;3B", KEY_DOWN, A}, {"\033[1;5C", KEY_RIGHT, C}, {"\033[1;6D", KEY_LEFT, C | S},
	{"\033[1;8H", KEY_HOME, C | S | A}, {"\033[1;5F", KEY_END, C},
	{"\033[2~", KEY_INSERT, 0}, {"\033[3~", KEY_DELETE, 0}, {"\033[3;5~", KEY_DELETE, C}, {"\033[5~", KEY_PAGE_UP, 0},
	{"\033[6;2~", KEY_PAGE_DOWN, S}, {"\033[1~", KEY_HOME, 0}, {"\033[4~", KEY_END, 0}, {"\033[Z", KEY_TAB, S},
	{"\033OP", KEY_F1, 0}, {"\033OS", KEY_F4, 0}, {"\033[1;2R", KEY_F3, S}, {"\033[15~", KEY_F5, 0}, {"\033[24;5~", KEY_F12, C},
	{"\033[?2026;2$y", KEY_SYNCHRONIZES, 0}, {"\033[?2026;1$y", KEY_SYNCHRONIZES, 0},
	{"\033[I", KEY_FOCUS_IN, 0}, {"\033[O", KEY_FOCUS_OUT, 0},
	/* the Linux console, rxvt */
	{"\033[[A", KEY_F1, 0}, {"\033[[E", KEY_F5, 0}, {"\033[7~", KEY_HOME, 0}, {"\033[8~", KEY_END, 0}, {"\033[3^", KEY_DELETE, C},
	{"\033[7$", KEY_HOME, S}, {"\033[5@", KEY_PAGE_UP, C | S}, {"\033[a", KEY_UP, S},
	/* the number pad in application mode */
	{"\033OM", KEY_ENTER, 0}, {"\033Ok", '+', 0}, {"\033Op", '0', 0}, {"\033Oy", '9', 0},
	/* CSI u and modifyOtherKeys */
	{"\033[97;5u", 'a', C}, {"\033[97;2u", 'A', 0}, {"\033[122;6u", 'z', C | S}, {"\033[13;5u", KEY_ENTER, C}, {"\033[27u", KEY_ESC, 0},
	{"\033[9;2u", KEY_TAB, S}, {"\033[127;5u", KEY_BACKSPACE, C}, {"\033[233u", 0xE9, 0}, {"\033[97:65;5:1u", 'a', C},
	/* kitty's protocol: with the key it is with Shift, and the one of the keyboard that shortcuts are made for */
	{"\033[105;5u", 'i', C}, {"\033[109;5u", 'm', C}, {"\033[91;5u", '[', C}, {"\033[122:90;6u", 'z', C | S},
	{"\033[1089::99;5u", 'c', C}, {"\033[1092:1060:97;6u", 'a', C | S}, {"\033[1089::99;3u", 'c', A}, {"\033[1089u", 0x441, 0},
	{"\033[55:47;6u", '/', C}, {"\033[45:95;6u", '_', C}, {"\033[105;69u", 'i', C} /* Caps Lock */, {"\033[97;133u", 'a', C} /* Num Lock */,
	{"\033[57399u", '0', 0}, {"\033[57408u", '9', 0}, {"\033[57414u", KEY_ENTER, 0}, {"\033[57417;2u", KEY_LEFT, S}, {"\033[57426u", KEY_DELETE, 0},
	/* answers */
	{"\033[?0u", KEY_TELLS_KEYS, 0}, {"\033[?5u", KEY_TELLS_KEYS, 0}, {"\033[?62;22c", KEY_ANSWERED, 0}, {"\033[?6c", KEY_ANSWERED, 0},
	{"\033]11;rgb:0000/0000/0000\a", KEY_DARK, 0}, {"\033]11;rgb:0000/0000/0000\033\\", KEY_DARK, 0},
	{"\033]11;rgb:ffff/ffff/dddd\033\\", KEY_LIGHT, 0}, {"\033]11;#fffff0\a", KEY_LIGHT, 0},
	{"\033[27;5;13~", KEY_ENTER, C}, {"\033[27;6;90~", 'z', C | S}, {"\033[1;5:2C", KEY_RIGHT, C},
	/* clang-format on */
};

/* Replies, key releases, mouse reports of no use, and unknown sequences: nothing must come of them, and what follows must. */
static const char *const dropped[] = {
	"\033[>41;354;0c",
	"\033]10;rgb:0000/0000/0000\a",
	"\033]11;rgb:0000/0000\033\\",
	"\033[97;9u",  /* with Super */
	"\033[57441u", /* Shift alone */
	"\033P1+r544e\033\\",
	"\033_Gi=1;OK\033\\",
	"\033[?2026;0$y",
	"\033[?2026;4$y",
	"\033[?12;2$y",
	"\033[99~",
	"\033[57358u",
	"\033[55296u",
	"\033[1114112u",
	"\033[97;5:3u",
	"\033[1;1:3A",
	"\033[<35;10;5M",
	"\033[<66;10;5M",
	"\033[<0;0;0M",
	"\033[M !!",
	"\033[=5X",
	"\033[1;2;3;4;5;6;7;8;9;10;11;12q",
	"\033[99999999999999999999~",
};

struct got {
	size_t count;
	struct key at[64];
	char text[64][64];
};

static void take(struct keys *keys, struct got *got)
{
	for (struct key key; got->count < 64 && keys_next(keys, &key); got->count++) {
		got->at[got->count] = key;
		got->at[got->count].text = NULL;
		snprintf(got->text[got->count], 64, "%.*s", (int)key.bytes,
			key.text ? key.text : "");
	}
}

/* Fed in pieces, cut before byte `cut`; step 0: one cut, else one every `step` bytes. */
static struct got decode(const char *bytes, size_t len, size_t cut, size_t step)
{
	struct keys *keys = keys_create();
	struct got got = {0};

	if (step) {
		for (size_t i = 0; i < len; i += step) {
			keys_feed(keys, bytes + i, i + step < len ? step : len - i);
			take(keys, &got);
		}
	} else {
		keys_feed(keys, bytes, cut);
		take(keys, &got);
		keys_feed(keys, bytes + cut, len - cut);
		take(keys, &got);
	}
	assert_false(keys_waiting(keys));
	keys_destroy(keys);
	return got;
}

static void assert_same(const struct got *a, const struct got *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->at[i].code, b->at[i].code);
		assert_int_equal(a->at[i].mods, b->at[i].mods);
		assert_int_equal(a->at[i].mouse, b->at[i].mouse);
		assert_int_equal(a->at[i].button, b->at[i].button);
		assert_int_equal(a->at[i].row, b->at[i].row);
		assert_int_equal(a->at[i].col, b->at[i].col);
		assert_int_equal(a->at[i].bytes, b->at[i].bytes);
		assert_string_equal(a->text[i], b->text[i]);
	}
}

/* However the bytes come, the keys are the same. */
static struct got decode_all_ways(const char *bytes, size_t len)
{
	struct got whole = decode(bytes, len, len, 0);

	for (size_t cut = 1; cut < len; cut++) {
		struct got parts = decode(bytes, len, cut, 0);
		assert_same(&whole, &parts);
	}
	for (size_t step = 1; step < 4; step++) {
		struct got parts = decode(bytes, len, 0, step);
		assert_same(&whole, &parts);
	}
	return whole;
}

static void each_key_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct got got = decode_all_ways(rows[i].bytes, strlen(rows[i].bytes));
		if (got.count != 1 || got.at[0].code != rows[i].code ||
			got.at[0].mods != rows[i].mods)
			fail_msg("row %zu, \"ESC%s\": %zu keys, first %X mods %u", i,
				rows[i].bytes + 1, got.count, (unsigned)got.at[0].code,
				got.at[0].mods);
	}
}

static void keys_follow_each_other(void **state)
{
	struct buf all = {0};
	size_t count = sizeof(rows) / sizeof(rows[0]);
	(void)state;

	for (size_t first = 0; first < count; first += 32) {
		size_t end = first + 32 < count ? first + 32 : count;
		buf_clear(&all);
		for (size_t i = first; i < end; i++)
			buf_add_str(&all, rows[i].bytes);
		struct got got = decode(all.at, all.len, 0, 1);
		assert_int_equal(got.count, end - first);
		for (size_t i = first; i < end; i++)
			assert_int_equal(got.at[i - first].code, rows[i].code);
	}
	buf_fini(&all);
}

static void what_is_no_key_is_dropped(void **state)
{
	char bytes[128];
	(void)state;

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		snprintf(bytes, sizeof(bytes), "%sz", dropped[i]);
		struct got got = decode_all_ways(bytes, strlen(bytes));
		if (got.count != 1 || got.at[0].code != 'z')
			fail_msg("row %zu, \"ESC%s\": %zu keys", i, dropped[i] + 1, got.count);
	}
}

/* In pieces with pauses between, each longer than a lone Esc is waited for: the first piece must not be that alone. */
static void an_answer_is_not_cut_by_pauses(void **state)
{
	static const struct {
		const char *bytes;
		size_t from; /* bytes that come at once */
		uint32_t code;
	} answers[] = {{"\033[?62;22c", 3, KEY_ANSWERED}, {"\033[?5u", 3, KEY_TELLS_KEYS},
		{"\033]11;rgb:ffff/ffff/ffff\033\\", 3, KEY_LIGHT},
		{"\033]11;rgb:1111/1111/1111\a", 4, KEY_DARK}};
	(void)state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct keys *keys = keys_create();
		struct got got = {0};
		const char *at = answers[i].bytes;
		keys_feed(keys, at, answers[i].from);
		for (at += answers[i].from; *at; at++) {
			take(keys, &got);
			keys_flush(keys);
			take(keys, &got);
			keys_feed(keys, at, 1);
		}
		keys_feed(keys, "z", 1);
		take(keys, &got);
		assert_int_equal(got.count, 2);
		assert_int_equal(got.at[0].code, answers[i].code);
		assert_int_equal(got.at[1].code, 'z');
		keys_destroy(keys);
	}
}

/* An answer whose rest never comes keeps nobody waiting, and takes no more than what it is cut by. */
static void what_is_left_of_an_answer_does_no_harm(void **state)
{
	static const char *const cut[] = {"\033[?62;", "\033]11;rgb:ff"};
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct keys *keys = keys_create();
		struct got got = {0};
		keys_feed(keys, cut[i], strlen(cut[i]));
		take(keys, &got);
		for (int pauses = 0; keys_waiting(keys); pauses++) {
			assert_true(pauses < 1000);
			keys_flush(keys);
			take(keys, &got);
		}
		keys_feed(keys, "\rxyz", 4); /* Enter is in no sequence */
		take(keys, &got);
		assert_int_equal(got.count, 4);
		assert_int_equal(got.at[0].code, KEY_ENTER);
		keys_destroy(keys);
	}
}

static void esc_before_an_answer_is_esc(void **state)
{
	struct got got = decode_all_ways("\033\033[?1;2cz", 9);
	(void)state;

	assert_int_equal(got.count, 3);
	assert_int_equal(got.at[0].code, KEY_ESC);
	assert_int_equal(got.at[1].code, KEY_ANSWERED);
	assert_int_equal(got.at[2].code, 'z');
}

/* While answers are to come an Esc is one soon, even where it is the first byte of an answer on a line that stopped just there. */
static void an_esc_may_turn_out_to_be_an_answer(void **state)
{
	static const struct {
		const char *before,
			*bytes; /* those that come after the Esc was given: in one piece, and then byte by byte */
		uint32_t codes[4];
	} cases[] = {
		{"\033", "[?62;22cz", {KEY_ESC, KEY_ANSWERED, 'z'}},
		{"\033", "]11;rgb:ffff/ffff/ffff\033\\z", {KEY_ESC, KEY_LIGHT, 'z'}},
		{"\033", "z", {KEY_ESC, 'z'}},
		{"\033", "[z", {KEY_ESC, '[', 'z'}},
		{"\033", "]z", {KEY_ESC, ']', 'z'}},
		{"\033", "\033[Az", {KEY_ESC, KEY_UP, 'z'}},
		{"\033", "\033[?62cz", {KEY_ESC, KEY_ANSWERED, 'z'}},
		{"x\033", "\r", {'x', KEY_ESC, KEY_ENTER}},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) * 2; i++) {
		struct keys *keys = keys_create();
		struct got got = {0};
		const char *at = cases[i / 2].bytes;
		size_t step = i % 2 ? 1 : strlen(at), n = 0;
		keys_expect(keys, true);
		keys_feed(keys, cases[i / 2].before, strlen(cases[i / 2].before));
		take(keys, &got);
		assert_true(keys_lone_esc(keys));
		keys_flush(keys);
		take(keys, &got);
		assert_false(keys_waiting(keys));
		for (; *at; at += step) {
			keys_feed(keys, at, step);
			take(keys, &got);
		}
		for (; n < 4 && cases[i / 2].codes[n]; n++)
			assert_int_equal(got.at[n].code, cases[i / 2].codes[n]);
		assert_int_equal(got.count, n);
		keys_destroy(keys);
	}
}

/* What waits behind it waits no longer than any other. */
static void a_bracket_behind_an_esc_is_one(void **state)
{
	struct keys *keys = keys_create();
	struct got got = {0};
	(void)state;

	keys_expect(keys, true);
	keys_feed(keys, "\033", 1);
	keys_flush(keys);
	take(keys, &got);
	keys_feed(keys, "[", 1);
	take(keys, &got);
	assert_int_equal(got.count, 1);
	assert_true(keys_waiting(keys));
	keys_flush(keys);
	take(keys, &got);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.at[1].code, '[');
	assert_false(keys_waiting(keys));
	keys_destroy(keys);
}

static void bad_utf8_is_replaced(void **state)
{
	(void)state;
	/* Unicode 15, 3.9: a lone continuation, an overlong slash, a surrogate, above U+10FFFF */
	static const char *const bad[] = {
		"\x80", "\xC0", "\xFF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2z"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char bytes[16];
		snprintf(bytes, sizeof(bytes), "%s...", bad[i]);
		struct got got = decode_all_ways(bytes, strlen(bytes));
		assert_true(got.count >= 2);
		assert_int_equal(got.at[0].code, 0xFFFD);
		assert_int_equal(got.at[got.count - 1].code, '.');
	}
}

static void mouse_is_decoded(void **state)
{
	static const struct {
		const char *bytes;
		enum key_mouse mouse;
		int button, row, col;
		unsigned mods;
	} mice[] = {
		{"\033[<0;1;1M", KEY_MOUSE_DOWN, 0, 0, 0, 0},
		{"\033[<0;231;57m", KEY_MOUSE_UP, 0, 56, 230, 0},
		{"\033[<32;10;5M", KEY_MOUSE_DRAG, 0, 4, 9, 0},
		{"\033[<2;10;5M", KEY_MOUSE_DOWN, 2, 4, 9, 0},
		{"\033[<4;10;5M", KEY_MOUSE_DOWN, 0, 4, 9, KEY_SHIFT},
		{"\033[<24;10;5M", KEY_MOUSE_DOWN, 0, 4, 9, KEY_ALT | KEY_CTRL},
		{"\033[<64;10;5M", KEY_MOUSE_WHEEL_UP, 0, 4, 9, 0},
		{"\033[<65;10;5M", KEY_MOUSE_WHEEL_DOWN, 1, 4, 9, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(mice) / sizeof(mice[0]); i++) {
		struct got got = decode_all_ways(mice[i].bytes, strlen(mice[i].bytes));
		assert_int_equal(got.count, 1);
		assert_int_equal(got.at[0].code, KEY_MOUSE);
		assert_int_equal(got.at[0].mouse, mice[i].mouse);
		assert_int_equal(got.at[0].button, mice[i].button);
		assert_int_equal(got.at[0].row, mice[i].row);
		assert_int_equal(got.at[0].col, mice[i].col);
		assert_int_equal(got.at[0].mods, mice[i].mods);
	}
}

static void a_paste_is_one_key(void **state)
{
	static const struct {
		const char *bytes, *text;
	} pastes[] = {
		{"\033[200~hello\033[201~", "hello"},
		{"\033[200~\033[201~", ""},
		{"\033[200~a\r\nb\rc\nd\033[201~", "a\nb\nc\nd"},
		{"\033[200~x\033[A\007y\033[201~", "x\033[A\007y"},
		{"\033[200~\033[20\033[201\033[201~", "\033[20\033[201"},
		{"\033[200~b\xFF!\xC3\xA9\033[201~", "b\xEF\xBF\xBD!\xC3\xA9"},
		{"\033[200~\xE2\x82\033[201~", "\xEF\xBF\xBD\xEF\xBF\xBD"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(pastes) / sizeof(pastes[0]); i++) {
		char bytes[128];
		snprintf(bytes, sizeof(bytes), "%sz", pastes[i].bytes);
		struct got got = decode_all_ways(bytes, strlen(bytes));
		assert_int_equal(got.count, 2);
		assert_int_equal(got.at[0].code, KEY_PASTE);
		assert_string_equal(got.text[0], pastes[i].text);
		assert_int_equal(got.at[1].code, 'z');
	}
}

static void nul_in_a_paste_is_replaced(void **state)
{
	struct keys *keys = keys_create();
	struct key key;
	(void)state;

	keys_feed(keys, "\033[200~a\0b\033[201~", 15);
	assert_true(keys_next(keys, &key));
	assert_int_equal(key.bytes, 5);
	assert_memory_equal(key.text,
		"a\xEF\xBF\xBD"
		"b",
		5);
	keys_destroy(keys);
}

static void a_long_paste_is_cut_at_a_character(void **state)
{
	size_t len = KEY_PASTE_MAX + 4096;
	char *bytes = malloc(len);
	struct keys *keys = keys_create();
	struct key key;
	(void)state;

	/* three bytes each, and the limit is no multiple of three */
	for (size_t i = 0; i + 3 <= len; i += 3)
		memcpy(bytes + i, "\xE2\x82\xAC", 3);
	keys_feed(keys, "\033[200~", 6);
	assert_false(keys_next(keys, &key));
	for (size_t i = 0; i < len - len % 3; i += 30000)
		keys_feed(keys, bytes + i, i + 30000 < len - len % 3 ? 30000 : len - len % 3 - i),
			assert_false(keys_next(keys, &key));
	keys_feed(keys, "\033[201~", 6);
	assert_true(keys_next(keys, &key));
	assert_true(key.cut);
	assert_int_equal(key.bytes, KEY_PASTE_MAX - KEY_PASTE_MAX % 3);
	assert_memory_equal(key.text, bytes, key.bytes);
	keys_destroy(keys);
	free(bytes);
}

static void an_unended_paste_ends(void **state)
{
	struct keys *keys = keys_create();
	struct key key;
	unsigned pauses = 0;
	(void)state;

	keys_feed(keys, "\033[200~abc", 9);
	while (pauses < 1000 && !keys_next(keys, &key)) {
		assert_true(keys_waiting(keys));
		keys_flush(keys);
		pauses++;
	}
	assert_in_range(pauses, 2, 999);
	assert_int_equal(key.code, KEY_PASTE);
	assert_int_equal(key.bytes, 3);

	keys_feed(keys, "\033[200~abcdefgh", 14);
	assert_false(keys_next(keys, &key));
	keys_feed(keys, "\003", 1);
	assert_true(keys_next(keys, &key));
	assert_int_equal(key.code, KEY_PASTE);
	assert_int_equal(key.bytes, 8);
	assert_false(keys_next(keys, &key));
	keys_destroy(keys);
}

static void what_is_left_alone_is_told_by_time(void **state)
{
	static const struct row lone[] = {
		{"\033", KEY_ESC, 0},
		{"\033[", '[', KEY_ALT},
		{"\033O", 'O', KEY_ALT},
		{"\033]", ']', KEY_ALT},
		{"\033\033", KEY_ESC, 0},
		{"\xE2", 0xFFFD, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(lone) / sizeof(lone[0]); i++) {
		struct keys *keys = keys_create();
		struct got got = {0};
		keys_feed(keys, lone[i].bytes, strlen(lone[i].bytes));
		take(keys, &got);
		assert_int_equal(got.count, 0);
		assert_true(keys_waiting(keys));
		keys_flush(keys);
		take(keys, &got);
		assert_true(got.count >= 1);
		assert_int_equal(got.at[0].code, lone[i].code);
		assert_int_equal(got.at[0].mods, lone[i].mods);
		assert_false(keys_waiting(keys));
		keys_destroy(keys);
	}
}

static void noise_does_not_pile_up(void **state)
{
	static const char *const starts[] = {"\033[", "\033]", "\033P", "\033_"};
	(void)state;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct keys *keys = keys_create();
		struct key key;
		size_t given = 0;
		keys_feed(keys, starts[i], 2);
		for (int k = 0; k < 10000; k++) {
			keys_feed(keys, "1", 1);
			given += keys_next(keys, &key);
		}
		assert_true(given > 5000); /* it was given up, and the digits are keys again */
		keys_destroy(keys);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_known),
		cmocka_unit_test(keys_follow_each_other),
		cmocka_unit_test(what_is_no_key_is_dropped),
		cmocka_unit_test(an_answer_is_not_cut_by_pauses),
		cmocka_unit_test(what_is_left_of_an_answer_does_no_harm),
		cmocka_unit_test(esc_before_an_answer_is_esc),
		cmocka_unit_test(an_esc_may_turn_out_to_be_an_answer),
		cmocka_unit_test(a_bracket_behind_an_esc_is_one),
		cmocka_unit_test(bad_utf8_is_replaced),
		cmocka_unit_test(mouse_is_decoded),
		cmocka_unit_test(a_paste_is_one_key),
		cmocka_unit_test(nul_in_a_paste_is_replaced),
		cmocka_unit_test(a_long_paste_is_cut_at_a_character),
		cmocka_unit_test(an_unended_paste_ends),
		cmocka_unit_test(what_is_left_alone_is_told_by_time),
		cmocka_unit_test(noise_does_not_pile_up),
	};
	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
