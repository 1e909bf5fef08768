/*
 * doctor.h: is what a server left behind, or is using, whole?
 *
 *	sound = doctor_check("/home/ada/.local/state/codecollab", say, NULL)
 *
 * Looks at a state folder (state.h) and says in sentences what it found: who may read the keys, whether key and certificate belong
 * together, the list of rooms; and for each room whether SQLite finds its file intact, whether the revisions follow each other without
 * a gap, whether each snapshot is what the edits before it make, and whether the text that the file held last is that of its revision.
 *
 * Changes nothing of it, and may look while servers run: it sees each room as it was at one moment. (SQLite leaves an empty -wal and a
 * -shm beside a room that nobody serves; the next server takes them away.)
 */
#ifndef SERVER_DOCTOR_H
#define SERVER_DOCTOR_H

#include <stdbool.h>

/* A sentence, with a full stop; fault: something is wrong, otherwise it is only good to know. */
typedef void doctor_say_fn(void *ctx, bool fault, const char *sentence);

/* dir must exist. false: at least one fault was told. */
bool doctor_check(const char *dir, doctor_say_fn *say, void *ctx);

#endif
