/*
 * thin.c: two people on a thin line: codecollab over ssh, and beside it a tmux that both look at, over the same ssh.
 *
 *	codecollab-thin [RTT_MS [BITS_PER_S]]		-- 300 and 32000
 *	thin way=codecollab rtt_ms=300 bits_per_s=32000 own_p50=1 ... to_far_p50=166 ... moved_p50=170 ... up=3492 down=6180
 *
 * Ada is far: her ssh goes through a line that is half the round trip late each way and carries so much; Ben is where the room is.
 * own: Ada's key to her own screen. to_far, to_near: a key of Ben's to Ada's screen, and the other way. moved: Ben's key to Ada's screen while he
 * also runs about with the arrow keys, twenty a second. up, down: bytes on the line for the sixty letters each of them then types
 * in twelve seconds. Milliseconds from just before the key is written until the letter is on the screen.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/stage.h"
#include "tests/faults/proxy.h"

#define KEYS    20
#define LETTERS 60
#define ROWS    24
#define COLS    80

static unsigned rtt_ms = 300, bits_per_s = 32000;

struct bytes {
	size_t up, down;
};

struct scene {
	struct stage *stage;
	const char *dir;
	char config[512], run[512];
	pid_t sshd, line;
	int ask[2], tell[2];
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool is_past(const void *arg)
{
	return now_ms() >= *(const double *)arg;
}

static void rest(double ms)
{
	double until = now_ms() + ms;

	terminal_until_true(is_past, &until, "time");
}

static double part_of(double *all, size_t count, double part)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j && all[j] < all[j - 1]; j--) {
			double t = all[j];
			all[j] = all[j - 1];
			all[j - 1] = t;
		}
	return all[(size_t)((double)(count - 1) * part)];
}

/* ---- the line, in a process of its own ---- */

struct line {
	struct loop *loop;
	struct proxy *proxy;
	int ask, tell;
};

static void on_ask(void *ctx, bool readable, bool writable)
{
	struct line *line = ctx;
	struct bytes bytes = {proxy_passed(line->proxy, true), proxy_passed(line->proxy, false)};
	char byte;

	(void)readable, (void)writable;
	if (read(line->ask, &byte, 1) <= 0 ||
		write(line->tell, &bytes, sizeof(bytes)) != sizeof(bytes))
		loop_stop(line->loop);
}

static void be_line(unsigned port, int ask, int tell)
{
	struct line line = {.loop = loop_create(), .ask = ask, .tell = tell};
	struct watch *watch;
	unsigned at;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	line.proxy = proxy_create(line.loop, port, 1);
	proxy_line(line.proxy, rtt_ms / 2, bits_per_s / 8);
	at = proxy_port(line.proxy);
	watch = watch_create(line.loop, ask, on_ask, &line);
	watch_set(watch, true, false);
	if (write(tell, &at, sizeof(at)) == sizeof(at))
		loop_run(line.loop);
	_exit(0);
}

static unsigned start_line(struct scene *scene, unsigned port)
{
	unsigned at = 0;

	assert_int_equal(pipe(scene->ask), 0);
	assert_int_equal(pipe(scene->tell), 0);
	scene->line = fork();
	if (!scene->line)
		be_line(port, scene->ask[0], scene->tell[1]);
	assert_int_equal(read(scene->tell[0], &at, sizeof(at)), sizeof(at));
	return at;
}

static struct bytes passed(const struct scene *scene)
{
	struct bytes bytes;

	assert_int_equal(write(scene->ask[1], "b", 1), 1);
	assert_int_equal(read(scene->tell[0], &bytes, sizeof(bytes)), sizeof(bytes));
	return bytes;
}

/* ---- the world ---- */

static const char *program(void)
{
	return getenv("CODECOLLAB") ? getenv("CODECOLLAB") : "codecollab";
}

static void start_sshd(struct scene *scene)
{
	int in[2], out[2];
	char line[512] = "";

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	scene->sshd = fork();
	if (!scene->sshd) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execl(E2E_DIR "/sshd.sh", "sshd.sh", scene->dir, program(), (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *said = fdopen(out[0], "r");
	assert_non_null(fgets(line, sizeof(line), said));
	fclose(said);
	if (strcmp(line, "ready\n") != 0)
		fail_msg("%s", line);
}

static unsigned port_of(const char *config)
{
	char line[512];
	unsigned port = 0;
	FILE *file = fopen(config, "r");

	while (!port && fgets(line, sizeof(line), file))
		sscanf(line, " Port %u", &port);
	fclose(file);
	return port;
}

/* The same sshd by way of the line. Of several values for one thing the first counts. */
static void make_config(struct scene *scene)
{
	char fast[512];
	FILE *file;

	snprintf(fast, sizeof(fast), "%s/config", scene->dir);
	snprintf(scene->config, sizeof(scene->config), "%s/thin", scene->dir);
	file = fopen(scene->config, "w");
	fprintf(file, "Host box\n\tPort %u\n\tHostKeyAlias far\nInclude %s\n",
		start_line(scene, port_of(fast)), fast);
	fclose(file);
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->stage = stage_open();
	scene->dir = stage_path(scene->stage, "ssh");
	snprintf(scene->run, sizeof(scene->run), "%s", stage_path(scene->stage, "run"));
	assert_int_equal(mkdir(scene->dir, 0700), 0);
	assert_int_equal(mkdir(scene->run, 0700), 0);
	setenv("XDG_RUNTIME_DIR", scene->run, 1);
	start_sshd(scene);
	make_config(scene);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	terminal_end_all();
	kill(scene->line, SIGKILL);
	kill(scene->sshd, SIGTERM);
	waitpid(scene->sshd, NULL, 0);
	waitpid(scene->line, NULL, 0);
	stage_close(scene->stage);
	free(scene);
	return 0;
}

/* ---- measuring ---- */

struct pair {
	struct terminal *ada, *ben;
	char adas[LETTERS * 2 + 16], bens[LETTERS * 2 + 16]; /* what stands on each one's line */
	bool shared; /* one screen, one caret: both write on one line */
	int lines;   /* so many were begun: each has a sign of its own */
};

/* One more letter of somebody's; gives what is now to be seen. */
static const char *next(struct pair *pair, bool ada)
{
	char *text = ada || pair->shared ? pair->adas : pair->bens;
	size_t len = strlen(text);

	text[len] = (char)((ada || pair->shared ? 'a' : 'A') + (int)(len % 26));
	text[len + 1] = '\0';
	return text;
}

static void type(struct pair *pair, bool ada, const char *seen)
{
	terminal_type(ada ? pair->ada : pair->ben, seen + strlen(seen) - 1);
}

static double until_seen(struct terminal *t, const char *words, double from)
{
	terminal_see(t, words);
	return now_ms() - from;
}

static void begin_line(struct pair *pair, struct terminal *t, char *text)
{
	snprintf(text, LETTERS, "%d:", ++pair->lines);
	terminal_press(t, "C-End Enter");
	terminal_type(t, text);
	terminal_see(pair->ada, text);
	terminal_see(pair->ben, text);
}

static void begin_lines(struct pair *pair)
{
	begin_line(pair, pair->ada, pair->adas);
	if (!pair->shared)
		begin_line(pair, pair->ben, pair->bens);
}

struct times {
	double p50, p95;
};

static struct times keys(struct pair *pair, bool ada, bool at_adas, bool runs)
{
	double all[KEYS];

	begin_lines(pair);
	for (int i = 0; i < KEYS; i++) {
		for (int step = 0; step < 10; step++) { /* half a second */
			if (runs)
				terminal_press(pair->ben, step % 2 ? "Right" : "Left");
			rest(50);
		}
		const char *seen = next(pair, ada);
		double from = now_ms();
		type(pair, ada, seen);
		all[i] = until_seen(at_adas ? pair->ada : pair->ben, seen, from);
	}
	return (struct times){part_of(all, KEYS, 0.5), part_of(all, KEYS, 0.95)};
}

static struct bytes both_type(struct scene *scene, struct pair *pair)
{
	struct bytes before, after;
	const char *adas = "", *bens = "";

	begin_lines(pair);
	before = passed(scene);
	for (int i = 0; i < LETTERS; i++) {
		adas = next(pair, true);
		type(pair, true, adas);
		rest(100);
		bens = next(pair, false);
		type(pair, false, bens);
		rest(100);
	}
	rest(3000);
	after = passed(scene);
	return (struct bytes){after.up - before.up, after.down - before.down};
}

static void report(struct scene *scene, const char *way, struct pair *pair)
{
	struct times own = keys(pair, true, true, false), far = keys(pair, false, true, false),
		     near = keys(pair, true, false, false), moved = keys(pair, false, true, true);
	struct bytes bytes = both_type(scene, pair);

	printf("thin way=%s rtt_ms=%u bits_per_s=%u own_p50=%.0f own_p95=%.0f to_far_p50=%.0f "
	       "to_far_p95=%.0f to_near_p50=%.0f to_near_p95=%.0f moved_p50=%.0f moved_p95=%.0f "
	       "up=%zu down=%zu\n",
		way, rtt_ms, bits_per_s, own.p50, own.p95, far.p50, far.p95, near.p50, near.p95,
		moved.p50, moved.p95, bytes.up, bytes.down);
}

static void by_codecollab(void **state)
{
	struct scene *scene = *state;
	static const char *const options[] = {"--room", "otter", NULL};
	char ssh[600];
	struct pair pair = {0};

	stage_write(scene->stage, "a.txt", "", 0);
	server_start_with(scene->stage, "a.txt", options);
	snprintf(ssh, sizeof(ssh), "ssh -F %s", scene->config);
	const char *ada[] = {
		program(), "join", "ssh://box/otter", "--name", "Ada", "--ssh", ssh, NULL};
	const char *ben[] = {program(), "join", "otter", "--name", "Ben", NULL};
	pair.ada = terminal_start(ada, ROWS, COLS);
	terminal_see(pair.ada, "1 here");
	pair.ben = terminal_start(ben, ROWS, COLS);
	terminal_see(pair.ada, "2 here");
	report(scene, "codecollab", &pair);
}

static void by_tmux(void **state)
{
	struct scene *scene = *state;
	const char *file = stage_write(scene->stage, "a.txt", "", 0);
	char tmux[600];
	struct pair pair = {.shared = true};

	snprintf(tmux, sizeof(tmux), "%s/tmux", scene->dir);
	const char *ben[] = {
		"tmux", "-S", tmux, "-f", "/dev/null", "new", program(), "edit", file, NULL};
	const char *ada[] = {
		"ssh", "-F", scene->config, "-t", "box", "tmux", "-S", tmux, "attach", NULL};
	pair.ben = terminal_start(ben, ROWS, COLS);
	terminal_see(pair.ben, "a.txt");
	pair.ada = terminal_start(ada, ROWS, COLS);
	terminal_see(pair.ada, "a.txt");
	report(scene, "tmux", &pair);
	terminal_press(pair.ben, "C-q");
	terminal_type(pair.ben, "n");
	rest(1000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_codecollab, setup, teardown),
		cmocka_unit_test_setup_teardown(by_tmux, setup, teardown)};

	if (argc > 1)
		rtt_ms = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		bits_per_s = (unsigned)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
