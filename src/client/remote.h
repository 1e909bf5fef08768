/*
 * remote.h: a room as it is seen from here: the connection, who we are in it, and our replica of its document.
 *
 *	remote = remote_create(loop, &url, "Ada", &handler, ctx)
 *	remote_connect(remote)
 *	remote_turn(remote, &says)	-- once a turn: what was edited leaves, with the caret and what we are doing
 *
 * Knows no screen, so scripted clients and tests use it as the editor does. The first connection either gives a document or
 * fails for good, in one sentence. After that it never gives up by itself: edits go on in the replica, and it tries again
 * (backoff.h), resumes its session, and sends what had not arrived.
 */
#ifndef CLIENT_REMOTE_H
#define CLIENT_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/message.h"
#include "net/url.h"
#include "ot/authors.h"
#include "ot/replica.h"
#include "src/asks.h"
#include "src/client/journal.h"
#include "src/client/tunnel.h"

struct remote;

enum remote_link {
	REMOTE_CONNECTING, /* the first time */
	REMOTE_ONLINE,
	REMOTE_OFFLINE, /* trying again */
	REMOTE_ENDED, /* the session is over, or we are not let in any more: only remote_connect tries again */
};

struct remote_activity {
	uint64_t user;
	const char *state;
	uint64_t rtt_ms;  /* 0: unknown */
	uint64_t follows; /* 0: nobody */
	const char *path; /* of the file they are in, where the room has several; else "" */
	uint64_t line;    /* in it, from 1; 0: unknown */
};

struct remote_handler { /* each may be NULL */
	/*
	 * The document is here: for the first time (shown: the identity), or afresh, `shown` being what that did to its text. With
	 * another path than the last: it is shown instead of that one, and its replica is the one it had when it was left, if it was.
	 */
	void (*opened)(void *ctx, struct replica *replica, const char *path, bool read_only,
		bool crlf, const struct op *shown);
	/*
	 * The text here had parted from the server's, which will take its place; `opened` follows. refused: by edits of ours that
	 * the server does not take. copy: the file in which it is kept, borrowed; NULL: it could not be, and why, a clause.
	 */
	void (*diverged)(void *ctx, bool refused, const char *copy, const char *why);
	void (*resumed)(void *ctx); /* the connection is back, the document goes on */
	/* The files of the room, on each welcome; then what became of one: the fields of the protocol's `file`. */
	void (*files)(void *ctx, const struct msg_files *files);
	void (*filed)(void *ctx, struct str verb, struct str path, struct str to);
	void (*stayed)(void *ctx, const char *why); /* remote_open came to nothing; why: a sentence, or NULL: as was wanted */
	void (*forgot)(void *ctx, const char *path); /* a file that was left: its replica is about to go */
	void (*edited)(void *ctx, uint64_t user, const struct op *shown);
	void (*saved)(void *ctx, uint64_t rev);
	void (*style)(void *ctx, const struct asks *asks); /* what the file asks for, all of it; nothing until this is called after `opened` */
	/* Of the text as it is; taken. And the name of one of them, who may have left. */
	void (*authors)(void *ctx, struct authors *takes);
	void (*author)(void *ctx, uint64_t user, const char *name);
	void (*people)(void *ctx, const struct msg_users *users); /* all of them, anew */
	void (*joined)(void *ctx, const struct msg_user *user);
	void (*returned)(void *ctx, const struct msg_user *user); /* whom we knew, after the server was gone */
	void (*left)(void *ctx, uint64_t user, const char *why);
	void (*active)(void *ctx, const struct remote_activity *activity);
	void (*role)(void *ctx, uint64_t user, const char *role);
	void (*selected)(void *ctx, uint64_t user, const struct sel *sels,
		size_t count); /* in the text here */
	void (*chat)(void *ctx, const struct msg_chat *chat); /* the newest messages, on each welcome */
	void (*said)(void *ctx, const struct msg_said *said);
	void (*seen)(void *ctx, uint64_t user, uint64_t id);
	void (*notice)(void *ctx, const char *text); /* something the person should read */
	void (*failed)(void *ctx, const char *sentence); /* the first connection: it will not work */
};

struct remote *remote_create(struct loop *loop, const struct url *url, const char *name,
	const struct remote_handler *handler, void *ctx);
void remote_destroy(struct remote *remote); /* not from inside a handler */

/* Before the first remote_connect: the server is at the end of this tunnel, whose URL was given. Borrowed until remote_destroy. */
void remote_through(struct remote *remote, struct tunnel *tunnel);
/* Keep unacknowledged edits in a journal (borrowed until remote_destroy), so that a killed client loses nothing. */
void remote_keep(struct remote *remote, struct journal *journal);
/*
 * Before the first remote_connect: be the client that was killed, to send what it left. Its text is not known, only how long it was:
 * there is nothing to show, and once remote_unsent() is 0 it is done. `failed` when the server has another history.
 */
void remote_recover(struct remote *remote, const struct journal_left *left);
bool remote_is_hopeless(const struct remote *remote); /* it failed, and will whenever it is tried */

/*
 * Before the first remote_connect: go on with a text that was edited without a server until now. What it has that is not acknowledged
 * goes on top of the room's text, which should be what the replica began with. Takes the replica.
 */
void remote_adopt(struct remote *remote, struct replica *takes);

/*
 * Show another file of the room instead of this one, once all that was typed is acknowledged: `opened` follows, or `stayed`. Until
 * then nothing should be typed. Before the first remote_connect: begin with that file, not with the room's first.
 */
void remote_open(struct remote *remote, const char *path, bool create);
void remote_stay(struct remote *remote); /* not after all, unless it is on its way here already */

void remote_connect(struct remote *remote); /* now: the first time, or without waiting for the next try */
void remote_leave(struct remote *remote); /* say goodbye and stay away */

/* What the others should know, besides edits. */
struct remote_says {
	const struct sel *sels; /* ours, the main one first */
	size_t sel_count;       /* 0: they did not jump */
	const char *activity;  /* static string; sent when it changes */
	uint64_t follows;      /* a user; 0: nobody. Likewise */
	bool authors;          /* nothing to say: the authors of the text are wanted */
};
/* To everybody in the room. false: offline, and nothing was said. */
bool remote_chat(struct remote *remote, const char *text);
bool remote_seen(struct remote *remote, uint64_t id); /* the newest message that was read; false likewise */
void remote_turn(struct remote *remote, const struct remote_says *says);
/*
 * Some of what the first key or the first check of the text would wait for: a millisecond of it. true: there is more; call again when
 * nothing else is to do.
 */
bool remote_idle(struct remote *remote);
void remote_save(struct remote *remote);
/* As an owner; the fields of the protocol's `admin`. false: offline, and nothing was said. */
bool remote_admin(struct remote *remote, const char *verb, uint64_t user, const char *arg);

bool remote_connected(const struct remote *remote); /* a connection exists, or is being made or closed */
enum remote_link remote_link(const struct remote *remote);
uint64_t remote_user(const struct remote *remote);
const char *remote_room(const struct remote *remote);
unsigned remote_rtt_ms(const struct remote *remote);
unsigned remote_retry_s(const struct remote *remote); /* offline: until the next try */
const struct replica *remote_replica(const struct remote *remote); /* NULL: no text yet */
bool remote_trying(const struct remote *remote); /* offline, and at this moment it is tried */
size_t remote_unsent(const struct remote *remote); /* edits of ours that are not acknowledged */
bool remote_is_kept(const struct remote *remote); /* are they all in the journal? */

#endif
