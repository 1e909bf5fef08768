/*
 * cellar.h: bytes that nobody needs for now, out of memory: in a file without a name, so that nothing of it is ever left behind.
 *
 *	cellar = cellar_open("/var/lib/codecollab")
 *	if (cellar_put(cellar, at, len, &place)) ...	-- they may be freed
 *	cellar_get(cellar, &place, &bytes)		-- as often as one likes
 *	cellar_drop(cellar, &place)			-- the disk has their room back
 *
 * Reading and writing block, for as long as the page cache takes. What is read is what was written: each place has a sum.
 */
#ifndef SERVER_CELLAR_H
#define SERVER_CELLAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

struct cellar;

struct cellar_place {
	uint64_t at, sum;
	size_t len;
};

struct cellar *cellar_open(const char *folder); /* NULL: there can be no file; errno */
void cellar_close(struct cellar *cellar);
bool cellar_put(struct cellar *cellar, const char *at, size_t len, struct cellar_place *out); /* false: the disk does not take it */
/* Behind what is in out. false: they cannot be read, or are not what they were; out is as before. */
bool cellar_get(const struct cellar *cellar, const struct cellar_place *place, struct buf *out);
void cellar_drop(struct cellar *cellar, const struct cellar_place *place);

#endif
