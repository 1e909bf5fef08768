/*
 * keeper.h: who keeps a room: gives what its people do an order, and lets nobody see what could still be lost.
 *
 *	keeper = solo_open(chamber, name, &why)		-- SQLite: this server alone, on a disk of its own (solo.h); or
 *	keeper = shared_open(chamber, name)		-- Redis: several servers, each of which may die (shared.h)
 *	kind->fill(keeper, folder, &why)
 *	keeper = solo_begin(chamber, name, folder, &why)	-- or the same without keeping the loop: both done by and by
 *	kind->hear(keeper, &voice, to, &terms, &message)	-- somebody here does something ...
 *	kind->turn(keeper)				-- ... at the end of the turn all of that is on its way to safety
 *	session_send(to, ...)				-- ... and what comes of it leaves when it is there
 *
 * Whoever it is, this holds, and tests/unit/src/keeper.c holds both to it:
 *
 *	order		revisions are dense, and the same for everybody; chat has one order, too
 *	once		(session, seq) is ordered once, however often it is sent, over whichever connection, after whatever died
 *	safe		an ack, or another's edit, leaves when another reader finds it kept, as far as the durability promises
 *	whole		opened again after a kill -9 there is all that left: texts, chat, sessions with their roles, the lock
 *	told		what cannot be kept is told once, shown to nobody but its author, kept in memory, bounded; when it can be
 *			again, all of it is, once, and that is told
 *	newer		what a later version has written is refused and left as it is
 *
 * Memory: a keeper owns its room, and may put another in its place between two of these calls (a snapshot was loaded).
 */
#ifndef SERVER_KEEPER_H
#define SERVER_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/server/room.h"

struct chamber;
struct workspace_file;

struct keeper {
	const struct keeper_kind *kind;
	struct chamber *chamber;
	struct room *room; /* to look at, and to say things to everybody who is here */
	bool opening; /* it is being read: nobody is heard before it is there */
};

/* What a connection is to its keeper. Zeros have not said hello. */
struct voice {
	uint64_t number;       /* the keeper's own */
	struct person *person; /* who they are in the room; NULL: nobody yet, or any more */
};

/* What may be sent now: what was written up to mark `written` waits for `safe` to be there. */
struct keeper_marks {
	uint64_t written, safe;
};

struct keeper_kind {
	/*
	 * A connection's first message, which is a hello, or a later one. Answers are sent to `to` (session.h), now or later; there
	 * session_seated() may say who they are. false: no more can be held now, and it was not heard.
	 */
	bool (*hear)(struct keeper *keeper, struct voice *voice, void *to, const struct room_terms *terms, const struct message *m);
	void (*rtt)(struct keeper *keeper, const struct voice *voice, unsigned ms);
	/* The connection went away; left: for good. Nothing when it was the room that closed it, or when that is known. */
	void (*gone)(struct keeper *keeper, const struct voice *voice, bool left);
	/* Everybody of whose token this is true goes. */
	void (*expel)(struct keeper *keeper, bool (*is_revoked)(void *ctx, const char *token), void *ctx);

	/* Its documents, once, before anybody comes: see shelf.h. false: *why (owned). */
	bool (*fill)(struct keeper *keeper, const char *folder, char **why);
	bool (*share)(struct keeper *keeper, const char *name, struct workspace_file *file, struct text **text, char **why);

	struct keeper_marks (*turn)(struct keeper *keeper); /* end of a turn in which it was stirred */
	void (*tick)(struct keeper *keeper);                /* about once a second */

	bool (*failing)(const struct keeper *keeper);    /* nothing can be kept now: nobody new is let in */
	size_t (*here)(const struct keeper *keeper);     /* people who are connected to this server */
	size_t (*unstored)(const struct keeper *keeper); /* bytes that are not safe yet */
	bool (*settled)(const struct keeper *keeper);    /* it may be closed without anybody missing anything */

	/* All who are here were told goodbye: their connections are closed with this word, files are written. Once. */
	void (*bye)(struct keeper *keeper, const char *code);
	bool (*busy)(const struct keeper *keeper); /* after that: something is on its way still */
	/*
	 * It is to be closed, nobody is here, and it is settled. true: now, and that will not block; false: later, it stirs then; who
	 * comes meanwhile is let in after all. NULL: always true.
	 */
	bool (*leave)(struct keeper *keeper);
	void (*close)(struct keeper *keeper);      /* frees it; may block. Nobody is here */
};

/* ---- for those whose room hears people at once ---- */

bool keeper_hear(struct keeper *keeper, struct voice *voice, void *to, const struct room_terms *terms, const struct message *m);
void keeper_rtt(struct keeper *keeper, const struct voice *voice, unsigned ms);
void keeper_gone(struct keeper *keeper, const struct voice *voice, bool left);

/* ---- what a room asks for, whoever keeps it: for room_handler and relay_handler, with the keeper as their ctx ---- */

void keeper_stir(void *keeper);
void keeper_end(void *keeper, const char *why);
bool keeper_ban(void *keeper, const struct person *person);
bool keeper_invite(void *keeper, const struct room_invite *wanted, struct message *invited);
void keeper_audit(void *keeper, const struct room_event *event);
uint64_t keeper_now_ms(void *keeper);
uint64_t keeper_unix_ms(void *keeper);
void keeper_random(void *keeper, void *bytes, size_t len);

#endif
