#include "src/server/naming.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"

char *naming_path(const char *path, char **why)
{
	char *copy = mem_dup(path, strlen(path)), *dir, *out = NULL;
	char real[PATH_MAX];

	if (realpath(path, real)) {
		free(copy);
		return mem_dup(real, strlen(real));
	}
	dir = dirname(copy);
	if (!realpath(dir, real)) {
		*why = report_sentence(
			"the folder %s does not exist. Make it first: mkdir -p %s", dir, dir);
	} else {
		free(copy);
		copy = mem_dup(path, strlen(path));
		out = report_sentence("%s/%s", strcmp(real, "/") == 0 ? "" : real, basename(copy));
	}
	free(copy);
	return out;
}

/* One file in two rooms would be two texts that overwrite each other. */
static bool is_left(struct state *state, const char *path, const char *room, char **why)
{
	char *served, *folder;
	int lock;

	folder = state_lock_room(state, room, &lock, &served);
	if (!folder)
		*why = report_sentence("%s is shared already: %s", path, served);
	state_unlock_room(lock);
	free(folder);
	free(served);
	return !*why;
}

bool naming_room(struct state *state, const char *path, const char *wanted, struct state_room *out,
	char **why)
{
	bool known = state_find(state, path, out);

	if (!known)
		*out = (struct state_room){0};
	if (wanted && !room_name_valid(wanted, strlen(wanted))) {
		*why = report_sentence(
			"\"%s\" cannot be a room's name: use a-z, 0-9 and -, at most 64 of them",
			wanted);
		return false;
	}
	if (wanted && state_name_taken(state, wanted, path)) {
		*why = report_sentence(
			"the room \"%s\" belongs to another file; choose another name", wanted);
		return false;
	}
	if (wanted && known && *path && strcmp(wanted, out->name) != 0 &&
		!is_left(state, path, out->name, why))
		return false;
	if (wanted)
		snprintf(out->name, sizeof(out->name), "%s", wanted);
	else if (!known)
		state_new_name(state, out->name);
	return true;
}
