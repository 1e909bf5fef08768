/*
 * conflict.h: a copy of a text that had parted from the server's, before the server's takes its place.
 *
 *	~/.local/state/codecollab/conflicts/quiet-otter-main.c-2026-03-01-120501
 *
 * A file (0600, in 0700) of its own for each: room, file and local time, with .1, .2, ... behind it when that name is taken. Of the
 * path in the room only the last part is in it, and of that only letters, digits, dots and dashes of ASCII, so no server chooses a
 * place or a hidden name. On stable storage when it returns.
 */
#ifndef CLIENT_CONFLICT_H
#define CLIENT_CONFLICT_H

#include <stdbool.h>
#include <time.h>

#include "ot/text.h"

/* Its path, owned; NULL: *why (owned) is a clause. */
char *conflict_keep(
	const struct text *text, const char *room, const char *path, time_t when, char **why);

#endif
