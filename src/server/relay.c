#include "src/server/relay.h"

#include <stdlib.h>
#include <string.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/relay_state.h"

/* ---- who is here ---- */

static struct here *here_at(const struct relay *relay, uint64_t number)
{
	for (size_t i = 0; i < relay->here_count; i++)
		if (relay->here[i].number == number)
			return &relay->here[i];
	return NULL;
}

void *relay_to(const struct relay *relay, uint64_t number)
{
	const struct here *here = here_at(relay, number);

	return here ? here->to : NULL;
}

void relay_forget(struct relay *relay, uint64_t number)
{
	struct here *here = here_at(relay, number);

	if (here)
		*here = relay->here[--relay->here_count];
}

struct person *relay_person(const struct relay *relay, uint64_t server, uint64_t number)
{
	for (size_t i = 0; i < relay->room->people_count; i++) {
		const struct link *link = relay->room->people[i]->to;
		if (link && link->server == server && link->number == number)
			return relay->room->people[i];
	}
	return NULL;
}

size_t relay_here(const struct relay *relay)
{
	return relay->here_count;
}

/* ---- writing down ---- */

static void record(struct relay *relay, enum record kind, uint64_t number, const struct buf *inside)
{
	struct tape t = tape_writer(&relay->draft);
	uint64_t word = kind;

	tape_uint(&t, &word);
	tape_uint(&t, &number);
	tape_str(&t, &(struct str){inside ? inside->at : NULL, inside ? inside->len : 0});
}

void relay_terms(struct tape *t, struct room_terms *terms, char token[TOKEN_ID_BYTES],
	char name[TOKEN_NAME_BYTES])
{
	uint64_t role = terms->role, expires = (uint64_t)terms->expires;

	tape_uint(t, &role);
	tape_word(t, name, TOKEN_NAME_BYTES);
	tape_word(t, token, TOKEN_ID_BYTES);
	tape_uint(t, &expires);
	*terms = (struct room_terms){.role = role <= ROLE_OWNER ? (enum role)role : ROLE_VIEWER,
		.name = name,
		.token = token,
		.expires = (int64_t)expires};
}

static void copy_word(char *out, size_t size, const char *word)
{
	size_t len = word ? strnlen(word, size - 1) : 0;

	memcpy(out, word ? word : "", len);
	out[len] = '\0';
}

static void put_hello(struct relay *relay, struct buf *inside, const struct room_terms *terms,
	const struct message *hello)
{
	char token[TOKEN_ID_BYTES], name[TOKEN_NAME_BYTES], random[RELAY_RANDOM_BYTES];
	struct room_terms copy = *terms;
	struct tape t = tape_writer(inside);

	copy_word(token, sizeof(token), terms->token);
	copy_word(name, sizeof(name), terms->name);
	relay->handler->random(relay->ctx, random, sizeof(random));
	relay_terms(&t, &copy, token, name);
	tape_str(&t, &(struct str){random, sizeof(random)});
	codec_encode(CODEC_BIN, hello, inside);
}

uint64_t relay_hello(
	struct relay *relay, void *to, const struct room_terms *terms, const struct message *hello)
{
	struct buf inside = {0};
	uint64_t number = ++relay->numbers;

	relay->here = mem_grow(
		relay->here, &relay->here_cap, relay->here_count + 1, sizeof(*relay->here));
	relay->here[relay->here_count++] = (struct here){number, to};
	put_hello(relay, &inside, terms, hello);
	record(relay, RECORD_HELLO, number, &inside);
	buf_fini(&inside);
	return number;
}

void relay_message(struct relay *relay, uint64_t number, const struct message *m)
{
	struct buf inside = {0};

	codec_encode(CODEC_BIN, m, &inside);
	record(relay, RECORD_MESSAGE, number, &inside);
	buf_fini(&inside);
}

void relay_gone(struct relay *relay, uint64_t number, bool left)
{
	if (!here_at(relay, number))
		return;
	relay_forget(relay, number);
	record(relay, left ? RECORD_LEFT : RECORD_LOST, number, NULL);
	struct person *person = relay_person(relay, relay->me, number);
	if (person)
		((struct link *)person->to)->to = NULL;
}

static void record_numbers(
	struct relay *relay, enum record kind, uint64_t number, uint64_t a, uint64_t b)
{
	struct buf inside = {0};
	struct tape t = tape_writer(&inside);

	tape_uint(&t, &a);
	tape_uint(&t, &b);
	record(relay, kind, number, &inside);
	buf_fini(&inside);
}

void relay_rtt(struct relay *relay, uint64_t number, unsigned ms)
{
	const struct person *person = relay_person(relay, relay->me, number);
	unsigned was = person ? person->rtt_ms : 0;

	if (person && (ms > was + was / 4 + 5 || ms + ms / 4 + 5 < was))
		record_numbers(relay, RECORD_RTT, number, ms, 0);
}

void relay_files(struct relay *relay, uint64_t doc, uint64_t hash)
{
	record_numbers(relay, RECORD_FILING, 0, doc, hash);
	relay->handler->stir(relay->ctx);
}

void relay_saved(struct relay *relay, uint64_t doc, uint64_t rev, uint64_t hash)
{
	struct buf inside = {0};
	struct tape t = tape_writer(&inside);

	tape_uint(&t, &doc);
	tape_uint(&t, &rev);
	tape_uint(&t, &hash);
	record(relay, RECORD_SAVED, 0, &inside);
	buf_fini(&inside);
	relay->handler->stir(relay->ctx);
}

void relay_kept(struct relay *relay, size_t bytes)
{
	record_numbers(relay, RECORD_KEPT, 0, bytes, 0);
}

static void record_text(struct relay *relay, enum record kind, const char *text)
{
	struct buf inside = {0};

	buf_add_str(&inside, text);
	record(relay, kind, 0, &inside);
	buf_fini(&inside);
}

void relay_expel(struct relay *relay, const char *token)
{
	record_text(relay, RECORD_EXPEL, token);
}

void relay_warn(struct relay *relay, const char *text)
{
	record_text(relay, RECORD_WARN, text);
}

void relay_merge(struct relay *relay, uint64_t doc, uint64_t rev, const struct op *edit)
{
	struct buf inside = {0};
	struct tape t = tape_writer(&inside);
	struct op copy = op_copy(edit);

	tape_uint(&t, &doc);
	tape_uint(&t, &rev);
	tape_op(&t, &copy);
	record(relay, RECORD_MERGE, 0, &inside);
	op_fini(&copy);
	buf_fini(&inside);
}

/* One that is on its way is enough: when nothing can be ordered they would all arrive at once, and be a minute. */
void relay_tick(struct relay *relay)
{
	if (!relay->ticking)
		record(relay, RECORD_TICK, 0, NULL);
	relay->ticking = true;
}

void relay_leave(struct relay *relay)
{
	record(relay, RECORD_LEAVE, 0, NULL);
}

/* ---- into the order ---- */

void relay_header(struct tape *t, uint64_t *version, uint64_t *server, uint64_t *n, uint64_t *at_ms)
{
	tape_uint(t, version);
	tape_uint(t, server);
	tape_uint(t, n);
	tape_uint(t, at_ms);
}

static struct unordered *next_entry(struct relay *relay)
{
	relay->unordered = mem_grow(relay->unordered, &relay->unordered_cap,
		relay->unordered_count + 1, sizeof(*relay->unordered));
	relay->unordered[relay->unordered_count] =
		(struct unordered){.n = ++relay->n, .since_us = relay->handler->now_us(relay->ctx)};
	return &relay->unordered[relay->unordered_count++];
}

void relay_turn(struct relay *relay)
{
	uint64_t version = RELAY_VERSION, now = relay->handler->unix_ms(relay->ctx);

	if (!relay->draft.len || relay->broken ||
		(relay->unordered_count >= RELAY_WINDOW && relay->draft.len < RELAY_ENTRY_BYTES))
		return;
	struct unordered *entry = next_entry(relay);
	struct tape t = tape_writer(&entry->bytes);
	relay_header(&t, &version, &relay->me, &entry->n, &now);
	buf_add(&entry->bytes, relay->draft.at, relay->draft.len);
	buf_clear(&relay->draft);
	relay->unordered_bytes += entry->bytes.len;
	relay->handler->append(relay->ctx, entry->bytes.at, entry->bytes.len);
}

void relay_again(struct relay *relay)
{
	for (size_t i = 0; i < relay->unordered_count; i++)
		relay->handler->append(
			relay->ctx, relay->unordered[i].bytes.at, relay->unordered[i].bytes.len);
}

size_t relay_unordered(const struct relay *relay)
{
	return relay->unordered_bytes + relay->draft.len;
}

void relay_drop_ordered(struct relay *relay, uint64_t upto)
{
	size_t count = 0;

	while (count < relay->unordered_count && relay->unordered[count].n <= upto) {
		relay->unordered_bytes -= relay->unordered[count].bytes.len;
		buf_fini(&relay->unordered[count++].bytes);
	}
	relay->unordered_count -= count;
	if (relay->unordered_count)
		memmove(relay->unordered, relay->unordered + count,
			relay->unordered_count * sizeof(*relay->unordered));
}

bool relay_writes(const struct relay *relay)
{
	return relay->server_count && relay->servers[0].id == relay->me;
}

size_t relay_servers(const struct relay *relay)
{
	return relay->server_count;
}

uint64_t relay_position(const struct relay *relay)
{
	return relay->position;
}

struct room *relay_room(const struct relay *relay)
{
	return relay->room;
}
