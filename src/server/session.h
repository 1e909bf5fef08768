/*
 * session.h: one connection: bytes to messages for the room, and the room's messages to bytes.
 *
 * It lives from ws_server's admit to its closed. Its person, in the room, may live longer. What the room sends waits until it may
 * leave, and not more of it than backlog.h says: a peer that does not read is dropped (1013: try again later), and resumes. Nothing
 * else that such a peer sent in that turn is done.
 *
 * All that waits for the peers of a server, but for the one for whom most does, has at most limits.queues_bytes together, whatever it is:
 * at the end of a turn with more, the slowest go (session_relieve). (But that one: who missed very much must be able to come back for it.)
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/stock.h"
#include "net/token.h"
#include "net/ws_server.h"
#include "src/server/keeper.h"
#include "src/server/pulse.h"

#define SESSION_DEAF_MS       1000 /* whose socket takes nothing for so long does not read */
#define SESSION_TURN_MESSAGES 64 /* of one frame, in one turn of the loop */
#define SESSION_MESSAGE_WORK  16   /* to hear one; and one for each SESSION_WORK_BYTES of what all are sent because of it */
#define SESSION_WORK_BYTES    8
#define SESSIONS_TURN_WORK    32768 /* on what all of a room say, in one turn (some milliseconds): then it is the other rooms' turn */
#define SESSION_SOCKET_BYTES  ((size_t)128 << 10) /* given to the socket's queue at a time */

struct session;

#define SESSION_TYPES 128 /* of messages; 0 counts what is none of them */

struct session_counts { /* since the start */
	uint64_t in[SESSION_TYPES], out[SESSION_TYPES]; /* by enum message_type */
	uint64_t bytes_in, bytes_out, overflows, floods;
	size_t waiting; /* bytes in all backlogs, now */
	struct pulse edits; /* that came in */
};

struct sessions { /* all of a room */
	struct keeper *keeper; /* by whom the room hears of what they do, and whose limits hold */
	struct session_counts *counts; /* of all rooms of the server */
	struct stock *stock; /* the same, of backlogs; NULL: none */
	struct session *first; /* all */
	struct session *busy;  /* those for whom something waits, or to be closed */
	uint64_t work; /* done in this turn */
};

struct session *session_create(
	struct sessions *all, const struct claims *claims, enum codec codec, uint64_t now_ms);
void session_opened(struct session *session, struct ws_conn *conn);
/* Bytes of the frame that were handled, maybe none: the rest is to come again in a later turn, and not before it is read from again. */
size_t session_frame(struct session *session, const char *at, size_t len);
void session_closed(struct session *session, unsigned code); /* and destroyed */
const char *session_peer(const struct session *session); /* numeric address; "" before it opened */
void session_rtt(struct session *session, unsigned ms);

void sessions_begin(struct sessions *all, uint64_t now_ms); /* the keeper is not `opening` any more: who waited is heard */
/* An error to everybody whom the room does not know yet; their connections are closed behind it. */
void sessions_refuse(struct sessions *all, unsigned status, const char *code, const char *text);
/* Closes the connections of whom the room does not know yet and of whose token this is true. */
void sessions_expel(struct sessions *all, bool (*revoked)(void *ctx, const char *token), void *ctx);

/* For the keeper: the room has let them in. */
void session_seated(void *session, struct person *person);
/* For room_handler. */
void session_send(void *session, struct parcel *parcel);
void session_close(void *session, unsigned code, const char *reason);
void session_urge(void *session, struct parcel *parcel); /* before all that waits, once the welcome has left */
void session_drop(void *session, unsigned code, const char *reason); /* what waits is not sent */

/* Who should go before the other, when too much waits: who does not read, and then, for whom more waits. b may be NULL. */
bool session_is_slower(const struct session *a, const struct session *b);
struct session *sessions_slowest(const struct sessions *all); /* NULL: nothing waits for anybody */
size_t session_waiting(const struct session *session); /* bytes in its backlog */
void session_relieve(struct session *session); /* what waits is not sent; they come back for it */
size_t sessions_queued(const struct sessions *all); /* bytes that wait to be sent */

/* End of a turn: what was written in it waits for `batch`; what waits for `stored` or less leaves. */
void sessions_flush(struct sessions *all, uint64_t batch, uint64_t stored);
/* About once a second: close those that never said hello, read again from those who were held back. */
void sessions_tick(struct sessions *all, uint64_t now_ms);

#endif
