/*
 * remote_state.h: what a remote is made of, for its modules: link.h, unsent.h, presence.h, sync.h, visit.h, authorship.h, and remote.c
 * itself.
 *
 * A module's receivers are rows of the table in remote.c; each takes a message that the codec has checked, and changes what is
 * here. What is said leaves with remote_flush.
 */
#ifndef CLIENT_REMOTE_STATE_H
#define CLIENT_REMOTE_STATE_H

#include "net/ws_client.h"
#include "ot/authors.h"
#include "ot/buf.h"
#include "src/client/backoff.h"
#include "src/client/familiar.h"
#include "src/client/remote.h"

#define REMOTE_FRAME_BYTES                                                                         \
	((size_t)64 << 10) /* messages are gathered into a frame until it has this many */

#define REMOTE_PATH_BYTES 1024

struct incoming { /* a document on its way */
	bool on;
	uint64_t doc, rev, size, points, seq;
	char path[REMOTE_PATH_BYTES];
	bool read_only, crlf;
	struct buf text;
	struct msg_user_sels sels; /* owned: the carets in it, of revision rev */
};

struct wish { /* of visit.h: another file is to be shown */
	char path[REMOTE_PATH_BYTES]; /* "": none */
	bool create;
	bool asked; /* the server was */
};

struct left_file { /* of visit.h: shown before, and to be taken up again */
	char path[REMOTE_PATH_BYTES];
	char session[65];        /* whose numbers its edits have */
	struct replica *replica; /* all of it acknowledged */
};

struct kept { /* a state of the replica: with the same numbers the same is unacknowledged */
	uint64_t rev, seq, hash;
	size_t unacked;
};

struct authorship { /* of authorship.h */
	bool wanted;
	uint64_t rev, asked;      /* what is in `building`; up to where a page is on its way, 0: none is */
	struct authors *building; /* NULL: they were given */
};

struct remote {
	struct loop *loop;
	struct url url;
	char *name;
	const struct remote_handler *handler;
	void *ctx;

	struct ws_client *ws;
	struct tunnel *tunnel; /* to be opened before each connection; NULL: none */
	bool on_way;           /* it is being opened */
	struct timer *retry;
	struct backoff backoff;
	uint64_t retry_at_ms;
	unsigned bye_retry_ms;
	enum remote_link link;
	bool trying; /* a connection exists, or is being made or closed */
	bool live;   /* edits may be sent: the text is here and in step with the connection */
	struct buf out;
	char last_error[200];
	unsigned rtt_ms;

	uint64_t user;    /* who we are on this connection */
	char session[65]; /* what our text belongs to; resumed by the next hello */
	char offered[65]; /* what this connection was welcomed to: ours once the text is here */
	char epoch[65];
	char room[ROOM_NAME_BYTES];
	char path[REMOTE_PATH_BYTES];

	uint64_t doc;
	struct replica *replica;
	const struct replica *hashed; /* replica, when all of its text was hashed ahead */
	struct incoming incoming;
	struct wish wish;
	struct left_file *left; /* VISIT_LEFT_MAX at most, the one left last at the end */
	size_t left_count;
	bool adopted;    /* replica knows nothing of this server yet */
	bool diverged;   /* replica's text is not the server's: only `opened` mends that */
	bool refused;    /* what of ours is unacknowledged is not to be sent again */
	bool hopeless;   /* what is recovered will never be taken */
	bool recovering; /* replica stands on a text that is not known */

	struct journal *journal;
	struct timer *keep; /* until much that is unacknowledged may be written down again */
	bool keep_waits;
	struct kept kept; /* what was written down last, and when */
	uint64_t kept_ms;
	int keep_error; /* of that; 0: it went well */

	struct familiar familiar;
	struct authorship authorship;
	const char *activity; /* what the others were told last */
	uint64_t follows;
	bool sel_waits;       /* a selection is still to be sent */
	struct sel *sels;
	size_t sel_count;
};

/* Who only sends need not listen. */
#define REMOTE_TELL(remote, what, ...)                                                             \
	do {                                                                                       \
		if ((remote)->handler->what)                                                       \
			(remote)->handler->what((remote)->ctx, __VA_ARGS__);                       \
	} while (0)

void remote_say(struct remote *remote, const struct message *m);
void remote_flush(struct remote *remote);
bool remote_receive(struct remote *remote, const char *at, size_t len); /* a frame; false: it makes no sense */
/* A string of a message, cut to fit at a character. */
void remote_copy_str(char *out, size_t cap, struct str from);

#endif
