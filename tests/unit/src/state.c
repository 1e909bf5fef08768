#include "tests/unit/src/scratch.h"

#include <signal.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "ot/mem.h"
#include "src/server/state.h"
#include "src/server/words.h"

static char *top, *dir; /* of the test that runs: dir, in top, does not exist yet */

static int setup(void **state)
{
	(void)state;
	top = scratch_make();
	dir = report_sentence("%s/state", top);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(dir);
	scratch_remove(top);
	return 0;
}

static char *in_dir(const char *name)
{
	return report_sentence("%s/%s", dir, name);
}

static void open_good(struct state *s, const char *at)
{
	char *why;

	if (!state_open(s, at, NULL, &why))
		fail_msg("%s", why);
	assert_null(why);
}

static void assert_not_opened(const char *words)
{
	struct state s;
	char *why;

	assert_false(state_open(&s, dir, NULL, &why));
	assert_null(s.dir);
	assert_non_null(why);
	if (!strstr(why, words) || !strstr(why, dir))
		fail_msg("\"%s\" does not say \"%s\" of %s", why, words, dir);
	free(why);
}

static void assert_mode(const char *name, unsigned mode)
{
	char *path = in_dir(name);

	assert_int_equal(scratch_mode(path), mode);
	free(path);
}

static void assert_same(const struct state *a, const struct state *b)
{
	assert_memory_equal(a->secret.bytes, b->secret.bytes, TOKEN_KEY_BYTES);
	assert_string_equal(a->secret.kid, b->secret.kid);
	assert_string_equal(a->identity.pin, b->identity.pin);
	assert_string_equal(a->identity.key_pem.at, b->identity.key_pem.at);
	assert_string_equal(a->identity.cert_pem.at, b->identity.cert_pem.at);
}

/* ---- the same tomorrow ---- */

static void a_server_stays_the_same(void **state)
{
	static const unsigned char zeros[TOKEN_KEY_BYTES];
	struct state first, second;

	(void)state;
	open_good(&first, dir);
	open_good(&second, dir);
	assert_string_equal(first.dir, dir);
	assert_true(tls_pin_valid(first.identity.pin, strlen(first.identity.pin)));
	assert_memory_not_equal(first.secret.bytes, zeros, TOKEN_KEY_BYTES);
	assert_int_equal(strlen(first.secret.kid), 16);
	assert_same(&first, &second);
	state_close(&second);
	state_close(&first);
	assert_null(first.dir);
	state_close(&first);
}

static void two_servers_differ(void **state)
{
	char *other = report_sentence("%s/other", top);
	struct state first, second;

	(void)state;
	open_good(&first, dir);
	open_good(&second, other);
	assert_memory_not_equal(first.secret.bytes, second.secret.bytes, TOKEN_KEY_BYTES);
	assert_string_not_equal(first.secret.kid, second.secret.kid);
	assert_string_not_equal(first.identity.pin, second.identity.pin);
	state_close(&second);
	state_close(&first);
	free(other);
}

static void a_token_of_yesterday_is_good(void **state)
{
	struct claims claims = {.room = "quiet-otter", .role = ROLE_EDITOR, .expires = 2000}, read;
	struct state s;

	(void)state;
	open_good(&s, dir);
	char *token = token_mint(&s.secret, &claims);
	state_close(&s);
	open_good(&s, dir);
	assert_int_equal(token_verify(&s.secret, token, strlen(token), "quiet-otter", 1000, &read),
		TOKEN_GOOD);
	state_close(&s);
	free(token);
}

/* All of them make the folder at once; each tells what it got. */
static void servers_that_start_together_agree(void **state)
{
	enum { CHILDREN = 4, SAID = 17 + TLS_PIN_BYTES };
	char first[SAID], next[SAID];
	int pipe_ends[2], status;

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	for (int i = 0; i < CHILDREN; i++) {
		struct state s;
		char *why;
		if (fork())
			continue;
		if (!state_open(&s, dir, NULL, &why))
			_exit(1);
		memcpy(next, s.secret.kid, 17);
		memcpy(next + 17, s.identity.pin, TLS_PIN_BYTES);
		_exit(write(pipe_ends[1], next, SAID) == SAID ? 0 : 2);
	}
	close(pipe_ends[1]);
	assert_int_equal(read(pipe_ends[0], first, SAID), SAID);
	for (int i = 1; i < CHILDREN; i++) {
		assert_int_equal(read(pipe_ends[0], next, SAID), SAID);
		assert_memory_equal(first, next, SAID);
	}
	close(pipe_ends[0]);
	for (int i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

/* ---- where, and who may look ---- */

static void assert_default(const char *xdg, const char *home, const char *expected)
{
	char *want = report_sentence("%s/%s", top, expected);
	struct state s;

	xdg ? setenv("XDG_STATE_HOME", xdg, 1) : unsetenv("XDG_STATE_HOME");
	setenv("HOME", home, 1);
	open_good(&s, NULL);
	assert_string_equal(s.dir, want);
	state_close(&s);
	free(want);
}

static void the_default_is_the_users_state_folder(void **state)
{
	char *xdg = report_sentence("%s/xdg", top), *home = report_sentence("%s/home/ada", top);

	(void)state;
	assert_default(xdg, home, "xdg/codecollab");
	assert_default(NULL, home, "home/ada/.local/state/codecollab");
	/* the XDG specification: empty counts as unset, a relative path is to be ignored */
	assert_default("", home, "home/ada/.local/state/codecollab");
	assert_default("relative", home, "home/ada/.local/state/codecollab");
	unsetenv("XDG_STATE_HOME");
	free(xdg);
	free(home);
}

static void nobody_else_may_look_in(void **state)
{
	mode_t mask = umask(0);
	struct state s;
	char *why;
	int lock;

	(void)state;
	open_good(&s, dir);
	free(state_lock_room(&s, "quiet-otter", &lock, &why));
	assert_true(lock >= 0);
	assert_mode("", 0700);
	assert_mode("secret", 0600);
	assert_mode("key.pem", 0600);
	assert_mode("cert.pem", 0600);
	assert_mode("index.db", 0600);
	assert_mode("rooms", 0700);
	assert_mode("rooms/quiet-otter", 0700);
	assert_mode("rooms/quiet-otter/lock", 0600);
	state_unlock_room(lock);
	state_close(&s);
	umask(mask);
}

static void what_was_opened_is_closed(void **state)
{
	static const char *const files[] = {"secret", "key.pem", "cert.pem", "index.db"};
	struct state first, second;

	(void)state;
	open_good(&first, dir);
	assert_int_equal(chmod(dir, 0755), 0);
	for (size_t i = 0; i < 4; i++) {
		char *path = in_dir(files[i]);
		assert_int_equal(chmod(path, 0644), 0);
		free(path);
	}
	open_good(&second, dir);
	assert_same(&first, &second);
	assert_mode("", 0700);
	for (size_t i = 0; i < 4; i++)
		assert_mode(files[i], 0600);
	state_close(&second);
	state_close(&first);
}

static void a_place_that_will_not_do_is_refused(void **state)
{
	(void)state;
	scratch_write(dir, "x", 1);
	assert_not_opened(strerror(ENOTDIR));
	assert_int_equal(unlink(dir), 0);
	if (geteuid())
		return;
	assert_int_equal(mkdir(dir, 0777), 0);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_not_opened("belongs to another user");
}

/* ---- damage ---- */

static void a_damaged_secret_is_not_replaced(void **state)
{
	char *path = in_dir("secret");
	struct state s;

	(void)state;
	open_good(&s, dir);
	state_close(&s);
	scratch_write(path, "short", 5);
	assert_not_opened("is damaged: it has 5 bytes, not 32");
	struct buf is = scratch_read(path);
	assert_int_equal(is.len, 5);
	buf_fini(&is);
	scratch_write(path, "one byte more than there should be", 33);
	assert_not_opened("is damaged: it has 33 bytes, not 32");
	free(path);
}

static void a_damaged_key_is_not_replaced(void **state)
{
	char *key = in_dir("key.pem"), *cert = in_dir("cert.pem");
	char *other = report_sentence("%s/other", top);
	char *other_key = report_sentence("%s/other/key.pem", top);
	struct state s;

	(void)state;
	open_good(&s, other);
	state_close(&s);
	open_good(&s, dir);
	assert_int_equal(rename(other_key, key), 0);
	assert_not_opened("do not belong together");
	scratch_write(cert, "", 0);
	assert_not_opened("do not belong together");
	state_close(&s);
	free(key);
	free(cert);
	free(other);
	free(other_key);
}

/* As after a kill between the two files: a key that nobody was served with. */
static void a_key_without_certificate_is_made_anew(void **state)
{
	char *cert = in_dir("cert.pem");
	struct state first, second, third;

	(void)state;
	open_good(&first, dir);
	assert_int_equal(unlink(cert), 0);
	open_good(&second, dir);
	open_good(&third, dir);
	assert_string_not_equal(first.identity.pin, second.identity.pin);
	assert_same(&second, &third);
	state_close(&third);
	state_close(&second);
	state_close(&first);
	free(cert);
}

static void a_newer_or_broken_list_is_refused(void **state)
{
	char *path = in_dir("index.db");
	struct state s;
	sqlite3 *db;

	(void)state;
	open_good(&s, dir);
	state_close(&s);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 4", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_not_opened("was written by a newer codecollab");
	scratch_write(
		path, "Dear diary, this is no database, however long one reads on in it.", 65);
	assert_not_opened("file is not a database");
	free(path);
}

static void assert_room(struct state *s, const char *path, const char *name, unsigned port)
{
	struct state_room is;

	assert_true(state_find(s, path, &is));
	assert_string_equal(is.name, name);
	assert_int_equal(is.port, port);
}

static const char index_1[] = "CREATE TABLE room (path TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
			      "  port INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
			      "INSERT INTO room VALUES ('/a.c', 'quiet-otter', 8443);"
			      "PRAGMA user_version = 1;";

/* Of those who had given invitations away; the others had no such tables. */
static const char invites_1[] =
	"CREATE TABLE invite (id TEXT PRIMARY KEY, room TEXT NOT NULL,"
	"  role TEXT NOT NULL, name TEXT NOT NULL, kid TEXT NOT NULL, issued INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL, revoked INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO invite VALUES ('id', 'quiet-otter', 'editor', 'Ada', 'kid', 1, 2, 3);";

static void put_sql(const char *statements)
{
	char *path = in_dir("index.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(path);
}

/* A folder of before: its list is of format 1. */
static void make_older(void)
{
	char *path = in_dir("index.db");
	struct state s;

	open_good(&s, dir);
	state_close(&s);
	assert_int_equal(unlink(path), 0);
	put_sql(index_1);
	free(path);
}

static int count_sql(struct state *s, const char *question)
{
	sqlite3_stmt *row;

	assert_int_equal(sqlite3_prepare_v2(s->index, question, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	int count = sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	return count;
}

static void an_older_list_is_brought_up_to_date(void **state)
{
	struct state s;

	(void)state;
	for (int given = 0; given < 2; given++) {
		make_older();
		if (given)
			put_sql(invites_1);
		open_good(&s, dir);
		assert_room(&s, "/a.c", "quiet-otter", 8443);
		assert_int_equal(
			count_sql(&s, "SELECT count(*) FROM invite WHERE revoked = 3"), given);
		assert_int_equal(count_sql(&s, "SELECT count(*) FROM note"), 0);
		assert_int_equal(count_sql(&s, "PRAGMA user_version"), 3);
		state_close(&s);
	}
}

/* Whole or not at all. */
static void an_upgrade_of_the_list_that_fails_changes_nothing(void **state)
{
	(void)state;
	make_older();
	put_sql("CREATE INDEX note ON room (port)"); /* in the way of the second table */
	assert_not_opened("cannot upgrade the list of rooms");
	put_sql("DROP INDEX note");
	struct state s;
	open_good(&s, dir);
	assert_room(&s, "/a.c", "quiet-otter", 8443);
	state_close(&s);
}

/* ---- rotation ---- */

static void a_rotated_secret_is_put_aside(void **state)
{
	struct token_key first, second;
	struct state s, other;
	char *why;

	(void)state;
	open_good(&s, dir);
	open_good(&other, dir);
	first = s.secret;
	assert_int_equal(s.old_count, 0);
	assert_true(state_rotate(&s, &why));
	second = s.secret;
	assert_memory_not_equal(first.bytes, second.bytes, TOKEN_KEY_BYTES);
	assert_string_not_equal(first.kid, second.kid);
	assert_int_equal(s.old_count, 1);
	assert_memory_equal(s.old[0].key.bytes, first.bytes, TOKEN_KEY_BYTES);
	assert_true(llabs((long long)(time(NULL) - s.old[0].since)) < 60);
	char *kept = report_sentence("secrets/%s", first.kid);
	assert_mode(kept, 0600);
	assert_mode("secrets", 0700);
	free(kept);
	assert_true(state_rotate(&other, &why)); /* on what is there, not on what it read once */
	assert_int_equal(other.old_count, 2);
	assert_true(state_read_secrets(&s, &why));
	assert_int_equal(s.old_count, 2);
	assert_string_equal(s.secret.kid, other.secret.kid);
	state_close(&s);
	open_good(&s, dir);
	assert_int_equal(s.old_count, 2);
	assert_true(state_drop_secret(&s, first.kid, &why));
	assert_int_equal(s.old_count, 1);
	assert_string_equal(s.old[0].key.kid, second.kid);
	state_close(&s);
	state_close(&other);
}

static void old_secrets_are_not_without_number(void **state)
{
	struct state s;
	char *why;

	(void)state;
	open_good(&s, dir);
	for (size_t i = 0; i < STATE_OLD_SECRETS; i++)
		assert_true(state_rotate(&s, &why));
	struct token_key now = s.secret;
	assert_false(state_rotate(&s, &why));
	assert_non_null(strstr(why, "16"));
	free(why);
	assert_memory_equal(s.secret.bytes, now.bytes, TOKEN_KEY_BYTES);
	state_close(&s);
}

static void a_damaged_old_secret_is_told(void **state)
{
	struct state s;
	char *why;

	(void)state;
	open_good(&s, dir);
	assert_true(state_rotate(&s, &why));
	char *name = report_sentence("%s/secrets/%s", dir, s.old[0].key.kid);
	struct token_key now = s.secret;
	scratch_write(name, "short", 5);
	assert_false(state_read_secrets(&s, &why));
	assert_non_null(strstr(why, name));
	free(why);
	assert_memory_equal(s.secret.bytes, now.bytes, TOKEN_KEY_BYTES);
	assert_int_equal(s.old_count, 1);
	state_close(&s);
	assert_not_opened("damaged");
	free(name);
}

/* ---- rooms ---- */

static void remember(struct state *s, const char *path, const char *name, unsigned port)
{
	struct state_room room = {.port = port};
	char *why;

	strcpy(room.name, name);
	if (!state_remember(s, path, &room, &why))
		fail_msg("%s", why);
	assert_null(why);
}

static void rooms_are_remembered(void **state)
{
	struct state_room none;
	struct state s;

	(void)state;
	open_good(&s, dir);
	assert_false(state_find(&s, "/home/ada/a.c", &none));
	assert_string_equal(none.name, "");
	remember(&s, "/home/ada/a.c", "quiet-otter", 8443);
	remember(&s, "", "scratch-room", 65535);
	remember(&s, "/home/ada/it's \"b\".c", "z", 0);
	state_close(&s);
	open_good(&s, dir);
	assert_room(&s, "/home/ada/a.c", "quiet-otter", 8443);
	assert_room(&s, "", "scratch-room", 65535);
	assert_room(&s, "/home/ada/it's \"b\".c", "z", 0);
	assert_false(state_find(&s, "/home/ada", &none));
	remember(&s, "/home/ada/a.c", "quiet-otter", 9000);
	assert_room(&s, "/home/ada/a.c", "quiet-otter", 9000);
	remember(&s, "/home/ada/a.c", "loud-otter", 9000);
	assert_room(&s, "/home/ada/a.c", "loud-otter", 9000);
	assert_false(state_name_taken(&s, "quiet-otter", "/home/ada/b.c"));
	state_close(&s);
}

static void a_name_belongs_to_one_path(void **state)
{
	struct state_room room = {.name = "quiet-otter", .port = 1}, none;
	struct state s;
	char *why;

	(void)state;
	open_good(&s, dir);
	assert_false(state_name_taken(&s, "quiet-otter", "/b.c"));
	remember(&s, "/a.c", "quiet-otter", 8443);
	assert_false(state_name_taken(&s, "quiet-otter", "/a.c"));
	assert_true(state_name_taken(&s, "quiet-otter", "/b.c"));
	assert_true(state_name_taken(&s, "quiet-otter", ""));
	assert_false(state_name_taken(&s, "quiet", "/b.c"));
	assert_false(state_remember(&s, "/b.c", &room, &why));
	assert_string_equal(why, "the room quiet-otter belongs to another file");
	free(why);
	assert_false(state_find(&s, "/b.c", &none));
	assert_room(&s, "/a.c", "quiet-otter", 8443);
	state_close(&s);
}

/* A name becomes part of a path: one that was tampered with is none. */
static void a_bad_name_is_not_remembered(void **state)
{
	char *path = in_dir("index.db");
	struct state_room is;
	struct state s;
	sqlite3 *db;

	(void)state;
	open_good(&s, dir);
	remember(&s, "/a.c", "quiet-otter", 8443);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE room SET name = '../../x'", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_false(state_find(&s, "/a.c", &is));
	assert_string_equal(is.name, "");
	state_close(&s);
	free(path);
}

static bool is_word(const char *at, size_t len, const char *const list[WORDS])
{
	for (size_t i = 0; i < WORDS; i++)
		if (strlen(list[i]) == len && memcmp(list[i], at, len) == 0)
			return true;
	return false;
}

static void new_names_are_three_words(void **state)
{
	static const char *const *const lists[] = {words_how, words_who, words_does};
	char names[20][ROOM_NAME_BYTES];
	size_t different = 0;
	struct state s;

	(void)state;
	open_good(&s, dir);
	for (size_t i = 0; i < 20; i++) {
		const char *at = names[i];
		state_new_name(&s, names[i]);
		assert_true(room_name_valid(names[i], strlen(names[i])));
		for (size_t part = 0; part < 3; part++) {
			size_t len = strcspn(at, "-");
			assert_true(is_word(at, len, lists[part]));
			assert_int_equal(at[len], part < 2 ? '-' : '\0');
			at += len + 1;
		}
		different += i && strcmp(names[i], names[0]) != 0;
	}
	assert_true(different > 0); /* all alike: once in 262144^19 runs */
	state_close(&s);
}

static void words_are_different_and_short(void **state)
{
	const char *const *const lists[] = {words_how, words_who, words_does};

	(void)state;
	for (size_t list = 0; list < 3; list++)
		for (size_t i = 0; i < WORDS; i++) {
			const char *word = lists[list][i];
			assert_in_range(strlen(word), 3, 8);
			assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"), strlen(word));
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(word, lists[list][j]);
		}
}

/* ---- locks ---- */

static char *lock_good(struct state *s, const char *name, int *lock)
{
	char *why, *folder = state_lock_room(s, name, lock, &why);

	if (!folder)
		fail_msg("%s", why);
	assert_null(why);
	assert_true(*lock >= 0);
	return folder;
}

static void assert_not_locked(struct state *s, const char *name, const char *words)
{
	char *why;
	int lock = 99;

	assert_null(state_lock_room(s, name, &lock, &why));
	assert_int_equal(lock, -1);
	assert_non_null(why);
	if (!strstr(why, words) || !strstr(why, name))
		fail_msg("\"%s\" does not say \"%s\" of %s", why, words, name);
	free(why);
}

static void a_room_is_served_once(void **state)
{
	char *words = report_sentence("the room quiet-otter is already being served by another"
				      " codecollab (process %ld)",
		(long)getpid());
	char *expected = in_dir("rooms/quiet-otter");
	struct state first, second;
	int lock, other;

	(void)state;
	open_good(&first, dir);
	open_good(&second, dir);
	char *folder = lock_good(&first, "quiet-otter", &lock);
	assert_string_equal(folder, expected);
	assert_not_locked(&second, "quiet-otter", words);
	free(lock_good(&second, "loud-otter", &other));
	state_unlock_room(other);
	state_unlock_room(lock);
	free(lock_good(&second, "quiet-otter", &lock));
	assert_not_locked(&first, "quiet-otter", words);
	state_unlock_room(lock);
	state_unlock_room(-1);
	state_close(&second);
	state_close(&first);
	free(folder);
	free(expected);
	free(words);
}

static void a_killed_server_leaves_no_lock(void **state)
{
	struct state s;
	int pipe_ends[2], lock, status;
	char byte;

	(void)state;
	open_good(&s, dir);
	assert_int_equal(pipe(pipe_ends), 0);
	pid_t child = fork();
	if (!child) {
		char *why, *folder = state_lock_room(&s, "quiet-otter", &lock, &why);
		if (!folder || write(pipe_ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipe_ends[1]);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	close(pipe_ends[0]);
	char *words = report_sentence("(process %ld)", (long)child);
	assert_not_locked(&s, "quiet-otter", words);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	free(lock_good(&s, "quiet-otter", &lock));
	state_unlock_room(lock);
	state_close(&s);
	free(words);
}

static void a_bad_name_makes_no_folder(void **state)
{
	static const char *const bad[] = {"..", "../x", ".", "", "-a", "A", "a/b", "a b",
		"\xc3\xa9", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	char *rooms = in_dir("rooms");
	struct state s;

	(void)state;
	open_good(&s, dir);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_not_locked(&s, bad[i], "cannot be a room's name");
	assert_int_equal(access(rooms, F_OK), -1);
	state_close(&s);
	free(rooms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_server_stays_the_same),
		TEST(two_servers_differ),
		TEST(a_token_of_yesterday_is_good),
		TEST(servers_that_start_together_agree),
		TEST(the_default_is_the_users_state_folder),
		TEST(nobody_else_may_look_in),
		TEST(what_was_opened_is_closed),
		TEST(a_place_that_will_not_do_is_refused),
		TEST(a_damaged_secret_is_not_replaced),
		TEST(a_damaged_key_is_not_replaced),
		TEST(a_key_without_certificate_is_made_anew),
		TEST(a_newer_or_broken_list_is_refused),
		TEST(an_older_list_is_brought_up_to_date),
		TEST(an_upgrade_of_the_list_that_fails_changes_nothing),
		TEST(a_rotated_secret_is_put_aside),
		TEST(old_secrets_are_not_without_number),
		TEST(a_damaged_old_secret_is_told),
		TEST(rooms_are_remembered),
		TEST(a_name_belongs_to_one_path),
		TEST(a_bad_name_is_not_remembered),
		TEST(new_names_are_three_words),
		TEST(words_are_different_and_short),
		TEST(a_room_is_served_once),
		TEST(a_killed_server_leaves_no_lock),
		TEST(a_bad_name_makes_no_folder),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
