/*
 * solo.h: a room that this server keeps alone: its history in SQLite (store.h), its documents in their files (shelf.h).
 *
 * What is done is heard at once, by the room itself, and written in the turn's batch; what the room says waits for that batch. A disk
 * that fails or is silent is keeping.h's to tell of.
 */
#ifndef SERVER_SOLO_H
#define SERVER_SOLO_H

#include "src/server/keeper.h"

/* Locked, its history read. NULL: *why (owned) is a sentence; that another process serves the room is one. */
struct keeper *solo_open(struct chamber *chamber, const char *room, char **why);
/*
 * Locked; the rest happens on another thread, and the room is filled from the folder then. Until that people may come, and wait (sessions_begin).
 * When it fails, the log says why, they are sent away (1013), and the chamber is stopping.
 */
struct keeper *solo_begin(struct chamber *chamber, const char *room, const char *folder, char **why);

#endif
