/* The head of a request: http.h against a reader that goes over the bytes once, as RFC 9112's grammar says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/http.h"

#define MOST_FIELDS 4096

struct cursor {
	const char *at, *end;
};

struct field_seen {
	struct str name, value;
};

struct seen {
	struct str method, path;
	struct field_seen fields[MOST_FIELDS];
	size_t count;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool take(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* token = 1*tchar */
static bool is_tchar(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* VCHAR and obs-text; and white space if `spaces`. */
static bool is_visible(char c, bool spaces)
{
	unsigned char u = (unsigned char)c;

	return (u > 0x20 && u != 0x7f) || (spaces && (c == ' ' || c == '\t'));
}

static struct str take_token(struct cursor *c)
{
	struct str s = {c->at, 0};

	for (; c->at < c->end && is_tchar(*c->at); c->at++)
		s.len++;
	return s;
}

static struct str take_visible(struct cursor *c, bool spaces)
{
	struct str s = {c->at, 0};

	for (; c->at < c->end && is_visible(*c->at, spaces); c->at++)
		s.len++;
	return s;
}

static struct str without_space(struct str s)
{
	for (; s.len && (*s.at == ' ' || *s.at == '\t'); s.len--)
		s.at++;
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool same_name(struct str a, struct str b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static bool read_field(struct cursor *c, struct seen *seen)
{
	struct field_seen *f = &seen->fields[seen->count];

	f->name = take_token(c);
	if (!f->name.len || !take(c, ":"))
		return false;
	f->value = without_space(take_visible(c, true));
	seen->count++;
	return take(c, "\r\n");
}

static size_t count_named(const struct seen *seen, struct str name)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++)
		count += same_name(seen->fields[i].name, name);
	return count;
}

static bool read_head(struct cursor *c, struct seen *seen)
{
	seen->method = take_token(c);
	if (!seen->method.len || !take(c, " ") || c->at == c->end || *c->at != '/')
		return false;
	seen->path = take_visible(c, false);
	const char *query = memchr(seen->path.at, '?', seen->path.len);
	if (query)
		seen->path.len = (size_t)(query - seen->path.at);
	if (!take(c, " HTTP/1.1\r\n"))
		return false;
	while (!take(c, "\r\n"))
		if (!read_field(c, seen))
			return false;
	return count_named(seen, str("Host")) == 1;
}

static void must_equal(struct str a, struct str b)
{
	must(a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0));
}

/* All values of a name, in order, and no more. */
static void check_name(const struct http_head *head, const struct seen *seen, struct str name)
{
	char word[HTTP_HEAD_MAX_BYTES];
	size_t from = 0;
	struct str value;

	memcpy(word, name.at, name.len);
	word[name.len] = '\0';
	for (size_t i = 0; i < seen->count; i++)
		if (same_name(seen->fields[i].name, name)) {
			must(http_field(head, word, &from, &value));
			must_equal(value, seen->fields[i].value);
		}
	must(!http_field(head, word, &from, &value));
	must(http_field_one(head, word, &value) == (count_named(seen, name) == 1));
}

/* Items have no comma, no space around them, and the list says that it has them. */
static void check_items(const struct http_head *head)
{
	size_t from = 0;
	struct str rest = {0}, item;
	char word[HTTP_HEAD_MAX_BYTES];

	while (http_item(head, "Connection", &from, &rest, &item)) {
		must(item.len && !memchr(item.at, ',', item.len));
		must_equal(item, without_space(item));
		memcpy(word, item.at, item.len);
		word[item.len] = '\0';
		must(http_field_has(head, "connection", word));
	}
}

static size_t find_end(const char *at, size_t len)
{
	for (size_t i = 0; i + 4 <= len; i++)
		if (memcmp(at + i, "\r\n\r\n", 4) == 0)
			return i + 4;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen seen;
	const char *at = (const char *)data;
	struct http_head head;

	if (size >= HTTP_HEAD_MAX_BYTES)
		return 0;
	size_t end = find_end(at, size);
	must(http_head_end(at, size) == end);
	if (!end)
		return 0;
	seen.count = 0;
	bool fine = read_head(&(struct cursor){at, at + end}, &seen);
	must(http_parse(&head, at, end) == fine);
	if (!fine)
		return 0;
	must_equal(head.method, seen.method);
	must_equal(head.path, seen.path);
	for (size_t i = 0; i < seen.count; i++)
		check_name(&head, &seen, seen.fields[i].name);
	check_name(&head, &seen, str("Sec-WebSocket-Key"));
	check_items(&head);
	return 0;
}
