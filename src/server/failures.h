/*
 * failures.h: who tried in vain to come in, and how often of late.
 *
 *	if (failures_many(&failures, "192.0.2.7", 30, now_ms)) return 429;
 *	...
 *	failures_add(&failures, "192.0.2.7", now_ms);
 *
 * A minute begins with an address's first failure; then it is forgotten. Of IPv6 the first 64 bits count, which one customer has.
 * Loopback addresses may fail FAILURES_LOOPBACK times as often: a proxy there brings everybody.
 *
 * Memory: FAILURES_PLACES of them, and no more; when more come at once, those that began earlier are forgotten sooner.
 */
#ifndef SERVER_FAILURES_H
#define SERVER_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAILURES_PLACES   4096
#define FAILURES_WAYS     4 /* places that an address may be in */
#define FAILURES_MS       60000
#define FAILURES_LOOPBACK 100

struct failures_place {
	unsigned char address[16]; /* of IPv6; an IPv4 one is mapped into it */
	size_t count;              /* 0: free */
	uint64_t since_ms;
};

struct failures {
	struct failures_place places[FAILURES_PLACES];
};

/* peer: a numeric address; others count as one. */
void failures_add(struct failures *failures, const char *peer, uint64_t now_ms);
bool failures_many(const struct failures *failures, const char *peer, size_t most, uint64_t now_ms);

#endif
