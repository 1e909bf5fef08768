#include "tui/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/theme.h"

struct person *people_find(struct people *people, uint64_t user)
{
	for (size_t i = 0; i < people->count; i++)
		if (people->at[i].user == user)
			return &people->at[i];
	return NULL;
}

static struct person *people_add(struct people *people, uint64_t user)
{
	if (people->count == PEOPLE_MAX)
		return NULL;
	people->at = mem_grow(people->at, &people->cap, people->count + 1, sizeof(*people->at));
	people->at[people->count] = (struct person){.user = user};
	return &people->at[people->count++];
}

struct person *people_put(struct people *people, uint64_t user, const char *name, const char *color)
{
	struct person *person = people_find(people, user);

	if (!person && !(person = people_add(people, user)))
		return NULL;
	free(person->name);
	person->name = mem_dup(name, strlen(name));
	person->color = theme_person(color, user);
	return person;
}

static void person_fini(struct person *person)
{
	free(person->name);
	free(person->path);
	free(person->sels);
}

void people_remove(struct people *people, uint64_t user)
{
	struct person *person = people_find(people, user);

	if (!person)
		return;
	person_fini(person);
	size_t behind = (size_t)(people->at + --people->count - person);
	memmove(person, person + 1, behind * sizeof(*person));
}

void people_clear(struct people *people)
{
	for (size_t i = 0; i < people->count; i++)
		person_fini(&people->at[i]);
	free(people->at);
	*people = (struct people){0};
}

void person_state(struct person *person, const char *state)
{
	snprintf(person->state, sizeof(person->state), "%s", state ? state : "");
}

void person_role(struct person *person, const char *role)
{
	snprintf(person->role, sizeof(person->role), "%s", role ? role : "");
}

void person_place(struct person *person, const char *path, uint64_t line)
{
	free(person->path);
	person->path = *path ? mem_dup(path, strlen(path)) : NULL;
	person->line = line;
}

bool person_elsewhere(const struct person *person, const char *here)
{
	return !person->me && person->path && here && strcmp(person->path, here) != 0;
}

bool person_is(const struct person *person, const char *state)
{
	return strcmp(person->state, state) == 0;
}

void person_sels(struct person *person, const struct sel *sels, size_t count)
{
	size_t keep = count < PEOPLE_SELS ? count : PEOPLE_SELS;

	free(person->sels);
	person->sels = NULL;
	if (keep) {
		person->sels = mem_alloc(keep * sizeof(*sels));
		memcpy(person->sels, sels, keep * sizeof(*sels));
	}
	person->count = keep;
	person->moved = keep > 0;
}

void people_shift(struct people *people, const struct op *op, uint64_t author)
{
	for (size_t i = 0; i < people->count; i++) {
		struct person *person = &people->at[i];
		for (size_t k = 0; k < person->count; k++)
			anchor_shift(&person->sels[k], op, author, person->user);
		person->moved |= person->user == author && person->count;
	}
}

static int by_place(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
}

size_t *people_heads(const struct people *people, size_t *count)
{
	size_t *heads = NULL, cap = 0;

	*count = 0;
	for (size_t i = 0; i < people->count; i++) {
		const struct person *person = &people->at[i];
		for (size_t s = 0; !person->me && s < person->count; s++) {
			heads = mem_grow(heads, &cap, *count + 1, sizeof(*heads));
			heads[(*count)++] = person->sels[s].head;
		}
	}
	if (*count)
		qsort(heads, *count, sizeof(*heads), by_place);
	return heads;
}

void people_nowhere(struct people *people)
{
	for (size_t i = 0; i < people->count; i++)
		person_sels(&people->at[i], NULL, 0);
}

/* ---- names that show for a while ---- */

void people_tick(struct people *people, uint64_t now_ms)
{
	for (size_t i = 0; i < people->count; i++) {
		if (people->at[i].moved)
			people->at[i].flag_ms = now_ms + PEOPLE_FLAG_MS;
		people->at[i].moved = false;
	}
}

bool person_flagged(const struct person *person, uint64_t now_ms)
{
	return person->count && !person->me && person->flag_ms > now_ms;
}

uint64_t people_next(const struct people *people, uint64_t now_ms)
{
	uint64_t next = 0;

	for (size_t i = 0; i < people->count; i++) {
		uint64_t left = people->at[i].flag_ms - now_ms;
		if (person_flagged(&people->at[i], now_ms) && (!next || left < next))
			next = left;
	}
	return next;
}

void people_typing(const struct people *people, struct buf *out)
{
	const struct person *typing[2];
	size_t count = 0;

	for (size_t i = 0; i < people->count; i++)
		if (!people->at[i].me && person_is(&people->at[i], "typing")) {
			if (count < 2)
				typing[count] = &people->at[i];
			count++;
		}
	if (count == 1)
		buf_printf(out, "%s is typing…", typing[0]->name);
	else if (count == 2)
		buf_printf(out, "%s and %s are typing…", typing[0]->name, typing[1]->name);
	else if (count)
		buf_printf(out, "%zu people are typing…", count);
}
