/*
 * sync.h: our replica and the server's text: opened, resumed, edited from both ends, and proved to be the same.
 */
#ifndef CLIENT_SYNC_H
#define CLIENT_SYNC_H

#include "src/client/remote_state.h"

void sync_say_edits(struct remote *remote); /* what was edited and may leave */

void sync_opened(struct remote *remote, const struct message *m);
void sync_chunk(struct remote *remote, const struct message *m);
void sync_resumed(struct remote *remote, const struct message *m);
void sync_edited(struct remote *remote, const struct message *m);
void sync_ack(struct remote *remote, const struct message *m);
void sync_check(struct remote *remote, const struct message *m);
void sync_unfit(struct remote *remote);   /* the server cannot make sense of what we sent: our text is not its text */
void sync_refused(struct remote *remote); /* it does not take what we sent */
void sync_saved(struct remote *remote, const struct message *m);
void sync_style(struct remote *remote, const struct message *m);

#endif
