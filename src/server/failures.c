#include "src/server/failures.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV6_KEPT 8 /* bytes */

/* As 16 bytes, without those by which one customer's addresses differ. */
static void place_name(const char *peer, unsigned char out[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(out, 0, 16);
	if (inet_pton(AF_INET, peer, out + sizeof(mapped)) == 1)
		memcpy(out, mapped, sizeof(mapped));
	else if (inet_pton(AF_INET6, peer, out) != 1)
		memset(out, 0, 16);
	else if (memcmp(out, mapped, sizeof(mapped)) != 0 && strcmp(peer, "::1") != 0)
		memset(out + IPV6_KEPT, 0, 16 - IPV6_KEPT);
}

static bool is_loopback(const unsigned char address[16])
{
	static const unsigned char mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127},
				   one[16] = {[15] = 1};

	return memcmp(address, mapped, sizeof(mapped)) == 0 || memcmp(address, one, 16) == 0;
}

/* FNV-1a. Who finds addresses that share a place can only make room there. */
static size_t first_place(const unsigned char address[16])
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < 16; i++)
		hash = (hash ^ address[i]) * 16777619U;
	return hash % (FAILURES_PLACES / FAILURES_WAYS) * FAILURES_WAYS;
}

static bool is_free(const struct failures_place *place, uint64_t now_ms)
{
	return !place->count || now_ms - place->since_ms >= FAILURES_MS;
}

static size_t find(
	const struct failures *failures, const unsigned char address[16], uint64_t now_ms)
{
	size_t first = first_place(address);

	for (size_t i = first; i < first + FAILURES_WAYS; i++)
		if (!is_free(&failures->places[i], now_ms) &&
			memcmp(failures->places[i].address, address, 16) == 0)
			return i;
	return FAILURES_PLACES;
}

/* One that is free, or the one that will be first. */
static struct failures_place *take(
	struct failures *failures, const unsigned char address[16], uint64_t now_ms)
{
	struct failures_place *ways = &failures->places[first_place(address)], *best = ways;

	for (size_t i = 0; i < FAILURES_WAYS; i++) {
		if (is_free(&ways[i], now_ms)) {
			best = &ways[i];
			break;
		}
		if (ways[i].since_ms < best->since_ms)
			best = &ways[i];
	}
	*best = (struct failures_place){.since_ms = now_ms};
	memcpy(best->address, address, 16);
	return best;
}

void failures_add(struct failures *failures, const char *peer, uint64_t now_ms)
{
	unsigned char address[16];
	size_t at;

	place_name(peer, address);
	at = find(failures, address, now_ms);
	(at < FAILURES_PLACES ? &failures->places[at] : take(failures, address, now_ms))->count++;
}

bool failures_many(const struct failures *failures, const char *peer, size_t most, uint64_t now_ms)
{
	unsigned char address[16];
	size_t at;

	place_name(peer, address);
	at = find(failures, address, now_ms);
	if (at == FAILURES_PLACES)
		return false;
	return failures->places[at].count >= most * (is_loopback(address) ? FAILURES_LOOPBACK : 1);
}
