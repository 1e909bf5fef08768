/*
 * authorship.h: who wrote the document, from the server's history.
 *
 * While it is wanted, the newest AUTHORSHIP_EDITS revisions are asked for, page by page, until the pages reach the text that is here
 * and nothing of ours is on its way; then the handler is given the authors of just that text. A text that is opened afresh begins it anew.
 */
#ifndef CLIENT_AUTHORSHIP_H
#define CLIENT_AUTHORSHIP_H

#include "src/client/remote_state.h"

#define AUTHORSHIP_EDITS 100000 /* what is older counts as before anybody */

void authorship_turn(struct remote *remote, bool wanted);
void authorship_past(struct remote *remote, const struct message *m);
void authorship_reset(struct remote *remote);

#endif
