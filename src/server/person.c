#include "src/server/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/far.h"

struct person *person_with_user(const struct room *room, uint64_t user)
{
	for (size_t i = 0; i < room->people_count; i++)
		if (room->people[i]->user == user)
			return room->people[i];
	return NULL;
}

/* A session's id is a secret: how long the comparison takes must not tell how much of a guess was right. */
static bool is_session(struct str guess, const char *session)
{
	return guess.len == strlen(session) && CRYPTO_memcmp(guess.at, session, guess.len) == 0;
}

struct person *person_with_session(const struct room *room, struct str session)
{
	for (size_t i = 0; session.len && i < room->people_count; i++)
		if (is_session(session, room->people[i]->session))
			return room->people[i];
	return NULL;
}

/* Twelve colours that are told apart on dark and on light ground. */
static const char *const palette[] = {"#ff8700", "#00d7ff", "#5fd700", "#ff5fd7", "#d7af00",
	"#00d787", "#ff5f5f", "#af87ff", "#5fafff", "#d78787", "#87af5f", "#d787ff"};
#define PALETTE_SIZE (sizeof(palette) / sizeof(palette[0]))

static const char *free_color(const struct room *room)
{
	size_t used[PALETTE_SIZE] = {0}, best = 0;

	for (size_t i = 0; i < room->people_count; i++)
		for (size_t c = 0; c < PALETTE_SIZE; c++)
			used[c] += strcmp(room->people[i]->color, palette[c]) == 0;
	for (size_t c = 1; c < PALETTE_SIZE; c++)
		if (used[c] < used[best])
			best = c;
	return palette[best];
}

static bool color_valid(struct str color)
{
	if (color.len != 7 || color.at[0] != '#')
		return false;
	for (size_t i = 1; i < 7; i++)
		if (!strchr("0123456789abcdefABCDEF", color.at[i]))
			return false;
	return true;
}

static struct person *add_person(
	struct room *room, const char *name, const struct room_terms *terms)
{
	struct person *person = mem_alloc(sizeof(*person));

	snprintf(person->name, sizeof(person->name), "%s", name);
	person->role = person->granted = terms->role;
	person->expires = terms->expires;
	person->state = "active";
	room->people =
		mem_grow(room->people, &room->people_cap, room->people_count + 1, sizeof(person));
	room->people[room->people_count++] = person;
	return person;
}

static void fill_terms(const struct person *person, struct store_session *out)
{
	snprintf(out->role, sizeof(out->role), "%s", role_name[person->role]);
	snprintf(out->token, sizeof(out->token), "%s", person->token);
	snprintf(out->granted, sizeof(out->granted), "%s", role_name[person->granted]);
}

void person_keep_terms(struct room *room, const struct person *person)
{
	struct store_session kept = {.row = person->session_row};

	fill_terms(person, &kept);
	room->handler->keep_terms(room->ctx, &kept);
}

static void keep_person(struct room *room, struct person *person)
{
	struct store_session kept = {.user = person->user};

	snprintf(kept.id, sizeof(kept.id), "%s", person->session);
	snprintf(kept.name, sizeof(kept.name), "%s", person->name);
	snprintf(kept.color, sizeof(kept.color), "%s", person->color);
	fill_terms(person, &kept);
	person->session_row = room->handler->keep_session(room->ctx, &kept);
	room->handler->keep_next_user(room->ctx, room->next_user);
}

struct person *person_new(
	struct room *room, const struct room_terms *terms, const struct message *hello)
{
	char name[NAME_CLEAN_BYTES];
	unsigned char secret[16];
	struct person *person;

	limits_clean_name(*terms->name ? str(terms->name) : hello->hello.name, "guest", name);
	person = add_person(room, name, terms);
	if (terms->token)
		snprintf(person->token, sizeof(person->token), "%s", terms->token);
	person->user = room->next_user++;
	if (color_valid(hello->hello.color))
		memcpy(person->color, hello->hello.color.at, 7);
	else
		snprintf(person->color, sizeof(person->color), "%s", free_color(room));
	room->handler->random(room->ctx, secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		snprintf(person->session + 2 * i, 3, "%02x", secret[i]);
	keep_person(room, person);
	return person;
}

bool person_has_token(const struct person *person, const struct room_terms *terms)
{
	return terms->token && *terms->token && strcmp(person->token, terms->token) == 0 &&
	       person->granted == terms->role;
}

struct person *person_kept(struct room *room, const struct room_terms *terms, struct str session)
{
	char id[64];
	struct store_session kept;
	struct person *person;

	if (!session.len || session.len >= sizeof(id))
		return NULL;
	snprintf(id, sizeof(id), "%.*s", (int)session.len, session.at);
	if (!room->handler->find_session(room->ctx, id, &kept) || person_with_user(room, kept.user))
		return NULL;
	person = add_person(room, kept.name, terms);
	snprintf(person->token, sizeof(person->token), "%s", kept.token);
	if (!role_parse(str(kept.granted), &person->granted))
		person->token[0] = '\0';
	if (person_has_token(person, terms))
		role_parse(str(kept.role), &person->role); /* an owner may have changed it */
	person->user = kept.user;
	person->session_row = kept.row;
	snprintf(person->session, sizeof(person->session), "%.32s", id);
	snprintf(person->color, sizeof(person->color), "%s", kept.color);
	return person;
}

static void person_destroy(struct person *person)
{
	doc_leave_all(person);
	far_forget(person);
	free(person);
}

void person_remove(struct room *room, struct person *person)
{
	size_t at = 0;

	while (room->people[at] != person)
		at++;
	room->people[at] = room->people[--room->people_count];
	person_destroy(person);
}

void person_destroy_all(struct room *room)
{
	for (size_t i = 0; i < room->people_count; i++)
		person_destroy(room->people[i]);
	free(room->people);
}
