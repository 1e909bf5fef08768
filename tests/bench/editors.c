/*
 * editors.c: how an editor feels, ours beside those that are installed, in one run: each in a terminal of 24 rows and 80 columns.
 *
 * "Shows" is the return of the read that made it show. A dash: it did not, or the editor cannot.
 */
#include "tests/bench/bench.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ot/buf.h"
#include "tests/bench/company.h"
#include "tests/bench/pty.h"

#define LINE        "int value_%07u = %07u; /* and on, and on */\n"
#define LINE_BYTES  50
#define SMALL_LINES 20
#define SCREEN_LINE 17 /* is on the first screen of all of them */
#define KEYS        "qwertyuiop"
#define KEY_COL     10 /* behind "int value_" */
#define ROUNDS_KEYS 15 /* of KEYS: then p99 is the second worst */
#define NEEDLE      "zqx-needle"
#define LAST        "the last line: " NEEDLE
#define PASTE_BYTES 1000000
#define PASTE_LAST  "the end of the paste"
#define OTHERS      50
#define OTHERS_KEYS 250 /* a second, together */
#define STEPS       30
#define SILENCE_MS  120
#define BETWEEN_MS  20
#define PATIENCE_MS 15000
#define PASTE_MS    40000

struct editor {
	const char *name;
	const char *args[3]; /* before the place and the file */
	const char *type;    /* until what is typed is written */
	const char *find, *found, *save, *undo;
};

static const struct editor editors[] = {
	{"codecollab", {"edit"}, "", "\x06", "\r", "\x13", "\x1a"},
	{"nano", {0}, "", "\x17", "\r", "\x13", "\033u"},
	{"vim", {0}, "i", "\033/", "\r", "\033:w\r", "\033u"},
	{"micro", {0}, "", "\x06", "\r", "\x13", "\x1a"},
	{"ne", {0}, "", "\x06", "\r", "\x13", "\025"},
	{"joe", {0}, "",
		"\x0b"
		"f",
		"\r\r",
		"\x0b"
		"d\r",
		"\x1f"},
	{"vis", {0}, "i", "\033/", "\r", "\033:w\r", "\033u"},
	{"dte", {0}, "", "\x06", "\r", "\x13", "\x1a"},
};

#define EDITORS (sizeof(editors) / sizeof(editors[0]))

/* ---- what is measured ---- */

enum figure {
	PAINT_SMALL,
	PAINT_BIG,
	MEMORY_BIG,
	KEY_P50,
	KEY_P99,
	BIG_P50,
	BIG_P99,
	OTHERS_P50,
	OTHERS_P99,
	CHAR_BYTES,
	SCROLL_BYTES,
	PASTE_S,
	PASTE_SAME,
	PASTE_UNDO,
	FIND_S,
	LONG_P50,
	FIGURES
};

static const struct {
	const char *title, *unit, *bar;
	int digits;
} titles[FIGURES] = {
	[PAINT_SMALL] = {"1 kB", "ms", "4", 1},
	[PAINT_BIG] = {"big", "ms", "200", 0},
	[MEMORY_BIG] = {"memory", "MB", "150", 0},
	[KEY_P50] = {"key p50", "ms", "0.15", 2},
	[KEY_P99] = {"p99", "ms", "1", 2},
	[BIG_P50] = {"big p50", "ms", "0.15", 2},
	[BIG_P99] = {"p99", "ms", "1", 2},
	[OTHERS_P50] = {"50 p50", "ms", "1", 2},
	[OTHERS_P99] = {"p99", "ms", "5", 2},
	[CHAR_BYTES] = {"key", "bytes", "52", 0},
	[SCROLL_BYTES] = {"scroll", "bytes", "102", 0},
	[PASTE_S] = {"paste", "s", "0.14", 2},
	[PASTE_SAME] = {"same", "", "yes", 0},
	[PASTE_UNDO] = {"1 undo", "", "yes", 0},
	[FIND_S] = {"find", "s", "0.2", 3},
	[LONG_P50] = {"line", "ms", "5", 2},
};

struct bench {
	char home[64], program[512];
	char small[96], page[96], big[96], line[96], shared[96], paste[96];
	unsigned big_lines;
	char opened[200]; /* the newest link to one of them */
	unsigned homes;
	size_t rounds;
};

/* ---- files ---- */

static void lines(const char *path, unsigned count, const char *last)
{
	FILE *file = fopen(path, "w");

	for (unsigned i = 1; file && i <= count; i++)
		fprintf(file, LINE, i, i);
	if (file && last)
		fprintf(file, "%s\n", last);
	if (file)
		fclose(file);
}

static void one_line(const char *path, size_t bytes)
{
	FILE *file = fopen(path, "w");

	for (size_t i = 0; file && i < bytes / 10; i++)
		fputs(i % 4 ? "some word " : "number = 1", file);
	if (file)
		fputs("int value_\n", file);
	if (file)
		fclose(file);
}

static bool place(struct bench *b)
{
	const char *tmp = getenv("TMPDIR");
	ssize_t len = readlink("/proc/self/exe", b->program, sizeof(b->program) - 1);
	char *slash = len > 0 ? strrchr(b->program, '/') : NULL;

	snprintf(b->home, sizeof(b->home), "%.40s/editors-XXXXXX", tmp ? tmp : "/tmp");
	if (!slash || !mkdtemp(b->home))
		return false;
	snprintf(slash, sizeof(b->program) - (size_t)(slash - b->program), "/codecollab");
	snprintf(b->small, sizeof(b->small), "%s/small.c", b->home);
	snprintf(b->page, sizeof(b->page), "%s/page.c", b->home);
	snprintf(b->big, sizeof(b->big), "%s/big.c", b->home);
	snprintf(b->line, sizeof(b->line), "%s/line.c", b->home);
	snprintf(b->shared, sizeof(b->shared), "%s/shared.c", b->home);
	snprintf(b->paste, sizeof(b->paste), "%s/paste.txt", b->home);
	lines(b->small, SMALL_LINES, NULL);
	lines(b->page, 1000, NULL);
	lines(b->shared, SMALL_LINES, NULL);
	lines(b->big, b->big_lines, LAST);
	one_line(b->line, b->rounds > 1 ? 1000000 : 100000);
	return true;
}

static void clear_away(struct bench *b)
{
	pid_t pid = fork();

	if (pid == 0)
		execlp("rm", "rm", "-rf", b->home, NULL);
	waitpid(pid, NULL, 0);
}

/* ---- starting ---- */

/* Each in a home of its own with the file in it: what one leaves there when it is killed is not for the next. */
static struct pty *start(struct bench *b, const struct editor *e, const char *file, unsigned line)
{
	const char *argv[8];
	char at[16], home[96];
	size_t n = 0;

	snprintf(home, sizeof(home), "%s/%u", b->home, b->homes++);
	snprintf(b->opened, sizeof(b->opened), "%s%s", home, strrchr(file, '/'));
	if (mkdir(home, 0700) || link(file, b->opened))
		abort();
	argv[n++] = e == editors ? b->program : e->name;
	for (size_t i = 0; e->args[i]; i++)
		argv[n++] = e->args[i];
	snprintf(at, sizeof(at), "+%u", line);
	if (line)
		argv[n++] = at;
	argv[n++] = b->opened;
	argv[n] = NULL;
	return pty_start(argv, home);
}

static void name_of_line(unsigned line, char out[24])
{
	snprintf(out, 24, "value_%07u", line);
}

/* An editor that shows this line; NULL when it does not come. */
static struct pty *start_at(
	struct bench *b, const struct editor *e, const char *file, unsigned line, unsigned shown)
{
	struct pty *p = start(b, e, file, line);
	char name[24];
	double at;

	name_of_line(shown, name);
	if (pty_shows(p, name, PATIENCE_MS, &at)) {
		pty_settle(p, 300);
		return p;
	}
	pty_end(p);
	return NULL;
}

static double paint_once(struct bench *b, const struct editor *e, const char *file, double *mb)
{
	struct pty *p = start(b, e, file, 0);
	char name[24];
	double at;

	name_of_line(SCREEN_LINE, name);
	double ms = pty_shows(p, name, PATIENCE_MS, &at) ? at - pty_started_ms(p) : NAN;
	pty_settle(p, SILENCE_MS);
	*mb = pty_memory_mb(p);
	pty_end(p);
	return ms;
}

static double paint(
	struct bench *b, const struct editor *e, const char *file, size_t rounds, double *mb)
{
	double ms[BENCH_ROUNDS];

	for (size_t i = 0; i < rounds; i++)
		ms[i] = paint_once(b, e, file, mb);
	return bench_median(ms, rounds);
}

/* ---- keys ---- */

static void press(struct pty *p, const char *keys)
{
	pty_send(p, keys, strlen(keys), PATIENCE_MS);
	pty_settle(p, SILENCE_MS);
}

static void press_often(struct pty *p, const char *key, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		pty_send(p, key, strlen(key), PATIENCE_MS);
		pty_settle(p, 5);
	}
}

/* One key, and when it showed behind what was typed before it. */
static double key(struct pty *p, char c, const char *shown)
{
	double at, sent;

	pty_settle(p, 1);
	sent = bench_now_ms();
	if (!pty_send(p, &c, 1, PATIENCE_MS) || !pty_shows(p, shown, PATIENCE_MS, &at))
		return NAN;
	return at - sent;
}

/* KEYS behind "value_", and away again. */
static size_t type_keys(struct pty *p, size_t count, double *ms)
{
	char shown[32] = "value_";
	size_t base = strlen(shown);

	for (size_t i = 0; i < count; i++) {
		shown[base + i] = KEYS[i];
		shown[base + i + 1] = '\0';
		ms[i] = key(p, KEYS[i], shown);
		if (isnan(ms[i]))
			return i;
		double until = bench_now_ms() + BETWEEN_MS;
		while (bench_now_ms() < until)
			pty_settle(p, 1);
	}
	for (size_t i = 0; i < count; i++)
		pty_send(p, "\x7f", 1, PATIENCE_MS);
	return count;
}

static void rest(struct pty *p, double ms)
{
	double until = bench_now_ms() + ms;

	while (bench_now_ms() < until)
		pty_settle(p, 1);
}

static void keys(struct pty *p, size_t rounds, double *p50, double *p99)
{
	double ms[ROUNDS_KEYS * (sizeof(KEYS) - 1)];
	size_t count = 0, each = sizeof(KEYS) - 1, got = each;

	for (size_t i = 0; i < rounds && got == each; i++) {
		got = type_keys(p, each, ms + count);
		count += got;
		rest(p, 60);
	}
	*p50 = count == rounds * each ? bench_median(ms, count) : NAN;
	*p99 = count == rounds * each ? ms[count * 99 / 100] : NAN;
}

static size_t key_rounds(struct bench *b)
{
	return b->rounds > 1 ? ROUNDS_KEYS : 2;
}

static void keys_at(struct bench *b, const struct editor *e, const char *file, unsigned line,
	double *p50, double *p99)
{
	unsigned shown = line ? line : 1;
	struct pty *p = start_at(b, e, file, line, shown);

	*p50 = *p99 = NAN;
	if (!p)
		return;
	if (!line)
		press_often(p, "\033OB", 8);
	press_often(p, "\033OC", KEY_COL);
	press(p, e->type);
	keys(p, key_rounds(b), p50, p99);
	pty_end(p);
}

static void keys_with_others(struct bench *b, double *p50, double *p99)
{
	struct company *others =
		company_gather(b->program, b->shared, b->home, OTHERS, OTHERS_KEYS);
	const char *argv[] = {b->program, "join", others ? company_url(others) : "", NULL};
	struct pty *p = pty_start(argv, b->home);
	double at;

	if (pty_shows(p, "xxxxxxxxxxxxxxx", PATIENCE_MS, &at)) {
		press_often(p, "\033OB", 8);
		press_often(p, "\033OD", 80);
		press_often(p, "\033[H", 1);
		press_often(p, "\033OC", KEY_COL);
		keys(p, key_rounds(b), p50, p99);
	}
	pty_end(p);
	company_leave(others);
}

static double bytes_of(struct pty *p, const char *key)
{
	pty_send(p, key, strlen(key), PATIENCE_MS);
	return (double)pty_settle(p, SILENCE_MS);
}

static size_t steps(struct bench *b)
{
	return b->rounds > 1 ? STEPS : 3;
}

static double char_bytes(struct bench *b, const struct editor *e)
{
	struct pty *p = start_at(b, e, b->page, 0, 1);
	double bytes[STEPS];

	if (!p)
		return NAN;
	press_often(p, "\033OB", 8);
	press_often(p, "\033OC", KEY_COL);
	press(p, e->type);
	press(p, "a"); /* the first makes a file a changed one */
	for (size_t i = 0; i < steps(b); i++) {
		char c[2] = {KEYS[i % (sizeof(KEYS) - 1)], '\0'};
		bytes[i] = bytes_of(p, c);
		if (i % 10 == 9) {
			press_often(p, "\x7f", 10);
			pty_settle(p, SILENCE_MS);
		}
	}
	pty_end(p);
	return bench_median(bytes, steps(b));
}

static double scroll_bytes(struct bench *b, const struct editor *e)
{
	struct pty *p = start_at(b, e, b->page, 0, 1);
	double bytes[STEPS];

	if (!p)
		return NAN;
	press_often(p, "\033OB", PTY_ROWS + 6);
	pty_settle(p, SILENCE_MS);
	for (size_t i = 0; i < steps(b); i++)
		bytes[i] = bytes_of(p, "\033OB");
	pty_end(p);
	return bench_median(bytes, steps(b));
}

static double long_line(struct bench *b, const struct editor *e)
{
	struct pty *p = start(b, e, b->line, 0);
	double ms[sizeof(KEYS)], at, median = NAN;

	if (pty_shows(p, "number", PATIENCE_MS, &at)) {
		pty_settle(p, 300);
		press(p, e->type);
		pty_send(p, "\033OF", 3, PATIENCE_MS);
		if (pty_shows_now(p, "value_") || pty_shows(p, "value_", PATIENCE_MS, &at)) {
			pty_settle(p, 300);
			if (type_keys(p, sizeof(KEYS) - 1, ms) == sizeof(KEYS) - 1)
				median = bench_median(ms, sizeof(KEYS) - 1);
		}
	}
	pty_end(p);
	return median;
}

/* ---- paste, find ---- */

static void paste_text(struct buf *out)
{
	for (unsigned i = 1; out->len + LINE_BYTES + sizeof(PASTE_LAST) < PASTE_BYTES; i++)
		buf_printf(out, LINE, i, i);
	buf_add_str(out, PASTE_LAST);
}

static bool holds(const char *path, const struct buf *text)
{
	FILE *file = fopen(path, "r");
	bool same = file != NULL;
	size_t i = 0;

	for (int c; same && i < text->len; i++)
		same = (c = getc(file)) != EOF && (char)c == text->at[i];
	if (file)
		fclose(file);
	return same;
}

/* Terminals send CR for a line's end. */
static void as_keys(const struct buf *text, bool brackets, struct buf *out)
{
	if (brackets)
		buf_add_str(out, "\033[200~");
	for (size_t i = 0; i < text->len; i++)
		buf_add_byte(out, (unsigned char)(text->at[i] == '\n' ? '\r' : text->at[i]));
	if (brackets)
		buf_add_str(out, "\033[201~");
}

static bool saved(struct pty *p, const char *keys, const char *path, const struct buf *text)
{
	double until = bench_now_ms() + 3000;

	press(p, keys);
	while (!holds(path, text) && bench_now_ms() < until)
		pty_settle(p, 50);
	return holds(path, text);
}

static void paste(struct bench *b, const struct editor *e, double *figures)
{
	struct buf text = {0}, sent = {0};
	struct pty *p;
	double at;

	lines(b->paste, 0, NULL);
	p = start(b, e, b->paste, 0);
	pty_settle(p, 500);
	press(p, e->type);
	paste_text(&text);
	as_keys(&text, pty_brackets(p), &sent);
	double from = bench_now_ms();
	if (pty_send(p, sent.at, sent.len, PASTE_MS) &&
		(pty_shows_now(p, PASTE_LAST) || pty_shows(p, PASTE_LAST, PASTE_MS, &at))) {
		pty_settle(p, 500);
		figures[PASTE_S] = (pty_last_ms(p) - from) / 1e3;
		figures[PASTE_SAME] = saved(p, e->save, b->opened, &text);
		press(p, e->undo);
		figures[PASTE_UNDO] = !pty_shows_now(p, PASTE_LAST) && !pty_shows_now(p, "value_");
	}
	buf_fini(&text);
	buf_fini(&sent);
	pty_end(p);
}

static double find(struct bench *b, const struct editor *e)
{
	struct pty *p = start_at(b, e, b->big, 0, 1);
	double at, from, s = NAN;

	if (!p)
		return NAN;
	pty_settle(p, 500);
	press(p, e->find);
	from = bench_now_ms();
	pty_send(p, NEEDLE, strlen(NEEDLE), PATIENCE_MS);
	pty_send(p, e->found, strlen(e->found), PATIENCE_MS);
	if (pty_shows_now(p, LAST))
		s = (pty_last_ms(p) - from) / 1e3;
	else if (pty_shows(p, LAST, PATIENCE_MS, &at))
		s = (at - from) / 1e3;
	pty_end(p);
	return s;
}

/* ---- the table ---- */

static void measure(struct bench *b, const struct editor *e, double *f)
{
	double mb;

	for (int i = 0; i < FIGURES; i++)
		f[i] = NAN;
	f[PAINT_SMALL] = paint(b, e, b->small, b->rounds, &mb);
	f[PAINT_BIG] = paint(b, e, b->big, b->rounds < 3 ? b->rounds : 3, &f[MEMORY_BIG]);
	keys_at(b, e, b->small, 0, &f[KEY_P50], &f[KEY_P99]);
	keys_at(b, e, b->big, b->big_lines / 2, &f[BIG_P50], &f[BIG_P99]);
	if (e == editors)
		keys_with_others(b, &f[OTHERS_P50], &f[OTHERS_P99]);
	f[CHAR_BYTES] = char_bytes(b, e);
	f[SCROLL_BYTES] = scroll_bytes(b, e);
	paste(b, e, f);
	f[FIND_S] = find(b, e);
	f[LONG_P50] = long_line(b, e);
}

static void row(const char *name)
{
	printf("%-11s", name);
}

static void heading(struct bench *b)
{
	row("");
	for (int i = 0; i < FIGURES; i++)
		printf("%8s", titles[i].title);
	printf("\n");
	row("");
	for (int i = 0; i < FIGURES; i++)
		printf("%8s", titles[i].unit);
	printf("   (big: %u MB)\n", b->big_lines / (1000000 / LINE_BYTES));
	row("bar");
	for (int i = 0; i < FIGURES; i++)
		printf("%8s", titles[i].bar);
	printf("\n");
}

static void print(const struct editor *e, const double *figures)
{
	row(e->name);
	for (int i = 0; i < FIGURES; i++)
		if (isnan(figures[i]))
			printf("%8s", "-");
		else if (i == PASTE_SAME || i == PASTE_UNDO)
			printf("%8s", figures[i] > 0 ? "yes" : "no");
		else
			printf("%8.*f", titles[i].digits, figures[i]);
	printf("\n");
	fflush(stdout);
}

/* Of ours: everything showed, and the paste came through whole. */
static bool complete(const double *figures)
{
	bool all = figures[PASTE_SAME] > 0 && figures[PASTE_UNDO] > 0;

	for (int i = 0; i < FIGURES; i++)
		all = all && !isnan(figures[i]);
	return all;
}

static bool wanted(const char *names, const char *name)
{
	const char *at = strstr(names, name);

	return strcmp(names, "all") == 0 ||
	       (at && strchr(",", at[strlen(name)]) && (at == names || at[-1] == ','));
}

static bool installed(const struct editor *e)
{
	char path[64];

	snprintf(path, sizeof(path), "/usr/bin/%s", e->name);
	return e == editors || access(path, X_OK) == 0;
}

int bench_editors(const char *names, size_t rounds)
{
	struct bench b = {.rounds = rounds, .big_lines = rounds > 1 ? 2000000 : 40000};
	double figures[FIGURES];
	bool right = place(&b);

	heading(&b);
	for (size_t i = 0; right && i < EDITORS; i++) {
		if (!wanted(names, editors[i].name) || !installed(&editors[i]))
			continue;
		measure(&b, &editors[i], figures);
		print(&editors[i], figures);
		right = i > 0 || complete(figures);
	}
	clear_away(&b);
	return right ? 0 : 1;
}
