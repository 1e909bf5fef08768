/*
 * house.h: the rooms of one server: which there are, which of them are in memory, and who has something to do.
 *
 *	house_init(&house, loop)
 *	house_add(&house, chamber)				-- the one room of a server that shares a file; or
 *	house_settle(&house, "/srv/rooms", &why)		-- a folder of rooms, each a folder of files
 *	status = house_enter(&house, "quiet-otter", is_owner, &chamber)	-- 0: there it is; else what HTTP says
 *	house_turn(&house)					-- at the end of each turn of the loop
 *
 * A room is there when its folder is. It comes into being when an owner enters it first, into memory when anybody does, and leaves
 * memory when it was not used for limits.idle_s: then nothing of it is open, and it costs nothing. At most limits.rooms are in memory;
 * one that nobody is in makes place for another.
 *
 * With a backplane a room may be there without a folder here: whoever enters it is told by Redis whether it is (shared.h), and then a
 * folder is made. One that is not there yet comes into being as without, when an owner enters it.
 *
 * One of the rooms in memory is found by a hash of its name, and a turn calls only those that were stirred in it. Each ticks once a second;
 * they do so in HOUSE_BEATS groups, one after the other: a processor that sleeps is woken so often and not once for each room, and
 * nobody's edit waits until all have ticked.
 */
#ifndef SERVER_HOUSE_H
#define SERVER_HOUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/server/chamber.h"
#include "src/server/metrics.h"

#define HOUSE_BUCKETS 4096 /* a power of two */
#define HOUSE_BEATS   10   /* in a second */

struct house {
	struct chamber_service service;
	unsigned port;         /* that people come by, for the list of rooms in the state folder */
	char *folder;          /* of the rooms, owned; NULL: there is the one that was added */
	struct chamber *first; /* in memory, all */
	struct chamber *stirred;
	struct timer *beat; /* it goes while there are rooms */
	struct chamber *ticking[HOUSE_BEATS];
	unsigned beats, joined; /* counted on: of the timer, and of rooms that were added */
	struct chamber *buckets[HOUSE_BUCKETS];
	size_t count;
	uint32_t seed;
	uint64_t since_ms; /* loop_now_ms when it began */
};

/* The service's stir is the house's own; the rest of it is the caller's to fill. */
void house_init(struct house *house, struct loop *loop);
void house_fini(struct house *house); /* closes all */

void house_add(struct house *house, struct chamber *takes);
/* The folder, made if it is missing. false: *why (owned) is a sentence. */
bool house_settle(struct house *house, const char *folder, char **why);

/* 404: there is no such room; 503: there is no place for it now, or it cannot be opened (the log says why). */
int house_enter(struct house *house, const char *name, bool is_owner, struct chamber **out);
struct chamber *house_find(const struct house *house, const char *name); /* in memory; NULL: it is not */

void house_turn(struct house *house);
size_t house_people(const struct house *house); /* who have a connection */
void house_count(const struct house *house, struct metrics_now *out); /* all but the connections */
void house_bye(struct house *house, const char *why, unsigned retry_ms); /* chamber_bye to all */
bool house_busy(const struct house *house);

#endif
