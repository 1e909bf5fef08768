#include "tui/key.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"

#define SEQUENCE_MAX 64   /* bytes of a CSI sequence; longer ones are noise */
#define REPLY_MAX    4096 /* bytes of an OSC or DCS string */
#define PARAMS_MAX   8
#define PARAM_MAX    1000000
#define PASTE_PAUSES 40 /* flushes after which a paste without an end is taken for ended */

static const char paste_end[] = "\033[201~";
#define PASTE_END_BYTES (sizeof(paste_end) - 1)

struct keys {
	struct buf in; /* not yet decoded */
	size_t at;     /* decoded of it */
	bool flush;    /* what is there is all there will be */
	bool pasting;
	unsigned pauses;
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

bool keys_waiting(const struct keys *keys)
{
	return keys->pasting || keys->at < keys->in.len;
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

/* A character with modifiers as the protocols spell it: case belongs to the character, never to Ctrl. */
static enum step give_character(struct key *out, uint32_t c, unsigned mods)
{
	static const struct {
		uint32_t byte, code;
	} named[] = {
		{'\b', KEY_BACKSPACE},
		{0x7F, KEY_BACKSPACE},
		{'\t', KEY_TAB},
		{'\r', KEY_ENTER},
		{'\n', KEY_ENTER},
		{0x1B, KEY_ESC},
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].byte == c)
			return give(out, named[i].code, mods);
	if (c < 0x20)
		return give(out, c == 0 ? ' ' : c < 0x1B ? c + 'a' - 1 : c + '@', mods | KEY_CTRL);
	if (c >= 'A' && c <= 'Z' && mods & KEY_CTRL)
		c += 'a' - 'A';
	if (c >= 'a' && c <= 'z' && (mods & (KEY_SHIFT | KEY_CTRL)) == KEY_SHIFT)
		c -= 'a' - 'A';
	if (c > 0x20 && !(mods & KEY_CTRL))
		mods &= ~(unsigned)KEY_SHIFT;
	return give(out, c, mods);
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

/* ---- control sequences ---- */

struct sequence {
	char first; /* '<', '?' or another mark before the numbers, or 0 */
	int params[PARAMS_MAX];
	int second[PARAMS_MAX]; /* after ':' */
	int count;
	char final;
};

static void sequence_digit(struct sequence *s, bool sub, char digit)
{
	int *param = s->count <= PARAMS_MAX ? &(sub ? s->second : s->params)[s->count - 1] : NULL;

	if (param && *param < PARAM_MAX)
		*param = *param * 10 + (digit - '0');
}

/* Numbers between ';', each with at most one part after ':' that matters. */
static void sequence_parse(struct sequence *s, const char *at, size_t len)
{
	int colons = 0;

	*s = (struct sequence){.count = 1, .final = at[len - 1]};
	if (len > 1 && at[0] >= '<' && at[0] <= '?')
		s->first = at[0];
	for (size_t i = s->first ? 1 : 0; i + 1 < len; i++) {
		if (at[i] == ';' && s->count <= PARAMS_MAX)
			s->count++, colons = 0;
		else if (at[i] == ':')
			colons++;
		else if (at[i] >= '0' && at[i] <= '9' && colons < 2)
			sequence_digit(s, colons == 1, at[i]);
	}
	if (s->count > PARAMS_MAX)
		s->count = PARAMS_MAX;
}

static unsigned sequence_mods(const struct sequence *s, int param)
{
	int value = s->count > param && s->params[param] ? s->params[param] - 1 : 0;

	return (unsigned)value & (KEY_SHIFT | KEY_ALT | KEY_CTRL);
}

/* The keyboard protocol can tell when a key is let go; that is no key. */
static bool sequence_released(const struct sequence *s)
{
	return s->count > 1 && s->second[1] == 3;
}

struct final {
	char final;
	uint32_t code;
	unsigned mods;
};

static const struct final finals[] = {
	{'A', KEY_UP, 0},
	{'B', KEY_DOWN, 0},
	{'C', KEY_RIGHT, 0},
	{'D', KEY_LEFT, 0},
	{'H', KEY_HOME, 0},
	{'F', KEY_END, 0},
	{'P', KEY_F1, 0},
	{'Q', KEY_F2, 0},
	{'R', KEY_F3, 0},
	{'S', KEY_F4, 0},
	{'Z', KEY_TAB, KEY_SHIFT},
	{'I', KEY_FOCUS_IN, 0},
	{'O', KEY_FOCUS_OUT, 0},
	{'a', KEY_UP, KEY_SHIFT},
	{'b', KEY_DOWN, KEY_SHIFT},
	{'c', KEY_RIGHT, KEY_SHIFT},
	{'d', KEY_LEFT, KEY_SHIFT},
};

static const uint32_t tildes[] = {
	[1] = KEY_HOME,
	[2] = KEY_INSERT,
	[3] = KEY_DELETE,
	[4] = KEY_END,
	[5] = KEY_PAGE_UP,
	[6] = KEY_PAGE_DOWN,
	[7] = KEY_HOME,
	[8] = KEY_END,
	[11] = KEY_F1,
	[12] = KEY_F2,
	[13] = KEY_F3,
	[14] = KEY_F4,
	[15] = KEY_F5,
	[17] = KEY_F6,
	[18] = KEY_F7,
	[19] = KEY_F8,
	[20] = KEY_F9,
	[21] = KEY_F10,
	[23] = KEY_F11,
	[24] = KEY_F12,
};

static enum step letter_step(const struct sequence *s, struct key *out)
{
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		if (finals[i].final == s->final)
			return give(out, finals[i].code, finals[i].mods | sequence_mods(s, 1));
	return STEP_NOTHING;
}

static enum step tilde_step(
	struct keys *keys, const struct sequence *s, struct key *out, unsigned mods)
{
	size_t number = (size_t)s->params[0];

	if (number == 200)
		return paste_begin(keys);
	if (number == 27 && s->count > 2 && s->params[2] <= 0x10FFFF)
		return give_character(out, (uint32_t)s->params[2], sequence_mods(s, 1));
	if (number >= sizeof(tildes) / sizeof(tildes[0]) || !tildes[number])
		return STEP_NOTHING;
	return give(out, tildes[number], mods | sequence_mods(s, 1));
}

static enum step unicode_step(const struct sequence *s, struct key *out)
{
	bool private =
		s->params[0] >= 0xE000 && s->params[0] <= 0xF8FF; /* keys without a character */
	bool surrogate = s->params[0] >= 0xD800 && s->params[0] < 0xE000;

	if (private || surrogate || s->params[0] > 0x10FFFF || s->params[0] == 0)
		return STEP_NOTHING;
	return give_character(out, (uint32_t)s->params[0], sequence_mods(s, 1));
}

static bool mouse_kind(int bits, bool released, enum key_mouse *kind)
{
	if (bits & 64)
		*kind = bits & 1 ? KEY_MOUSE_WHEEL_DOWN : KEY_MOUSE_WHEEL_UP;
	else if (bits & 32)
		*kind = KEY_MOUSE_DRAG;
	else
		*kind = released ? KEY_MOUSE_UP : KEY_MOUSE_DOWN;
	bool sideways = bits & 64 && bits & 2;
	bool hover = bits & 32 && (bits & 3) == 3;
	return !sideways && !hover && bits < 128;
}

static enum step mouse_step(const struct sequence *s, struct key *out)
{
	int bits = s->params[0];

	*out = (struct key){.code = KEY_MOUSE};
	if (s->count < 3 || s->params[1] < 1 || s->params[2] < 1)
		return STEP_NOTHING;
	if (!mouse_kind(bits, s->final == 'm', &out->mouse))
		return STEP_NOTHING;
	out->mods = (bits & 4 ? KEY_SHIFT : 0u) | (bits & 8 ? KEY_ALT : 0u) |
		    (bits & 16 ? KEY_CTRL : 0u);
	out->button = bits & 3;
	out->col = s->params[1] - 1;
	out->row = s->params[2] - 1;
	return STEP_KEY;
}

static enum step sequence_key(struct keys *keys, const struct sequence *s, struct key *out)
{
	if (s->first == '<')
		return s->final == 'M' || s->final == 'm' ? mouse_step(s, out) : STEP_NOTHING;
	if (s->first || sequence_released(s))
		return STEP_NOTHING;
	switch (s->final) {
	case '~': return tilde_step(keys, s, out, 0);
	case '^': return tilde_step(keys, s, out, KEY_CTRL); /* rxvt */
	case '$': return tilde_step(keys, s, out, KEY_SHIFT);
	case '@': return tilde_step(keys, s, out, KEY_SHIFT | KEY_CTRL);
	case 'u': return unicode_step(s, out);
	default: return letter_step(s, out);
	}
}

/* Bytes from the one after "ESC [" through the final one; 0 while it has not come. *broken: here is what cannot be in it. */
static size_t sequence_bytes(const char *at, size_t len, bool *broken)
{
	bool marked = len && at[0] >= '<' && at[0] <= '?';

	for (size_t i = 0; i < len; i++) {
		*broken = at[i] < ' ' || at[i] > '~' || i == SEQUENCE_MAX;
		if (*broken)
			return i;
		if (at[i] >= '@' || (at[i] == '$' && !marked))
			return i + 1;
	}
	*broken = false;
	return 0;
}

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
	if (!bytes && !keys->flush)
		return STEP_MORE;
	if (!bytes && len == 2) {
		keys->at += 2;
		return give(out, '[', KEY_ALT);
	}
	if (!bytes)
		return give_up(keys, len);
	sequence_parse(&s, at + 2, bytes);
	keys->at += 2 + bytes;
	return sequence_key(keys, &s, out);
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
	return letter_step(&s, out);
}

/* An OSC, DCS, PM or APC string, ended by BEL or ESC \. */
static enum step string_step(struct keys *keys, const char *at, size_t len, struct key *out)
{
	for (size_t i = 2; i < len && i < REPLY_MAX; i++) {
		if (at[i] == '\a')
			return give_up(keys, i + 1);
		if (at[i] == '\\' && at[i - 1] == '\033' && i > 2)
			return give_up(keys, i + 1);
	}
	if (len >= REPLY_MAX)
		return give_up(keys, REPLY_MAX);
	if (!keys->flush)
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
	if (len > 2 && (at[2] == '[' || at[2] == 'O')) {
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
		keys->at++;
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

static enum step decode(struct keys *keys, struct key *out)
{
	if (keys->pasting)
		return paste_step(keys, out);
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
	keys->pauses += keys->pasting;
}
