#include "tui/key.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/background.h"
#include "tui/sequence.h"

#define REPLY_MAX    4096 /* bytes of an OSC or DCS string */
#define PASTE_PAUSES 40   /* flushes after which a paste without an end is taken for ended */
#define REPLY_PAUSES 40   /* and after which the rest of a reply is not expected any more */

static const char paste_end[] = "\033[201~";
#define PASTE_END_BYTES (sizeof(paste_end) - 1)

struct keys {
	struct buf in; /* not yet decoded */
	size_t at;     /* decoded of it */
	bool flush;    /* what is there is all there will be */
	bool expects;  /* answers */
	bool given;    /* the Esc that is there was, but may be the first byte of one */
	bool pasting;
	unsigned pauses; /* in a paste, or in a reply */
	bool cut;
	struct buf raw;    /* of the paste under way */
	struct buf pasted; /* of the last one given out */
};

/* What a try to decode one key came to. */
enum step { STEP_KEY, STEP_NOTHING, STEP_MORE };

struct keys *keys_create(void)
{
	return mem_alloc(sizeof(struct keys));
}

void keys_destroy(struct keys *keys)
{
	if (!keys)
		return;
	buf_fini(&keys->in);
	buf_fini(&keys->raw);
	buf_fini(&keys->pasted);
	free(keys);
}

static bool begins(const char *at, size_t len, const char *reply)
{
	size_t bytes = strlen(reply);

	return len > 2 && memcmp(at, reply, len < bytes ? len : bytes) == 0;
}

/* So far. */
static bool may_be_reply(const char *at, size_t len)
{
	return memcmp(at, "\033[?", len < 3 ? len : 3) == 0 ||
	       memcmp(at, "\033]11;", len < 5 ? len : 5) == 0;
}

/* A reply in pieces, of those that are asked for: no key begins so. */
static bool in_reply(const char *at, size_t len)
{
	return begins(at, len, "\033[?") || begins(at, len, "\033]11;");
}

/* Nothing comes of it but with more bytes: what is left of a sequence ends with the next letter. */
static bool is_stuck(const struct keys *keys)
{
	return keys->pauses >= REPLY_PAUSES &&
	       begins(keys->in.at + keys->at, keys->in.len - keys->at, "\033[?");
}

bool keys_waiting(const struct keys *keys)
{
	bool any = keys->in.len > keys->at + keys->given;

	return keys->pasting || (any && !is_stuck(keys));
}

bool keys_lone_esc(const struct keys *keys)
{
	return keys->in.len == keys->at + 1 && keys->in.at[keys->at] == '\033';
}

void keys_expect(struct keys *keys, bool answers)
{
	keys->expects = answers;
}

/* ---- pastes ---- */

static void paste_keep(struct keys *keys, const char *at, size_t len)
{
	size_t room = KEY_PASTE_MAX - keys->raw.len;

	if (len > room) {
		len = room;
		keys->cut = true;
	}
	buf_add(&keys->raw, at, len);
}

static size_t character_bytes(const char *at, size_t len)
{
	size_t bytes = utf8_width(at[0]);

	return bytes <= len && utf8_check(at, bytes, NULL) ? bytes : 0;
}

/* What others may see: UTF-8 without U+0000, lines ended by '\n'. */
static void paste_clean(struct buf *out, const char *at, size_t len)
{
	buf_clear(out);
	for (size_t i = 0; i < len;) {
		size_t bytes = character_bytes(at + i, len - i);
		if (at[i] == '\r') {
			buf_add_byte(out, '\n');
			i += i + 1 < len && at[i + 1] == '\n' ? 2 : 1;
		} else if (bytes) {
			buf_add(out, at + i, bytes);
			i += bytes;
		} else {
			buf_add_str(out, "\xEF\xBF\xBD");
			i++;
		}
	}
}

static void drop_partial_character(struct buf *raw)
{
	size_t back = 1;

	while (back < 4 && back < raw->len && (raw->at[raw->len - back] & 0xC0) == 0x80)
		back++;
	if (raw->len >= back && utf8_width(raw->at[raw->len - back]) > back)
		raw->len -= back;
}

static enum step paste_done(struct keys *keys, struct key *out)
{
	if (keys->cut)
		drop_partial_character(&keys->raw);
	paste_clean(&keys->pasted, keys->raw.at, keys->raw.len);
	*out = (struct key){
		.code = KEY_PASTE,
		.text = keys->pasted.at ? keys->pasted.at : "",
		.bytes = keys->pasted.len,
		.cut = keys->cut,
	};
	buf_fini(&keys->raw);
	keys->pasting = false;
	return STEP_KEY;
}

static enum step paste_step(struct keys *keys, struct key *out)
{
	const char *at = keys->in.at + keys->at;
	size_t len = keys->in.len - keys->at;
	const char *end = len ? memmem(at, len, paste_end, PASTE_END_BYTES) : NULL;
	/* The end marker may have come in part: its bytes stay for the next try. */
	size_t take = len < PASTE_END_BYTES ? 0 : len - (PASTE_END_BYTES - 1);

	if (end)
		take = (size_t)(end - at);
	if (!end && keys->pauses >= PASTE_PAUSES)
		take = len;
	if (take)
		paste_keep(keys, at, take);
	keys->at += take + (end ? PASTE_END_BYTES : 0);
	return end || keys->pauses >= PASTE_PAUSES ? paste_done(keys, out) : STEP_MORE;
}

static enum step paste_begin(struct keys *keys)
{
	keys->pasting = true;
	keys->pauses = 0;
	keys->cut = false;
	buf_clear(&keys->raw);
	return STEP_NOTHING;
}

/* ---- single characters ---- */

static enum step give(struct key *out, uint32_t code, unsigned mods)
{
	*out = (struct key){.code = code, .mods = mods};
	return STEP_KEY;
}

static enum step give_character(struct key *out, uint32_t c, unsigned mods)
{
	*out = sequence_character(c, mods);
	return STEP_KEY;
}

static enum step character_step(struct keys *keys, struct key *out, size_t skip, unsigned mods)
{
	const char *at = keys->in.at + keys->at + skip;
	size_t len = keys->in.len - keys->at - skip;
	size_t bytes = utf8_width(at[0]), width;

	if ((unsigned char)at[0] >= 0xC2 && (unsigned char)at[0] < 0xF5 && len < bytes &&
		!keys->flush)
		return STEP_MORE;
	if (len >= bytes && utf8_check(at, bytes, NULL)) {
		keys->at += skip + bytes;
		return give_character(out, utf8_decode(at, &width), mods);
	}
	keys->at += skip + 1;
	return at[0] ? give(out, 0xFFFD, mods) : give_character(out, 0, mods);
}

/* ---- escape sequences ---- */

/* A reply nobody asked for, or one cut short: forget it. */
static enum step give_up(struct keys *keys, size_t bytes)
{
	keys->at += bytes;
	return STEP_NOTHING;
}

/* Keys whose sequences end otherwise: the Linux console's F1 to F5, and mouse reports of the oldest kind. */
static enum step odd_sequence_step(struct keys *keys, const char *at, size_t len, struct key *out)
{
	if (at[2] == '[') {
		if (len < 4)
			return keys->flush ? give_up(keys, len) : STEP_MORE;
		keys->at += 4;
		return at[3] >= 'A' && at[3] <= 'E' ? give(out, KEY_F1 + (uint32_t)(at[3] - 'A'), 0)
						    : STEP_NOTHING;
	}
	if (len < 6)
		return keys->flush ? give_up(keys, len) : STEP_MORE;
	return give_up(keys, 6);
}

static enum step csi_step(struct keys *keys, const char *at, size_t len, struct key *out)
{
	struct sequence s;
	bool broken;
	size_t bytes = sequence_bytes(at + 2, len - 2, &broken);

	if (broken)
		return give_up(keys, 2 + bytes);
	if (bytes == 1 && (at[2] == '[' || at[2] == 'M'))
		return odd_sequence_step(keys, at, len, out);
	if (!bytes && (!keys->flush || in_reply(at, len)))
		return STEP_MORE;
	if (!bytes && len == 2) {
		keys->at += 2;
		return give(out, '[', KEY_ALT);
	}
	if (!bytes)
		return give_up(keys, len);
	keys->at += 2 + bytes;
	s = sequence_parse(at + 2, bytes);
	switch (sequence_key(&s, out)) {
	case SEQUENCE_KEY: return STEP_KEY;
	case SEQUENCE_PASTE: return paste_begin(keys);
	default: return STEP_NOTHING;
	}
}

static enum step ss3_step(struct keys *keys, const char *at, size_t len, struct key *out)
{
	struct sequence s = {.count = 0};

	if (len < 3 && !keys->flush)
		return STEP_MORE;
	keys->at += len < 3 ? 2 : 3;
	if (len < 3)
		return give(out, 'O', KEY_ALT);
	s.final = at[2];
	if (s.final == 'M')
		return give(out, KEY_ENTER, 0);
	if (s.final >= 'j' && s.final <= 'y') /* the number pad */
		return give(out, (uint32_t)(s.final - 'j') + '*', 0);
	return sequence_key(&s, out) == SEQUENCE_KEY ? STEP_KEY : STEP_NOTHING;
}

static enum step reply_step(
	struct keys *keys, const char *at, size_t text, size_t all, struct key *out)
{
	bool light;

	keys->at += all;
	if (at[1] == ']' && background_answer(at + 2, text, &light))
		return give(out, light ? KEY_LIGHT : KEY_DARK, 0);
	return STEP_NOTHING;
}

/* An OSC, DCS, PM or APC string, ended by BEL or ESC \. */
static enum step string_step(struct keys *keys, const char *at, size_t len, struct key *out)
{
	for (size_t i = 2; i < len && i < REPLY_MAX; i++) {
		if (at[i] == '\a')
			return reply_step(keys, at, i - 2, i + 1, out);
		if (at[i] == '\\' && at[i - 1] == '\033' && i > 2)
			return reply_step(keys, at, i - 3, i + 1, out);
	}
	if (len >= REPLY_MAX)
		return give_up(keys, REPLY_MAX);
	if (!keys->flush || (in_reply(at, len) && keys->pauses < REPLY_PAUSES))
		return STEP_MORE;
	if (len > 2)
		return give_up(keys, len);
	keys->at += 2;
	return give(out, (uint32_t)at[1], KEY_ALT);
}

/* ESC before a key stands for Alt; old terminals send whole sequences so. */
static enum step alt_step(struct keys *keys, size_t len, struct key *out)
{
	const char *at = keys->in.at + keys->at;

	if (at[1] != '\033')
		return character_step(keys, out, 1, KEY_ALT);
	bool reply = len > 3 && at[3] == '?'; /* behind a lone Esc */
	if (!reply && len > 2 && (at[2] == '[' || at[2] == 'O')) {
		enum step step = at[2] == '[' ? csi_step(keys, at + 1, len - 1, out)
					      : ss3_step(keys, at + 1, len - 1, out);
		keys->at += step != STEP_MORE;
		out->mods |= step == STEP_KEY ? KEY_ALT : 0u;
		return step;
	}
	if (len == 2 && !keys->flush)
		return STEP_MORE;
	keys->at++;
	return give(out, KEY_ESC, 0);
}

static enum step escape_step(struct keys *keys, struct key *out)
{
	const char *at = keys->in.at + keys->at;
	size_t len = keys->in.len - keys->at;

	if (len == 1 && !keys->flush)
		return STEP_MORE;
	if (len == 1) {
		keys->given = keys->expects;
		keys->at += !keys->given;
		return give(out, KEY_ESC, 0);
	}
	switch (at[1]) {
	case '[': return csi_step(keys, at, len, out);
	case 'O': return ss3_step(keys, at, len, out);
	case ']':
	case 'P':
	case '^':
	case '_': return string_step(keys, at, len, out);
	default: return alt_step(keys, len, out);
	}
}

/* Behind an Esc that was given: is it an answer, then? */
static enum step given_step(struct keys *keys)
{
	const char *at = keys->in.at + keys->at;
	size_t len = keys->in.len - keys->at;
	bool reply = may_be_reply(at, len);

	if (len == 1 || (len == 2 && reply && !keys->flush))
		return STEP_MORE;
	keys->given = false;
	keys->at += !reply || len == 2;
	return STEP_NOTHING;
}

static enum step decode(struct keys *keys, struct key *out)
{
	if (keys->pasting)
		return paste_step(keys, out);
	if (keys->given)
		return given_step(keys);
	if (keys->at == keys->in.len)
		return STEP_MORE;
	if (keys->in.at[keys->at] == '\033')
		return escape_step(keys, out);
	return character_step(keys, out, 0, 0);
}

static void forget_decoded(struct keys *keys)
{
	if (keys->at)
		buf_drop(&keys->in, keys->at);
	keys->at = 0;
}

/* ---- the outside ---- */

void keys_feed(struct keys *keys, const char *at, size_t len)
{
	/* Bytes of a paste come in crowds; a ^C all alone is a person who sees no end of one. */
	bool stuck = keys->pasting && len == 1 && at[0] == 0x03;

	keys->flush = false;
	keys->pauses = stuck ? PASTE_PAUSES : 0;
	forget_decoded(keys);
	if (!stuck)
		buf_add(&keys->in, at, len);
}

bool keys_next(struct keys *keys, struct key *out)
{
	enum step step;

	do
		step = decode(keys, out);
	while (step == STEP_NOTHING);
	if (step == STEP_MORE)
		forget_decoded(keys);
	return step == STEP_KEY;
}

void keys_flush(struct keys *keys)
{
	keys->flush = true;
	keys->pauses++;
}
