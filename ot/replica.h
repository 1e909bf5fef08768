/*
 * replica.h: a client's side of a document: its text, its edits that are on their way, and its edits not yet sent.
 *
 *	a key:         replica_splice(r, &s, &inverse)			shown at once
 *	other edits:   replica_edit(r, &op)
 *	to the wire:   while (replica_send(r, &rev, &seq, &op)) ...	may be called any time; no need to wait for acks
 *	from the wire: replica_receive(r, rev, user, &op, &shown)	shown: what it did to the text here
 *	               replica_ack(r, rev, seq)
 *
 * text = revision rev of the server, then inflight (sent, unacknowledged, in order), then buffered (composed). The server
 * transforms the very same pairs in its bridge (log.h), one by one: transform is not closed under composition, so inflight edits
 * are never composed with each other while the link lives. After a reconnect the replica transforms alone, so what the server
 * had not ordered is composed into one, and so are the edits missed: two people 10,000 edits apart meet in one transform.
 *
 * After a long absence the missed edits are collected while their authors all stand on one side of us in a tie: `shown` is the
 * identity for a while, and then one call's has it all, at the latest the one that reaches the revision named in
 * replica_resume. (A caret exactly where one of those inserted may then go by another author's id than its own.)
 *
 * Ties:     the lower user id's insertion stands first.
 * Memory:   a replica owns its text and ops. `shown` is the caller's to op_fini; it may be NULL.
 */
#ifndef OT_REPLICA_H
#define OT_REPLICA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/err.h"
#include "ot/op.h"
#include "ot/text.h"

#define REPLICA_WINDOW                                                                             \
	64 /* edits in flight at most, if nobody says otherwise; more wait in the buffer */

/* Of one edit that is sent, so that it fits a message of 1 MiB; a larger one is sent as several. A component is 5 bytes. */
#ifdef OT_TINY
#define REPLICA_EDIT_BYTES 16
#define REPLICA_EDIT_PARTS 6
#else
#define REPLICA_EDIT_BYTES ((size_t)256 << 10) /* of inserted text */
#define REPLICA_EDIT_PARTS ((size_t)64 << 10)  /* components */
#endif

struct replica;

struct replica *replica_create(struct text *takes, uint64_t rev, uint64_t user);
void replica_destroy(struct replica *r);
void replica_set_window(struct replica *r, size_t edits); /* how many may be in flight */
const struct text *replica_text(const struct replica *r);
uint64_t replica_rev(const struct replica *r); /* the newest server revision applied */
uint64_t replica_seq(const struct replica *r); /* the newest own edit sent */
uint64_t replica_user(const struct replica *r);
/* Edits in flight, and one more if something is buffered. */
size_t replica_unacked(const struct replica *r);
/* How many calls of replica_edit that is, for people: a row of letters typed offline is one edit to be sent, and many to who typed it. */
size_t replica_unacked_edits(const struct replica *r);
/* Has everything typed here been given to replica_send? Then our positions are those of rev and all up to seq. */
bool replica_all_sent(const struct replica *r);
/* Is nothing unacknowledged, and text exactly revision rev: what a `check` is about? */
bool replica_in_step(const struct replica *r);

/* ERR_RANGE when op does not fit the text, ERR_LIMIT when it makes it too long. */
enum err replica_edit(struct replica *r, const struct op *op);
/* The same for what a key does, checked besides: ERR_UTF8. What takes it back is for undo_splice; see text_splice. */
enum err replica_splice(struct replica *r, struct splice *s, struct splice *inverse);

/*
 * The next edit to send, if any: what is buffered, or as much of it from the left as REPLICA_EDIT_BYTES and _PARTS allow. *op
 * borrows until the replica's next change. It counts as in flight from now on.
 */
bool replica_send(struct replica *r, uint64_t *rev, uint64_t *seq, const struct op **op);

/*
 * Somebody else's revision. ERR_REV when it is not the next; ERR_RANGE, ERR_LIMIT when it does not fit: the server is
 * broken. Then nothing has changed, and `shown` is the identity.
 */
enum err replica_receive(
	struct replica *r, uint64_t rev, uint64_t user, const struct op *op, struct op *shown);

/* Our oldest inflight edit became revision rev. ERR_REV, ERR_SEQ when it cannot be: nothing has changed. */
enum err replica_ack(struct replica *r, uint64_t rev, uint64_t seq);

/* A position of the server's newest revision here (another's caret), and where it is in the text here. */
size_t replica_locate(const struct replica *r, uint64_t user, size_t pos);

/*
 * After a reconnect: `rev` is where the missed edits end, `seq` the newest own edit that the server ordered. Until revision
 * rev is reached replica_send gives nothing; then what the server had not ordered is sent as one edit (or few), under the next seq.
 */
void replica_resume(struct replica *r, uint64_t rev, uint64_t seq);

/*
 * The server starts over with a fresh text (it lost or dropped our revision). Our unacknowledged edits are carried over:
 * the difference between what we knew and `takes` is treated as one edit by user 0, what we had not seen acknowledged
 * is transformed past it, and waits to be sent. So what we typed is kept, and all else is the server's. `shown` gets what
 * changed on screen. A new `user` counts seq from 1; the same one goes on, for the server has seen the numbers before.
 *
 * What we knew is the text with our unacknowledged edits taken back. Characters that those deleted are not kept by anybody
 * but perhaps the fresh text: they are taken to be what stands there now, counted from the start where all before it is as we
 * knew it, else from the end. So a deletion may hit what replaced its characters in the same place, and nothing else.
 */
void replica_restart(
	struct replica *r, struct text *takes, uint64_t rev, uint64_t user, struct op *shown);

/*
 * The text that replica_restart is about to take holds our edits up to number `seq`, whose acknowledgements will not be heard: they
 * are the server's now, and not carried over.
 */
void replica_ordered(struct replica *r, uint64_t seq);

/*
 * Keeping what is not acknowledged elsewhere, and taking it up again in another replica of the same text and revision:
 *
 *	replica_each_unsent(r, keep, ctx)	each inflight edit with its seq, then what is buffered with seq 0
 *	replica_again(fresh, seq, &op)		in that order; seq 0: it was not sent yet
 *
 * replica_each_unsent gives false, and nothing, while edits missed during a cut are still coming. replica_again: ERR_SEQ when
 * seq does not rise, else as replica_edit. replica_count_from: our next edit is number seq + 1.
 */
typedef void replica_unsent_fn(void *ctx, uint64_t seq, const struct op *op);
bool replica_each_unsent(struct replica *r, replica_unsent_fn *fn, void *ctx);
enum err replica_again(struct replica *r, uint64_t seq, const struct op *op);
void replica_count_from(struct replica *r, uint64_t seq);
size_t replica_known_points(const struct replica *r); /* of the server's text of revision rev */

#endif
