#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/redis.h"

static bool copy(char *out, size_t size, const char *at, size_t len)
{
	if (len >= size)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* %XX is a byte. */
static bool unescape(char *out, size_t size, const char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		out[n++] = at[i];
		if (at[i] != '%')
			continue;
		if (len - i < 3 || hex(at[i + 1]) < 0 || hex(at[i + 2]) < 0)
			return false;
		out[n - 1] = (char)(hex(at[i + 1]) << 4 | hex(at[i + 2]));
		i += 2;
		if (!out[n - 1])
			return false;
	}
	out[n] = '\0';
	return n + 1 < size;
}

/* [USER]:PASSWORD, or a password alone. */
static const char *parse_user(const char *at, size_t len, struct redis_options *out)
{
	const char *colon = memchr(at, ':', len);
	const char *password = colon ? colon + 1 : at;

	if ((colon && !unescape(out->user, sizeof(out->user), at, (size_t)(colon - at))) ||
		!unescape(out->password, sizeof(out->password), password,
			len - (size_t)(password - at)))
		return "the user or the password is too long, or a % in it is not %XX";
	return NULL;
}

static const char *parse_number(const char *at, size_t len, unsigned *out)
{
	char word[8], *end;

	if (!copy(word, sizeof(word), at, len))
		return "the number of the database is not one";
	*out = (unsigned)strtoul(word, &end, 10);
	return *word && *end ? "the number of the database is not one" : NULL;
}

/* /DB, or of sentinels /NAME[/DB] */
static const char *parse_path(const char *at, size_t len, bool sentinel, struct redis_options *out)
{
	const char *slash;

	if (sentinel) {
		slash = memchr(at, '/', len);
		size_t name = slash ? (size_t)(slash - at) : len;
		if (!name || !copy(out->master, sizeof(out->master), at, name))
			return "the name of the sentinels' master is missing: "
			       "redis+sentinel://HOST/NAME";
		at += slash ? name + 1 : name;
		len -= slash ? name + 1 : name;
	}
	return parse_number(at, len, &out->db);
}

static const char *parse_query(const char *at, struct redis_options *out)
{
	while (*at) {
		size_t len = strcspn(at, "&");
		bool fits = false;
		if (strncmp(at, "prefix=", 7) == 0)
			fits = unescape(out->prefix, sizeof(out->prefix), at + 7, len - 7);
		else if (strncmp(at, "ca=", 3) == 0)
			fits = unescape(out->ca, sizeof(out->ca), at + 3, len - 3);
		if (!fits)
			return "behind the ? there may be prefix=TEXT and ca=FILE";
		at += len + (at[len] == '&');
	}
	return strpbrk(out->prefix, "{}") ? "a prefix may not have { or } in it" : NULL;
}

const char *redis_url(const char *url, struct redis_options *out)
{
	static const struct {
		const char *scheme;
		bool tls, sentinel;
	} schemes[] = {{"redis://", false, false}, {"rediss://", true, false},
		{"redis+sentinel://", false, true}};
	const char *why = NULL, *at = NULL;
	bool sentinel = false;

	*out = (struct redis_options){.prefix = "codecollab:"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(url, schemes[i].scheme, strlen(schemes[i].scheme)) == 0) {
			at = url + strlen(schemes[i].scheme);
			out->tls = schemes[i].tls;
			sentinel = schemes[i].sentinel;
		}
	if (!at)
		return "it begins with redis://, rediss:// or redis+sentinel://";
	size_t place = strcspn(at, "/?");
	const char *user_end = memrchr(at, '@', place), *path = at + place;
	if (user_end && (why = parse_user(at, (size_t)(user_end - at), out)))
		return why;
	at = user_end ? user_end + 1 : at;
	if (at == path || !copy(out->hosts, sizeof(out->hosts), at, (size_t)(path - at)))
		return "the host is missing, or too long";
	path += *path == '/';
	size_t len = strcspn(path, "?");
	if ((why = parse_path(path, len, sentinel, out)))
		return why;
	return parse_query(path + len + (path[len] == '?'), out);
}
