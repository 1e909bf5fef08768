#include "src/server/ground.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/claim.h"
#include "src/server/replace.h"
#include "src/server/store_file.h"

bool ground_take(struct ground *ground, struct state *state, const char *room, const char *folder,
	enum store_durability durability, char **why)
{
	*ground = (struct ground){.lock = -1, .claim = -1, .durability = durability};
	ground->dir = state_lock_room(state, room, &ground->lock, why);
	if (!ground->dir || (folder && !claim_take(folder, &ground->claim, why))) {
		ground_fini(ground);
		return false;
	}
	ground->path = report_sentence("%s/room.db", ground->dir);
	ground->folder = folder ? mem_dup(folder, strlen(folder)) : NULL;
	return true;
}

/* Whose history has begun was flushed before that. */
static void flush_new(const struct ground *ground)
{
	if (access(ground->path, F_OK) == 0)
		return;
	replace_flush_folder(ground->dir);
	if (ground->folder)
		replace_flush_folder(ground->folder);
}

void ground_dig(void *ctx)
{
	struct ground *ground = ctx;
	struct stat st;

	flush_new(ground);
	ground->db = store_file_open(ground->path, ground->durability, &ground->why);
	if (ground->db && stat(ground->path, &st) == 0) {
		ground->dev = st.st_dev;
		ground->ino = st.st_ino;
	}
}

bool ground_stands(const struct ground *ground)
{
	struct stat st;

	return stat(ground->path, &st) == 0 && st.st_dev == ground->dev && st.st_ino == ground->ino;
}

void ground_fini(struct ground *ground)
{
	sqlite3_close(ground->db);
	claim_drop(ground->claim);
	state_unlock_room(ground->lock);
	free(ground->dir);
	free(ground->folder);
	free(ground->path);
	free(ground->why);
	*ground = (struct ground){.lock = -1, .claim = -1};
}
