#include "net/url.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "ot/buf.h"

#define URL_DEFAULT_PORT 8443

#define LETTERS  "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"

struct span {
	const char *at;
	size_t len;
};

/* Cut s at the first of the characters in `set`: gives what is before it, s keeps the rest, with that character. */
static struct span cut(struct span *s, const char *set)
{
	size_t n = 0;

	while (n < s->len && !strchr(set, s->at[n]))
		n++;
	struct span before = {s->at, n};
	*s = (struct span){s->at + n, s->len - n};
	return before;
}

/* Does s begin with c? Then step over it. */
static bool skip(struct span *s, char c)
{
	if (!s->len || *s->at != c)
		return false;
	s->at++;
	s->len--;
	return true;
}

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.at, word, s.len) == 0;
}

static void copy(char *out, struct span s)
{
	memcpy(out, s.at, s.len);
	out[s.len] = '\0';
}

static void copy_lower(char *out, struct span s)
{
	copy(out, s);
	for (; *out; out++)
		if (*out >= 'A' && *out <= 'Z')
			*out = (char)(*out - 'A' + 'a');
}

/* ---- the parts, in order; each gives NULL or a clause ---- */

static const char *parse_scheme(struct span *s, struct url *url)
{
	char scheme[4];
	struct span name = cut(s, ":/?#");

	if (name.len >= sizeof(scheme) || s->len < 3 || memcmp(s->at, "://", 3) != 0)
		return "it does not begin with wss://";
	copy_lower(scheme, name);
	url->tls = strcmp(scheme, "wss") == 0;
	if (!url->tls && strcmp(scheme, "ws") != 0)
		return "it does not begin with wss://";
	*s = (struct span){s->at + 3, s->len - 3};
	return NULL;
}

/* Labels of letters, digits, '-' and '_', of 1 to 63 characters (RFC 1123; '_' is common in container networks). */
static bool name_valid(const char *name)
{
	for (const char *at = name;; at++) {
		size_t n = strspn(at, LETTERS DIGITS "-_");
		if (n == 0 || n > 63 || at[0] == '-' || at[n - 1] == '-')
			return false;
		at += n;
		if (!*at)
			return true;
		if (*at != '.')
			return false;
	}
}

/* A name whose last label is a number is meant as an IPv4 address, and must be one. */
static bool looks_like_ipv4(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;

	return *last && last[strspn(last, DIGITS)] == '\0';
}

static const char *parse_ipv6(struct span *s, struct url *url)
{
	unsigned char address[16];

	skip(s, '[');
	struct span host = cut(s, "]");
	if (host.len >= INET6_ADDRSTRLEN || !skip(s, ']'))
		return "the IPv6 address in brackets is not one";
	copy_lower(url->host, host);
	return inet_pton(AF_INET6, url->host, address) == 1
		       ? NULL
		       : "the IPv6 address in brackets is not one";
}

static const char *parse_name(struct span *s, struct url *url)
{
	unsigned char address[4];
	struct span host = cut(s, ":/?#");

	if (host.len == 0)
		return "the host is missing";
	if (host.len > 253)
		return "the host is longer than 253 characters";
	copy_lower(url->host, host);
	if (looks_like_ipv4(url->host))
		return inet_pton(AF_INET, url->host, address) == 1
			       ? NULL
			       : "the host is a number, but not an IPv4 address";
	return name_valid(url->host) ? NULL : "the host is not a name or an address";
}

static const char *parse_host(struct span *s, struct url *url)
{
	struct span rest = *s;
	struct span authority = cut(&rest, "/?#");

	if (authority.len && memchr(authority.at, '@', authority.len))
		return "a user name or password does not belong in it";
	return s->len && *s->at == '[' ? parse_ipv6(s, url) : parse_name(s, url);
}

/* 0 when it is not one. */
static unsigned port_number(struct span digits)
{
	unsigned port = 0;

	if (digits.len > 5 || (digits.len && digits.at[0] == '0'))
		return 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return 0;
		port = port * 10 + (unsigned)(digits.at[i] - '0');
	}
	return port <= UINT16_MAX ? port : 0;
}

static const char *parse_port(struct span *s, struct url *url)
{
	url->port = URL_DEFAULT_PORT;
	if (!skip(s, ':'))
		return NULL;
	url->port = port_number(cut(s, "/?#"));
	return url->port ? NULL : "the port is not a number from 1 to 65535";
}

static const char *parse_room(struct span *s, struct url *url)
{
	if (!skip(s, '/'))
		return s->len && *s->at != '?' && *s->at != '#'
			       ? "the host is not a name or an address"
			       : "the room is missing";
	struct span room = cut(s, "?#");
	if (s->len && *s->at == '?')
		return "a query (?) does not belong in it";
	if (room.len == 0)
		return "the room is missing";
	if (!room_name_valid(room.at, room.len))
		return "the room is not 1 to 64 lower-case letters, digits and dashes";
	copy(url->room, room);
	return NULL;
}

static const char *take_token(struct span value, struct url *url)
{
	if (url->token[0])
		return "it has two tokens (t=)";
	if (value.len > TOKEN_MAX_BYTES)
		return "the token (t=) is too long";
	copy(url->token, value);
	if (strspn(url->token, LETTERS CAPITALS DIGITS "-_.") != value.len)
		return "the token (t=) has characters that no token has";
	return NULL;
}

static const char *take_pin(struct span value, struct url *url)
{
	if (url->pin[0])
		return "it has two fingerprints (fp=)";
	if (!tls_pin_valid(value.at, value.len))
		return "the fingerprint (fp=) is not 43 characters of base64url";
	copy(url->pin, value);
	return NULL;
}

static const char *parse_fragment(struct span *s, struct url *url)
{
	const char *why = NULL;

	skip(s, '#');
	while (s->len && !why) {
		struct span value = cut(s, "&");
		skip(s, '&');
		struct span key = cut(&value, "=");
		skip(&value, '=');
		if (span_is(key, "t"))
			why = take_token(value, url);
		else if (span_is(key, "fp"))
			why = take_pin(value, url);
	}
	return why;
}

/* ---- the whole ---- */

static bool is_loopback(const char *host)
{
	unsigned char four[4];
	struct in6_addr six;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, four) == 1)
		return four[0] == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* First of all, so that the parts meet printable ASCII only. */
static const char *check_text(const char *text, size_t len)
{
	if (len > URL_MAX_BYTES)
		return "it is too long";
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return "it has a space, or a character that does not belong in a URL";
	return NULL;
}

const char *url_parse(const char *text, struct url *out)
{
	static const char *(*const parts[])(struct span *, struct url *) = {
		parse_scheme, parse_host, parse_port, parse_room, parse_fragment};
	struct span s = {text, strnlen(text, URL_MAX_BYTES + 1)};
	struct url url = {0};
	const char *why = check_text(text, s.len);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !why; i++)
		why = parts[i](&s, &url);
	if (!why && !url.tls && !is_loopback(url.host))
		why = "ws:// is for this machine only; use wss://";
	if (!why)
		*out = url;
	return why;
}

char *url_format(const struct url *url)
{
	struct buf out = {0};
	bool bare = !strchr(url->host, ':');

	buf_printf(&out, bare ? "%s://%s:%u/%s" : "%s://[%s]:%u/%s", url->tls ? "wss" : "ws",
		url->host, url->port, url->room);
	if (url->token[0])
		buf_printf(&out, "#t=%s", url->token);
	if (url->pin[0])
		buf_printf(&out, "%cfp=%s", url->token[0] ? '&' : '#', url->pin);
	return buf_take(&out);
}
