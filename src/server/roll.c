#include "src/server/roll.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ot/mem.h"

static void row_fini(struct roll_row *row)
{
	free(row->seqs);
}

void roll_fini(struct roll *roll)
{
	for (size_t i = 0; i < roll->count; i++)
		row_fini(&roll->rows[i]);
	free(roll->rows);
	*roll = (struct roll){0};
}

static struct roll_row *row_of(const struct roll *roll, uint64_t row)
{
	for (size_t i = 0; i < roll->count; i++)
		if (roll->rows[i].session.row == row)
			return &roll->rows[i];
	return NULL;
}

static void drop(struct roll *roll, struct roll_row *row)
{
	row_fini(row);
	*row = roll->rows[--roll->count];
}

static struct roll_row *longest_silent(struct roll *roll)
{
	struct roll_row *silent = &roll->rows[0];

	for (size_t i = 1; i < roll->count; i++)
		if (roll->rows[i].heard < silent->heard)
			silent = &roll->rows[i];
	return silent;
}

uint64_t roll_add(struct roll *roll, const struct store_session *session)
{
	struct roll_row *row;

	if (roll->count == ROLL_MOST)
		drop(roll, longest_silent(roll));
	roll->rows = mem_grow(roll->rows, &roll->cap, roll->count + 1, sizeof(*roll->rows));
	row = &roll->rows[roll->count++];
	*row = (struct roll_row){.session = *session, .heard = ++roll->calls};
	row->session.row = ++roll->given;
	return row->session.row;
}

/* The id is a secret: how long the comparison takes must not tell how much of a guess was right. */
bool roll_find(struct roll *roll, const char *id, struct store_session *out)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < roll->count; i++) {
		struct roll_row *row = &roll->rows[i];
		if (strlen(row->session.id) != len || CRYPTO_memcmp(row->session.id, id, len) != 0)
			continue;
		row->heard = ++roll->calls;
		*out = row->session;
		return true;
	}
	return false;
}

void roll_terms(struct roll *roll, const struct store_session *session)
{
	struct roll_row *at = row_of(roll, session->row);

	if (!at)
		return;
	memcpy(at->session.role, session->role, sizeof(session->role));
	memcpy(at->session.token, session->token, sizeof(session->token));
	memcpy(at->session.granted, session->granted, sizeof(session->granted));
}

void roll_end(struct roll *roll, uint64_t row)
{
	struct roll_row *at = row_of(roll, row);

	if (at)
		drop(roll, at);
}

void roll_count(struct roll *roll, uint64_t row, uint64_t doc, uint64_t seq)
{
	struct roll_row *at = row_of(roll, row);
	size_t i = 0;

	if (!at)
		return;
	at->heard = ++roll->calls;
	while (i < at->count && at->seqs[i].doc != doc)
		i++;
	if (i == at->count) {
		at->seqs = mem_grow(at->seqs, &at->cap, i + 1, sizeof(*at->seqs));
		at->count++;
	}
	at->seqs[i] = (struct roll_seq){doc, seq};
}

static uint64_t seq_in(const struct roll_row *row, uint64_t doc)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->seqs[i].doc == doc)
			return row->seqs[i].seq;
	return 0;
}

uint64_t roll_seq(const struct roll *roll, uint64_t row, uint64_t doc)
{
	const struct roll_row *at = row_of(roll, row);

	return at ? seq_in(at, doc) : 0;
}

static bool reaches(const struct roll *roll, const struct roll_row *other, uint64_t doc)
{
	uint64_t number = other->session.row;
	const struct roll_row *row = row_of(roll, number);

	if (!row)
		return number <= roll->given;
	return strcmp(row->session.id, other->session.id) == 0 &&
	       roll_seq(roll, number, doc) >= seq_in(other, doc);
}

bool roll_reaches(const struct roll *roll, const struct roll *other, uint64_t doc)
{
	for (size_t i = 0; i < other->count; i++)
		if (seq_in(&other->rows[i], doc) && !reaches(roll, &other->rows[i], doc))
			return false;
	return true;
}

const char *roll_name(const struct roll *roll, uint64_t user)
{
	for (size_t i = 0; i < roll->count; i++)
		if (roll->rows[i].session.user == user)
			return roll->rows[i].session.name;
	return "";
}

static void tape_row(struct tape *t, struct roll_row *row)
{
	struct store_session *s = &row->session;

	tape_uint(t, &s->row);
	tape_word(t, s->id, sizeof(s->id));
	tape_uint(t, &s->user);
	tape_word(t, s->name, sizeof(s->name));
	tape_word(t, s->color, sizeof(s->color));
	tape_word(t, s->role, sizeof(s->role));
	tape_word(t, s->token, sizeof(s->token));
	tape_word(t, s->granted, sizeof(s->granted));
	tape_uint(t, &row->heard);
	row->count = tape_count(t, row->count);
	if (!t->out) {
		row->cap = row->count;
		row->seqs = mem_alloc(row->count * sizeof(*row->seqs));
	}
	for (size_t i = 0; i < row->count; i++) {
		tape_uint(t, &row->seqs[i].doc);
		tape_uint(t, &row->seqs[i].seq);
	}
}

void tape_roll(struct tape *t, struct roll *roll)
{
	tape_uint(t, &roll->given);
	tape_uint(t, &roll->calls);
	roll->count = tape_count(t, roll->count);
	if (!t->out) {
		roll->cap = roll->count;
		roll->rows = mem_alloc(roll->count * sizeof(*roll->rows));
	}
	for (size_t i = 0; i < roll->count; i++)
		tape_row(t, &roll->rows[i]);
}
