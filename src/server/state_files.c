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

bool state_take_files(struct state *state, const struct state_files *files, char **why)
{
	const char *given[3] = {0};
	char **paths[] = {&state->token_key, &state->cert, &state->key};

	if (files)
		memcpy(given, (const char *const[]){files->token_key, files->cert, files->key},
			sizeof(given));
	for (size_t i = 0; i < 3 && !*why; i++) {
		char *before = noted(state, names[i]);
		*paths[i] = files ? absolute(given[i]) : NULL;
		if (files && strcmp(before ? before : "", *paths[i] ? *paths[i] : "") != 0)
			note(state, names[i], *paths[i] ? *paths[i] : "", why);
		if (files)
			free(before);
		else
			*paths[i] = before;
	}
	return !*why;
}
