/*
 * However many save a text without a last newline at the same moment, and whatever else they and others type meanwhile: it gets one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/log.h"
#include "src/client/tidy.h"

#define PEOPLE 4
#define WORLDS 3000

struct one {
	struct replica *replica;
	struct peer peer;
	struct tidy tidy;
	uint64_t heard; /* the newest revision that arrived here */
};

struct world {
	struct log *log;
	struct one at[PEOPLE];
	uint64_t random;
};

static uint64_t chance(struct world *w, uint64_t of)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (w->random >> 33) % of;
}

static void begin(struct world *w, uint64_t seed, const char *text)
{
	struct text *t;

	*w = (struct world){.random = seed};
	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	w->log = log_create(t, 0);
	for (uint64_t i = 0; i < PEOPLE; i++) {
		w->at[i].replica = replica_create(text_copy(log_text(w->log)), 0, i + 1);
		w->at[i].peer = peer_at(i + 1, 0);
	}
}

static void end(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		replica_destroy(w->at[i].replica);
		peer_fini(&w->at[i].peer);
	}
	log_destroy(w->log);
}

static bool ends_open(const struct text *text)
{
	struct text_iter it = text_iter(text, text_size(text).points);
	uint32_t c;

	return text_iter_prev(&it, &c) && c != '\n';
}

static void put(struct one *one, size_t pos, const char *text)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, text, strlen(text));
	assert_int_equal(replica_edit(one->replica, &op), ERR_NONE);
	op_fini(&op);
}

static void save(struct one *one)
{
	const struct text *text = replica_text(one->replica);
	struct op op = {0};

	if (!ends_open(text))
		return;
	op_retain(&op, text_size(text).points);
	op_insert(&op, "\n", 1);
	tidy_did(&one->tidy, one->replica, &op);
	assert_int_equal(replica_edit(one->replica, &op), ERR_NONE);
	op_fini(&op);
}

/* What the server gets of it, it orders at once. */
static void send(struct world *w, struct one *one)
{
	const struct op *op;
	uint64_t rev, seq;

	if (replica_send(one->replica, &rev, &seq, &op))
		assert_int_equal(log_receive(w->log, &one->peer, rev, seq, op), ERR_NONE);
}

static void hear(struct world *w, struct one *one)
{
	const struct log_entry *entry = log_entry(w->log, one->heard + 1);
	struct op shown;

	if (!entry)
		return;
	one->heard++;
	if (entry->user == replica_user(one->replica)) {
		assert_int_equal(replica_ack(one->replica, one->heard, entry->seq), ERR_NONE);
		return;
	}
	assert_int_equal(replica_receive(one->replica, one->heard, entry->user, &entry->op, &shown),
		ERR_NONE);
	struct op mend = tidy_heard(&one->tidy, one->replica, &shown);
	assert_int_equal(replica_edit(one->replica, &mend), ERR_NONE);
	op_fini(&mend);
	op_fini(&shown);
}

static void settle(struct world *w)
{
	for (int round = 0; round < 100; round++)
		for (size_t i = 0; i < PEOPLE; i++) {
			send(w, &w->at[i]);
			hear(w, &w->at[i]);
		}
}

static void assert_all_have(const struct world *w, const char *text)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		char *is = text_slice(replica_text(w->at[i].replica), 0, SIZE_MAX / 2, NULL);
		assert_string_equal(is, text);
		free(is);
	}
}

static void one_newline_stays(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		struct world w;
		size_t savers = 2 + seed % (PEOPLE - 1);
		begin(&w, seed, "one");
		for (size_t i = 0; i < savers; i++) {
			save(&w.at[i]);
			if (chance(&w, 2))
				send(&w, &w.at[i]);
		}
		for (uint64_t steps = chance(&w, 40); steps; steps--) {
			struct one *one = &w.at[chance(&w, PEOPLE)];
			switch (chance(&w, 3)) {
			case 0: send(&w, one); break;
			case 1: hear(&w, one); break;
			default: put(one, 0, "x");
			}
		}
		settle(&w);
		struct text_size size = text_size(log_text(w.log));
		assert_int_equal(size.lines, 1);
		assert_false(ends_open(log_text(w.log)));
		for (size_t i = 0; i < PEOPLE; i++)
			assert_true(text_equal(log_text(w.log), replica_text(w.at[i].replica)));
		end(&w);
	}
}

/* A newline that somebody puts there who knows of the one that the save added is meant. */
static void later_newlines_stay(void **state)
{
	struct world w;

	(void)state;
	begin(&w, 1, "one");
	save(&w.at[0]);
	settle(&w);
	put(&w.at[1], 4, "\n");
	put(&w.at[0], 0, "x"); /* something of the saver's is on its way again */
	settle(&w);
	assert_all_have(&w, "xone\n\n");
	end(&w);
}

/* And so is one that is not at the end. */
static void other_newlines_stay(void **state)
{
	struct world w;

	(void)state;
	begin(&w, 1, "\n\none");
	save(&w.at[0]);
	put(&w.at[1], 1, "\n");
	settle(&w);
	assert_all_have(&w, "\n\n\none\n");
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_newline_stays),
		cmocka_unit_test(later_newlines_stay),
		cmocka_unit_test(other_newlines_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
