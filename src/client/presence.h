/*
 * presence.h: the people of a room as its messages tell of them, and what they are told of us besides edits.
 */
#ifndef CLIENT_PRESENCE_H
#define CLIENT_PRESENCE_H

#include "src/client/remote_state.h"

/* Ours, to be told with the next presence_say that may. */
void presence_sels(struct remote *remote, const struct sel *sels, size_t count);
/* Our caret, once everything typed before it has left, and what we are doing (NULL: as before), when that changes. While live. */
void presence_say(struct remote *remote, const char *activity, uint64_t follows);

void presence_say_seen(struct remote *remote, uint64_t id); /* of the chat */

/* Those that came with `opened` are kept until its text is here, and told then. */
void presence_keep_sels(struct remote *remote, const struct msg_user_sels *sels);
void presence_tell_kept(struct remote *remote);
void presence_forget_kept(struct remote *remote);

void presence_selected(struct remote *remote, const struct message *m);
void presence_welcome(struct remote *remote, const struct message *m);
void presence_join(struct remote *remote, const struct message *m);
void presence_leave(struct remote *remote, const struct message *m);
void presence_active(struct remote *remote, const struct message *m);
void presence_role(struct remote *remote, const struct message *m);
void presence_said(struct remote *remote, const struct message *m);
void presence_seen(struct remote *remote, const struct message *m);

#endif
