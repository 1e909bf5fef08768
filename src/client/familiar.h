/*
 * familiar.h: whom we have met in a room and not seen leave. After a server was gone people come back to it one by one, and each is
 * told as a newcomer; who is familiar is none.
 *
 * Memory: zeros are nobody; familiar_fini() makes it so. At most FAMILIAR_MAX are remembered, the newest.
 */
#ifndef CLIENT_FAMILIAR_H
#define CLIENT_FAMILIAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAMILIAR_MAX ((size_t)4096)

struct familiar {
	uint64_t *users; /* oldest first */
	size_t count, cap;
};

bool familiar_meet(struct familiar *familiar, uint64_t user); /* true: for the first time */
void familiar_part(struct familiar *familiar, uint64_t user);
void familiar_fini(struct familiar *familiar);

#endif
