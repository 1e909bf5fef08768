#include "src/client/ssh_url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/buf.h"

#define ALNUM  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define DIGITS "0123456789"
#define PREFIX "ssh://"

/* Cuts *text at the first c: what is before it. NULL: there is none, and *text stays. */
static char *cut(char **text, char c)
{
	char *before = *text, *at = strchr(before, c);

	if (!at)
		return NULL;
	*at = '\0';
	*text = at + 1;
	return before;
}

/* Letters, digits and _ first, these signs later. */
static bool is_plain(const char *word, const char *signs, size_t cap)
{
	size_t len = strlen(word), known = 0;

	if (!len || len >= cap || !strchr(ALNUM "_", *word))
		return false;
	while (known < len && (strchr(ALNUM "_", word[known]) || strchr(signs, word[known])))
		known++;
	return known == len;
}

static const char *take_user(const char *user, struct ssh_url *out)
{
	if (!user)
		return NULL;
	if (!is_plain(user, ".-+@", sizeof(out->user)))
		return "the user is not letters and digits, with . - _ + and @ between them";
	strcpy(out->user, user);
	return NULL;
}

static const char *take_host(const char *host, struct ssh_url *out)
{
	if (!*host)
		return "the host is missing";
	if (!is_plain(host, ".-", sizeof(out->host)))
		return "the host is not a name or an address";
	strcpy(out->host, host);
	return NULL;
}

static const char *take_ipv6(char *text, struct ssh_url *out, char **rest)
{
	unsigned char bytes[16];
	char *host = cut(&text, ']');

	*rest = text;
	if (!host || inet_pton(AF_INET6, host, bytes) != 1 || strlen(host) >= INET6_ADDRSTRLEN)
		return "the IPv6 address in brackets is not one";
	strcpy(out->host, host);
	return NULL;
}

static const char *take_port(const char *port, struct ssh_url *out)
{
	size_t len = strlen(port);

	out->port = len <= 5 && strspn(port, DIGITS) == len ? (unsigned)strtoul(port, NULL, 10) : 0;
	return out->port && out->port <= 65535 && *port != '0'
		       ? NULL
		       : "the port is not a number from 1 to 65535";
}

static const char *take_place(char *text, struct ssh_url *out)
{
	char *host, *user = NULL, *at = strrchr(text, '@');
	const char *why;

	if (at) {
		*at = '\0';
		user = text;
		text = at + 1;
	}
	why = take_user(user, out);
	if (why)
		return why;
	if (*text == '[') {
		why = take_ipv6(text + 1, out, &text);
		if (!why && *text && *text != ':')
			why = "the host is not a name or an address";
		return why || !*text ? why : take_port(text + 1, out);
	}
	host = cut(&text, ':');
	why = take_host(host ? host : text, out);
	return why || !host ? why : take_port(text, out);
}

static const char *take_room(char *text, struct ssh_url *out)
{
	char *room = text, *owner = cut(&room, '/');

	if (!*room)
		return "the room is missing";
	if (owner && !is_plain(owner, ".-", SSH_URL_USER_BYTES))
		return "the room's owner is not the name of a user";
	if (!room_name_valid(room, strlen(room)))
		return "the room is not 1 to 64 lower-case letters, digits and dashes";
	strcpy(out->owner, owner ? owner : "");
	strcpy(out->room, room);
	return NULL;
}

bool ssh_url_is(const char *text)
{
	return strncasecmp(text, PREFIX, strlen(PREFIX)) == 0;
}

const char *ssh_url_parse(const char *text, struct ssh_url *out)
{
	char copy[1024], *rest = copy, *place;
	struct ssh_url url = {0};
	const char *why;

	if (!ssh_url_is(text))
		return "it does not begin with ssh://";
	if (strnlen(text, sizeof(copy)) == sizeof(copy))
		return "it is too long";
	strcpy(copy, text + strlen(PREFIX));
	place = cut(&rest, '/');
	if (!place)
		return "the room is missing";
	why = take_place(place, &url);
	if (!why)
		why = take_room(rest, &url);
	if (!why)
		*out = url;
	return why;
}

char *ssh_url_format(const struct ssh_url *url)
{
	struct buf out = {0};

	buf_add_str(&out, PREFIX);
	if (*url->user)
		buf_printf(&out, "%s@", url->user);
	buf_printf(&out, strchr(url->host, ':') ? "[%s]" : "%s", url->host);
	if (url->port)
		buf_printf(&out, ":%u", url->port);
	buf_printf(&out, "/%s%s%s", url->owner, *url->owner ? "/" : "", url->room);
	return buf_take(&out);
}
