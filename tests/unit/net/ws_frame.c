/*
 * Frames: the examples of RFC 6455 (1.3, 5.7), every length at a border, bytes that come one by one, and everything that must
 * be refused, with the code the RFC names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/message.h"
#include "net/ws_frame.h"
#include "ot/mem.h"

/* A masked frame as a client makes it, written down from section 5.2 without the code under test. */
static void client_frame(struct buf *out, unsigned first, const char *at, size_t len)
{
	static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	buf_add_byte(out, (unsigned char)first);
	if (len < 126) {
		buf_add_byte(out, (unsigned char)(0x80 | len));
	} else if (len < 65536) {
		buf_add_byte(out, 0x80 | 126);
		buf_add_byte(out, (unsigned char)(len >> 8));
		buf_add_byte(out, (unsigned char)len);
	} else {
		buf_add_byte(out, 0x80 | 127);
		for (int shift = 56; shift >= 0; shift -= 8)
			buf_add_byte(out, (unsigned char)((uint64_t)len >> shift));
	}
	buf_add(out, mask, 4);
	for (size_t i = 0; i < len; i++)
		buf_add_byte(out, (unsigned char)((unsigned char)at[i] ^ mask[i % 4]));
}

/* All events of the bytes, as letters; the reader is left as it is after the last. Fed `step` bytes at a time. */
static void read_all(
	struct ws_frame_reader *reader, const char *at, size_t len, size_t step, char *trace)
{
	static const char letters[] = ".tbioc!"; /* by enum ws_event; i: ping, o: pong */
	enum ws_event event = WS_EVENT_MORE;
	size_t told = 0;
	while (len && event != WS_EVENT_BAD) {
		size_t piece = step < len ? step : len;
		while (piece && event != WS_EVENT_BAD) {
			size_t used;
			event = ws_frame_read(reader, at, piece, &used);
			assert_true(used <= piece && used > 0);
			at += used, len -= used, piece -= used;
			if (event != WS_EVENT_MORE)
				trace[told++] = letters[event];
		}
	}
	trace[told] = '\0';
}

static void assert_events(const char *at, size_t len, const char *expected, unsigned code)
{
	for (size_t step = 1; step <= len; step = step < 20 ? step + 1 : step * 2 + 1) {
		struct ws_frame_reader reader = {0};
		char trace[64];
		read_all(&reader, at, len, step, trace);
		assert_string_equal(trace, expected);
		if (code)
			assert_int_equal(reader.code, code);
		ws_frame_reader_fini(&reader);
	}
}

#define EVENTS(bytes, expected, code) assert_events(bytes, sizeof(bytes) - 1, expected, code)

static void reads_the_examples(void **state)
{
	(void)state;
	struct ws_frame_reader reader = {0};
	size_t used;
	static const char hello[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
	assert_int_equal(ws_frame_read(&reader, hello, 11, &used), WS_EVENT_TEXT);
	assert_int_equal(used, 11);
	assert_int_equal(reader.message.len, 5);
	assert_memory_equal(reader.message.at, "Hello", 5);
	static const char pong[] = "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
	assert_int_equal(ws_frame_read(&reader, pong, 11, &used), WS_EVENT_PONG);
	assert_int_equal(reader.control_len, 5);
	assert_memory_equal(reader.control, "Hello", 5);
	ws_frame_reader_fini(&reader);
}

static void writes_the_examples(void **state)
{
	(void)state;
	struct buf out = {0};
	ws_frame_put(&out, WS_OP_TEXT, "Hello", 5);
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.at, "\x81\x05Hello", 7);
	buf_clear(&out);
	ws_frame_put(&out, WS_OP_PING, "Hello", 5);
	assert_memory_equal(out.at, "\x89\x05Hello", 7);
	buf_clear(&out);
	char *bytes = mem_alloc(65536);
	ws_frame_put(&out, WS_OP_BINARY, bytes, 256);
	assert_int_equal(out.len, 260);
	assert_memory_equal(out.at, "\x82\x7E\x01\x00", 4);
	buf_clear(&out);
	ws_frame_put(&out, WS_OP_BINARY, bytes, 65536);
	assert_int_equal(out.len, 65546);
	assert_memory_equal(out.at, "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10);
	buf_clear(&out);
	ws_frame_put(&out, WS_OP_BINARY, bytes, 65535);
	assert_memory_equal(out.at, "\x82\x7E\xff\xff", 4);
	buf_clear(&out);
	ws_frame_put(&out, WS_OP_BINARY, bytes, 125);
	assert_memory_equal(out.at, "\x82\x7d\x00", 3);
	buf_clear(&out);
	ws_frame_put(&out, WS_OP_BINARY, bytes, 126);
	assert_memory_equal(out.at, "\x82\x7e\x00\x7e", 4);
	free(bytes);
	buf_fini(&out);
}

static void writes_close_frames(void **state)
{
	(void)state;
	struct buf out = {0};
	ws_frame_put_close(&out, 1000, "bye");
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.at,
		"\x88\x05\x03\xe8"
		"bye",
		7);
	buf_clear(&out);
	ws_frame_put_close(&out, WS_CODE_NONE, NULL);
	assert_int_equal(out.len, 2);
	assert_memory_equal(out.at, "\x88\x00", 2);
	buf_clear(&out);
	/* 119 letters and an é: the 120 bytes that fit would split it */
	char reason[200] = {0};
	memset(reason, 'a', 119);
	strcat(reason, "\xc3\xa9zzz");
	ws_frame_put_close(&out, 4001, reason);
	assert_int_equal(out.len, 2 + 2 + 119);
	assert_int_equal((unsigned char)out.at[1], 2 + 119);
	buf_fini(&out);
}

static void reads_every_length(void **state)
{
	(void)state;
	static const size_t lengths[] = {
		0, 1, 125, 126, 127, 65535, 65536, MESSAGE_MAX_BYTES - 1, MESSAGE_MAX_BYTES};
	char *text = mem_alloc(MESSAGE_MAX_BYTES);
	for (size_t i = 0; i < MESSAGE_MAX_BYTES; i++)
		text[i] = (char)(i * 31 + i / 256);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct ws_frame_reader reader = {0};
		struct buf frame = {0};
		char trace[8];
		client_frame(&frame, 0x82, text, lengths[i]);
		read_all(&reader, frame.at, frame.len, 4093, trace);
		assert_string_equal(trace, "b");
		assert_int_equal(reader.message.len, lengths[i]);
		if (lengths[i])
			assert_memory_equal(reader.message.at, text, lengths[i]);
		buf_fini(&frame);
		ws_frame_reader_fini(&reader);
	}
	free(text);
}

static void gathers_fragments(void **state)
{
	(void)state;
	struct buf bytes = {0};
	client_frame(&bytes, 0x01, "Hel", 3);
	client_frame(&bytes, 0x89, "ping", 4); /* control frames may come between */
	client_frame(&bytes, 0x00, "", 0);
	client_frame(&bytes, 0x80, "lo", 2);
	assert_events(bytes.at, bytes.len, "it", 0);
	struct ws_frame_reader reader = {0};
	char trace[8];
	read_all(&reader, bytes.at, bytes.len, bytes.len, trace);
	assert_int_equal(reader.message.len, 5);
	assert_memory_equal(reader.message.at, "Hello", 5);
	ws_frame_reader_fini(&reader);
	buf_fini(&bytes);
}

static void reads_one_after_another(void **state)
{
	(void)state;
	struct buf bytes = {0};
	client_frame(&bytes, 0x81, "a", 1);
	client_frame(&bytes, 0x82, "", 0);
	client_frame(&bytes, 0x81, "b\xc3\xa9", 3);
	client_frame(&bytes, 0x8a, "", 0);
	client_frame(&bytes, 0x88, "\x03\xe8", 2);
	assert_events(bytes.at, bytes.len, "tbtoc", 1000);
	buf_fini(&bytes);
}

static void refuses_bad_form(void **state)
{
	(void)state;
	EVENTS("\x81\x05", "!", 1002); /* not masked */
	EVENTS("\xc1\x80", "!", 1002); /* RSV1: no extension was agreed on */
	EVENTS("\xa1\x80", "!", 1002); /* RSV2 */
	EVENTS("\x91\x80", "!", 1002); /* RSV3 */
	EVENTS("\x83\x80", "!", 1002); /* reserved opcodes */
	EVENTS("\x8b\x80", "!", 1002); /* */
	EVENTS("\x8f\x80", "!", 1002); /* */
	EVENTS("\x80\x80", "!", 1002); /* nothing to continue */
	EVENTS("\x09\x80", "!", 1002); /* a ping in fragments */
	EVENTS("\x08\x80", "!", 1002); /* a close in fragments */
	EVENTS("\x89\xfe\x00\x7e\x01\x02\x03\x04", "!", 1002);             /* a ping of 126 bytes */
	EVENTS("\x82\xfe\x00\x7d\x01\x02\x03\x04", "!", 1002);             /* 125 in two bytes */
	EVENTS("\x82\xff\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04", "!", 1002); /* 65535 in eight */
	EVENTS("\x01\x80\0\0\0\0\x81\x80", "!", 1002); /* a message inside a message */
}

static void refuses_bad_closes(void **state)
{
	(void)state;
	static const unsigned bad[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};
	static const unsigned good[] = {1000, 1001, 1002, 1003, 1007, 1014, 3000, 4001, 4999};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf frame = {0};
		char code[2] = {(char)(bad[i] >> 8), (char)bad[i]};
		client_frame(&frame, 0x88, code, 2);
		assert_events(frame.at, frame.len, "!", 1002);
		buf_fini(&frame);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct buf frame = {0};
		char code[2] = {(char)(good[i] >> 8), (char)good[i]};
		client_frame(&frame, 0x88, code, 2);
		assert_events(frame.at, frame.len, "c", good[i]);
		buf_fini(&frame);
	}
	struct buf frame = {0};
	client_frame(&frame, 0x88, "\x03", 1);
	assert_events(frame.at, frame.len, "!", 1002);
	buf_clear(&frame);
	client_frame(&frame, 0x88, "\x03\xe8\xff", 3);
	assert_events(frame.at, frame.len, "!", 1007);
	buf_clear(&frame);
	client_frame(&frame, 0x88, "", 0);
	assert_events(frame.at, frame.len, "c", WS_CODE_NONE);
	buf_fini(&frame);
}

static void refuses_text_that_is_none(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf frame = {0};
		client_frame(&frame, 0x81, bad[i], strlen(bad[i]));
		assert_events(frame.at, frame.len, "!", 1007);
		frame.at[0] = (char)0x82;
		assert_events(frame.at, frame.len, "b", 0);
		buf_fini(&frame);
	}
	struct buf split = {0}; /* a character may be split between fragments */
	client_frame(&split, 0x01, "\xc3", 1);
	client_frame(&split, 0x80, "\xa9", 1);
	assert_events(split.at, split.len, "t", 0);
	buf_fini(&split);
}

static void refuses_what_is_too_large(void **state)
{
	(void)state;
	EVENTS("\x82\xff\0\0\0\0\0\x10\0\x01\x01\x02\x03\x04", "!",
		1009); /* MESSAGE_MAX_BYTES + 1 */
	EVENTS("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", "!", 1009);
	struct buf bytes = {0};
	char *text = mem_alloc(MESSAGE_MAX_BYTES);
	client_frame(&bytes, 0x02, text, MESSAGE_MAX_BYTES);
	client_frame(&bytes, 0x80, "x", 1);
	struct ws_frame_reader reader = {0};
	char trace[8];
	read_all(&reader, bytes.at, bytes.len, 4096, trace);
	assert_string_equal(trace, "!");
	assert_int_equal(reader.code, 1009);
	ws_frame_reader_fini(&reader);
	free(text);
	buf_fini(&bytes);
}

static void makes_the_accept_of_the_example(void **state)
{
	(void)state;
	char accept[WS_ACCEPT_BYTES + 1];
	assert_true(ws_frame_accept("dGhlIHNhbXBsZSBub25jZQ==", 24, accept));
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(ws_frame_accept("dGhlIHNhbXBsZSBub25jZQ=", 23, accept));
	assert_false(ws_frame_accept("dGhlIHNhbXBsZSBub25jZQAA", 24, accept)); /* 18 bytes */
	assert_false(ws_frame_accept("dGhlIHNhbXBsZSBub25j!Q==", 24, accept));
	assert_false(ws_frame_accept("", 0, accept));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_examples),
		cmocka_unit_test(writes_the_examples),
		cmocka_unit_test(writes_close_frames),
		cmocka_unit_test(reads_every_length),
		cmocka_unit_test(gathers_fragments),
		cmocka_unit_test(reads_one_after_another),
		cmocka_unit_test(refuses_bad_form),
		cmocka_unit_test(refuses_bad_closes),
		cmocka_unit_test(refuses_text_that_is_none),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(makes_the_accept_of_the_example),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
