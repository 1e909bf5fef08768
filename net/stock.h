/*
 * stock.h: memory of buffers that were emptied, for those that are filled next.
 *
 *	stock_lend(&stock, &b);		-- b, without memory, has some
 *	buf_add(&b, ...);
 *	stock_give(&stock, &b);		-- b is without memory again
 *
 * Of many connections only some say something in a turn, and most have nothing for a long time: none keeps memory of its own for that, and
 * yet a key that is pressed asks for none.
 *
 * Memory: owns what it was given: at most STOCK_BYTES in buffers of up to STOCK_BUF_BYTES; larger ones are freed. Zeros are empty, and NULL
 *         is a stock that never has anything.
 */
#ifndef NET_STOCK_H
#define NET_STOCK_H

#include <stddef.h>

#include "ot/buf.h"

#define STOCK_BYTES     ((size_t)1 << 20)
#define STOCK_BUF_BYTES ((size_t)4 << 10)

struct stock {
	struct buf *at;
	size_t count, cap;
	size_t bytes; /* of all of them */
};

void stock_fini(struct stock *stock);
void stock_lend(struct stock *stock, struct buf *b); /* what b has already is kept */
void stock_give(struct stock *stock, struct buf *b);

#endif
