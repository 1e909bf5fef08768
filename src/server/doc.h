/*
 * doc.h: one text of a room: who has it open, and the one order of its edits.
 *
 * Each function is the server's side of a message of the protocol's section 4. Errors go to the person as `error` messages;
 * after a malformed edit the connection is closed.
 */
#ifndef SERVER_DOC_H
#define SERVER_DOC_H

#include "src/server/room.h"

struct doc *doc_create(uint64_t number, const char *path, struct log *takes); /* takes NULL: it is not in memory */
void doc_destroy(struct doc *doc);
void doc_fill(struct doc *doc, struct log *takes); /* into memory */
void doc_forget(struct doc *doc); /* out of memory; nobody has it open */
size_t doc_bytes(const struct doc *doc);
void doc_note_use(struct room *room, uint64_t now); /* of all that somebody has open */

struct seat *doc_seat(struct person *person, uint64_t doc); /* NULL: not open */
void doc_leave(struct person *person, uint64_t doc);
void doc_leave_all(struct person *person);

/* Answer `open` or `diverged`: a seat at the newest revision, `opened` and its chunks. */
void doc_open(struct room *room, struct person *person, struct doc *doc);
/* Answer one item of hello's docs: `resumed` and what was missed, or `opened` if rev never was. */
void doc_resume(
	struct room *room, struct person *person, struct doc *doc, uint64_t rev, uint64_t seq);

void doc_edit(struct room *room, struct person *person, const struct message *m);
void doc_history(struct room *room, struct person *person, const struct message *m);

/* The newest revision was just made by `author` (NULL: the file): tell everyone, move the carets, keep it. */
void doc_ordered(struct room *room, struct doc *doc, struct person *author);
/* Prove convergence to everyone, if there is something new to prove and it was long enough ago. */
void doc_check(struct room *room, struct doc *doc, uint64_t now_ms);

#endif
