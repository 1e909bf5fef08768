/*
 * relay.h: one room that several servers keep alike, so that any of them may serve it and any may die.
 *
 * A room is a machine: the same messages in the same order make the same texts, people, chat and roles. So servers that share a room do
 * not send each other what came of a message; they agree on the order of the messages (backplane.h, where Redis appends them to
 * one stream a room), and each lets its own room hear all of them:
 *
 *	number = relay_hello(relay, session, &terms, &hello)	-- what people here do is written down ...
 *	relay_message(relay, number, &edit)
 *	relay_turn(relay)			-- ... and one entry a turn goes into the order: handler->append
 *	relay_receive(relay, position, at, len)	-- an entry came out of it, ours or another's: the room hears it, and what it
 *						   sends to people who are here leaves through handler->send
 *
 * So there is no leader, no lock and no retry: appending never conflicts, nobody waits for anybody, and an edit is acknowledged when
 * it comes back, which is when it cannot be lost any more. A client's edit stands on what that client had seen, as always; no server
 * transforms it on its way. What is ordered and transformed on every server costs microseconds; what costs, encoding and
 * encrypting for each person, is done only where that person is.
 *
 * (The other way, each server a client of the stream and transforming past what it has in flight, needs a bridge for each server,
 * sessions, roles and chat kept by a second mechanism, and a third for what gets lost between them. Here all of that is in one order.)
 *
 * Once:      an entry is (server, n, records), and counts only if n is one more than that server's last: what is appended again
 *            after a lost connection, or comes late, or after a hole, is ignored by everybody alike. (session, seq) does the same for
 *            edits that a client sends again through another server (log.h).
 * Time:      what decides must come out the same everywhere, so the room's clock counts rounds: one has passed when some server ticks a second
 *            time. Servers tick once a second. Clocks that differ do no harm; while nothing can be ordered, no time passes.
 * Death:     a server that nothing was heard of for RELAY_GONE_ROUNDS is gone: its people are `offline` until they come back elsewhere. One
 *            that was only slow learns the same from the order, sends its people away to come back, and goes on under a new name.
 * Files:     the server that is longest in the room writes them (relay_writes); when it is gone, the next. It needs no lock for that.
 * Snapshots: whose entry makes the tape longer than the newest snapshot writes the next one (handler->keep). The state of a room is all there
 *            is to it: text, log, bridges, people, sessions, chat. Loaded anywhere, it goes on as where it was taken.
 * Limits:    are those of the server that made the room.
 * Versions:  entries and snapshots carry that of the machine. A newer program goes on from what an older one left, and the older one stops where a
 *            newer one has written: it could not do the same, and a room that is two is worse than a server that is out of use.
 *
 * Rest:      a document that nobody has open anywhere may leave this server's memory for a file of its own (cellar.h); whoever opens or writes
 *            it, wakes it. That is nobody else's business: in the order, and in snapshots, there is no difference. Should it not be
 *            readable again, this server can follow no more (relay_broken): it gives the room up, and begins with a snapshot.
 *
 * Memory: a relay owns its room. `to` is the handler's; it is not used after handler->close or relay_gone.
 * Errors: what does not parse is ignored; it is the same bytes for everybody.
 * Source: Schneider 1990 (state machines by an order of their input).
 */
#ifndef SERVER_RELAY_H
#define SERVER_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "src/server/cellar.h"
#include "src/server/roll.h"
#include "src/server/room.h"

#define RELAY_ROUND_MS    1000 /* of the room's clock */
#define RELAY_GONE_ROUNDS 6
#define RELAY_WINDOW      16   /* entries that are on their way before the next gathers what comes */
#define RELAY_ENTRY_BYTES ((size_t)1 << 20) /* and no longer than this */
#define RELAY_LOG_EDITS   ((uint64_t)LIMIT_LOG_EDITS) /* at least so many are in the log, and so in a snapshot */
#define RELAY_KEEP_BYTES  ((size_t)256 << 10) /* of entries between two snapshots, at least */

struct relay_handler {
	/* To connections of this server, as in room_handler. */
	void (*send)(void *to, struct parcel *parcel);
	void (*close)(void *to, unsigned code, const char *reason);
	void (*urge)(void *to, struct parcel *parcel);
	void (*drop)(void *to, unsigned code, const char *reason);
	void (*seated)(void *to, struct person *person); /* they are in; until close */

	void (*append)(void *ctx, const char *at, size_t len); /* to the order, behind what was appended before */
	void (*keep)(void *ctx); /* it is on us to store relay_save()'s bytes, and say relay_kept() when that is done */

	/* What the room asks for. Each server is asked; `here`: by somebody who is on this one. */
	void (*asks)(void *ctx, const struct doc *doc, struct asks *out); /* of the file as it is here; NULL: nothing */
	void (*save)(void *ctx, struct doc *doc, uint64_t user);
	void (*edited)(void *ctx, struct doc *doc);
	void (*end)(void *ctx, const char *why);
	bool (*ban)(void *ctx, const struct person *person);
	bool (*invite)(void *ctx, const struct room_invite *wanted, struct message *invited); /* here */
	void (*audit)(void *ctx, const struct room_event *event);                             /* here */
	void (*stir)(void *ctx); /* see room_handler */
	void (*woke)(void *ctx, struct doc *doc); /* it is in memory again, as it was when it left; NULL: nobody wants to know */

	void (*ordered)(void *ctx, uint64_t us); /* one of our entries is, after so long */
	/* From relay_read(): there are edits in doc that what was read is without, and it will be gone. */
	void (*forsaken)(void *ctx, const struct doc *doc);

	uint64_t (*now_ms)(void *ctx);  /* monotonic, of this machine */
	uint64_t (*now_us)(void *ctx);  /* the same, not only of this turn */
	uint64_t (*unix_ms)(void *ctx);
	void (*random)(void *ctx, void *bytes, size_t len);
};

struct relay;

/*
 * An empty room, nothing ordered yet. People may come already: what they say waits for relay_read(). Or it is the first state of all:
 * documents are added to relay_room(), then it is saved. makes: documents may be made in it.
 */
struct relay *relay_create(const char *room, const struct limits *limits, bool makes, const struct relay_handler *handler, void *ctx);
/*
 * Be as relay_save() wrote it: another room than before, at another address. Whoever was in the one before is sent away to come
 * back. false: it does not parse, and nothing was done.
 */
bool relay_read(struct relay *relay, const char *at, size_t len);
bool relay_is_newer(const char *at, size_t len); /* it was a newer version's relay_save() that wrote it */
void relay_destroy(struct relay *relay); /* people here are told nothing: relay_part() first */
struct room *relay_room(const struct relay *relay); /* to look at; only the order changes it */

/* ---- from the people who are here ---- */

/* A number that is theirs from now on. Refused or not, they hear of it when it was ordered. */
uint64_t relay_hello(struct relay *relay, void *to, const struct room_terms *terms, const struct message *hello);
void relay_message(struct relay *relay, uint64_t number, const struct message *m);
void relay_rtt(struct relay *relay, uint64_t number, unsigned ms);
/* The connection went away; left: for good. Nothing when the room closed it. */
void relay_gone(struct relay *relay, uint64_t number, bool left);
void relay_expel(struct relay *relay, const char *token); /* all who came with it, on every server */
void relay_merge(struct relay *relay, uint64_t doc, uint64_t rev, const struct op *edit); /* by the file */
void relay_files(struct relay *relay, uint64_t doc, uint64_t hash); /* text_hash of what will be in the file: write it once relay_knows() */
void relay_saved(struct relay *relay, uint64_t doc, uint64_t rev, uint64_t hash); /* of what is in it now */
void relay_warn(struct relay *relay, const char *text); /* room_warn, on every server */
void relay_tick(struct relay *relay);  /* about once a second */
void relay_leave(struct relay *relay); /* the last word of this server: nobody is here, and nobody comes */
/* Everybody here is sent away, with this status of WebSocket. */
void relay_part(struct relay *relay, unsigned code, const char *why);

/* End of a turn: what was written down goes into the order. */
void relay_turn(struct relay *relay);
/* The way to the order was lost and is there again, and everything ordered until then was received: append again what was not among it. */
void relay_again(struct relay *relay);
size_t relay_unordered(const struct relay *relay); /* bytes that are not in the order yet */

/* ---- from the order ---- */

uint64_t relay_position(const struct relay *relay); /* of the newest entry that was received */
/* ERR_SEEN: it was received before. ERR_REV: there is a gap before it, and nothing was done. ERR_NEWER: nor was it, for good. */
enum err relay_receive(struct relay *relay, uint64_t position, const char *at, size_t len);

/* Is that the hash of what a server writes now, wrote last, or the time before? Then nobody else has written the file since. */
bool relay_knows(const struct relay *relay, uint64_t doc, uint64_t hash);
void relay_note(struct relay *relay, uint64_t doc, uint64_t hash); /* the same for the first state of all */

bool relay_writes(const struct relay *relay);  /* do files fall to this server? */
size_t relay_servers(const struct relay *relay); /* that are in the room */
size_t relay_here(const struct relay *relay);    /* connections of this server */

bool relay_save(struct relay *relay, struct buf *out); /* false: relay_broken(), and what was written is worth nothing */
void relay_kept(struct relay *relay, size_t bytes);
/*
 * Before relay_save(), when the order itself was lost and begins anew with what is held here: whoever comes back is given the whole
 * text again, for others may have held something else.
 */
void relay_renew(struct relay *relay);

/* ---- memory ---- */

void relay_use_cellar(struct relay *relay, struct cellar *takes); /* once; before, and without, all documents stay in memory */
bool relay_put_away(struct relay *relay, struct doc *doc); /* false: somebody has it open, or there is no place for it */
bool relay_wake(struct relay *relay, struct doc *doc); /* it is in memory; false: relay_broken() */
bool relay_broken(const struct relay *relay); /* its room is not what the order made of it: nothing more is heard, nor said */

#endif
