#include "net/json.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "ot/utf8.h"

/* ---- reading ---- */

struct scan {
	const char *at, *end;
};

static bool scan_is(const struct scan *s, const char *set)
{
	return s->at < s->end && *s->at && strchr(set, *s->at);
}

static size_t scan_digits(struct scan *s)
{
	const char *from = s->at;

	while (scan_is(s, "0123456789"))
		s->at++;
	return (size_t)(s->at - from);
}

static enum err scan_number(struct scan *s)
{
	if (scan_is(s, "-"))
		s->at++;
	bool zero = scan_is(s, "0");
	size_t digits = scan_digits(s);
	if (digits == 0 || (zero && digits > 1))
		return ERR_FORM;
	if (scan_is(s, ".")) {
		s->at++;
		if (!scan_digits(s))
			return ERR_FORM;
	}
	if (scan_is(s, "eE")) {
		s->at++;
		if (scan_is(s, "+-"))
			s->at++;
		if (!scan_digits(s))
			return ERR_FORM;
	}
	return ERR_NONE;
}

/* The four hex digits of \uXXXX; pairing of surrogates is cJSON's to check, and it does. */
static enum err scan_hex4(struct scan *s)
{
	bool zero = true;

	for (int i = 0; i < 4; i++, s->at++) {
		if (!scan_is(s, "0123456789abcdefABCDEF"))
			return ERR_FORM;
		zero = zero && *s->at == '0';
	}
	return zero ? ERR_UTF8 : ERR_NONE;
}

static enum err scan_escape(struct scan *s)
{
	s->at++;
	if (!scan_is(s, "\"\\/bfnrtu"))
		return ERR_FORM;
	return *s->at++ == 'u' ? scan_hex4(s) : ERR_NONE;
}

static enum err scan_string(struct scan *s)
{
	enum err err = ERR_NONE;

	for (s->at++; s->at < s->end && !err;) {
		if ((unsigned char)*s->at < 0x20)
			return ERR_FORM;
		if (*s->at == '\\') {
			err = scan_escape(s);
			continue;
		}
		if (*s->at++ == '"')
			return ERR_NONE;
	}
	return err ? err : ERR_FORM;
}

static enum err scan_one(struct scan *s, unsigned *depth)
{
	if (scan_is(s, "\""))
		return scan_string(s);
	if (scan_is(s, "-0123456789"))
		return scan_number(s);
	if (scan_is(s, "[{") && ++*depth > JSON_MAX_DEPTH)
		return ERR_LIMIT;
	if (scan_is(s, "]}") && (*depth)-- == 0)
		return ERR_FORM;
	if (!scan_is(s, "[]{},: \t\r\ntruefalsn"))
		return ERR_FORM;
	s->at++;
	return ERR_NONE;
}

static enum err scan_all(const char *at, size_t len)
{
	struct scan s = {at, at + len};
	unsigned depth = 0;
	enum err err = ERR_NONE;

	while (s.at < s.end && !err)
		err = scan_one(&s, &depth);
	return err;
}

static bool blank(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n", *at))
		at++;
	return at == end;
}

enum err json_parse(const char *at, size_t len, struct cJSON **out)
{
	const char *end = NULL;

	*out = NULL;
	if (len == 0)
		return ERR_FORM;
	if (!utf8_check(at, len, NULL))
		return ERR_UTF8;
	enum err err = scan_all(at, len);
	if (err)
		return err;
	cJSON *json = cJSON_ParseWithLengthOpts(at, len, &end, false);
	if (!json || !blank(end, at + len)) {
		cJSON_Delete(json);
		return ERR_FORM;
	}
	*out = json;
	return ERR_NONE;
}

bool json_uint(const struct cJSON *item, uint64_t *out)
{
	if (!cJSON_IsNumber(item))
		return false;
	double value = item->valuedouble;
	if (!(value >= 0 && value <= (double)MESSAGE_MAX_UINT) || value != (double)(uint64_t)value)
		return false;
	*out = (uint64_t)value;
	return true;
}

/* ---- writing ---- */

static const char short_escape[0x20] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

static void put_escaped(struct buf *out, unsigned char byte)
{
	buf_add_byte(out, '\\');
	if (byte >= 0x20)
		buf_add_byte(out, byte);
	else if (short_escape[byte])
		buf_add_byte(out, (unsigned char)short_escape[byte]);
	else
		buf_printf(out, "u%04x", byte);
}

static bool plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

void json_put_str(struct buf *out, struct str s)
{
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.len;) {
		size_t from = i;
		while (i < s.len && plain(s.at[i]))
			i++;
		buf_add(out, s.at ? s.at + from : NULL, i - from);
		if (i < s.len)
			put_escaped(out, (unsigned char)s.at[i++]);
	}
	buf_add_byte(out, '"');
}

void json_put_uint(struct buf *out, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + value % 10);
	} while (value /= 10);
	buf_add(out, digits + n, sizeof(digits) - n);
}
