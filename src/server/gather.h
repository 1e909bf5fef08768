/*
 * gather.h: how edits become rows, and what is written becomes batches of the writer.
 *
 *	gather_edit(&gather, &edit)	any number of times; what else is written goes to the writer (writer_add)
 *	gather_turn(&gather)		end of turn: the number of the batch with all that was written
 *
 * Edits that follow each other share a row (stretch.h). Where somebody waits for commits each turn is a batch. Where nobody does, one
 * gathers over many turns, GATHER_REST_MS from the last on: what two people type in a room meanwhile is a row and a commit. It is
 * handed over on a beat that is the same for all rooms, so that the processors are woken for many of them at once.
 *
 * Threads: the loop's.
 * Memory:  what is added is copied.
 */
#ifndef SERVER_GATHER_H
#define SERVER_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/server/store.h"
#include "src/server/stretch.h"
#include "src/server/writer.h"

#define GATHER_REST_MS 500
#define GATHER_BEAT_MS 50

struct gather {
	struct writer *writer; /* borrowed; its statements are store_writes.h */
	struct loop *loop;     /* borrowed */
	struct stretch stretch; /* the row that is not with the writer yet */
	struct timer *rest;    /* until the batch is handed over; NULL: somebody waits for commits */
	bool rests;            /* it is set */
	uint64_t rested_ms;    /* when it was over last */
};

void gather_init(struct gather *gather, struct loop *loop, struct writer *writer, bool awaited);
/* Zeros are fine, too. What was not handed over is lost. */
void gather_fini(struct gather *gather);

void gather_edit(struct gather *gather, const struct store_edit *edit);
void gather_end_row(struct gather *gather); /* what was added shares its row with nothing that comes */
uint64_t gather_turn(struct gather *gather);
uint64_t gather_hand_over(struct gather *gather); /* gather_turn, without a rest */

uint64_t gather_newest(const struct gather *gather); /* the newest batch, handed over or not */
size_t gather_bytes(const struct gather *gather);    /* that the writer does not count yet */

#endif
