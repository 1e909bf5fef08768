/*
 * run.c: plays each case in every order in which the messages may come to the server, or in many of them when there are
 * too many; each order several times, with everything else left to chance.
 *
 *	cases [FILE...]		-- all of this folder when none is named; SEED=7 for another chance
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tests/cases/script.h"
#include "tests/cases/world.h"
#include "tests/laws/choice.h"

#define MOST_ORDERS  600 /* played one after the other; then as many at random */
#define CHANCES      6   /* how often each is played */
#define MOST_CHOICES 64  /* between which messages, in one play */

struct play {
	struct orders orders; /* first: the world knows it only as this */
	struct choice chance;
	bool plain;  /* everything but the order of arrival is 0 */
	bool random; /* also the order of arrival is left to chance */
	size_t digit[MOST_CHOICES],
		base[MOST_CHOICES]; /* an order of arrival is a number of these digits */
	size_t used, known;
};

static size_t play_chance(struct orders *orders, size_t n)
{
	return pick(&((struct play *)orders)->chance, n);
}

/*
 * As the number says. Choices that it has no digit for begin with 0 in the plain play, which so counts them; in the others
 * there may be more or fewer, since an edit that waits can become nothing and is not sent.
 */
static size_t play_arrival(struct orders *orders, size_t n)
{
	struct play *play = (struct play *)orders;

	if (n == 1)
		return 0;
	if (play->used == play->known && play->plain && play->known < MOST_CHOICES) {
		play->digit[play->known] = 0;
		play->base[play->known++] = n;
	}
	if (play->random || play->used == play->known)
		return pick(&play->chance, n);
	return play->digit[play->used++] % n;
}

/* false: that was the last. */
static bool next_order(struct play *play)
{
	while (play->known && play->digit[play->known - 1] + 1 == play->base[play->known - 1])
		play->known--;
	if (play->known)
		play->digit[play->known - 1]++;
	return play->known > 0;
}

static bool play_once(
	const char *path, const struct script *script, struct play *play, uint64_t seed)
{
	struct buf story = {0};

	play->chance = play->plain ? choice_of_bytes((const uint8_t *)"", 0) : choice_of_seed(seed);
	play->used = 0;
	bool fine = world_play(script, &play->orders, &story);
	if (!fine)
		printf("not so: %s, SEED=%llu\n%.*s\n", path, (unsigned long long)seed,
			(int)story.len, story.at);
	buf_fini(&story);
	return fine;
}

static bool play_chances(
	const char *path, const struct script *script, struct play *play, uint64_t seed)
{
	bool fine = true;

	for (uint64_t i = 0; i < CHANCES && fine; i++) {
		play->plain = i == 0 && !play->random;
		fine = play_once(path, script, play, seed + i);
	}
	return fine;
}

static bool play_all(const char *path, const struct script *script, uint64_t seed)
{
	struct play play = {.orders = {play_arrival, play_chance}};
	size_t orders = 0;
	bool fine, more;

	do {
		fine = play_chances(path, script, &play, seed);
		more = next_order(&play);
	} while (++orders < MOST_ORDERS && fine && more);
	play.random = more;
	for (size_t i = 0; i < MOST_ORDERS && fine && more; i++)
		fine = play_chances(path, script, &play, seed + CHANCES * (i + 1));
	if (fine)
		printf("%s: %s%zu orders\n", path, more ? "the first and as many other " : "",
			orders);
	return fine;
}

static bool play_file(const char *path)
{
	const char *env = getenv("SEED");
	struct script script;
	bool fine = script_load(&script, path);

	if (fine)
		fine = play_all(path, &script, env ? strtoull(env, NULL, 10) : 1);
	script_fini(&script);
	return fine;
}

int main(int argc, char **argv)
{
	int bad = 0;
	glob_t found;

	for (int i = 1; i < argc; i++)
		bad |= !play_file(argv[i]);
	if (argc > 1)
		return bad;
	if (glob(TESTS_DIR "/*.case", 0, NULL, &found))
		return 1;
	for (size_t i = 0; i < found.gl_pathc; i++)
		bad |= !play_file(found.gl_pathv[i]);
	globfree(&found);
	return bad;
}
