/* Who has a file, and whom one believes that. */
#include "tests/unit/src/scratch.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "src/server/claim.h"

#define NOBODY 65534

struct other { /* a child that has it */
	pid_t pid;
};

static int setup(void **state)
{
	*state = scratch_make();
	assert_int_equal(chmod(*state, 0755), 0);
	return 0;
}

static int teardown(void **state)
{
	scratch_remove(*state);
	return 0;
}

static char *in(void **state, const char *name)
{
	return report_sentence("%s/%s", (const char *)*state, name);
}

/* In the child, which has no more to do than to have it. */
static _Noreturn void have(const char *path, uid_t user, int told)
{
	char *why;
	int claim;
	bool has = setresuid(user, user, user) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
		   claim_take(path, &claim, &why) && claim >= 0;

	if (write(told, has ? "y" : "n", 1) == 1)
		pause();
	_exit(0);
}

static struct other another(const char *path, uid_t user)
{
	int ends[2];
	char answer;

	assert_int_equal(pipe(ends), 0);
	struct other other = {fork()};
	assert_true(other.pid >= 0);
	if (!other.pid)
		have(path, user, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &answer, 1), 1);
	close(ends[0]);
	assert_int_equal(answer, 'y');
	return other;
}

static void end(struct other other)
{
	kill(other.pid, SIGKILL);
	assert_int_equal(waitpid(other.pid, NULL, 0), other.pid);
}

static void assert_free(const char *path)
{
	char *why;
	int claim;

	assert_true(claim_take(path, &claim, &why));
	assert_true(claim >= 0);
	claim_drop(claim);
}

static void assert_had_by(const char *path, struct other other)
{
	char *why, *who = report_sentence("(process %ld)", (long)other.pid);
	int claim;

	assert_false(claim_take(path, &claim, &why));
	assert_int_equal(claim, -1);
	assert_non_null(strstr(why, path));
	assert_non_null(strstr(why, who));
	free(why);
	free(who);
}

static void one_has_it_until_its_end(void **state)
{
	char *path = in(state, "a.txt"), *beside = in(state, "b.txt");
	struct other other = another(path, geteuid());

	assert_had_by(path, other);
	assert_had_by(path, other);
	assert_free(beside);
	scratch_write(path, "a", 1); /* whether it is there yet or not */
	assert_had_by(path, other);
	end(other);
	assert_free(path);
	assert_free(path);
	free(path);
	free(beside);
}

static void another_folder_has_other_files(void **state)
{
	char *folder = in(state, "more"), *path = in(state, "a.txt"),
	     *same = in(state, "more/a.txt");

	assert_int_equal(mkdir(folder, 0755), 0);
	struct other other = another(path, geteuid());
	assert_free(same);
	end(other);
	free(folder);
	free(path);
	free(same);
}

/* The names are anybody's; a stranger who takes one keeps nobody from sharing. */
static void strangers_are_not_believed(void **state)
{
	char *path = in(state, "a.txt"), *why;
	int claim;

	if (geteuid() != 0) {
		free(path);
		skip();
	}
	scratch_write(path, "a", 1);
	struct other stranger = another(path, NOBODY);
	assert_true(claim_take(path, &claim, &why));
	assert_int_equal(claim, -1);
	assert_int_equal(chown(path, NOBODY, (gid_t)-1), 0);
	assert_had_by(path, stranger); /* it is their file */
	end(stranger);
	free(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(one_has_it_until_its_end),
		TEST(another_folder_has_other_files),
		TEST(strangers_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
