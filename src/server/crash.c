#include "src/server/crash.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/server/sql.h"

#define NOTE_BYTES 64

static const struct sql put = {
	"t", "INSERT OR REPLACE INTO meta VALUES ('unsafe', ?1, seal('unsafe', ?1))"};
static const struct sql drop = {"", "DELETE FROM meta WHERE name = 'unsafe'"};
static const struct sql ask_note = {"", "SELECT value FROM meta WHERE name = 'unsafe'"};

/* Is the machine still up that this was noted on? */
static void read_boot(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 36);

	out[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

/* What meta's "unsafe" says while a store is open whose commits may be lost; empty: none may. */
static void unsafe_note(enum store_durability durability, char out[NOTE_BYTES])
{
	char boot[40];

	out[0] = '\0';
	read_boot(boot);
	if (durability == STORE_MEMORY)
		snprintf(out, NOTE_BYTES, "memory");
	else if (durability == STORE_PROCESS)
		snprintf(out, NOTE_BYTES, "process %s", boot);
}

/* Did the last one to write here end in a way that lost what it had told people? */
static bool may_have_lost(const char *note)
{
	char same_boot[NOTE_BYTES];

	unsafe_note(STORE_PROCESS, same_boot);
	return note && strcmp(note, same_boot) != 0;
}

static bool put_note(sqlite3 *db, const char *note)
{
	sqlite3_stmt *write = sql_ask(db, *note ? &put : &drop, SQL_VALUES(SQL_BYTES(str(note))));
	bool done = write && sqlite3_step(write) == SQLITE_DONE;

	sqlite3_finalize(write);
	return done;
}

/* A session's row stays for its number's sake; nobody has the empty secret. */
static bool forget_people(sqlite3 *db)
{
	return sqlite3_exec(db,
		       "DELETE FROM meta WHERE name = 'epoch';"
		       "UPDATE session SET id = '', sum = reseal(sum, 2, id, '')",
		       NULL, NULL, NULL) == SQLITE_OK;
}

static char *note_of_before(sqlite3 *db)
{
	sqlite3_stmt *row = sql_ask(db, &ask_note, NULL);
	struct str note = sql_next(row) ? sql_bytes(row, 0) : (struct str){0};
	char *copy = note.at ? mem_dup(note.at, note.len) : NULL;

	sqlite3_finalize(row);
	return copy;
}

bool crash_note(sqlite3 *db, enum store_durability durability)
{
	char note[NOTE_BYTES], *before = note_of_before(db);
	bool done = true;

	unsafe_note(durability, note);
	if (before || *note)
		done = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
		       (!may_have_lost(before) || forget_people(db)) && put_note(db, note) &&
		       sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	free(before);
	return done;
}

void crash_clear(sqlite3 *db)
{
	put_note(db, "");
}
