/*
 * relay_state.h: what the parts of a relay share: relay.c (writing down, into the order), relay_hear.c (out of the order), relay_room.c (what
 * the room says and asks for), relay_state.c (being made, becoming another, and the end), snapshot.c (all of it as bytes) and relay_rest.c
 * (what is not in memory). Nobody else includes it.
 */
#ifndef SERVER_RELAY_STATE_H
#define SERVER_RELAY_STATE_H

#include "src/server/relay.h"
#include "src/server/tape.h"

/*
 * Of entries. It rises with every change of what a room makes of a message, be it a new message, record or limit: servers that disagree
 * there would drift apart. Those of a newer one are where an older server stops.
 */
#define RELAY_VERSION      1 /* of snapshots: SNAPSHOT_SHAPE */
#define RELAY_RANDOM_BYTES 16 /* that a hello comes with: what chance is, must be the same everywhere */

/* What a record is; the numbers are in the order's entries, and stay. */
enum record {
	RECORD_HELLO = 1,
	RECORD_MESSAGE,
	RECORD_LOST,
	RECORD_LEFT,
	RECORD_RTT,
	RECORD_TICK,
	RECORD_EXPEL,
	RECORD_MERGE,
	RECORD_SAVED,
	RECORD_KEPT,
	RECORD_LEAVE,
	RECORD_WARN,
	RECORD_FILING,
};

/* A connection to some server: what the room sends to. */
struct link {
	struct relay *relay;
	uint64_t server, number;
	void *to; /* NULL: it is not here */
};

struct peer_server {
	uint64_t id;
	uint64_t n;     /* of its newest entry */
	uint64_t round; /* when that was */
	bool ticked;    /* in this round */
};

/* What the file of a document was seen to hold, newest first: hashes. */
#define FILED_MOST 2
struct filed {
	uint64_t doc, hashes[FILED_MOST];
};

/* When a revision was made, of some of them: those between two are about as old as the first. */
#define DATED_MS   10000
#define DATED_MOST 4096
struct dated {
	uint64_t doc, rev, at_ms;
};

struct unordered {
	uint64_t n, since_us;
	struct buf bytes;
};

struct here {
	uint64_t number;
	void *to;
};

/* A document that is not in memory: its log is there, as in a snapshot. */
struct asleep {
	uint64_t doc;
	struct cellar_place place;
};

struct relay {
	/* the same everywhere */
	struct room *room;
	bool makes; /* documents may be made */
	struct roll roll;
	struct peer_server *servers; /* longest in the room first */
	size_t server_count, server_cap;
	uint64_t position, round;
	struct dated *dated; /* in order; the older half goes when there are DATED_MOST */
	size_t dated_count, dated_cap;
	struct filed *filed;
	size_t filed_count, filed_cap;
	size_t taped_bytes; /* of entries since the newest snapshot */
	size_t kept_bytes;  /* of that */

	/* this server's */
	const struct relay_handler *handler;
	void *ctx;
	uint64_t me, n, numbers;
	struct here *here;
	size_t here_count, here_cap;
	struct buf draft;            /* records of the entry that is next */
	struct unordered *unordered; /* entries on their way */
	size_t unordered_count, unordered_cap;
	size_t unordered_bytes;
	bool ticking;
	bool known; /* it was read, and people are in it */
	struct cellar *cellar; /* NULL: all documents stay in memory */
	struct asleep *asleep;
	size_t asleep_count, asleep_cap;
	bool broken; /* one of them cannot be read again */

	/* while a record is heard */
	uint64_t at_ms;
	struct link *speaking; /* NULL: nobody */
	struct str random;     /* what chance is, everywhere the same */
};

/* Both ways: what a connection came with, and what an entry begins with. */
void relay_terms(struct tape *t, struct room_terms *terms, char token[TOKEN_ID_BYTES], char name[TOKEN_NAME_BYTES]);
void relay_header(struct tape *t, uint64_t *version, uint64_t *server, uint64_t *n, uint64_t *at_ms);
void relay_drop_ordered(struct relay *relay, uint64_t upto); /* of our own entries */

bool relay_tape_asleep(const struct relay *relay, const struct doc *doc, struct buf *out); /* as snapshot_log() would write; false: it is lost */
void relay_forget_asleep(struct relay *relay);

struct person *relay_person(const struct relay *relay, uint64_t server, uint64_t number); /* NULL: nobody */
void *relay_to(const struct relay *relay, uint64_t number); /* NULL: not here, or gone */
struct doc *relay_doc(const struct relay *relay, uint64_t number); /* NULL: none */
void relay_rename(struct relay *relay); /* what it said and is not ordered is not said */
void relay_forget(struct relay *relay, uint64_t number);

extern const struct room_handler relay_room_handler; /* its ctx is the relay */
struct link *relay_link(struct relay *relay, uint64_t server, uint64_t number);
/* It no longer reaches its person, and is freed. */
void relay_unlink(struct link *link);

#endif
