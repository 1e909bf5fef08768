/*
 * Who may do what, and how long: what an owner decided holds, whatever those do whom it is about; and nobody has more by another's
 * session than by their own token.
 */
#include "tests/unit/src/world.h"

struct guest {
	struct mailbox *box;
	char session[33]; /* what they know of their session; "" at first */
};

/* A connection of theirs, with a token of that id and role. NULL: they are not let in. */
static struct person *come(struct world *w, struct guest *guest, const char *token, enum role role)
{
	struct message hello = {.type = MSG_HELLO,
		.hello = {.v = 1, .name = str("Guest"), .session = str(guest->session)}};
	struct room_terms terms = {.role = role, .name = "", .token = token};
	struct person *person = room_hello(w->room, guest->box, &terms, &hello);

	if (person)
		memcpy(guest->session, person->session, sizeof(guest->session));
	return person;
}

static void change_role(
	struct world *w, struct person *by, const struct person *whose, const char *role)
{
	char admin[100];

	snprintf(admin, sizeof(admin),
		"{\"t\":\"admin\",\"do\":\"role\",\"user\":%u,\"arg\":\"%s\"}",
		(unsigned)whose->user, role);
	say(w, by, admin);
}

static void command(struct world *w, struct person *by, const char *verb, uint64_t user)
{
	char admin[100];

	snprintf(admin, sizeof(admin), "{\"t\":\"admin\",\"do\":\"%s\",\"user\":%u,\"arg\":\"\"}",
		verb, (unsigned)user);
	say(w, by, admin);
}

/* The ways in which a connection may end before the next one comes. */
enum way { WAY_STILL_THERE, WAY_LOST, WAY_FORGOTTEN, WAY_SERVER_KILLED, WAYS };

static void part(struct world *w, struct person *person, enum way way)
{
	if (way == WAY_LOST || way == WAY_FORGOTTEN)
		room_lost(w->room, person);
	if (way == WAY_FORGOTTEN) {
		w->now_ms += LIMIT_SESSION_MS;
		room_tick(w->room);
	}
	if (way == WAY_SERVER_KILLED)
		world_restart(w);
}

static void a_changed_role_holds(void **state)
{
	static const enum role roles[] = {ROLE_VIEWER, ROLE_OWNER};

	(void)state;
	for (int way = 0; way < WAYS; way++)
		for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
			struct world *w = world_create("abc");
			struct guest ada = {.box = &w->ada}, ben = {.box = &w->ben};
			struct person *owner = come(w, &ada, "a", ROLE_OWNER);
			struct person *guest = come(w, &ben, "b", ROLE_EDITOR);
			uint64_t user = guest->user;

			change_role(w, owner, guest, role_name[roles[i]]);
			part(w, guest, (enum way)way);
			guest = come(w, &ben, "b", ROLE_EDITOR);
			assert_int_equal(guest->user, user);
			assert_int_equal(guest->role, roles[i]);
			part(w, guest, (enum way)way); /* it did not only last once */
			guest = come(w, &ben, "b", ROLE_EDITOR);
			assert_int_equal(guest->role, roles[i]);
			world_destroy(w);
		}
}

static void who_was_lowered_cannot_write(void **state)
{
	struct world *w = world_create("abc");
	struct guest ada = {.box = &w->ada}, ben = {.box = &w->ben};
	struct person *owner = come(w, &ada, "a", ROLE_OWNER),
		      *guest = come(w, &ben, "b", ROLE_EDITOR);

	(void)state;
	change_role(w, owner, guest, "viewer");
	world_restart(w);
	guest = come(w, &ben, "b", ROLE_EDITOR);
	say(w, guest, "{\"t\":\"open\",\"path\":\"a.c\",\"create\":false}");
	say(w, guest, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[-3]}");
	assert_heard(&w->ben, "\"mode\":\"ro\"");
	assert_heard(&w->ben, "\"code\":\"read-only\"");
	assert_text(w, "abc");
	world_destroy(w);
}

/* A session whose role was raised, and somebody who has its secret and a token of another id, of the same one, or without. */
static void a_role_is_not_lent_to_another_token(void **state)
{
	static const struct {
		const char *theirs, *anothers;
	} tokens[] = {{"e", "v"}, {"e", "e"}, {"", ""}, {"", "v"}, {"e", ""}, {NULL, NULL}};

	(void)state;
	for (int way = 0; way < WAYS; way++)
		for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
			struct world *w = world_create("abc");
			struct guest ada = {.box = &w->ada}, eve = {.box = &w->eve};
			struct person *owner = come(w, &ada, "a", ROLE_OWNER);
			struct person *guest = come(w, &eve, tokens[i].theirs, ROLE_EDITOR);

			change_role(w, owner, guest, "owner");
			assert_int_equal(guest->role, ROLE_OWNER);
			part(w, guest, (enum way)way);
			guest = come(w, &eve, tokens[i].anothers, ROLE_VIEWER);
			assert_int_equal(guest->role, ROLE_VIEWER);
			part(w, guest, (enum way)way);
			guest = come(
				w, &eve, tokens[i].theirs, ROLE_EDITOR); /* nor kept for later */
			assert_int_equal(guest->role, ROLE_EDITOR);
			world_destroy(w);
		}
}

/* Of a history that does not say what the session's token granted, or says nonsense, the token of now counts. */
static void what_is_not_known_is_not_granted(void **state)
{
	static const char *const grants[] = {"", "emperor"};

	(void)state;
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		struct world *w = world_create("abc");
		struct guest ada = {.box = &w->ada}, eve = {.box = &w->eve};
		struct person *owner = come(w, &ada, "a", ROLE_OWNER);
		struct person *guest = come(w, &eve, "e", ROLE_VIEWER);
		struct store_session *kept = ledger_session(&w->ledger, guest->session_row);

		change_role(w, owner, guest, "owner");
		snprintf(kept->granted, sizeof(kept->granted), "%s", grants[i]);
		world_restart(w);
		assert_int_equal(come(w, &eve, "e", ROLE_VIEWER)->role, ROLE_VIEWER);
		world_destroy(w);
	}
}

static void who_was_kicked_is_nobody(void **state)
{
	(void)state;
	for (int restarted = 0; restarted < 2; restarted++) {
		struct world *w = world_create("abc");
		struct guest ada = {.box = &w->ada}, ben = {.box = &w->ben};
		struct person *owner = come(w, &ada, "a", ROLE_OWNER);
		uint64_t user = come(w, &ben, "b", ROLE_EDITOR)->user;

		command(w, owner, "kick", user);
		assert_int_equal(w->ben.closed, 1000);
		command(w, owner, "lock", 0);
		if (restarted) {
			world_restart(w);
			owner = come(w, &ada, "a", ROLE_OWNER);
		}
		assert_null(come(w, &ben, "b", ROLE_EDITOR));
		command(w, owner, "unlock", 0);
		if (restarted)
			world_restart(w);
		assert_int_not_equal(come(w, &ben, "b", ROLE_EDITOR)->user, user);
		world_destroy(w);
	}
}

static void owners_do_not_lock_themselves_out(void **state)
{
	(void)state;
	for (int way = 0; way < WAYS; way++) {
		struct world *w = world_create("abc");
		struct guest ada = {.box = &w->ada}, ben = {.box = &w->ben},
			     again = {.box = &w->eve};
		struct person *owner = come(w, &ada, "a", ROLE_OWNER);
		struct person *raised = come(w, &ben, "b", ROLE_EDITOR);

		change_role(w, owner, owner, "viewer");
		assert_heard(&w->ada, "\"code\":\"forbidden\"");
		assert_int_equal(owner->role, ROLE_OWNER);
		change_role(w, owner, raised, "owner");
		command(w, raised, "lock", 0);
		part(w, raised, (enum way)way);
		raised = come(w, &ben, "b", ROLE_EDITOR); /* by their session */
		assert_int_equal(raised->role, ROLE_OWNER);
		assert_null(come(w, &again, "e", ROLE_EDITOR));
		assert_non_null(come(w, &again, "a", ROLE_OWNER)); /* by their token */
		command(w, raised, "unlock", 0);
		assert_false(w->room->locked);
		world_destroy(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_role_holds),
		cmocka_unit_test(who_was_lowered_cannot_write),
		cmocka_unit_test(a_role_is_not_lent_to_another_token),
		cmocka_unit_test(what_is_not_known_is_not_granted),
		cmocka_unit_test(who_was_kicked_is_nobody),
		cmocka_unit_test(owners_do_not_lock_themselves_out),
	};

	return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
