#include "src/server/cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/report.h"

#define READ_MOST "1000"

void cluster_init(struct cluster *cluster, struct redis *redis, const char *prefix,
	struct invites *invites, void (*revoked)(void *ctx), void *ctx)
{
	*cluster = (struct cluster){.redis = redis,
		.last = "0-0",
		.invites = invites,
		.tells = true,
		.revoked = revoked,
		.ctx = ctx};
	snprintf(cluster->key, sizeof(cluster->key), "%srevoked", prefix);
}

/* ---- out ---- */

static void tell_one(void *ctx, const struct invite *invite)
{
	struct cluster *cluster = ctx;
	char expires[24];

	if (!invite->revoked || invite->revoked < cluster->told)
		return;
	snprintf(expires, sizeof(expires), "%lld", (long long)invite->expires);
	REDIS_SEND(cluster->redis, NULL, NULL, "XADD", cluster->key, "MAXLEN", "~",
		CLUSTER_REVOKED_MOST, "*", "id", invite->id, "room", invite->room, "expires",
		expires);
}

static void tell(struct cluster *cluster)
{
	int64_t now = (int64_t)time(NULL);
	char *why = NULL;

	if (invites_each(cluster->invites, NULL, now, tell_one, cluster, &why)) {
		cluster->tells = false;
		cluster->told = now - 1; /* seconds are coarse */
	}
	free(why);
}

void cluster_tell(struct cluster *cluster)
{
	cluster->tells = true;
}

/* ---- in ---- */

static const char *field(const redisReply *fields, size_t at, const char *name)
{
	bool named = fields->type == REDIS_REPLY_ARRAY && at + 1 < fields->elements &&
		     fields->element[at]->type == REDIS_REPLY_STRING &&
		     fields->element[at + 1]->type == REDIS_REPLY_STRING &&
		     strcmp(fields->element[at]->str, name) == 0;

	return named ? fields->element[at + 1]->str : NULL;
}

/* true: it is news. */
static bool hear_one(struct cluster *cluster, const redisReply *fields)
{
	const char *id = field(fields, 0, "id"), *room = field(fields, 2, "room");
	const char *expires = field(fields, 4, "expires");
	struct invite held = {.role = ROLE_VIEWER};
	char *why = NULL;

	if (!id || !room || !expires || !*id || strlen(id) >= sizeof(held.id) ||
		strlen(room) >= sizeof(held.room) || invites_revoked(cluster->invites, id))
		return false;
	snprintf(held.id, sizeof(held.id), "%s", id);
	snprintf(held.room, sizeof(held.room), "%s", room);
	held.expires = strtoll(expires, NULL, 10);
	invites_ban(cluster->invites, &held, (int64_t)time(NULL), &why);
	if (why)
		report_info("%s", why);
	free(why);
	return true;
}

static void hear(struct cluster *cluster, const redisReply *entries)
{
	bool news = false;

	for (size_t i = 0; i < entries->elements; i++) {
		const redisReply *entry = entries->element[i];
		if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
			entry->element[0]->type != REDIS_REPLY_STRING)
			return;
		snprintf(cluster->last, sizeof(cluster->last), "%s", entry->element[0]->str);
		news |= hear_one(cluster, entry->element[1]);
	}
	if (news)
		cluster->revoked(cluster->ctx);
}

/* [[key, [entry, ...]]], or nothing. */
static void on_read(void *ctx, const redisReply *reply)
{
	struct cluster *cluster = ctx;

	cluster->reads = false;
	if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 &&
		reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[0]->elements == 2 &&
		reply->element[0]->element[1]->type == REDIS_REPLY_ARRAY)
		hear(cluster, reply->element[0]->element[1]);
}

void cluster_tick(struct cluster *cluster)
{
	if (!cluster->redis || !redis_is_up(cluster->redis))
		return;
	if (cluster->tells)
		tell(cluster);
	if (cluster->reads)
		return;
	cluster->reads = true;
	REDIS_SEND(cluster->redis, on_read, cluster, "XREAD", "COUNT", READ_MOST, "STREAMS",
		cluster->key, cluster->last);
}
