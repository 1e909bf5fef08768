/* Sockets of this machine: names that the living keep and the dead lose, and who is at the other end. */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/local.h"

#define WAIT_MS 60000

struct folder {
	char dir[4096];
};

static const struct local_access own = {.shared = false};

static void at(const struct folder *f, const char *file, char out[5000])
{
	snprintf(out, 5000, "%s/%s", f->dir, file);
}

static bool is_there(const struct folder *f, const char *file)
{
	char path[5000];

	at(f, file, path);
	return access(path, F_OK) == 0;
}

static int listens(const struct folder *f, const char *name, int *lock)
{
	const char *why = "";
	int fd = local_listen(f->dir, name, &own, lock, &why);

	if (fd < 0)
		print_message("%s\n", why);
	return fd;
}

static int connects(const struct folder *f, const char *file)
{
	char path[5000];

	at(f, file, path);
	return local_connect(path, WAIT_MS);
}

static int setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/codecollab-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct folder *f = *state;
	char command[5000];

	snprintf(command, sizeof(command), "rm -rf '%.200s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* A process of its own that listens, until it is killed. */
static pid_t another_listens(const struct folder *f, const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		int lock;
		if (listens(f, name, &lock) >= 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void is_killed(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void only_its_owner_may_connect(void **state)
{
	struct folder *f = *state;
	struct stat st;
	char path[5000];
	int lock, fd = listens(f, "room", &lock);

	at(f, "room.sock", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
	local_remove(f->dir, "room", lock);
	assert_false(is_there(f, "room.sock"));
	assert_false(is_there(f, "room.sock.lock"));
}

static void a_group_may_connect(void **state)
{
	struct folder *f = *state;
	struct local_access shared = {.shared = true, .group = getegid()};
	const char *why;
	struct stat st;
	char path[5000];
	int lock, fd = local_listen(f->dir, "room", &shared, &lock, &why);

	assert_true(fd >= 0);
	at(f, "room.sock", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	close(fd);
	local_remove(f->dir, "room", lock);
}

static void both_ends_know_each_other(void **state)
{
	struct folder *f = *state;
	struct local_peer peer;
	int lock, fd = listens(f, "room", &lock), here = connects(f, "room.sock");
	int there;

	assert_true(here >= 0);
	there = accept(fd, NULL, NULL);
	assert_true(local_peer(there, &peer));
	assert_int_equal(peer.pid, getpid());
	assert_int_equal(peer.uid, geteuid());
	assert_true(local_peer(here, &peer));
	assert_int_equal(peer.uid, geteuid());
	assert_true(local_peer_in(there, getegid()));
	assert_false(local_peer_in(there, 4242424));
	close(here);
	close(there);
	close(fd);
	local_remove(f->dir, "room", lock);
}

static void supplementary_groups_count(void **state)
{
	struct folder *f = *state;
	const gid_t group = 4242424;
	int status, lock, fd = listens(f, "room", &lock), there;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (!pid) {
		if (setgroups(1, &group))
			_exit(1);
		_exit(connects(f, "room.sock") < 0 || pause());
	}
	there = accept(fd, NULL, NULL);
	while (there < 0 && errno == EAGAIN && waitpid(pid, &status, WNOHANG) == 0)
		there = accept(fd, NULL, NULL);
	assert_true(local_peer_in(there, group));
	is_killed(pid);
	close(there);
	close(fd);
	local_remove(f->dir, "room", lock);
}

static void nobody_takes_the_name_of_the_living(void **state)
{
	struct folder *f = *state;
	const char *why = NULL;
	pid_t other = another_listens(f, "room");
	int lock;

	assert_int_equal(local_listen(f->dir, "room", &own, &lock, &why), -1);
	assert_string_equal(why, "another server has that room there");
	local_sweep(f->dir);
	int fd = connects(f, "room.sock");
	assert_true(fd >= 0);
	close(fd);
	is_killed(other);
}

static void the_dead_are_replaced(void **state)
{
	struct folder *f = *state;
	pid_t other = another_listens(f, "room");
	int lock, fd;

	is_killed(other);
	assert_true(is_there(f, "room.sock"));
	assert_int_equal(connects(f, "room.sock"), -1);
	assert_int_equal(errno, ECONNREFUSED);
	fd = listens(f, "room", &lock);
	assert_true(fd >= 0);
	int here = connects(f, "room.sock");
	assert_true(here >= 0);
	close(here);
	close(fd);
	local_remove(f->dir, "room", lock);
}

static void the_dead_are_swept_away(void **state)
{
	struct folder *f = *state;
	pid_t living = another_listens(f, "living"), dead = another_listens(f, "dead");

	is_killed(dead);
	local_sweep(f->dir);
	assert_false(is_there(f, "dead.sock"));
	assert_false(is_there(f, "dead.sock.lock"));
	assert_true(is_there(f, "living.sock"));
	assert_true(is_there(f, "living.sock.lock"));
	is_killed(living);
}

/* A folder that a user named may hold what looks alike. */
static void nothing_else_is_removed(void **state)
{
	static const char *const files[] = {
		"yarn.lock", "other.sock.lock", "other.sock", ".git", "room.sock.lock.txt"};
	struct folder *f = *state;
	char path[5000];
	int lock, fd;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		at(f, files[i], path);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs("words", file);
		fclose(file);
	}
	local_sweep(f->dir);
	fd = listens(f, "yarn", &lock);
	assert_true(fd >= 0);
	close(fd);
	local_remove(f->dir, "yarn", lock);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_true(is_there(f, files[i]));
	assert_false(is_there(f, "yarn.sock"));
}

/* sun_path holds 108 bytes. */
static void the_folder_may_be_deep(void **state)
{
	struct folder *f = *state, deep = *f;
	int lock, fd, here;

	for (int i = 0; i < 6; i++) {
		size_t len = strlen(deep.dir);
		snprintf(deep.dir + len, sizeof(deep.dir) - len, "/%0100d", i);
		assert_int_equal(mkdir(deep.dir, 0700), 0);
	}
	fd = listens(&deep, "room", &lock);
	assert_true(fd >= 0);
	here = connects(&deep, "room.sock");
	assert_true(here >= 0);
	close(here);
	close(fd);
	local_remove(deep.dir, "room", lock);
}

static void a_name_may_not_be_long(void **state)
{
	struct folder *f = *state;
	char name[200], path[LOCAL_PATH_BYTES];
	const char *why = NULL;
	int lock;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(local_listen(f->dir, name, &own, &lock, &why), -1);
	assert_non_null(why);
	assert_int_equal(local_reach(name, path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(only_its_owner_may_connect),
		TEST(a_group_may_connect),
		TEST(both_ends_know_each_other),
		TEST(supplementary_groups_count),
		TEST(nobody_takes_the_name_of_the_living),
		TEST(the_dead_are_replaced),
		TEST(the_dead_are_swept_away),
		TEST(nothing_else_is_removed),
		TEST(the_folder_may_be_deep),
		TEST(a_name_may_not_be_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
