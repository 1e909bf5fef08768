/*
 * Both encodings of every message, against bytes that were made from the protocol's page and not by this code; and what
 * must be refused, each with its reason. In the tables ' stands for ", and bytes are in hex.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/codec.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* clang-format off */
static const struct {
	bool from_server;
	const char *json, *hex;
} messages[] = {
	{false,
		"{'t':'hello','v':1,'name':'Ada','color':'#e06c75','session':'s1',"
		"'docs':[{'path':'a.c','rev':300,'seq':7}]}",
		"19 01 01 03 41 64 61 07 23 65 30 36 63 37 35 02 73 31 01 03 61 2e 63 ac 02 07"},
	{false,
		"{'t':'open','path':'src/é.c','create':true}",
		"0b 02 08 73 72 63 2f c3 a9 2e 63 01"},
	{false,
		"{'t':'close','doc':1}",
		"02 03 01"},
	{false,
		"{'t':'edit','doc':1,'rev':300,'seq':7,'op':[5,'abc',-3]}",
		"0c 04 01 ac 02 07 03 14 0e 61 62 63 0d"},
	{false,
		"{'t':'select','doc':1,'rev':300,'seq':7,'sel':[[3,9],[200,200]]}",
		"0c 05 01 ac 02 07 02 03 09 c8 01 c8 01"},
	{false,
		"{'t':'activity','state':'typing','follows':3}",
		"09 06 06 74 79 70 69 6e 67 03"},
	{false,
		"{'t':'say','text':'line 1\\n\\'two\\'\\t\\\\ 🙂'}",
		"15 07 13 6c 69 6e 65 20 31 0a 22 74 77 6f 22 09 5c 20 f0 9f 99 82"},
	{false,
		"{'t':'seen','id':128}",
		"03 08 80 01"},
	{false,
		"{'t':'file','do':'rename','path':'a','to':'b'}",
		"0c 09 06 72 65 6e 61 6d 65 01 61 01 62"},
	{false,
		"{'t':'admin','do':'role','user':4,'arg':'viewer'}",
		"0e 0a 04 72 6f 6c 65 04 06 76 69 65 77 65 72"},
	{false,
		"{'t':'history','doc':1,'from':0,'to':16384}",
		"06 0b 01 00 80 80 01"},
	{false,
		"{'t':'diverged','doc':1,'rev':2}",
		"03 0c 01 02"},
	{true,
		"{'t':'welcome','user':3,'session':'abc','role':'editor','color':'#61afef',"
		"'room':'quiet-otter','users':[{'user':1,'name':'Linus','color':'#98c379',"
		"'role':'owner','state':'active','doc':1},{'user':2,'name':'Grace',"
		"'color':'','role':'viewer','state':'away','doc':0}],'files':[{'path':'main.c',"
		"'kind':'file','size':70000},{'path':'doc','kind':'dir','size':0}],"
		"'chat':[{'id':1,'user':1,'name':'Linus','at':1700000000123,'text':'hi'}],"
		"'epoch':'e'}",
		"81 01 40 03 03 61 62 63 06 65 64 69 74 6f 72 07 23 36 31 61 66 65 66 0b 71 75 "
		"69 65 74 2d 6f 74 74 65 72 02 01 05 4c 69 6e 75 73 07 23 39 38 63 33 37 39 05 "
		"6f 77 6e 65 72 06 61 63 74 69 76 65 01 02 05 47 72 61 63 65 00 06 76 69 65 77 "
		"65 72 04 61 77 61 79 00 02 06 6d 61 69 6e 2e 63 04 66 69 6c 65 f0 a2 04 03 64 "
		"6f 63 03 64 69 72 00 01 01 01 05 4c 69 6e 75 73 fb d0 95 ff bc 31 02 68 69 01 "
		"65"},
	{true,
		"{'t':'error','code':'bad-op','text':'it runs past the end','ref':'edit'}",
		"22 41 06 62 61 64 2d 6f 70 14 69 74 20 72 75 6e 73 20 70 61 73 74 20 74 68 65 "
		"20 65 6e 64 04 65 64 69 74"},
	{true,
		"{'t':'opened','doc':1,'path':'a','rev':9,'size':3,'text':'x\\u0001y',"
		"'mode':'rw','eol':'lf','sels':[{'user':2,'sel':[[0,3]]},{'user':5,"
		"'sel':[]}],'seq':4}",
		"18 42 01 01 61 09 03 03 78 01 79 02 72 77 02 6c 66 02 02 01 00 03 05 00 04"},
	{true,
		"{'t':'resumed','doc':1,'path':'a','rev':9,'seq':4}",
		"06 43 01 01 61 09 04"},
	{true,
		"{'t':'edit','doc':1,'rev':301,'user':2,'op':[-1,2,'é',1,-70]}",
		"0e 44 01 ad 02 02 05 05 08 0a c3 a9 04 99 02"},
	{true,
		"{'t':'ack','doc':1,'rev':302,'seq':7}",
		"05 45 01 ae 02 07"},
	{true,
		"{'t':'select','doc':1,'rev':302,'user':2,'sel':[]}",
		"06 46 01 ae 02 02 00"},
	{true,
		"{'t':'join','user':4,'name':'Barbara','color':'#c678dd','role':'editor'}",
		"19 47 04 07 42 61 72 62 61 72 61 07 23 63 36 37 38 64 64 06 65 64 69 74 6f 72"},
	{true,
		"{'t':'leave','user':4,'why':'lost'}",
		"07 48 04 04 6c 6f 73 74"},
	{true,
		"{'t':'activity','user':4,'state':'offline','doc':0,'rtt':12,'follows':2,'path':'a','line':3}",
		"10 49 04 07 6f 66 66 6c 69 6e 65 00 0c 02 01 61 03"},
	{true,
		"{'t':'said','id':2,'user':1,'name':'Linus','at':1700000000456,"
		"'text':'see main.c:5'}",
		"1c 4a 02 01 05 4c 69 6e 75 73 c8 d3 95 ff bc 31 0c 73 65 65 20 6d 61 69 6e 2e "
		"63 3a 35"},
	{true,
		"{'t':'seen','user':2,'id':2}",
		"03 4b 02 02"},
	{true,
		"{'t':'file','do':'mkdir','path':'d','to':'','user':1}",
		"0b 4c 05 6d 6b 64 69 72 01 64 00 01"},
	{true,
		"{'t':'saved','doc':1,'rev':302}",
		"04 4d 01 ae 02"},
	{true,
		"{'t':'history','doc':1,'edits':[{'rev':1,'user':1,'name':'Linus',"
		"'at':1,'op':['a']},{'rev':2,'user':2,'name':'G','at':2,'op':[]}]}",
		"15 4e 01 02 01 01 05 4c 69 6e 75 73 01 01 06 61 02 02 01 47 02 00"},
	{true,
		"{'t':'role','user':2,'role':'editor'}",
		"09 4f 02 06 65 64 69 74 6f 72"},
	{true,
		"{'t':'bye','code':'restart','text':'back soon','retry':500}",
		"15 50 07 72 65 73 74 61 72 74 09 62 61 63 6b 20 73 6f 6f 6e f4 03"},
	{true,
		"{'t':'check','doc':1,'rev':302,'hash':'00000000000003c2'}",
		"15 51 01 ae 02 10 30 30 30 30 30 30 30 30 30 30 30 30 30 33 63 32"},
	{true,
		"{'t':'chunk','doc':1,'text':'more'}",
		"07 52 01 04 6d 6f 72 65"},
	{true,
		"{'t':'invited','id':'a1','role':'viewer','name':'Ada','expires':300,'url':'u'}",
		"13 53 02 61 31 06 76 69 65 77 65 72 03 41 64 61 ac 02 01 75"},
	{true,
		"{'t':'style','doc':2,'asks':[{'name':'tab_width','value':'4'}]}",
		"0f 54 02 01 09 74 61 62 5f 77 69 64 74 68 01 34"},
};
/* clang-format on */

/* ---- helpers ---- */

static struct buf from_hex(const char *hex)
{
	struct buf out = {0};
	char *end;

	for (; *hex; hex = end)
		buf_add_byte(&out, (unsigned char)strtoul(hex, &end, 16));
	return out;
}

static struct buf from_json(const char *json)
{
	struct buf out = {0};

	for (; *json; json++)
		buf_add_byte(&out, (unsigned char)(*json == '\'' ? '"' : *json));
	return out;
}

static enum err decode(
	enum codec codec, bool from_server, const struct buf *frame, struct message *m)
{
	size_t used;
	/* A copy of just this size, so that a sanitizer sees a read behind the end. */
	char *copy = malloc(frame->len ? frame->len : 1);

	if (frame->len)
		memcpy(copy, frame->at, frame->len);
	enum err err = codec_decode(codec, from_server, copy, frame->len, &used, m);
	if (!err) {
		assert_int_equal(used, frame->len);
		/* Strings may borrow: point them at the frame that stays. */
		message_fini(m);
		assert_int_equal(
			codec_decode(codec, from_server, frame->at, frame->len, &used, m), 0);
	}
	free(copy);
	return err;
}

static void assert_same(const struct buf *got, const struct buf *want)
{
	assert_int_equal(got->len, want->len);
	assert_memory_equal(got->at, want->at, want->len);
}

/* Decodes one encoding, encodes the other. */
static void assert_becomes(bool from_server, enum codec from, const struct buf *in, enum codec to,
	const struct buf *want)
{
	struct message m;
	struct buf got = {0};

	assert_int_equal(decode(from, from_server, in, &m), ERR_NONE);
	assert_int_not_equal(m.type, 0);
	codec_encode(to, &m, &got);
	assert_same(&got, want);
	message_fini(&m);
	buf_fini(&got);
}

/* ---- both encodings ---- */

static void every_message_has_its_bytes_and_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct buf bin = from_hex(messages[i].hex);
		struct buf json = from_json(messages[i].json);
		bool server = messages[i].from_server;
		assert_becomes(server, CODEC_BIN, &bin, CODEC_BIN, &bin);
		assert_becomes(server, CODEC_BIN, &bin, CODEC_JSON, &json);
		assert_becomes(server, CODEC_JSON, &json, CODEC_BIN, &bin);
		assert_becomes(server, CODEC_JSON, &json, CODEC_JSON, &json);
		buf_fini(&bin);
		buf_fini(&json);
	}
}

static void every_row_of_the_table_is_among_them(void **state)
{
	size_t rows = 0;

	(void)state;
	for (const struct message_row *row = message_table; row->name; row++, rows++) {
		struct message m;
		struct buf bin = from_hex(messages[rows].hex);
		assert_int_equal(decode(CODEC_BIN, row->from_server, &bin, &m), ERR_NONE);
		assert_int_equal(m.type, row->type);
		assert_ptr_equal(message_row(row->type), row);
		assert_ptr_equal(message_row_named(str(row->name), row->from_server), row);
		message_fini(&m);
		buf_fini(&bin);
	}
	assert_int_equal(rows, COUNT(messages));
}

static void a_cut_frame_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct buf bin = from_hex(messages[i].hex), json = from_json(messages[i].json);
		struct message m;
		for (bin.len--; bin.len > 0; bin.len--)
			assert_int_equal(
				decode(CODEC_BIN, messages[i].from_server, &bin, &m), ERR_FORM);
		for (json.len--; json.len > 0; json.len--)
			assert_int_not_equal(
				decode(CODEC_JSON, messages[i].from_server, &json, &m), ERR_NONE);
		buf_fini(&bin);
		buf_fini(&json);
	}
}

static void the_other_direction_is_skipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct buf bin = from_hex(messages[i].hex);
		struct message m;
		assert_int_equal(decode(CODEC_BIN, !messages[i].from_server, &bin, &m), ERR_NONE);
		assert_int_equal(m.type, 0);
		message_fini(&m);
		buf_fini(&bin);
	}
}

static void several_messages_share_a_binary_frame(void **state)
{
	struct buf frame = {0};
	struct message m;
	size_t used, seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct buf one = from_hex(messages[i].hex);
		buf_add(&frame, one.at, one.len);
		buf_fini(&one);
	}
	for (size_t at = 0; at < frame.len; at += used, seen++) {
		assert_int_equal(
			codec_decode(CODEC_BIN, true, frame.at + at, frame.len - at, &used, &m), 0);
		assert_int_equal(m.type, messages[seen].from_server ? message_table[seen].type : 0);
		message_fini(&m);
	}
	assert_int_equal(seen, COUNT(messages));
	buf_fini(&frame);
}

/* ---- what the codecs say of a frame ---- */

struct verdict {
	bool from_server;
	const char *frame;
	enum err err;
	const char *as_json; /* what it means, or NULL: skipped, or refused */
};

static void judge(enum codec codec, const struct verdict *v, struct buf *frame)
{
	struct message m;
	struct buf got = {0};

	assert_int_equal(decode(codec, v->from_server, frame, &m), v->err);
	if (v->as_json) {
		struct buf want = from_json(v->as_json);
		codec_encode(CODEC_JSON, &m, &got);
		assert_same(&got, &want);
		buf_fini(&want);
	} else {
		assert_int_equal(m.type, 0);
	}
	message_fini(&m);
	buf_fini(&got);
	buf_fini(frame);
}

/* clang-format off */
static const struct verdict binary[] = {
	/* skipped: an unknown type, bytes behind the fields */
	{false, "01 0d", ERR_NONE, NULL},
	{false, "03 ff 7f 00", ERR_NONE, NULL},
	{false, "08 ff ff ff ff ff ff ff 0f", ERR_NONE, NULL},
	{false, "05 03 01 aa bb cc", ERR_NONE, "{'t':'close','doc':1}"},
	/* lengths */
	{false, "00", ERR_FORM, NULL},
	{false, "80", ERR_FORM, NULL},
	{false, "03 03 01", ERR_FORM, NULL},
	{false, "ff ff ff ff ff ff ff ff ff 01 03 01", ERR_LIMIT, NULL},
	{false, "02 07 01", ERR_FORM, NULL},
	{false, "09 07 ff ff ff ff ff ff ff 0f", ERR_FORM, NULL},
	/* uint: padding is allowed up to ten bytes, 2^53 - 1 is the greatest */
	{false, "03 03 81 00", ERR_NONE, "{'t':'close','doc':1}"},
	{false, "0b 03 81 80 80 80 80 80 80 80 80 00", ERR_NONE, "{'t':'close','doc':1}"},
	{false, "0c 03 81 80 80 80 80 80 80 80 80 80 00", ERR_FORM, NULL},
	{false, "0b 03 81 80 80 80 80 80 80 80 80 02", ERR_FORM, NULL},
	{false, "0b 03 81 80 80 80 80 80 80 80 80 01", ERR_LIMIT, NULL},
	{false, "09 03 ff ff ff ff ff ff ff 0f", ERR_NONE, "{'t':'close','doc':9007199254740991}"},
	{false, "09 03 80 80 80 80 80 80 80 10", ERR_LIMIT, NULL},
	{false, "01 03", ERR_FORM, NULL},
	{false, "02 03 81", ERR_FORM, NULL},
	/* bool, and fields that may be missing at the end */
	{false, "04 02 01 61 00", ERR_NONE, "{'t':'open','path':'a','create':false}"},
	{false, "04 02 01 61 02", ERR_FORM, NULL},
	{false, "03 02 01 61", ERR_NONE, "{'t':'open','path':'a','create':false}"},
	{false, "03 01 01 00", ERR_NONE, "{'t':'hello','v':1,'name':'','color':'','session':'','docs':[]}"},
	{false, "02 01 01", ERR_FORM, NULL},
	{false, "0c 09 06 64 65 6c 65 74 65 02 2e 2e 00", ERR_NONE, "{'t':'file','do':'delete','path':'..','to':''}"},
	{false, "0b 09 06 64 65 6c 65 74 65 02 2e 2e", ERR_NONE, "{'t':'file','do':'delete','path':'..','to':''}"},
	{false, "05 0a 03 65 6e 64", ERR_NONE, "{'t':'admin','do':'end','user':0,'arg':''}"},
	{false, "04 0b 01 00", ERR_FORM, NULL},
	{true, "0a 4c 05 6d 6b 64 69 72 01 64 00", ERR_FORM, NULL},
	/* str */
	{false, "03 07 01 ff", ERR_UTF8, NULL},
	{false, "03 07 01 00", ERR_UTF8, NULL},
	{false, "04 07 02 c0 80", ERR_UTF8, NULL},
	{false, "05 07 03 ed a0 80", ERR_UTF8, NULL},
	{false, "03 07 01 c3", ERR_UTF8, NULL},
	{false, "02 07 00", ERR_NONE, "{'t':'say','text':''}"},
	/* lists: a count is believed only as far as bytes follow */
	{false, "06 01 01 00 00 00 01", ERR_FORM, NULL},
	{false, "09 01 01 00 00 00 01 00 00 00", ERR_NONE,
	 "{'t':'hello','v':1,'name':'','color':'','session':'','docs':[{'path':'','rev':0,'seq':0}]}"},
	{false, "0d 01 01 00 00 00 ff ff ff ff ff ff ff 0f 00", ERR_FORM, NULL},
	{false, "06 05 01 01 01 01 03", ERR_FORM, NULL},
	{false, "07 05 01 01 01 01 03 04", ERR_NONE,
	 "{'t':'select','doc':1,'rev':1,'seq':1,'sel':[[3,4]]}"},
	{true, "07 46 01 01 01 02 03 04", ERR_FORM, NULL},
};

static const struct verdict json[] = {
	/* skipped: an unknown name, unknown fields; any order, any white space */
	{false, "{'t':'teleport','doc':1}", ERR_NONE, NULL},
	{false, "{'t':'welcome'}", ERR_NONE, NULL},
	{false, " {\r\n\t'doc' : 1 , 'new':[{'a':null},-1.5e3], 't':'close'} \n", ERR_NONE, "{'t':'close','doc':1}"},
	{false, "{'t':'close','doc':1,'new':1,'new':2}", ERR_NONE, "{'t':'close','doc':1}"},
	{false, "{'t':'\\u0063lose','do\\u0063':1}", ERR_NONE, "{'t':'close','doc':1}"},
	/* not one object with one name */
	{false, "", ERR_FORM, NULL},
	{false, "[]", ERR_FORM, NULL},
	{false, "null", ERR_FORM, NULL},
	{false, "{}", ERR_FORM, NULL},
	{false, "{'t':4,'doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close','t':'close','doc':1}", ERR_FORM, NULL},
	{false, "{'T':'close','doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1}{}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1},", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1,}", ERR_FORM, NULL},
	{false, "{'t':'close' 'doc':1}", ERR_FORM, NULL},
	{false, "{t:'close','doc':1}", ERR_FORM, NULL},
	{false, "\xef\xbb\xbf{'t':'close','doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close',\v'doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1}]", ERR_FORM, NULL},
	/* fields missing, doubled, of another type */
	{false, "{'t':'close'}", ERR_FORM, NULL},
	{false, "{'t':'close','Doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1,'doc':1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':'1'}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':null}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':true}", ERR_FORM, NULL},
	{false, "{'t':'say','text':1}", ERR_FORM, NULL},
	{false, "{'t':'say','text':null}", ERR_FORM, NULL},
	{false, "{'t':'open','path':'a','create':1}", ERR_FORM, NULL},
	{false, "{'t':'open','path':'a','create':null}", ERR_FORM, NULL},
	{false, "{'t':'open','path':'a'}", ERR_NONE, "{'t':'open','path':'a','create':false}"},
	{false, "{'t':'hello','name':'A','v':1}", ERR_NONE,
	 "{'t':'hello','v':1,'name':'A','color':'','session':'','docs':[]}"},
	{false, "{'t':'hello','v':1}", ERR_FORM, NULL},
	{false, "{'t':'file','do':'delete','path':'a'}", ERR_NONE, "{'t':'file','do':'delete','path':'a','to':''}"},
	{false, "{'t':'admin','do':'end'}", ERR_NONE, "{'t':'admin','do':'end','user':0,'arg':''}"},
	{false, "{'t':'history','doc':1,'from':0}", ERR_FORM, NULL},
	{true, "{'t':'file','do':'delete','path':'a','user':1}", ERR_FORM, NULL},
	/* numbers */
	{false, "{'t':'close','doc':9007199254740991}", ERR_NONE, "{'t':'close','doc':9007199254740991}"},
	{false, "{'t':'close','doc':9007199254740992}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':9007199254740993}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':18446744073709551617}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1e400}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1e2}", ERR_NONE, "{'t':'close','doc':100}"},
	{false, "{'t':'close','doc':1e+2}", ERR_NONE, "{'t':'close','doc':100}"},
	{false, "{'t':'close','doc':100e-2}", ERR_NONE, "{'t':'close','doc':1}"},
	{false, "{'t':'close','doc':1.50}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1.5}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':-1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':01}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1.}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':+1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':.5}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1e}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':0x1}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':NaN}", ERR_FORM, NULL},
	{false, "{'t':'close','doc':1-2}", ERR_FORM, NULL},
	/* strings */
	{false, "{'t':'say','text':'\\ud83d\\ude42\\u00e9\\/\\b\\f'}", ERR_NONE, "{'t':'say','text':'🙂é/\\b\\f'}"},
	{false, "{'t':'say','text':'\\u001f\x7f'}", ERR_NONE, "{'t':'say','text':'\\u001f\x7f'}"},
	{false, "{'t':'say','text':'\\ud83d'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\ude42'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\ud83d\\u0041'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\ud83d\\ud83d'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\u0000'}", ERR_UTF8, NULL},
	{false, "{'t':'say','text':'','\\u0000':1}", ERR_UTF8, NULL},
	{false, "{'t':'say','text':'\\u00zz'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\u00'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\\x41'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'a\nb'}", ERR_FORM, NULL},
	{false, "{'t':'say','text':'\xff'}", ERR_UTF8, NULL},
	{false, "{'t':'say','text':'\xed\xa0\x80'}", ERR_UTF8, NULL},
	/* lists */
	{false, "{'t':'hello','v':1,'name':'A','docs':{}}", ERR_FORM, NULL},
	{false, "{'t':'hello','v':1,'name':'A','docs':[1]}", ERR_FORM, NULL},
	{false, "{'t':'hello','v':1,'name':'A','docs':[{'path':'a','rev':1}]}", ERR_FORM, NULL},
	{false, "{'t':'select','doc':1,'rev':1,'seq':1,'sel':[[1]]}", ERR_FORM, NULL},
	{false, "{'t':'select','doc':1,'rev':1,'seq':1,'sel':[[1,2,3]]}", ERR_FORM, NULL},
	{false, "{'t':'select','doc':1,'rev':1,'seq':1,'sel':[1,2]}", ERR_FORM, NULL},
	{false, "{'t':'select','doc':1,'rev':1,'seq':1,'sel':[{'a':1,'b':2}]}", ERR_FORM, NULL},
};
/* clang-format on */

static void binary_frames_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(binary); i++) {
		struct buf frame = from_hex(binary[i].frame);
		judge(CODEC_BIN, &binary[i], &frame);
	}
}

static void json_frames_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(json); i++) {
		struct buf frame = from_json(json[i].frame);
		judge(CODEC_JSON, &json[i], &frame);
	}
}

/* ---- operations: one form only, in both encodings ---- */

/* clang-format off */
static const struct {
	const char *json, *hex;
	enum err err;
} ops[] = {
	{"[]", "00", ERR_NONE},
	{"['a']", "01 06 61", ERR_NONE},
	{"[-1]", "01 05", ERR_NONE},
	{"[1,'a',-1,2,-3,4,'é']", "07 04 06 61 05 08 0d 10 0a c3 a9", ERR_NONE},
	{"[1073741823,'a']", "02 fc ff ff ff 0f 06 61", ERR_NONE},
	{"[1073741823,-1]", "02 fc ff ff ff 0f 05", ERR_LIMIT},
	{"[1073741824,'a']", "02 80 80 80 80 10 06 61", ERR_LIMIT},
	{"[-1073741824]", "01 81 80 80 80 10", ERR_LIMIT},
	{"[9007199254740991]", NULL, ERR_LIMIT},
	{"[9007199254740992]", NULL, ERR_FORM},
	{"[-9007199254740992]", NULL, ERR_FORM},
	{"[1]", "01 04", ERR_FORM},                      /* a retain at the end */
	{"['a',1]", "02 06 61 04", ERR_FORM},
	{"[0,'a']", "02 00 06 61", ERR_FORM},            /* empty components */
	{"[-0,'a']", "02 01 06 61", ERR_FORM},
	{"['']", "01 02", ERR_FORM},
	{"[1,1,'a']", "03 04 04 06 61", ERR_FORM},       /* neighbours of a kind */
	{"['a','b']", "02 06 61 06 62", ERR_FORM},
	{"[-1,-1]", "02 05 05", ERR_FORM},
	{"[-1,'a']", "02 05 06 61", ERR_FORM},           /* a delete before an insert */
	{"['a',-1,'b']", "03 06 61 05 06 62", ERR_FORM},
	{NULL, "01 07 61", ERR_FORM},                    /* an unknown kind */
	{NULL, "02 06 61", ERR_FORM},                    /* fewer than were counted */
	{NULL, "01 0a 61", ERR_FORM},                    /* text behind the end */
	{NULL, "01 fe ff ff ff ff ff ff 0f 61", ERR_FORM},
	{NULL, "01 06 ff", ERR_UTF8},
	{NULL, "01 06 00", ERR_UTF8},
	{NULL, "01 06 c3", ERR_UTF8},
	{NULL, "", ERR_FORM},
	{NULL, "01", ERR_FORM},
	{NULL, "ff ff ff ff ff ff ff 0f", ERR_FORM},
	{"[1.5,'a']", NULL, ERR_FORM},
	{"[true]", NULL, ERR_FORM},
	{"[null]", NULL, ERR_FORM},
	{"[[1]]", NULL, ERR_FORM},
	{"{}", NULL, ERR_FORM},
	{"'a'", NULL, ERR_FORM},
	{"['\\u0000']", NULL, ERR_UTF8},
};
/* clang-format on */

static void judge_op_json(size_t i)
{
	struct buf text = {0};
	struct message m;

	buf_printf(&text, "{'t':'edit','doc':1,'rev':1,'seq':1,'op':%s}", ops[i].json);
	struct buf copy = {0};
	buf_add(&copy, text.at, text.len);
	buf_add_byte(&copy, '\0');
	struct buf frame = from_json(copy.at);
	assert_int_equal(decode(CODEC_JSON, false, &frame, &m), ops[i].err);
	if (!ops[i].err) {
		struct buf got = {0}, want = from_hex(ops[i].hex);
		codec_put_op(&got, &m.edit.op);
		assert_same(&got, &want);
		buf_fini(&got);
		buf_fini(&want);
	}
	message_fini(&m);
	buf_fini(&text);
	buf_fini(&copy);
	buf_fini(&frame);
}

static void judge_op_binary(size_t i)
{
	struct buf bytes = from_hex(ops[i].hex), got = {0};
	char *copy = malloc(bytes.len ? bytes.len : 1);
	struct op op = {0};

	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	assert_int_equal(codec_get_op(copy, bytes.len, &op), ops[i].err);
	if (!ops[i].err) {
		codec_put_op(&got, &op);
		assert_same(&got, &bytes);
	}
	op_fini(&op);
	free(copy);
	buf_fini(&bytes);
	buf_fini(&got);
}

static void ops_have_one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		if (ops[i].json)
			judge_op_json(i);
		if (ops[i].hex)
			judge_op_binary(i);
	}
}

static void a_stored_op_ends_where_its_bytes_end(void **state)
{
	struct op op = {0};

	(void)state;
	assert_int_equal(codec_get_op("\x01\x05\x00", 3, &op), ERR_FORM);
	assert_true(op_is_identity(&op));
}

/* A retain at the end says nothing, and is not sent. */
static void a_trailing_retain_is_not_sent(void **state)
{
	struct buf out = {0};
	struct op op = {0};

	(void)state;
	op_delete(&op, 1);
	op_retain(&op, 7);
	codec_put_op(&out, &op);
	assert_int_equal(out.len, 2);
	assert_memory_equal(out.at, "\x01\x05", 2);
	op_fini(&op);
	buf_fini(&out);
}

/* ---- limits ---- */

static void put_leb(struct buf *out, uint64_t n)
{
	for (; n > 127; n /= 128)
		buf_add_byte(out, (unsigned char)(n % 128 + 128));
	buf_add_byte(out, (unsigned char)n);
}

/* A frame of `head`, a list of `count` zero items, each of `item_bytes` fields. */
static struct buf list_frame(const char *head, size_t count, size_t item_bytes)
{
	struct buf body = from_hex(head), out = {0};

	put_leb(&body, count);
	for (size_t i = 0; i < count * item_bytes; i++)
		buf_add_byte(&body, 0);
	put_leb(&out, body.len);
	buf_add(&out, body.at, body.len);
	buf_fini(&body);
	return out;
}

static void assert_list(const char *head, size_t count, size_t item_bytes, enum err want)
{
	struct buf frame = list_frame(head, count, item_bytes), text = {0}, back = {0};
	struct message m;

	assert_int_equal(decode(CODEC_BIN, false, &frame, &m), want);
	if (!want) {
		codec_encode(CODEC_BIN, &m, &back);
		assert_same(&back, &frame);
		codec_encode(CODEC_JSON, &m, &text);
	}
	message_fini(&m);
	buf_fini(&frame);
	buf_fini(&text);
	buf_fini(&back);
}

static void lists_have_a_limit(void **state)
{
	(void)state;
	assert_list("05 01 01 01", 1000, 2, ERR_NONE);
	assert_list("05 01 01 01", 1001, 2, ERR_LIMIT);
	assert_list("01 01 00 00 00", 100000, 3, ERR_NONE);
	assert_list("01 01 00 00 00", 100001, 3, ERR_LIMIT);
}

static void json_selections_have_a_limit(void **state)
{
	(void)state;
	for (int count = 1000; count <= 1001; count++) {
		struct buf frame = from_json("{'t':'select','doc':1,'rev':1,'seq':1,'sel':[[0,0]");
		struct message m;
		for (int i = 1; i < count; i++)
			buf_add_str(&frame, ",[0,0]");
		buf_add_str(&frame, "]}");
		assert_int_equal(
			decode(CODEC_JSON, false, &frame, &m), count > 1000 ? ERR_LIMIT : ERR_NONE);
		message_fini(&m);
		buf_fini(&frame);
	}
}

/* `say` with a text of n bytes. */
static struct buf say(size_t n)
{
	struct buf body = {0}, out = {0};

	buf_add_byte(&body, 7);
	put_leb(&body, n);
	for (size_t i = 0; i < n; i++)
		buf_add_byte(&body, 'x');
	put_leb(&out, body.len);
	buf_add(&out, body.at, body.len);
	buf_fini(&body);
	return out;
}

static void a_message_has_a_limit(void **state)
{
	/* type 1 byte, length of the text 3 bytes */
	static const size_t most = (1 << 20) - 4;
	struct message m;

	(void)state;
	for (size_t n = most; n <= most + 1; n++) {
		struct buf frame = say(n);
		assert_int_equal(
			decode(CODEC_BIN, false, &frame, &m), n > most ? ERR_LIMIT : ERR_NONE);
		message_fini(&m);
		buf_fini(&frame);
	}
	struct buf text = from_json("{'t':'close','doc':1}");
	while (text.len < 1 << 20)
		buf_add_byte(&text, ' ');
	assert_int_equal(decode(CODEC_JSON, false, &text, &m), ERR_NONE);
	message_fini(&m);
	buf_add_byte(&text, ' ');
	assert_int_equal(decode(CODEC_JSON, false, &text, &m), ERR_LIMIT);
	assert_int_equal(decode(CODEC_JSON, true, &text, &m), ERR_NONE);
	message_fini(&m);
	buf_fini(&text);
}

/* The server's may be longer: a client's edit can grow on its way to the others. */
static void a_servers_message_has_another(void **state)
{
	/* type 1 byte, document 1, length of the text 4 */
	static const size_t most = (16 << 20) - 6;
	char *text = malloc(most + 1);

	(void)state;
	memset(text, 'x', most + 1);
	for (size_t n = most; n <= most + 1; n++) {
		struct message m = {.type = MSG_CHUNK, .chunk = {1, {text, n}}}, back;
		struct buf frame = {0};
		size_t used;
		codec_encode(CODEC_BIN, &m, &frame);
		assert_int_equal(codec_decode(CODEC_BIN, true, frame.at, frame.len, &used, &back),
			n > most ? ERR_LIMIT : ERR_NONE);
		message_fini(&back);
		buf_fini(&frame);
	}
	free(text);
}

/* The length before a message grows with it: 127 is the last of one byte, 16383 of two. */
static void lengths_of_all_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 124, 125, 126, 127, 128, 16379, 16380, 16381, 70000};
	char *text = malloc(70000);

	(void)state;
	memset(text, 'x', 70000);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct message m = {.type = MSG_SAY, .say = {{text, sizes[i]}}};
		struct buf got = {0}, want = say(sizes[i]);
		buf_add(&got, "before", 6);
		codec_encode(CODEC_BIN, &m, &got);
		assert_memory_equal(got.at, "before", 6);
		buf_drop(&got, 6);
		assert_same(&got, &want);
		buf_fini(&got);
		buf_fini(&want);
	}
	free(text);
}

static void nesting_has_a_limit(void **state)
{
	(void)state;
	for (int depth = 31; depth <= 32; depth++) { /* and one for the object */
		struct buf text = from_json("{'t':'close','doc':1,'new':");
		struct message m;
		for (int i = 0; i < depth; i++)
			buf_add_byte(&text, '[');
		for (int i = 0; i < depth; i++)
			buf_add_byte(&text, ']');
		buf_add_byte(&text, '}');
		assert_int_equal(
			decode(CODEC_JSON, false, &text, &m), depth > 31 ? ERR_LIMIT : ERR_NONE);
		message_fini(&m);
		buf_fini(&text);
	}
}

/* ---- promises of codec.h ---- */

static void a_keystroke_is_small(void **state)
{
	struct buf out = {0};
	struct message edit = {
		.type = MSG_EDIT, .edit = {.doc = 100, .rev = 2000000, .seq = 2000000}};
	struct message edited = {
		.type = MSG_EDITED, .edited = {.doc = 100, .rev = 2000000, .user = 100}};
	struct message ack = {.type = MSG_ACK, .ack = {.doc = 1, .rev = 16000, .seq = 100}};

	(void)state;
	op_retain(&edit.edit.op, 500000);
	op_insert(&edit.edit.op, "x", 1);
	edited.edited.op = op_copy(&edit.edit.op);
	codec_encode(CODEC_BIN, &edit, &out);
	assert_in_range(out.len, 1, 16);
	buf_clear(&out);
	codec_encode(CODEC_BIN, &edited, &out);
	assert_in_range(out.len, 1, 16);
	buf_clear(&out);
	codec_encode(CODEC_BIN, &ack, &out);
	assert_in_range(out.len, 1, 6);
	op_fini(&edit.edit.op);
	op_fini(&edited.edited.op);
	buf_fini(&out);
}

static void binary_strings_lie_in_the_frame(void **state)
{
	struct buf frame = from_hex("08 06 06 74 79 70 69 6e 67");
	struct message m;
	size_t used;

	(void)state;
	assert_int_equal(codec_decode(CODEC_BIN, false, frame.at, frame.len, &used, &m), ERR_NONE);
	assert_ptr_equal(m.activity.state.at, frame.at + 3);
	assert_true(str_is(m.activity.state, "typing"));
	message_fini(&m);
	buf_fini(&frame);
}

static void json_strings_outlive_the_frame(void **state)
{
	struct buf frame = from_json("{'t':'activity','state':'typing'}");
	struct message m;
	size_t used;

	(void)state;
	assert_int_equal(codec_decode(CODEC_JSON, false, frame.at, frame.len, &used, &m), ERR_NONE);
	buf_fini(&frame);
	assert_true(str_is(m.activity.state, "typing"));
	message_fini(&m);
}

static void an_op_may_be_moved_out(void **state)
{
	struct buf frame = from_hex("0c 04 01 ac 02 07 03 14 0e 61 62 63 0d");
	struct message m;
	size_t used;

	(void)state;
	assert_int_equal(codec_decode(CODEC_BIN, false, frame.at, frame.len, &used, &m), ERR_NONE);
	struct op op = m.edit.op;
	m.edit.op = (struct op){0};
	message_fini(&m);
	assert_int_equal(op_count(&op), 3);
	assert_int_equal(op_base_points(&op), 8);
	op_fini(&op);
	buf_fini(&frame);
}

static void subprotocols_are_those_of_the_protocol(void **state)
{
	(void)state;
	assert_string_equal(codec_subprotocol[CODEC_BIN], "codecollab.v1.bin");
	assert_string_equal(codec_subprotocol[CODEC_JSON], "codecollab.v1.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_has_its_bytes_and_its_text),
		cmocka_unit_test(every_row_of_the_table_is_among_them),
		cmocka_unit_test(a_cut_frame_is_refused),
		cmocka_unit_test(the_other_direction_is_skipped),
		cmocka_unit_test(several_messages_share_a_binary_frame),
		cmocka_unit_test(binary_frames_are_judged),
		cmocka_unit_test(json_frames_are_judged),
		cmocka_unit_test(ops_have_one_form),
		cmocka_unit_test(a_stored_op_ends_where_its_bytes_end),
		cmocka_unit_test(a_trailing_retain_is_not_sent),
		cmocka_unit_test(lists_have_a_limit),
		cmocka_unit_test(json_selections_have_a_limit),
		cmocka_unit_test(a_message_has_a_limit),
		cmocka_unit_test(a_servers_message_has_another),
		cmocka_unit_test(lengths_of_all_sizes),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(a_keystroke_is_small),
		cmocka_unit_test(binary_strings_lie_in_the_frame),
		cmocka_unit_test(json_strings_outlive_the_frame),
		cmocka_unit_test(an_op_may_be_moved_out),
		cmocka_unit_test(subprotocols_are_those_of_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
