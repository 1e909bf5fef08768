#include "net/origin.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 107 /* of version 1, with its end */
#define SIGNATURE      "\r\n\r\n\0\r\nQUIT\n"
#define HEAD_BYTES     16 /* of version 2, before the addresses */
#define TCP4           0x11
#define TCP6           0x21
#define TCP4_BYTES     12 /* two addresses and two ports */
#define TCP6_BYTES     36

/* ---- version 1 ---- */

static bool is_port(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return digits && digits <= 5 && !word[digits] && strtoul(word, NULL, 10) <= 65535;
}

static bool take_address(const char *word, int family, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
	return inet_pton(family, word,
		       family == AF_INET ? (void *)&v4->sin_addr : (void *)&v6->sin6_addr) == 1;
}

/* "TCP4 SOURCE DESTINATION PORT PORT", or "UNKNOWN" and anything. */
static bool take_line(char *line, struct sockaddr_storage *from)
{
	char *words[5], *rest = line;
	struct sockaddr_storage to;
	size_t count = 0;

	*from = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	if (strncmp(line, "UNKNOWN", 7) == 0)
		return !line[7] || line[7] == ' ';
	while (rest && count < 5)
		words[count++] = strsep(&rest, " ");
	if (rest || count < 5 || !is_port(words[3]) || !is_port(words[4]))
		return false;
	int family = strcmp(words[0], "TCP4") == 0   ? AF_INET
		     : strcmp(words[0], "TCP6") == 0 ? AF_INET6
						     : AF_UNSPEC;
	return family != AF_UNSPEC && take_address(words[1], family, from) &&
	       take_address(words[2], family, &to);
}

static enum origin read_line(
	const char *at, size_t len, size_t *used, struct sockaddr_storage *from)
{
	size_t most = len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES;
	const char *end = memmem(at, most, "\r\n", 2);
	char line[LINE_MAX_BYTES];

	if (!end)
		return len < LINE_MAX_BYTES ? ORIGIN_PART : ORIGIN_NONE;
	size_t bytes = (size_t)(end - at) - 6;
	memcpy(line, at + 6, bytes);
	line[bytes] = '\0';
	*used = (size_t)(end - at) + 2;
	return strlen(line) == bytes && take_line(line, from) ? ORIGIN_ALL : ORIGIN_NONE;
}

/* ---- version 2 ---- */

/* What it names in another family than these is nobody. */
static bool take_addresses(
	unsigned family, const char *at, size_t len, struct sockaddr_storage *from)
{
	if (family == TCP4 && len >= TCP4_BYTES) {
		from->ss_family = AF_INET;
		memcpy(&((struct sockaddr_in *)from)->sin_addr, at, 4);
	} else if (family == TCP6 && len >= TCP6_BYTES) {
		from->ss_family = AF_INET6;
		memcpy(&((struct sockaddr_in6 *)from)->sin6_addr, at, 16);
	}
	return from->ss_family != AF_UNSPEC || (family != TCP4 && family != TCP6);
}

static enum origin read_binary(
	const char *at, size_t len, size_t *used, struct sockaddr_storage *from)
{
	const unsigned char *bytes = (const unsigned char *)at;
	size_t rest;

	if (len < HEAD_BYTES)
		return ORIGIN_PART;
	rest = (size_t)bytes[14] << 8 | bytes[15];
	if (bytes[12] >> 4 != 2 || (bytes[12] & 15) > 1 || rest > ORIGIN_MAX_BYTES - HEAD_BYTES)
		return ORIGIN_NONE;
	if (len < HEAD_BYTES + rest)
		return ORIGIN_PART;
	*used = HEAD_BYTES + rest;
	*from = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	bool is_local = (bytes[12] & 15) == 0;
	return is_local || take_addresses(bytes[13], at + HEAD_BYTES, rest, from) ? ORIGIN_ALL
										  : ORIGIN_NONE;
}

/* ---- either ---- */

/* Do they begin as that does, as far as they go? */
static bool begins(const char *at, size_t len, const char *as, size_t as_len)
{
	return memcmp(at, as, len < as_len ? len : as_len) == 0;
}

enum origin origin_read(const char *at, size_t len, size_t *used, struct sockaddr_storage *from)
{
	static const char line[] = "PROXY ", signature[] = SIGNATURE;

	if (begins(at, len, line, sizeof(line) - 1))
		return len < sizeof(line) - 1 ? ORIGIN_PART : read_line(at, len, used, from);
	if (begins(at, len, signature, sizeof(signature) - 1))
		return read_binary(at, len, used, from);
	return ORIGIN_NONE;
}

/* ---- of a request ---- */

/* ADDRESS, ADDRESS:PORT (of IPv4) or [ADDRESS]:PORT. */
static bool take_item(struct str item, char out[INET6_ADDRSTRLEN])
{
	char word[INET6_ADDRSTRLEN + 8], *colon;
	unsigned char bytes[16];

	if (item.len >= sizeof(word))
		return false;
	memcpy(word, item.at, item.len);
	word[item.len] = '\0';
	char *at = word + (*word == '['), *close = strchr(word, ']');
	if (close)
		*close = '\0';
	else if ((colon = strchr(word, ':')) && !strchr(colon + 1, ':'))
		*colon = '\0';
	if (inet_pton(AF_INET, at, bytes) == 1)
		return inet_ntop(AF_INET, bytes, out, INET6_ADDRSTRLEN) != NULL;
	return inet_pton(AF_INET6, at, bytes) == 1 &&
	       inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

void origin_forwarded(
	const struct http_head *head, const struct networks *balancers, char peer[INET6_ADDRSTRLEN])
{
	char found[INET6_ADDRSTRLEN] = "", address[INET6_ADDRSTRLEN];
	struct str rest = {0}, item;
	size_t from = 0;

	while (http_item(head, "X-Forwarded-For", &from, &rest, &item))
		if (!take_item(item, address))
			*found = '\0';
		else if (!networks_have(balancers, address))
			memcpy(found, address, sizeof(found));
	if (*found)
		memcpy(peer, found, sizeof(found));
}
