#include "src/client/familiar.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

static size_t find(const struct familiar *familiar, uint64_t user)
{
	size_t at = 0;

	while (at < familiar->count && familiar->users[at] != user)
		at++;
	return at;
}

static void drop(struct familiar *familiar, size_t at)
{
	uint64_t *users = familiar->users;

	memmove(users + at, users + at + 1, (--familiar->count - at) * sizeof(*users));
}

static void grow(struct familiar *familiar)
{
	familiar->cap = familiar->cap ? 2 * familiar->cap : 16;
	familiar->users = mem_realloc(familiar->users, familiar->cap, sizeof(*familiar->users));
}

bool familiar_meet(struct familiar *familiar, uint64_t user)
{
	if (find(familiar, user) < familiar->count)
		return false;
	if (familiar->count == FAMILIAR_MAX)
		drop(familiar, 0);
	if (familiar->count == familiar->cap)
		grow(familiar);
	familiar->users[familiar->count++] = user;
	return true;
}

void familiar_part(struct familiar *familiar, uint64_t user)
{
	size_t at = find(familiar, user);

	if (at < familiar->count)
		drop(familiar, at);
}

void familiar_fini(struct familiar *familiar)
{
	free(familiar->users);
	*familiar = (struct familiar){0};
}
