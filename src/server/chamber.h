/*
 * chamber.h: one room in service: its people and what they are sent, its history, its documents, and the rhythm of all that.
 *
 *	chamber = chamber_begin(&service, "quiet-otter", "/srv/rooms/quiet-otter", &why)	-- locked; its history is being read
 *	session_create(&chamber->sessions, ...)			-- people come
 *	chamber_turn(chamber)					-- at the end of each turn in which service->stir named it
 *	chamber_tick(chamber)					-- once a second
 *	chamber_bye(chamber, "ended", "…", 0)			-- and then, once it is not chamber_busy(),
 *	chamber_close(chamber)
 *
 * The way of an edit through it: a frame arrives (door, session), is ordered and told to everyone (room, doc), is kept
 * (keeper); at the end of the turn the batch goes to a thread that waits for the disk; when it is stored, the outboxes leave (session). The file
 * itself is written a second after the last edit, and what others wrote into it is merged first (mirror). Where several servers
 * share the room, what people do is put into one order before the room hears it, and the rest is the same.
 *
 * While nothing happens in it a chamber costs a tick a second; what serves many of them calls nothing in a turn of those that did not
 * ask to be stirred.
 */
#ifndef SERVER_CHAMBER_H
#define SERVER_CHAMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/server/histogram.h"
#include "src/server/keeper.h"
#include "src/server/pulse.h"
#include "src/server/session.h"
#include "src/server/state.h"
#include "src/server/store.h"

#define CHAMBER_FILES 8 /* descriptors that one may take: its history, its lock, a file that is written */

struct backplane;
struct chamber;

/* What all rooms of a server have in common. */
struct chamber_service {
	struct loop *loop;
	struct state *state;
	struct limits limits;
	enum store_durability durability;
	struct store_keep keep;
	bool autosave;
	struct backplane *backplane; /* other servers share the rooms by it; NULL: they are ours alone */

	struct session_counts counts; /* of all rooms, those that left memory too */
	struct stock stock; /* of all outboxes */
	struct histogram commits;
	struct histogram ordered; /* by the backplane */
	uint64_t transforms;

	void *ctx;
	void (*stir)(void *ctx, struct chamber *chamber); /* chamber_turn, please; may be called often in a turn */
	void *owner; /* for the three below */
	void (*end)(void *owner, struct chamber *chamber, const char *why); /* an owner of the room ends it for all */
	/* See room_handler. */
	bool (*ban)(void *owner, const struct chamber *chamber, const struct person *person);
	bool (*invite)(void *owner, const struct chamber *chamber, const struct room_invite *wanted, struct message *invited);
};

struct chamber {
	struct chamber_service *service;
	struct keeper *keeper;
	struct sessions sessions;
	struct timer *presence;
	uint64_t used_ms; /* when somebody was last in it, roughly */
	bool stopping;    /* all were told goodbye */
	uint64_t edits;   /* since it was opened */
	struct pulse pulse;

	/* of who serves many (house.h) */
	struct chamber *next, **at;
	struct chamber *next_ticked, **ticked_at;
	struct chamber *next_of_name;
	struct chamber *next_stirred;
	bool stirred;
};

/* Without documents. Borrows service. NULL: *why (owned) is a sentence; that another process serves the room is one. */
struct chamber *chamber_open(struct chamber_service *service, const char *name, char **why);
/* With a folder's documents. It is there at once, and opened by and by: people who come wait. NULL: *why, as above. */
struct chamber *chamber_begin(struct chamber_service *service, const char *name, const char *folder, char **why);
/* Its one document, once: see keeper.h. false: *why. */
bool chamber_share(struct chamber *chamber, const char *name, struct workspace_file *file, struct text **text, char **why);
struct room *chamber_room(const struct chamber *chamber); /* for this turn */
void chamber_turn(struct chamber *chamber);
void chamber_tick(struct chamber *chamber);
void chamber_count_edit(struct chamber *chamber); /* one was ordered */
bool chamber_failing(const struct chamber *chamber);    /* nothing is being stored */
size_t chamber_here(const struct chamber *chamber);     /* people who are connected to this server */
size_t chamber_unstored(const struct chamber *chamber); /* bytes in memory that are not stored yet */
bool chamber_waits(const struct chamber *chamber); /* after a turn: the next one has work to do too */
/* Has nobody been in it for so long, nor may come back to what they left, and is all on the disk? */
bool chamber_unused(const struct chamber *chamber, uint64_t idle_ms);

/* Whose token this is true of, goes. */
void chamber_expel(struct chamber *chamber, bool (*is_revoked)(void *ctx, const char *token), void *ctx);

/* It is unused: may it be closed now without keeping the loop? If not yet, it stirs when it may; see keeper.h. */
bool chamber_leaves(struct chamber *chamber);
/* `bye` to everyone (come back after retry_ms; 0: do not), and their connections are closed; files are written. Once. */
void chamber_bye(struct chamber *chamber, const char *why, unsigned retry_ms);
bool chamber_busy(const struct chamber *chamber); /* a file is to be written still */
/* Commits what is left; blocks for that. No session may be left. Fine on NULL. */
void chamber_close(struct chamber *chamber);

#endif
