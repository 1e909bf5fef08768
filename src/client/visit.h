/*
 * visit.h: the files of a room, of which one is shown at a time, and going from one to another.
 *
 *	remote_open(remote, "b.c", false)	-- the wish
 *	visit_turn()				-- all that was typed is acknowledged: `open` leaves
 *	opened, chunk ...			-- the text of b.c is here: a.c is closed and left, b.c is taken up
 *
 * What is left keeps its replica, the newest VISIT_LEFT_MAX of them: when it is opened again its text becomes the server's by one
 * edit (replica_restart), so what hangs on it (undo, carets) can go on. Nothing of ours is unacknowledged in what is left.
 */
#ifndef CLIENT_VISIT_H
#define CLIENT_VISIT_H

#include "src/client/remote_state.h"

#define VISIT_LEFT_MAX 8

void visit_first(struct remote *remote, const struct msg_files *files); /* of the room: ask for the one to begin with */
void visit_turn(struct remote *remote); /* once a turn */
void visit_filed(struct remote *remote, const struct message *m);
void visit_stay(struct remote *remote, const char *why); /* the wish came to nothing */
void visit_fini(struct remote *remote);

/* Is this `opened` of the file that is shown, or of the one that is to be? Any other is closed again. */
bool visit_expects(struct remote *remote, const struct message *opened);
bool visit_is_other(const struct remote *remote, const char *path); /* than the one that is shown */
void visit_opened(struct remote *remote); /* remote->path is here */
/* Leaves the one that is shown. remote->replica is this one's as it was left, or NULL; *same: it counts its edits by this session. */
void visit_turn_to(struct remote *remote, const char *path, bool *same);

#endif
