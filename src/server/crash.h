/*
 * crash.h: whether a crash took back what people were told is stored.
 *
 * While a history is open whose commits are not all on the disk when they are told (STORE_PROCESS, STORE_MEMORY), a note in it says so.
 * Who opens it next and finds a note that could have come true (a server killed with STORE_MEMORY; with STORE_PROCESS, a machine
 * that went down since) forgets the epoch and the sessions: nobody goes on from a revision that means something else now.
 */
#ifndef SERVER_CRASH_H
#define SERVER_CRASH_H

#include <stdbool.h>

#include <sqlite3.h>

#include "src/server/store.h"

/* Reads the note of before, draws the consequence, writes that of now. false: it cannot be written, sqlite3_errmsg says why. */
bool crash_note(sqlite3 *db, enum store_durability durability);
/* All is on the disk: nothing can be taken back. If this fails, the next one is only too careful. */
void crash_clear(sqlite3 *db);

#endif
