#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_at(const struct addrinfo *where, bool dual)
{
	int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (where->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){!dual}, sizeof(int));
	if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int open_one(const char *address, unsigned port, const char **why)
{
	struct addrinfo *where, hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM};
	char service[16];
	snprintf(service, sizeof(service), "%u", port);
	errno = 0;
	*why = "the address is not a numeric one";
	if (port > 65535 || getaddrinfo(address, service, &hints, &where))
		return -1;
	int fd = listen_at(where, strcmp(address, "::") == 0);
	*why = fd < 0 ? strerror(errno) : NULL;
	freeaddrinfo(where);
	return fd;
}

int listener_open(const char *address, unsigned port, const char **why)
{
	int fd = open_one(address, port, why);
	bool no_ipv6 = fd < 0 && strcmp(address, "::") == 0 &&
		       (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
	return no_ipv6 ? open_one("0.0.0.0", port, why) : fd;
}

static struct sockaddr_storage name_of(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &len))
		address.ss_family = AF_UNSPEC;
	return address;
}

unsigned listener_port(int fd)
{
	struct sockaddr_storage address = name_of(fd);
	if (address.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
	return address.ss_family == AF_INET
		       ? ntohs(((const struct sockaddr_in *)&address)->sin_port)
		       : 0;
}

bool listener_is_loopback(int fd)
{
	struct sockaddr_storage address = name_of(fd);
	if (address.ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == 127;
	if (address.ss_family == AF_UNIX)
		return true;
	return address.ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)&address)->sin6_addr);
}
