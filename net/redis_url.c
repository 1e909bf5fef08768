#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/redis.h"
#include "net/redis_place.h"

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

static bool parse_pair(const char *at, size_t len, struct redis_options *out)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} rows[] = {{"prefix=", out->prefix, sizeof(out->prefix)},
		{"ca=", out->ca, sizeof(out->ca)}, {"cert=", out->cert, sizeof(out->cert)},
		{"key=", out->key, sizeof(out->key)},
		{"sentinel-user=", out->sentinel_user, sizeof(out->sentinel_user)},
		{"sentinel-password=", out->sentinel_password, sizeof(out->sentinel_password)}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t name = strlen(rows[i].name);
		if (len >= name && memcmp(at, rows[i].name, name) == 0)
			return unescape(rows[i].to, rows[i].size, at + name, len - name);
	}
	return false;
}

static const char *parse_query(const char *at, struct redis_options *out)
{
	while (*at) {
		size_t len = strcspn(at, "&");
		if (!parse_pair(at, len, out))
			return "behind the ? there may be prefix=TEXT, ca=FILE, cert=FILE, key=FILE, "
			       "sentinel-user=NAME and sentinel-password=TEXT";
		at += len + (at[len] == '&');
	}
	if (!*out->cert != !*out->key)
		return "cert= and key= belong together";
	if ((*out->sentinel_user || *out->sentinel_password) && !*out->master)
		return "sentinel-user= and sentinel-password= are for redis+sentinel://";
	if ((*out->ca || *out->cert) && !out->tls)
		return "ca=, cert= and key= are for rediss:// and rediss+sentinel://";
	return strpbrk(out->prefix, "{}") ? "a prefix may not have { or } in it" : NULL;
}

/* Behind the scheme; NULL: it is none of ours. */
static const char *parse_scheme(const char *url, struct redis_options *out, bool *sentinel)
{
	static const struct {
		const char *scheme;
		bool tls, sentinel;
	} schemes[] = {{"redis://", false, false}, {"rediss://", true, false},
		{"redis+sentinel://", false, true}, {"rediss+sentinel://", true, true}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(url, schemes[i].scheme, strlen(schemes[i].scheme)) == 0) {
			out->tls = schemes[i].tls;
			*sentinel = schemes[i].sentinel;
			return url + strlen(schemes[i].scheme);
		}
	return NULL;
}

static const char *parse_hosts(const char *at, size_t len, struct redis_options *out)
{
	if (!len || !copy(out->hosts, sizeof(out->hosts), at, len))
		return "the host is missing, or too long";
	for (size_t i = 0; i < redis_places(out->hosts); i++)
		if (!redis_place(out->hosts, i, 1, &(struct redis_place){0}))
			return "a host is NAME or NAME:PORT, an address of IPv6 stands in [ ]";
	return NULL;
}

/* [[USER]:PASSWORD@]HOSTS */
static const char *parse_place(const char *at, size_t len, struct redis_options *out)
{
	const char *user_end = memrchr(at, '@', len), *hosts = user_end ? user_end + 1 : at;
	const char *why = user_end ? parse_user(at, (size_t)(user_end - at), out) : NULL;

	return why ? why : parse_hosts(hosts, (size_t)(at + len - hosts), out);
}

const char *redis_url(const char *url, struct redis_options *out)
{
	const char *why, *at, *path;
	bool sentinel;

	*out = (struct redis_options){.prefix = "codecollab:"};
	at = parse_scheme(url, out, &sentinel);
	if (!at)
		return "it begins with redis://, rediss://, redis+sentinel:// or "
		       "rediss+sentinel://";
	path = at + strcspn(at, "/?");
	if ((why = parse_place(at, (size_t)(path - at), out)))
		return why;
	path += *path == '/';
	size_t len = strcspn(path, "?");
	if ((why = parse_path(path, len, sentinel, out)))
		return why;
	return parse_query(path + len + (path[len] == '?'), out);
}
