/*
 * host_request.h: what the command line of `codecollab host` asks for.
 *
 *	struct host_request *request = host_request(argc, argv, &status);
 *	if (request) ... hosting_start(loop, &request->options, &why)
 *	host_request_destroy(request);
 */
#ifndef SRC_HOST_REQUEST_H
#define SRC_HOST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "net/networks.h"
#include "net/redis.h"
#include "src/client/ssh_url.h"
#include "src/server/host.h"
#include "src/server/limits.h"

struct host_request {
	struct host_options options; /* borrows from all below, and from argv */
	struct host_flags {
		size_t drain_s;
		const char *socket_role, *reverse, *ssh, *program, *log, *listen, *name, *durability, *keep_days,
			*keep_mb, *backplane, *proxies, *forwarders;
		bool headless, json, help;
	} flags;
	struct ssh_url box; /* of --reverse */
	struct limits limits;
	struct redis_options redis;
	struct networks proxies, forwarders;
	char *address; /* owned */
};

/* NULL: it is wrong, which was said, or help was asked for and given: *status is the command's. The log goes where it was asked to. */
struct host_request *host_request(int argc, char **argv, int *status);
void host_request_destroy(struct host_request *request); /* NULL is fine */

#endif
