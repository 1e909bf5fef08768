/*
 * nobody.h: the server of a relay as far as nobody is interested: what the room asks for is not done.
 *
 *	static const struct relay_handler handler = {NOBODY, .send = on_send, .close = on_close, ...};
 *	... = {NOBODY, NOBODY_ELSE, .send = on_send, .close = on_close, .append = on_append};	no snapshots, no time, no chance
 */
#ifndef TESTS_NOBODY_H
#define TESTS_NOBODY_H

#include <string.h>

#include "src/server/relay.h"

static inline void nobody_seated(void *to, struct person *person)
{
	(void)to;
	(void)person;
}

static inline void nobody_saves(void *ctx, struct doc *doc, uint64_t user)
{
	(void)ctx;
	(void)doc;
	(void)user;
}

static inline void nobody_edited(void *ctx, struct doc *doc)
{
	(void)ctx;
	(void)doc;
}

static inline void nobody_ends(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

static inline bool nobody_bans(void *ctx, const struct person *person)
{
	(void)ctx;
	(void)person;
	return true;
}

static inline bool nobody_invites(
	void *ctx, const struct room_invite *wanted, struct message *invited)
{
	(void)ctx;
	(void)wanted;
	(void)invited;
	return false;
}

static inline void nobody_audits(void *ctx, const struct room_event *event)
{
	(void)ctx;
	(void)event;
}

static inline void nobody_ordered(void *ctx, uint64_t us)
{
	(void)ctx;
	(void)us;
}

static inline void nobody_stirs(void *ctx)
{
	(void)ctx;
}

static inline void nobody_keeps(void *ctx)
{
	(void)ctx;
}

static inline uint64_t nobody_now(void *ctx)
{
	(void)ctx;
	return 1;
}

static inline void nobody_chooses(void *ctx, void *bytes, size_t len)
{
	(void)ctx;
	memset(bytes, 7, len);
}

#define NOBODY                                                                                     \
	.seated = nobody_seated, .save = nobody_saves, .edited = nobody_edited,                    \
	.end = nobody_ends, .ban = nobody_bans, .invite = nobody_invites,                          \
	.audit = nobody_audits, .ordered = nobody_ordered, .stir = nobody_stirs

#define NOBODY_ELSE                                                                                \
	.keep = nobody_keeps, .now_ms = nobody_now, .now_us = nobody_now,                      \
	.unix_ms = nobody_now, .random = nobody_chooses

#endif
