/* The keys that several servers share: which files they are, and what they must be like. */
#include "src/server/state_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "src/report.h"

/* As PostgreSQL has it: root's may be given to a group, to read. */
bool state_check_shared(int fd, const char *path, enum state_kind kind, char **why)
{
	struct stat st;

	if (fstat(fd, &st))
		return state_refuse(why, "look at", path, errno);
	if (!S_ISREG(st.st_mode))
		*why = report_sentence("%s is no file", path);
	else if (kind != STATE_SHARED_KEY)
		return true;
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		*why = report_sentence("the key %s belongs to another user", path);
	else if (st.st_mode & (st.st_uid == 0 ? 037 : 077))
		*why = report_sentence(
			"the key %s is open to others (mode %04o): chmod 600 closes it", path,
			(unsigned)st.st_mode & 07777);
	return !*why;
}

/* ---- which they are ---- */

static const char *const names[] = {"/token-key", "/cert", "/key"};

static char *absolute(const char *path)
{
	char *here = path && *path && *path != '/' ? getcwd(NULL, 0) : NULL;
	char *all = here ? report_sentence("%s/%s", here, path) : NULL;

	free(here);
	return path && *path && !all ? report_sentence("%s", path) : all;
}

static char *noted(const struct state *state, const char *name)
{
	sqlite3_stmt *row = NULL;
	char *value = NULL;

	sqlite3_prepare_v2(state->index, "SELECT value FROM note WHERE key = ?", -1, &row, NULL);
	if (row)
		sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
	if (row && sqlite3_step(row) == SQLITE_ROW)
		value = absolute((const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return value;
}

static bool note(const struct state *state, const char *name, const char *value, char **why)
{
	sqlite3_stmt *stmt = NULL;

	sqlite3_prepare_v2(state->index,
		"INSERT OR REPLACE INTO note VALUES (?1, ?2, seal(?1, ?2))", -1, &stmt, NULL);
	if (stmt) {
		sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
	}
	if (!stmt || sqlite3_step(stmt) != SQLITE_DONE)
		*why = report_sentence("cannot note in %s which keys are used: %s", state->dir,
			sqlite3_errmsg(state->index));
	sqlite3_finalize(stmt);
	return !*why;
}

void state_take_files(struct state *state, const struct state_files *files)
{
	state->token_key = files ? absolute(files->token_key) : noted(state, names[0]);
	state->cert = files ? absolute(files->cert) : noted(state, names[1]);
	state->key = files ? absolute(files->key) : noted(state, names[2]);
}

bool state_note_files(const struct state *state, char **why)
{
	const char *const paths[] = {state->token_key, state->cert, state->key};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !*why; i++) {
		const char *now = paths[i] ? paths[i] : "";
		char *before = noted(state, names[i]);
		if (strcmp(before ? before : "", now) != 0)
			note(state, names[i], now, why);
		free(before);
	}
	return !*why;
}
