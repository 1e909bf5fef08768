#include "net/redis_place.h"

#include <string.h>

#define PORT_MAX 65535

size_t redis_places(const char *hosts)
{
	size_t count = 1;

	for (; *hosts; hosts++)
		count += *hosts == ',';
	return count;
}

bool redis_place_port(const char *at, size_t len, unsigned *out)
{
	unsigned port = 0;

	for (const char *end = at + len; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		port = port * 10 + (unsigned)(*at - '0');
		if (port > PORT_MAX)
			return false;
	}
	*out = port;
	return port > 0;
}

static bool take_host(const char *at, size_t len, struct redis_place *out)
{
	if (!len || len >= sizeof(out->host))
		return false;
	memcpy(out->host, at, len);
	out->host[len] = '\0';
	return true;
}

/* Behind the host: nothing, or a port. */
static bool take_port(const char *at, size_t len, struct redis_place *out)
{
	return !len || (*at == ':' && redis_place_port(at + 1, len - 1, &out->port));
}

static bool parse(const char *at, size_t len, struct redis_place *out)
{
	const char *end = at + len,
		   *host_end = len ? memchr(at, *at == '[' ? ']' : ':', len) : NULL;

	if (!len || *at != '[') {
		host_end = host_end ? host_end : end;
		return take_host(at, (size_t)(host_end - at), out) &&
		       take_port(host_end, (size_t)(end - host_end), out);
	}
	return host_end && take_host(at + 1, (size_t)(host_end - at - 1), out) &&
	       take_port(host_end + 1, (size_t)(end - host_end - 1), out);
}

bool redis_place(const char *hosts, size_t turn, unsigned port, struct redis_place *out)
{
	for (turn %= redis_places(hosts); turn; turn--)
		hosts = strchr(hosts, ',') + 1;
	out->port = port;
	return parse(hosts, strcspn(hosts, ","), out);
}
