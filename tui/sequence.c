#include "tui/sequence.h"

#define SEQUENCE_MAX 64 /* bytes of a CSI sequence; longer ones are noise */
#define PARAM_MAX    2000000
#define PAD_FIRST    57399 /* KP_0 */
#define MODS_OTHER   56    /* Super, Hyper, Meta: not ours, but the desktop's */

/* ---- characters ---- */

struct key sequence_character(uint32_t c, unsigned mods)
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
			return (struct key){.code = named[i].code, .mods = mods};
	if (c < 0x20)
		return (struct key){.code = c == 0     ? ' '
					    : c < 0x1B ? c + 'a' - 1
						       : c + '@',
			.mods = mods | KEY_CTRL};
	if (c >= 'A' && c <= 'Z' && mods & KEY_CTRL)
		c += 'a' - 'A';
	if (c >= 'a' && c <= 'z' && (mods & (KEY_SHIFT | KEY_CTRL)) == KEY_SHIFT)
		c -= 'a' - 'A';
	if (c > 0x20 && !(mods & KEY_CTRL))
		mods &= ~(unsigned)KEY_SHIFT;
	return (struct key){.code = c, .mods = mods};
}

static enum sequence_meaning give(struct key *out, uint32_t code, unsigned mods)
{
	*out = (struct key){.code = code, .mods = mods};
	return SEQUENCE_KEY;
}

static enum sequence_meaning character(struct key *out, uint32_t c, unsigned mods)
{
	*out = sequence_character(c, mods);
	return SEQUENCE_KEY;
}

/* ---- control sequences ---- */

/* NULL: nobody wants to know. */
static int *sequence_part(struct sequence *s, int colons)
{
	if (s->count > SEQUENCE_PARAMS)
		return NULL;
	switch (colons) {
	case 0: return &s->params[s->count - 1];
	case 1: return &s->second[s->count - 1];
	case 2: return s->count == 1 ? &s->third : NULL;
	default: return NULL;
	}
}

static void sequence_digit(struct sequence *s, int colons, char digit)
{
	int *param = sequence_part(s, colons);

	if (param && *param < PARAM_MAX)
		*param = *param * 10 + (digit - '0');
}

struct sequence sequence_parse(const char *at, size_t len)
{
	struct sequence made = {.count = 1, .final = at[len - 1]}, *s = &made;
	int colons = 0;

	if (len > 1 && at[0] >= '<' && at[0] <= '?')
		s->first = at[0];
	for (size_t i = s->first ? 1 : 0; i + 1 < len; i++) {
		if (at[i] == ';' && s->count <= SEQUENCE_PARAMS)
			s->count++, colons = 0;
		else if (at[i] == ':')
			colons++;
		else if (at[i] >= '0' && at[i] <= '9')
			sequence_digit(s, colons, at[i]);
	}
	if (s->count > SEQUENCE_PARAMS)
		s->count = SEQUENCE_PARAMS;
	return made;
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

static bool is_for_others(const struct sequence *s)
{
	return s->count > 1 && s->params[1] && (s->params[1] - 1) & MODS_OTHER;
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

static enum sequence_meaning letter_step(const struct sequence *s, struct key *out)
{
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		if (finals[i].final == s->final)
			return give(out, finals[i].code, finals[i].mods | sequence_mods(s, 1));
	return SEQUENCE_NOTHING;
}

static enum sequence_meaning tilde_step(const struct sequence *s, struct key *out, unsigned mods)
{
	size_t number = (size_t)s->params[0];

	if (number == 200)
		return SEQUENCE_PASTE;
	if (number == 27 && s->count > 2 && s->params[2] <= 0x10FFFF)
		return character(out, (uint32_t)s->params[2], sequence_mods(s, 1));
	if (number >= sizeof(tildes) / sizeof(tildes[0]) || !tildes[number])
		return SEQUENCE_NOTHING;
	return give(out, tildes[number], mods | sequence_mods(s, 1));
}

/* Keys of the number pad that the protocol has numbers of its own for. */
static uint32_t number_pad(int number)
{
	static const uint32_t pad[] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '/',
		'*', '-', '+', KEY_ENTER, '=', ',', KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN,
		KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END, KEY_INSERT, KEY_DELETE};
	size_t place = (size_t)number - PAD_FIRST;

	return number >= PAD_FIRST && place < sizeof(pad) / sizeof(pad[0]) ? pad[place] : 0;
}

static bool is_character(int c)
{
	return c > 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xF8FF);
}

static enum sequence_meaning unicode_step(const struct sequence *s, struct key *out)
{
	unsigned mods = sequence_mods(s, 1);
	int c = s->params[0];

	if (number_pad(c))
		return give(out, number_pad(c), mods);
	if (!is_character(c) || is_for_others(s)) /* a key without a character */
		return SEQUENCE_NOTHING;
	if (mods & (KEY_CTRL | KEY_ALT) && c >= 0x80 && is_character(s->third) && s->third < 0x80)
		return character(out, (uint32_t)s->third, mods);
	bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	if (mods & KEY_CTRL && mods & KEY_SHIFT && !letter && s->second[0] > ' ' &&
		s->second[0] < 0x7F)
		return character(out, (uint32_t)s->second[0], mods & ~(unsigned)KEY_SHIFT);
	return character(out, (uint32_t)c, mods);
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

static enum sequence_meaning mouse_step(const struct sequence *s, struct key *out)
{
	int bits = s->params[0];

	*out = (struct key){.code = KEY_MOUSE};
	if (s->count < 3 || s->params[1] < 1 || s->params[2] < 1)
		return SEQUENCE_NOTHING;
	if (!mouse_kind(bits, s->final == 'm', &out->mouse))
		return SEQUENCE_NOTHING;
	out->mods = (bits & 4 ? KEY_SHIFT : 0u) | (bits & 8 ? KEY_ALT : 0u) |
		    (bits & 16 ? KEY_CTRL : 0u);
	out->button = bits & 3;
	out->col = s->params[1] - 1;
	out->row = s->params[2] - 1;
	return SEQUENCE_KEY;
}

/* The answer to a question about a mode (DECRQM): it is on, or off, so it is known. */
static enum sequence_meaning mode_step(const struct sequence *s, struct key *out)
{
	bool known = s->count == 2 && (s->params[1] == 1 || s->params[1] == 2);

	return known && s->params[0] == 2026 ? give(out, KEY_SYNCHRONIZES, 0) : SEQUENCE_NOTHING;
}

static enum sequence_meaning answer_step(const struct sequence *s, struct key *out)
{
	switch (s->final) {
	case 'y': return mode_step(s, out);
	case 'u': return give(out, KEY_TELLS_KEYS, 0);
	case 'c': return give(out, KEY_ANSWERED, 0);
	default: return SEQUENCE_NOTHING;
	}
}

enum sequence_meaning sequence_key(const struct sequence *s, struct key *out)
{
	if (s->first == '?')
		return answer_step(s, out);
	if (s->first == '<')
		return s->final == 'M' || s->final == 'm' ? mouse_step(s, out) : SEQUENCE_NOTHING;
	if (s->first || sequence_released(s))
		return SEQUENCE_NOTHING;
	switch (s->final) {
	case '~': return tilde_step(s, out, 0);
	case '^': return tilde_step(s, out, KEY_CTRL); /* rxvt */
	case '$': return tilde_step(s, out, KEY_SHIFT);
	case '@': return tilde_step(s, out, KEY_SHIFT | KEY_CTRL);
	case 'u': return unicode_step(s, out);
	default: return letter_step(s, out);
	}
}

size_t sequence_bytes(const char *at, size_t len, bool *broken)
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
