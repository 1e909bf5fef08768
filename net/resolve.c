#include "net/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "ot/mem.h"

/* Outlives whoever asked when it cannot be called back. */
struct lookup {
	uv_getaddrinfo_t uv;
	struct resolve *asker; /* NULL: nobody is interested any more */
};

void resolve_init(
	struct resolve *r, struct loop *loop, void (*done)(void *ctx, int status), void *ctx)
{
	*r = (struct resolve){.loop = loop, .done = done, .ctx = ctx};
}

static void answer(struct resolve *r, int status, struct addrinfo *found)
{
	r->lookup = NULL;
	r->all = r->at = found;
	r->done(r->ctx, status);
}

static void on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct lookup *lookup = (struct lookup *)request;

	if (lookup->asker)
		answer(lookup->asker, status, status ? NULL : found);
	else
		uv_freeaddrinfo(found);
	free(lookup);
}

void resolve_start(struct resolve *r, const char *host)
{
	struct lookup *lookup = mem_alloc(sizeof(*lookup));
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	lookup->asker = r;
	r->lookup = lookup;
	int status = uv_getaddrinfo(loop_uv(r->loop), &lookup->uv, on_lookup, host, NULL, &hints);
	if (status == 0)
		return;
	free(lookup);
	answer(r, status, NULL);
}

void resolve_stop(struct resolve *r)
{
	if (r->lookup) {
		r->lookup->asker = NULL;
		uv_cancel((uv_req_t *)&r->lookup->uv); /* too late is fine too */
		r->lookup = NULL;
	}
	if (r->all)
		uv_freeaddrinfo(r->all);
	r->all = r->at = NULL;
}

bool resolve_has_more(const struct resolve *r)
{
	return r->at && r->at->ai_next;
}

bool resolve_next(struct resolve *r)
{
	bool more = resolve_has_more(r);

	if (more)
		r->at = r->at->ai_next;
	return more;
}

bool resolve_address(const struct resolve *r, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr *at = r->at->ai_addr;

	if (at->sa_family == AF_INET)
		return uv_ip4_name((const struct sockaddr_in *)at, out, INET6_ADDRSTRLEN) == 0;
	return at->sa_family == AF_INET6 &&
	       uv_ip6_name((const struct sockaddr_in6 *)at, out, INET6_ADDRSTRLEN) == 0;
}

socklen_t resolve_socket(const struct resolve *r, unsigned port, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){0};
	memcpy(out, r->at->ai_addr, r->at->ai_addrlen);
	if (out->ss_family == AF_INET6)
		((struct sockaddr_in6 *)out)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)out)->sin_port = htons((uint16_t)port);
	return r->at->ai_addrlen;
}

bool resolve_is_loopback(const struct resolve *r)
{
	const struct sockaddr *at = r->at->ai_addr;

	if (at->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)at)->sin_addr.s_addr) >> 24 == 127;
	return at->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)at)->sin6_addr);
}

bool resolve_is_unknown(int status)
{
	return status == UV_EAI_NONAME || status == UV_EAI_NODATA || status == UV_EAI_FAIL;
}
