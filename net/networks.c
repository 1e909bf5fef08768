#include "net/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* 0: it is none; else how long it is in its own family. */
static unsigned read_address(const char *text, unsigned char out[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(out, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, text, out + sizeof(mapped)) == 1)
		return 32;
	return inet_pton(AF_INET6, text, out) == 1 ? 128 : 0;
}

static bool read_length(const char *text, unsigned most, unsigned *out)
{
	char *end;

	*out = (unsigned)strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && strlen(text) <= 3 && !*end && *out <= most;
}

static bool is_zero_from(const unsigned char address[16], unsigned bits)
{
	for (unsigned bit = bits; bit < 128; bit++)
		if (address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

static const char *parse_one(char *word, struct network *out)
{
	char *slash = strchr(word, '/');
	unsigned whole, bits;

	if (slash)
		*slash = '\0';
	whole = read_address(word, out->address);
	if (!whole)
		return "it is a list of numeric addresses or networks, like 10.0.0.0/8,192.0.2.7";
	bits = whole;
	if (slash && !read_length(slash + 1, whole, &bits))
		return "the length of a network is at most 32, or 128 for IPv6";
	out->bits = 128 - whole + bits;
	return is_zero_from(out->address, out->bits)
		       ? NULL
		       : "an address with a length is the first of its network, like 10.0.0.0/8";
}

static const char *parse_all(char *text, struct networks *out)
{
	char *rest = text, *word;

	while ((word = strsep(&rest, ","))) {
		if (out->count == NETWORKS_MOST)
			return "these are too many";
		const char *fault = parse_one(word, &out->list[out->count]);
		if (fault)
			return fault;
		out->count++;
	}
	return NULL;
}

const char *networks_parse(const char *text, struct networks *out)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	*out = (struct networks){0};
	const char *fault = parse_all(copy, out);
	if (fault)
		*out = (struct networks){0};
	free(copy);
	return fault;
}

static bool is_in(const struct network *network, const unsigned char address[16])
{
	unsigned bytes = network->bits / 8, rest = network->bits % 8;
	unsigned char mask = (unsigned char)(0xff00 >> rest);

	return memcmp(network->address, address, bytes) == 0 &&
	       (!rest || ((network->address[bytes] ^ address[bytes]) & mask) == 0);
}

bool networks_have(const struct networks *networks, const char *address)
{
	unsigned char bytes[16];

	if (!networks->count || !read_address(address, bytes))
		return false;
	for (size_t i = 0; i < networks->count; i++)
		if (is_in(&networks->list[i], bytes))
			return true;
	return false;
}
