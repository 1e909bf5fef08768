#include "src/server/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Its bytes when others may use it, else NULL. */
static const void *usable(const struct ifaddrs *a, int family)
{
	if (!a->ifa_addr || a->ifa_addr->sa_family != family || (a->ifa_flags & IFF_LOOPBACK) ||
		!(a->ifa_flags & IFF_UP))
		return NULL;
	if (family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr;
	const struct sockaddr_in6 *six = (const void *)a->ifa_addr;
	return IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? NULL : &six->sin6_addr;
}

static bool first_of(const struct ifaddrs *all, int family, char *out)
{
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const void *bytes = usable(a, family);
		if (bytes)
			return inet_ntop(family, bytes, out, ADDRESS_BYTES) != NULL;
	}
	return false;
}

void address_reachable(const char *listens_on, char out[ADDRESS_BYTES])
{
	struct ifaddrs *all = NULL;

	snprintf(out, ADDRESS_BYTES, "%s", listens_on);
	if (strcmp(listens_on, "::") != 0 && strcmp(listens_on, "0.0.0.0") != 0)
		return;
	if (getifaddrs(&all) != 0)
		all = NULL;
	if (!first_of(all, AF_INET, out) && !first_of(all, AF_INET6, out))
		snprintf(out, ADDRESS_BYTES, "127.0.0.1");
	if (all)
		freeifaddrs(all);
}
