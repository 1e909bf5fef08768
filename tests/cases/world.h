/*
 * world.h: a log and a replica for each person of a case, and the links between them.
 *
 * Steps are done in the order of the script; what they leave under way is delivered at each sync, in an order that the orders
 * choose. Which person's message comes to the server next is `arrival`, and decides what may come out; how far the others
 * have heard by then, and how long an edit waits before it is sent, is `chance`, and may decide nothing: 0 each time is to send
 * at once and to hear nothing before all has arrived.
 *
 * Memory: a world borrows its script and orders.
 */
#ifndef TESTS_CASES_WORLD_H
#define TESTS_CASES_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tests/cases/script.h"

struct orders {
	size_t (*arrival)(struct orders *orders, size_t n); /* one of 0 to n - 1 */
	size_t (*chance)(struct orders *orders, size_t n);
};

/*
 * Play a script once. false: something was not as expected; *story (empty before) then tells what, the order of
 * delivery, and everybody's text.
 */
bool world_play(const struct script *script, struct orders *orders, struct buf *story);

#endif
