/*
 * room.h: the people in a room, the documents they share, and who hears what.
 *
 * A room knows no sockets, no disk and no clock: it takes decoded messages and says through its handler what goes to whom and
 * what must be kept. So a room, its clients and a cruel network run in one process under a fuzzer.
 *
 *	person = room_hello(room, conn, &terms, &hello)	-- welcome to the newcomer, join (or active) to the others
 *	room_message(room, person, &m)			-- edit: ack to its author, edit to the others ...
 *	room_lost(room, person)				-- offline for LIMIT_SESSION_MS, then leave
 *
 * What the handler is told to send must leave in that order, and only when everything ordered before is on stable storage:
 * that is the handler's promise (session.h keeps it), and all that "durable before visible" needs.
 *
 * A person is a session: it survives lost connections, keeps user id, colour, carets and bridges, and is resumed by its secret.
 */
#ifndef SERVER_ROOM_H
#define SERVER_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/message.h"
#include "net/role.h"
#include "net/token.h"
#include "ot/log.h"
#include "src/asks.h"
#include "src/server/limits.h"
#include "src/server/parcel.h"
#include "src/server/store.h"

struct doc;

/* A person in a document. */
struct seat {
	struct doc *doc;
	struct peer peer;
	struct sel *sels; /* of the newest revision */
	size_t sel_count;
	bool waits; /* sels are to be shown to the others */
};

/* What somebody far away has not been told yet (far.h). */
struct far {
	uint64_t told_ms;
	uint64_t *users; /* whose carets and states have changed since */
	size_t count, cap;
};

/* What of it outlives a message and is not only of this server is written down, and read again, by snapshot.c; so with struct doc. */
struct person {
	uint64_t user;
	uint64_t session_row;
	char session[33]; /* the secret that resumes it */
	char name[NAME_CLEAN_BYTES];
	char color[8];
	enum role role;
	char token[TOKEN_ID_BYTES]; /* of the token that they came with last; may be empty */
	enum role granted;          /* what that one allows; an owner may have changed role since */
	int64_t expires; /* when that token does, Unix seconds; 0: never */
	const char *state; /* one of the protocol's, static */
	uint64_t doc;      /* where they are, 0: nowhere */
	unsigned rtt_ms;
	uint64_t follows; /* whose place they look at; 0: nobody's */
	uint64_t told_doc, told_line; /* where the others were told they are; 0: not yet */
	uint64_t seen;    /* the newest chat message that they read */
	uint64_t shown_ms; /* when one of their carets or states was passed on */
	bool waits;        /* state is to be shown to the others */
	struct far far;
	bool showed_caret; /* and not their state, last */
	void *to;         /* their connection; NULL while it is lost */
	uint64_t lost_ms; /* when it was */
	uint64_t said_ms; /* up to here their chat has used their time */
	struct seat *seats;
	size_t seat_count, seat_cap;
};

/* Something that the owner of a server may want to know of later. */
struct room_event {
	const char *what;
	void *to; /* the connection it came over; NULL: none */
	const struct person *by, *whom; /* NULL: nobody */
	struct str detail; /* as somebody wrote it */
};

struct mirror;

struct doc {
	uint64_t doc; /* its number on the wire and in the store; 0: it gets one when it is first loaded */
	char *path;
	struct log *log; /* NULL: it is not in memory (room_handler.load) */
	size_t bytes;    /* while it is not, what it has */
	uint64_t used_ms; /* when somebody last had it open, roughly */
	uint64_t failed_ms; /* when it could not be loaded; 0: it could */
	struct mirror *mirror; /* the handler's: what keeps its file; NULL: it has none */
	bool crlf, read_only;
	struct asks *asks; /* what its file asks for (manner.h); NULL: that was not looked up */
	uint64_t asked_ms; /* when it was */
	uint64_t oldest_rev;  /* edits up to it were dropped from the store */
	uint64_t stored_rev;  /* all up to it is on stable storage */
	uint64_t checked_rev; /* of the newest `check` */
	uint64_t checked_ms;
};

/* What an owner asks for with `invite`. */
struct room_invite {
	enum role role;
	int64_t expires; /* Unix seconds; 0: the usual time */
	const char *name; /* may be "" */
};

struct room_handler {
	/* To whom `to` was given with room_hello. */
	void (*send)(void *to, struct parcel *parcel);
	void (*close)(void *to, unsigned code,
		const char *reason); /* after what was sent; then the room forgets `to` */
	/* The same two, past what waits for the disk: before it, and instead of it. NULL: there is no difference. */
	void (*urge)(void *to, struct parcel *parcel);
	void (*drop)(void *to, unsigned code, const char *reason);
	bool (*full)(void *ctx); /* no more can be kept now; NULL: it always can */

	/* Keep, durably and in order. */
	void (*keep_edit)(void *ctx, const struct store_edit *edit);
	uint64_t (*keep_session)(void *ctx, const struct store_session *session); /* its row */
	/* That session's role, token and what that grants; of the rest only the row counts. */
	void (*keep_terms)(void *ctx, const struct store_session *session);
	void (*end_session)(void *ctx, uint64_t session_row); /* find_session finds it no more */
	void (*keep_lock)(void *ctx, bool locked);
	void (*keep_next_user)(void *ctx, uint64_t next);
	void (*keep_chat)(void *ctx, const struct msg_said *said);

	/* Ask what was kept. */
	bool (*find_session)(void *ctx, const char *id, struct store_session *out);
	uint64_t (*session_seq)(void *ctx, uint64_t doc, uint64_t session_row);
	bool (*past)(void *ctx, uint64_t doc, uint64_t from, uint64_t to,
		bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx);

	/* Bring a document into memory. false: it cannot be read. NULL: all are there always. */
	bool (*load)(void *ctx, struct doc *doc);
	/* A new, empty document of that name. NULL, with the protocol's *code and words: it may not be. No handler: none may. */
	struct doc *(*create)(void *ctx, struct str path, const char **code, const char **text);
	/* Something is to be done at the end of this turn: a batch to be handed over, frames to be sent. NULL: nobody waits for that. */
	void (*stir)(void *ctx);

	void (*asks)(void *ctx, const struct doc *doc, struct asks *out); /* what its file asks for; NULL: nothing */
	void (*save)(void *ctx, struct doc *doc, uint64_t user);
	void (*edited)(void *ctx, struct doc *doc); /* its text has a new revision */
	void (*end)(void *ctx, const char *why);         /* the owner ends the room for all */

	/* This person's token lets nobody in any more. false: so it is, but it could not be stored. NULL: no bans here. */
	bool (*ban)(void *ctx, const struct person *person);
	/* A new way in; the texts of *invited live until the next call. false: there is none. NULL: no invitations here. */
	bool (*invite)(void *ctx, const struct room_invite *wanted, struct message *invited);

	uint64_t (*now_ms)(void *ctx); /* monotonic */
	uint64_t (*here_ms)(void *ctx); /* the same for what is only shown sooner or later, on this server; NULL: there is no difference */
	uint64_t (*unix_ms)(void *ctx);
	void (*random)(void *ctx, void *bytes, size_t len);
	void (*audit)(void *ctx, const struct room_event *event); /* NULL: nobody keeps that */
};

struct room {
	char name[ROOM_NAME_BYTES];
	char epoch
		[17]; /* the line of history: another one means that revisions mean something else */
	uint64_t next_user;
	uint64_t next_chat;
	bool locked;           /* no newcomers */
	struct msg_said *chat; /* the newest LIMIT_CHAT_RECENT; strings owned */
	size_t chat_count;
	struct person **people;
	size_t people_count, people_cap;
	struct doc **documents;
	size_t document_count, document_cap;
	uint64_t transforms; /* that ordering its edits took so far */
	bool waits; /* somebody's carets or state are to be shown */
	bool far_waits; /* to somebody far away */
	struct limits limits; /* what is normal, until somebody changes it */
	struct parcel_paper paper;
	const struct room_handler *handler;
	void *ctx;
};

struct room *room_create(const char *name, const char *epoch, uint64_t next_user,
	const struct room_handler *handler, void *ctx);
void room_destroy(struct room *room);

/* Share a text as it is at its revision: takes the log; NULL: it is loaded when somebody opens it. */
struct doc *room_add_document(struct room *room, uint64_t number, const char *path, struct log *takes);
struct doc *room_document(const struct room *room, struct str path); /* NULL: there is none */
void room_drop_document(struct room *room, struct doc *doc); /* destroys it; nobody has it open */

/* What the token allows. name: what it says they are called, "" to let them choose. */
struct room_terms {
	enum role role;
	const char *name;
	const char *token; /* its id; NULL or "": it has none */
	int64_t expires; /* Unix seconds; 0: never */
};

/* A connection's first message. NULL: it was refused, and told why; close it. */
struct person *room_hello(
	struct room *room, void *to, const struct room_terms *terms, const struct message *hello);
/* Any later one. May end in handler->close, after which the person has no connection. */
void room_message(struct room *room, struct person *person, const struct message *m);
void room_lost(struct room *room, struct person *person); /* the connection went away */
void room_left(struct room *room, struct person *person, const char *why); /* for good: "left", "kicked", ... */
void room_rtt(struct room *room, struct person *person, unsigned ms);
/* Sends away everybody of whose token this is true, those whose connection is lost too. */
void room_expel(struct room *room, bool (*is_revoked)(void *ctx, const char *token), void *ctx);
/* About once a second: forget who stayed away, send away whose token has expired, prove convergence. */
void room_tick(struct room *room);

/* The change that somebody made to the file itself, as an edit by user 0 on revision rev. */
enum err room_merge(struct room *room, struct doc *doc, uint64_t rev, const struct op *edit);
void room_saved(struct room *room, struct doc *doc, uint64_t rev);
void room_created(struct room *room, const struct doc *doc, uint64_t user); /* everybody is told; user 0: the disk did it */
/* One line for everybody, at once: error with code "internal" and these words. */
void room_warn(struct room *room, const char *text);

/* For the modules that a room is made of; what they send, by room_send.h. */
size_t room_here(const struct room *room); /* people with a connection */
void room_stir(struct room *room); /* see room_handler.stir */
uint64_t room_here_ms(const struct room *room); /* for pacing: the time of this server, where now_ms is that of several */
void room_audit(struct room *room, const struct room_event *event);
void room_set_role(struct room *room, struct person *person, enum role role); /* and tell everybody */
void room_kick(struct room *room, struct person *whose); /* by the owner: gone for good */

#endif
