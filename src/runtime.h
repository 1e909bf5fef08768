/*
 * runtime.h: where the local sockets of rooms are (local.h): those that one makes, and all that one may look into.
 *
 *	dir = runtime_own(NULL, &why)			-- $XDG_RUNTIME_DIR/codecollab, or /tmp/codecollab-UID: 0700
 *	dir = runtime_shared(NULL, group, &why)		-- /tmp/codecollab-UID.GID: 0750, its group may look in
 *	runtime_each(NULL, fn, ctx)			-- these of one's own, those of others, /run/codecollab
 *
 * In /tmp anybody may make a folder of any name. So a folder is opened without following links, and believed only when its owner and
 * mode, as they are then, are right: of one's own only this user may write to it; of others' only their owner, whose UID its name tells.
 * A folder that the user names may belong to root too, and keeps the mode it has.
 */
#ifndef SRC_RUNTIME_H
#define SRC_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

/* Made if missing; absolute, owned. dir NULL: the default one. NULL: *why (owned) is a sentence. */
char *runtime_own(const char *dir, char **why);
char *runtime_shared(const char *dir, gid_t group, char **why);

/* Each folder that is there and can be believed: dir, or when NULL all the default ones, one's own first. */
void runtime_each(const char *dir, void (*fn)(void *ctx, const char *dir), void *ctx);

#endif
