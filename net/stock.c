#include "net/stock.h"

#include <stdlib.h>

#include "ot/mem.h"

void stock_fini(struct stock *stock)
{
	while (stock->count)
		buf_fini(&stock->at[--stock->count]);
	free(stock->at);
	*stock = (struct stock){0};
}

void stock_lend(struct stock *stock, struct buf *b)
{
	if (!stock || !stock->count || b->cap)
		return;
	*b = stock->at[--stock->count];
	stock->bytes -= b->cap;
}

void stock_give(struct stock *stock, struct buf *b)
{
	if (!stock || !b->cap || b->cap > STOCK_BUF_BYTES || stock->bytes + b->cap > STOCK_BYTES) {
		buf_fini(b);
		return;
	}
	buf_clear(b);
	stock->at = mem_grow(stock->at, &stock->cap, stock->count + 1, sizeof(*stock->at));
	stock->at[stock->count++] = *b;
	stock->bytes += b->cap;
	*b = (struct buf){0};
}
