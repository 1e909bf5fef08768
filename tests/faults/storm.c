/*
 * storm.c: people type through a bad network (proxy.h) into a real server, ROUNDS times over; after each round the network is calm
 * until everybody is in step, and then every text is what a model says.
 *
 *	ROUNDS=6 PEOPLE=6 SEED=1 CODECOLLAB=build/codecollab faults-storm
 *
 * The people are the editor's own client (remote.h). Each types words that nobody else types, each once, and takes some of its
 * own away again. The model is the set of words that were typed and not taken away: the text must be those, whole, each once,
 * for everybody and in the file. The seed decides what the network does to which link and what people type; how they interleave
 * is the machine's.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "ot/op.h"
#include "src/client/remote.h"
#include "tests/e2e/stage.h"
#include "tests/faults/proxy.h"
#include "tests/laws/choice.h"

#define PEOPLE_MAX  64
#define WORD        "<p%02zu.%07zu>"
#define WORD_BYTES  13
#define WORD_ROOM   48 /* of numbers as large as a compiler fears */
#define WORDS       40 /* a person's in one round */
#define TYPES_MS    12 /* at most, from one word to the next */
#define DEADLINE_MS 60000

enum fate_of_word { UNTYPED, THERE, TAKEN };

struct storm;

struct person {
	struct storm *storm;
	size_t index;
	struct choice dice;
	struct remote *remote;
	struct replica *replica; /* NULL until it opened */
	struct timer *hand;
	size_t to_type;       /* in this round */
	unsigned char *words; /* by number: enum fate_of_word */
	size_t typed, cap;
	size_t returns; /* how often it came back */
};

struct storm {
	struct loop *loop;
	struct proxy *proxy;
	struct person people[PEOPLE_MAX];
	size_t count;
	struct timer *deadline;
	bool (*until)(const struct storm *storm);
	uint64_t seed;
};

static size_t number_of(const char *name, size_t otherwise)
{
	const char *value = getenv(name);

	return value ? (size_t)strtoull(value, NULL, 10) : otherwise;
}

/* ---- a person ---- */

static void on_opened(void *ctx, struct replica *replica, const char *path, bool read_only,
	bool crlf, const struct op *shown)
{
	(void)path, (void)crlf, (void)shown;
	assert_false(read_only);
	((struct person *)ctx)->replica = replica;
}

static void on_resumed(void *ctx)
{
	((struct person *)ctx)->returns++;
}

static void on_notice(void *ctx, const char *text)
{
	print_message("    person %zu: %s\n", ((struct person *)ctx)->index, text);
}

static void on_failed(void *ctx, const char *sentence)
{
	fail_msg("person %zu: %s", ((struct person *)ctx)->index, sentence);
}

static const struct remote_handler handler = {
	.opened = on_opened,
	.resumed = on_resumed,
	.notice = on_notice,
	.failed = on_failed,
};

static void edit(struct person *person, size_t pos, size_t drop, const char *word)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, word, strlen(word));
	op_delete(&op, drop);
	assert_int_equal(replica_edit(person->replica, &op), ERR_NONE);
	op_fini(&op);
}

/* Between two words, whatever others do: all that anybody types or takes away is whole words. */
static void type_word(struct person *person)
{
	size_t words = text_size(replica_text(person->replica)).points / WORD_BYTES;
	char word[WORD_ROOM];

	snprintf(word, sizeof(word), WORD, person->index, person->typed);
	person->words = mem_grow(person->words, &person->cap, person->typed + 1, 1);
	person->words[person->typed++] = THERE;
	edit(person, WORD_BYTES * pick(&person->dice, words + 1), 0, word);
}

static char *text_of(const struct person *person)
{
	const struct text *text = replica_text(person->replica);

	return text_slice(text, 0, text_size(text).points, NULL);
}

static void take_word(struct person *person, size_t number)
{
	char word[WORD_ROOM], *text = text_of(person), *at;

	snprintf(word, sizeof(word), WORD, person->index, number);
	at = strstr(text, word);
	assert_non_null(at);
	edit(person, (size_t)(at - text), WORD_BYTES, "");
	person->words[number] = TAKEN;
	free(text);
}

static void on_hand(void *ctx)
{
	struct person *person = ctx;
	size_t which = person->typed ? pick(&person->dice, person->typed) : 0;

	if (remote_link(person->remote) == REMOTE_OFFLINE && pick(&person->dice, 3) == 0)
		remote_connect(person->remote); /* not everybody waits for the next try */
	if (!person->to_type)
		return;
	person->to_type--;
	if (person->typed && person->words[which] == THERE && pick(&person->dice, 4) == 0)
		take_word(person, which);
	else
		type_word(person);
}

static void arrive(struct storm *storm, size_t index, const struct url *url)
{
	struct person *person = &storm->people[index];
	char name[16];

	snprintf(name, sizeof(name), "p%zu", index);
	*person = (struct person){.storm = storm, .index = index};
	person->dice = choice_of_seed(storm->seed + 1 + index);
	person->remote = remote_create(storm->loop, url, name, &handler, person);
	person->hand = timer_make(storm->loop, on_hand, person);
	remote_connect(person->remote);
}

/* ---- waiting ---- */

static void on_turn(void *ctx)
{
	struct storm *storm = ctx;
	struct remote_says nothing = {0};

	for (size_t i = 0; i < storm->count; i++)
		remote_turn(storm->people[i].remote, &nothing);
	if (storm->until && storm->until(storm))
		loop_stop(storm->loop);
}

static void on_deadline(void *ctx)
{
	const struct storm *storm = ctx;

	for (size_t i = 0; i < storm->count; i++) {
		const struct person *p = &storm->people[i];
		print_message("    person %zu: link %d, revision %llu, unsent %zu, to type %zu\n",
			i, (int)remote_link(p->remote),
			p->replica ? (unsigned long long)replica_rev(p->replica) : 0,
			remote_unsent(p->remote), p->to_type);
	}
	fail_msg("SEED=%llu: what was waited for did not come", (unsigned long long)storm->seed);
}

static void run_until(struct storm *storm, bool (*until)(const struct storm *storm))
{
	storm->until = until;
	timer_set(storm->deadline, DEADLINE_MS, 0);
	if (!until(storm))
		loop_run(storm->loop);
	timer_stop(storm->deadline);
	storm->until = NULL;
}

static bool all_opened(const struct storm *storm)
{
	for (size_t i = 0; i < storm->count; i++)
		if (!storm->people[i].replica)
			return false;
	return true;
}

static bool all_typed(const struct storm *storm)
{
	for (size_t i = 0; i < storm->count; i++)
		if (storm->people[i].to_type)
			return false;
	return true;
}

static bool all_in_step(const struct storm *storm)
{
	uint64_t rev = replica_rev(storm->people[0].replica);

	for (size_t i = 0; i < storm->count; i++) {
		const struct person *p = &storm->people[i];
		if (remote_link(p->remote) != REMOTE_ONLINE || remote_unsent(p->remote) ||
			!replica_in_step(p->replica) || replica_rev(p->replica) != rev)
			return false;
	}
	return true;
}

/* ---- what is so ---- */

static void check_word(struct storm *storm, const char *at)
{
	size_t index, number;
	struct person *person;

	assert_int_equal(sscanf(at, "<p%2zu.%7zu>", &index, &number), 2);
	assert_true(index < storm->count);
	person = &storm->people[index];
	if (number >= person->typed || person->words[number] != THERE)
		fail_msg("SEED=%llu: %.13s is there, twice or though it was taken away",
			(unsigned long long)storm->seed, at);
	person->words[number] = UNTYPED; /* found once */
}

static size_t count_there(const struct storm *storm)
{
	size_t count = 0;

	for (size_t i = 0; i < storm->count; i++)
		for (size_t k = 0; k < storm->people[i].typed; k++)
			count += storm->people[i].words[k] == THERE;
	return count;
}

static void mark_found(struct storm *storm)
{
	for (size_t i = 0; i < storm->count; i++)
		for (size_t k = 0; k < storm->people[i].typed; k++)
			if (storm->people[i].words[k] == UNTYPED)
				storm->people[i].words[k] = THERE;
}

static void check_texts(struct storm *storm)
{
	char *text = text_of(&storm->people[0]);
	size_t words = strlen(text) / WORD_BYTES;

	assert_int_equal(words * WORD_BYTES, strlen(text));
	assert_int_equal(words, count_there(storm));
	for (size_t i = 0; i < words; i++)
		check_word(storm, text + i * WORD_BYTES);
	mark_found(storm);
	for (size_t i = 1; i < storm->count; i++)
		assert_true(text_equal(replica_text(storm->people[i].replica),
			replica_text(storm->people[0].replica)));
	free(text);
}

/* ---- the storm ---- */

static void round_of(struct storm *storm)
{
	proxy_cruel(storm->proxy);
	for (size_t i = 0; i < storm->count; i++) {
		struct person *person = &storm->people[i];
		person->to_type = WORDS;
		timer_set(person->hand, 1, 1 + pick(&person->dice, TYPES_MS));
	}
	run_until(storm, all_typed);
	proxy_calm(storm->proxy);
	run_until(storm, all_in_step);
	check_texts(storm);
}

static struct storm *begin(struct stage *stage, const struct server *server)
{
	struct storm *storm = mem_alloc(sizeof(*storm));
	struct url url;

	(void)stage;
	storm->seed = number_of("SEED", 0);
	if (!storm->seed)
		assert_int_equal(getrandom(&storm->seed, 4, 0), 4);
	storm->count = number_of("PEOPLE", 6);
	assert_true(storm->count > 0 && storm->count <= PEOPLE_MAX);
	storm->loop = loop_create();
	storm->deadline = timer_make(storm->loop, on_deadline, storm);
	storm->proxy = proxy_create(storm->loop, server_port(server), storm->seed);
	assert_null(url_parse(server_url(server, "editor"), &url));
	url.port = proxy_port(storm->proxy);
	for (size_t i = 0; i < storm->count; i++)
		arrive(storm, i, &url);
	loop_on_turn(storm->loop, on_turn, storm);
	run_until(storm, all_opened);
	return storm;
}

static void end(struct storm *storm)
{
	loop_off_turn(storm->loop, on_turn, storm);
	for (size_t i = 0; i < storm->count; i++) {
		remote_destroy(storm->people[i].remote);
		timer_destroy(storm->people[i].hand);
		free(storm->people[i].words);
	}
	proxy_destroy(storm->proxy);
	timer_destroy(storm->deadline);
	loop_destroy(storm->loop);
	free(storm);
}

static void tell(const struct storm *storm, size_t rounds)
{
	size_t typed = 0, returns = 0;

	for (size_t i = 0; i < storm->count; i++) {
		typed += storm->people[i].typed;
		returns += storm->people[i].returns;
	}
	print_message("    %zu rounds, %zu words, revision %llu, %zu links, %zu times back;",
		rounds, typed, (unsigned long long)replica_rev(storm->people[0].replica),
		proxy_links(storm->proxy), returns);
	for (int fate = FATE_NONE + 1; fate < FATES; fate++)
		print_message(" %s %zu", proxy_fate_name[fate],
			proxy_met(storm->proxy, (enum proxy_fate)fate));
	print_message("\n");
}

static void test_storm(void **state)
{
	struct stage *stage = *state;
	size_t rounds = number_of("ROUNDS", 6);
	struct server *server;
	struct storm *storm;
	char *text;

	stage_write(stage, "words.txt", "", 0);
	server = server_start(stage, "words.txt", NULL);
	storm = begin(stage, server);
	print_message("    SEED=%llu PEOPLE=%zu ROUNDS=%zu\n", (unsigned long long)storm->seed,
		storm->count, rounds);
	for (size_t i = 0; i < rounds; i++)
		round_of(storm);
	tell(storm, rounds);
	text = text_of(&storm->people[0]);
	end(storm);
	assert_int_equal(server_stop(server, SIGTERM), 0);
	stage_file_becomes(stage, "words.txt", text, strlen(text));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_storm, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
