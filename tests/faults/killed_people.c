/*
 * People at terminals type, some of them are killed with -9 at random moments, also while they have no server and while they take
 * up what they left; they join again with the same URL and state folder, ROUNDS times over.
 *
 * Each types on a line of its own, a row of numbered words. So after every round the file must be, letter by letter, the beginning
 * of each row, at least as long as its author had seen it on their screen.
 *
 *	ROUNDS=200 SEED=1 CODECOLLAB=build/codecollab faults-killed_people
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "rows.txt"
#define PEOPLE    3
#define ROW_MOST  60000 /* letters */
#define TAIL_MOST 24    /* of a row's end, on a screen: enough to know where it is */
#define GUTTER    4     /* cells of a line's number */
#define URL_MAX   2048

struct person {
	char name[8];
	size_t index;
	struct terminal *t;
	char row[ROW_MOST]; /* what this person would type in all */
	size_t typed;       /* given to the terminal */
	size_t sure;        /* of these, seen on the screen, or in the text after a round */
};

struct play {
	struct stage *stage;
	struct server *server;
	struct helper *cable;
	char url[URL_MAX];
	uint64_t dice;
	struct person people[PEOPLE];
	size_t kills, twice, offered;
};

/* splitmix64: below `below`. */
static size_t choose(struct play *play, size_t below)
{
	uint64_t z = play->dice += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (size_t)((z ^ z >> 31) % below);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool is_past(const void *us)
{
	return now_us() >= *(const uint64_t *)us;
}

/* A random moment, in which the screens go on. */
static void while_away(struct play *play, size_t most_us)
{
	uint64_t until = now_us() + choose(play, most_us);

	terminal_until_true(is_past, &until, "time to pass");
}

/* ---- what they see ---- */

static const char letters[] = "abc0123456789.";

/*
 * How many letters of the person's row are on the screen, known by how their line ends. 0 also when it is no end of theirs: a
 * killed program may have left a line half drawn.
 */
static size_t seen(struct person *person)
{
	char *line = terminal_row(person->t, (int)person->index + 1), *end = line + strlen(line);
	size_t tail = 0, at = 0;

	while (tail < TAIL_MOST && end - tail > line && strchr(letters, end[-(ptrdiff_t)tail - 1]))
		tail++;
	if (strspn(end - tail, "0123456789") < tail) /* else it is the number of an empty line */
		for (at = person->typed; at > 0; at--)
			if (at >= tail && memcmp(person->row + at - tail, end - tail, tail) == 0)
				break;
	free(line);
	return at;
}

static bool is_in(struct terminal *t, const void *arg)
{
	(void)arg;
	return terminal_alternate(t);
}

static bool is_asked_or_in(struct terminal *t, const void *arg)
{
	(void)arg;
	return terminal_alternate(t) || strstr(terminal_words(t), "[Y/n]");
}

/* Their letters and the mark of somebody else in the line are a cell each. */
static int cells_of(const char *utf8)
{
	int cells = 0;

	for (; *utf8; utf8++)
		cells += (*utf8 & 0xc0) != 0x80;
	return cells;
}

/* Is the caret behind the last letter of their row? Only then is the row's end on the screen, however long it is. */
static bool is_at_end(struct terminal *t, const void *arg)
{
	const struct person *person = arg;
	struct terminal_place caret = terminal_cursor(t);
	char *line = terminal_row(t, (int)person->index + 1);
	int len = cells_of(line);

	free(line);
	return caret.row == (int)person->index + 1 && caret.col == (len > GUTTER ? len : GUTTER);
}

/* ---- what they do ---- */

static void go_to_row(struct person *person)
{
	terminal_press(person->t, "C-Home");
	for (size_t i = 0; i < person->index; i++)
		terminal_press(person->t, "Down");
	terminal_press(person->t, "End");
	terminal_until(person->t, is_at_end, person, "the end of the row");
}

static void type_some(struct play *play, struct person *person)
{
	char some[16];
	size_t len = 1 + choose(play, sizeof(some) - 1);

	assert_true(person->typed + len < ROW_MOST);
	memcpy(some, person->row + person->typed, len);
	some[len] = '\0';
	person->typed += len;
	terminal_type(person->t, some);
}

static void kill_person(struct play *play, struct person *person)
{
	size_t saw;

	terminal_signal(person->t, SIGKILL);
	assert_int_equal(terminal_exit(person->t), 128 + SIGKILL);
	saw = seen(person);
	if (saw > person->sure)
		person->sure = saw;
	terminal_end(person->t);
	person->t = NULL;
	play->kills++;
}

static void kill_again(struct play *play, struct person *person)
{
	while_away(play, 60000);
	terminal_signal(person->t, SIGKILL);
	assert_int_equal(terminal_exit(person->t), 128 + SIGKILL);
	terminal_end(person->t);
	play->twice++;
}

/* Until the editor is there: says yes to what is offered, and is killed meanwhile now and then. */
static void join_again(struct play *play, struct person *person)
{
	for (bool once_more = true; once_more;) {
		person->t = stage_join(play->stage, play->url, person->name);
		terminal_until(person->t, is_asked_or_in, NULL, "the question or the editor");
		if (terminal_alternate(person->t))
			return;
		play->offered++;
		terminal_press(person->t, "Enter");
		if ((once_more = choose(play, 3) == 0))
			kill_again(play, person);
	}
	terminal_until(person->t, is_in, NULL, "the editor");
}

/* ---- a round ---- */

static void cable(struct play *play, const char *what)
{
	helper_ask(play->cable, what);
}

static void type_and_die(struct play *play, bool victims[PEOPLE])
{
	size_t steps = 4 + choose(play, 12), cut = choose(play, 2 * steps);

	for (size_t step = 0; step < steps; step++) {
		if (step == cut)
			cable(play, "down");
		for (size_t i = 0; i < PEOPLE; i++)
			if (play->people[i].t && choose(play, 2))
				type_some(play, &play->people[i]);
		while_away(play, 30000);
		for (size_t i = 0; i < PEOPLE; i++)
			if (victims[i] && play->people[i].t && choose(play, steps) == 0)
				kill_person(play, &play->people[i]);
	}
	for (size_t i = 0; i < PEOPLE; i++)
		if (victims[i] && play->people[i].t)
			kill_person(play, &play->people[i]);
	cable(play, "up");
}

static bool has_all(struct terminal *t, const void *arg)
{
	const struct person *person = arg;

	(void)t;
	return seen((struct person *)(uintptr_t)person) == person->typed;
}

/* Those who stayed see all they typed; those who came back at least what they had seen. */
static void look(struct person *person, bool was_killed)
{
	size_t saw;

	if (!was_killed) {
		terminal_until(person->t, has_all, person, "all that was typed");
		person->sure = person->typed;
		return;
	}
	go_to_row(person);
	saw = seen(person);
	if (saw < person->sure)
		fail_msg("%s had seen %zu of %zu letters, and has %zu; the line is \"%s\"",
			person->name, person->sure, person->typed, saw,
			terminal_row(person->t, (int)person->index + 1));
	person->sure = person->typed = saw;
}

static void check_file(struct play *play)
{
	size_t len = 0;
	char *all = malloc((ROW_MOST + 1) * (size_t)PEOPLE);

	assert_non_null(all);
	for (size_t i = 0; i < PEOPLE; i++) {
		memcpy(all + len, play->people[i].row, play->people[i].typed);
		len += play->people[i].typed;
		all[len++] = '\n';
	}
	stage_file_becomes(play->stage, FILE_NAME, all, len);
	free(all);
}

static void play_round(struct play *play)
{
	bool victims[PEOPLE] = {false};

	victims[choose(play, PEOPLE)] = true;
	victims[choose(play, PEOPLE)] = true;
	type_and_die(play, victims);
	for (size_t i = 0; i < PEOPLE; i++)
		if (victims[i])
			join_again(play, &play->people[i]);
		else
			terminal_press(play->people[i].t, "F5");
	for (size_t i = 0; i < PEOPLE; i++)
		terminal_see_none(play->people[i].t, "offline");
	for (size_t i = 0; i < PEOPLE; i++)
		look(&play->people[i], victims[i]);
	check_file(play);
}

/* ---- the stage ---- */

static void cast(struct play *play)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		struct person *person = &play->people[i];
		snprintf(person->name, sizeof(person->name), "p%zu", i);
		person->index = i;
		for (size_t n = 0; 5 * n + 5 < ROW_MOST; n++)
			snprintf(person->row + 5 * n, 6, "%c%03zu.", (char)('a' + i), n % 1000);
		person->t = stage_join(play->stage, play->url, person->name);
		terminal_see(person->t, FILE_NAME);
		go_to_row(person);
	}
}

static void open_cable(struct play *play)
{
	const char *url = server_url(play->server, "editor"), *at;
	char port[16];

	snprintf(port, sizeof(port), "%u", server_port(play->server));
	play->cable = helper_start(play->stage, "relay.js", port, NULL);
	at = strstr(url, port);
	assert_non_null(at);
	snprintf(play->url, sizeof(play->url), "%.*s%s%s", (int)(at - url), url,
		helper_answer(play->cable), at + strlen(port));
}

static void nobody_loses_what_they_saw(void **state)
{
	struct play *play = helper_possible() ? calloc(1, sizeof(*play)) : NULL;
	const char *rounds = getenv("ROUNDS"), *seed = getenv("SEED");
	size_t count = rounds ? strtoul(rounds, NULL, 10) : 4;

	if (!play)
		skip();
	play->dice = seed ? strtoull(seed, NULL, 10) : now_us();
	print_message("SEED=%llu ROUNDS=%zu\n", (unsigned long long)play->dice, count);
	play->stage = *state;
	stage_write(play->stage, FILE_NAME, "\n\n\n", PEOPLE);
	play->server = server_start(play->stage, FILE_NAME, NULL);
	open_cable(play);
	cast(play);
	for (size_t i = 0; i < count; i++)
		play_round(play);
	print_message(
		"%zu killed, %zu of them again while taking up what they left; %zu times there was something\n",
		play->kills + play->twice, play->twice, play->offered);
	for (size_t i = 0; i < PEOPLE; i++) {
		terminal_press(play->people[i].t, "C-q");
		assert_int_equal(terminal_exit(play->people[i].t), 0);
	}
	assert_int_equal(server_stop(play->server, SIGTERM), 0);
	free(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nobody_loses_what_they_saw, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
