/*
 * cluster.h: what the servers of a cluster tell each other beside the rooms: which tokens count no more.
 *
 *	cluster_init(&cluster, redis, prefix, invites, &handler, ctx)
 *	cluster_tick(&cluster)		-- about once a second: what was revoked elsewhere
 *	cluster_tell(&cluster)		-- something was revoked here
 *
 * A stream in Redis, PREFIXrevoked, has the id of each and when it would have expired; every server reads on from where it was, and
 * remembers them as its own: they hold when Redis is away, too. Told twice is told once.
 */
#ifndef SERVER_CLUSTER_H
#define SERVER_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/redis.h"
#include "src/server/invites.h"

#define CLUSTER_REVOKED_MOST "100000" /* about so many are kept in Redis */

struct cluster {
	struct redis *redis; /* NULL: there is no cluster */
	char key[128];
	char last[64]; /* the newest that was heard */
	struct invites *invites;
	bool reads;    /* and waits for the answer */
	bool tells;    /* something is to be told */
	int64_t told;  /* what was revoked before is told */
	void (*revoked)(void *ctx); /* something was, elsewhere */
	void *ctx;
};

void cluster_init(struct cluster *cluster, struct redis *redis, const char *prefix, struct invites *invites,
	void (*revoked)(void *ctx), void *ctx);
void cluster_tick(struct cluster *cluster);
void cluster_tell(struct cluster *cluster);

#endif
