#include "net/http.h"

#include <string.h>
#include <strings.h>

static bool same(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

/* RFC 9110, 5.6.2 */
static bool is_token(struct str s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool alnum =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!alnum && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return s.len > 0;
}

static bool is_printable(struct str s, bool spaces)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		bool space = c == ' ' || c == '\t';
		if (space ? !spaces : c < 0x21 || c == 0x7f)
			return false;
	}
	return true;
}

static struct str trim(struct str s)
{
	while (s.len && (s.at[0] == ' ' || s.at[0] == '\t')) {
		s.at++;
		s.len--;
	}
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Cut what is before the first `mark` off *rest, and the mark with it; all of it when there is none. */
static struct str cut(struct str *rest, const char *mark)
{
	size_t width = strlen(mark);
	const char *found = rest->len ? memmem(rest->at, rest->len, mark, width) : NULL;
	struct str head = {rest->at, found ? (size_t)(found - rest->at) : rest->len};
	size_t used = found ? head.len + width : rest->len;
	rest->at += used;
	rest->len -= used;
	return head;
}

size_t http_head_end(const char *at, size_t len)
{
	const char *end = len ? memmem(at, len, "\r\n\r\n", 4) : NULL;
	return end ? (size_t)(end - at) + 4 : 0;
}

static bool parse_field(struct str line)
{
	const char *colon = memchr(line.at, ':', line.len);
	if (!colon)
		return false;
	struct str name = {line.at, (size_t)(colon - line.at)};
	struct str value = {colon + 1, line.len - name.len - 1};
	return is_token(name) && is_printable(value, true);
}

static bool parse_first(struct http_head *out, struct str line)
{
	out->method = cut(&line, " ");
	out->path = cut(&line, " ");
	bool version = line.len == 8 && memcmp(line.at, "HTTP/1.1", 8) == 0;
	if (!version || !is_token(out->method) || !is_printable(out->path, false))
		return false;
	out->path = cut(&out->path, "?");
	return out->path.len > 0 && out->path.at[0] == '/';
}

bool http_parse(struct http_head *out, const char *at, size_t len)
{
	struct str rest = {at, len - 2}; /* without the empty line */
	if (!parse_first(out, cut(&rest, "\r\n")))
		return false;
	out->fields = rest;
	while (rest.len)
		if (!parse_field(cut(&rest, "\r\n")))
			return false;
	struct str host;
	return http_field_one(out, "Host", &host);
}

bool http_field(const struct http_head *head, const char *name, size_t *from, struct str *value)
{
	while (*from < head->fields.len) {
		struct str rest = {head->fields.at + *from, head->fields.len - *from};
		struct str line = cut(&rest, "\r\n");
		struct str found = cut(&line, ":");
		*from = head->fields.len - rest.len;
		if (same(found, name)) {
			*value = trim(line);
			return true;
		}
	}
	return false;
}

bool http_field_one(const struct http_head *head, const char *name, struct str *value)
{
	size_t from = 0;
	struct str second;
	return http_field(head, name, &from, value) && !http_field(head, name, &from, &second);
}

bool http_item(const struct http_head *head, const char *name, size_t *from, struct str *rest,
	struct str *item)
{
	do {
		while (rest->len) {
			*item = trim(cut(rest, ","));
			if (item->len)
				return true;
		}
	} while (http_field(head, name, from, rest));
	return false;
}

bool http_field_has(const struct http_head *head, const char *name, const char *word)
{
	size_t from = 0;
	struct str rest = {0}, item;
	while (http_item(head, name, &from, &rest, &item))
		if (same(item, word))
			return true;
	return false;
}

static const struct answer {
	int status;
	const char *reason, *fields; /* fields: what RFC 9110 asks for beside the usual */
} answers[] = {
	{200, "OK", ""},
	{400, "Bad Request", ""},
	{401, "Unauthorized", ""},
	{403, "Forbidden", ""},
	{404, "Not Found", ""},
	{405, "Method Not Allowed", "Allow: GET\r\n"},
	{426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
	{429, "Too Many Requests", "Retry-After: 60\r\n"},
	{431, "Request Header Fields Too Large", ""},
	{500, "Internal Server Error", ""},
	{503, "Service Unavailable", "Retry-After: 5\r\n"},
};

static const struct answer *answer_row(int status)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].status == status)
			return &answers[i];
	return NULL;
}

const char *http_reason(int status)
{
	const struct answer *row = answer_row(status);
	return row ? row->reason : "";
}

/* RFC 6750, 3: with the reason where clients can read it whose library drops the body of a refusal. */
static void add_challenge(struct buf *out, int status, const char *why, size_t len)
{
	if (status != 401 && status != 403)
		return;
	buf_add_str(out, "WWW-Authenticate: Bearer");
	while (len && why[len - 1] == '\n')
		len--;
	if (len)
		buf_printf(
			out, " error=\"invalid_token\", error_description=\"%.*s\"", (int)len, why);
	buf_add_str(out, "\r\n");
}

void http_answer(struct buf *out, int status, const char *body, size_t len)
{
	const struct answer *row = answer_row(status);
	const char *reason = row ? row->reason : "";
	size_t length = len ? len : strlen(reason) + 1;
	/* RFC 9110, 7.8: an answer with Upgrade names it in Connection, or proxies would pass it on. */
	buf_printf(out,
		"HTTP/1.1 %d %s\r\nConnection: close%s\r\nContent-Type: text/plain; "
		"charset=utf-8\r\n"
		"Content-Length: %zu\r\nCache-Control: no-store\r\nX-Content-Type-Options: "
		"nosniff\r\n%s",
		status, reason, status == 426 ? ", Upgrade" : "", length, row ? row->fields : "");
	add_challenge(out, status, body, len);
	buf_add_str(out, "\r\n");
	if (len)
		buf_add(out, body, len);
	else
		buf_printf(out, "%s\n", reason);
}
