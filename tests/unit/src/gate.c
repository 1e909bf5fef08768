/*
 * Who comes in: two gates on one state folder are a server and a command beside it.
 */
#include "tests/unit/src/scratch.h"

#include <utime.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sqlite3.h>

#include "net/base64url.h"
#include "net/url.h"
#include "src/server/gate.h"

#define NOW 1700000000

struct world {
	char *top, *dir;
	struct state server_state, command_state;
	struct gate server, command;
};

static void open_gate(struct gate *gate, struct state *s, const char *dir)
{
	char *why;

	if (!state_open(s, dir, NULL, &why) || !gate_open(gate, s, NULL, &why))
		fail_msg("%s", why);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->top = scratch_make();
	w->dir = report_sentence("%s/state", w->top);
	open_gate(&w->server, &w->server_state, w->dir);
	open_gate(&w->command, &w->command_state, w->dir);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	gate_fini(&w->server);
	gate_fini(&w->command);
	state_close(&w->server_state);
	state_close(&w->command_state);
	free(w->dir);
	scratch_remove(w->top);
	free(w);
	return 0;
}

/* A token of the command's, for an hour. */
static struct invite invite(struct world *w, char *token)
{
	struct gate_terms terms = {.room = "den",
		.name = "Ada",
		.role = ROLE_VIEWER,
		.expires = NOW + 3600,
		.host = "192.0.2.7",
		.port = 8443};
	struct invite given;
	struct url url;
	char *why, *text = gate_invite(&w->command, &terms, NOW, &given, &why);

	assert_null(why);
	assert_null(url_parse(text, &url));
	assert_string_equal(url.host, "192.0.2.7");
	assert_string_equal(url.room, "den");
	assert_string_equal(url.pin, w->server_state.identity.pin);
	strcpy(token, url.token);
	free(text);
	return given;
}

static int check(struct gate *gate, const char *token, int64_t now)
{
	struct claims claims;
	const struct gate_refusal *no = gate_check(gate, token, "den", now, &claims);

	if (no)
		return no->status;
	assert_string_equal(claims.room, "den");
	assert_string_equal(claims.name, "Ada");
	assert_int_equal(claims.role, ROLE_VIEWER);
	assert_true(*claims.jti);
	return 0;
}

static void assert_told(struct gate *gate, const char *token, const char *room, int64_t now,
	int status, const char *told)
{
	struct claims claims;
	const struct gate_refusal *no = gate_check(gate, token, room, now, &claims);

	assert_non_null(no);
	assert_int_equal(no->status, status);
	assert_string_equal(no->told, told);
}

/* What a guess cannot reach is told; all guesses hear the same. */
static void a_refusal_says_why_to_who_held_a_good_token(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], *why;
	struct invite given = invite(w, token);

	assert_told(&w->server, token, "den", NOW + 3600, 401, "expired\n");
	assert_told(&w->server, token, "attic", NOW, 403, "other-room\n");
	assert_told(&w->server, "", "den", NOW, 401, "missing\n");
	assert_told(&w->server, "hello", "den", NOW, 401, "invalid\n");
	assert_true(invites_revoke(w->server.invites, given.id, NOW, &why));
	assert_told(&w->server, token, "den", NOW, 403, "revoked\n");
	token[strlen(token) - 2] ^= 1;
	assert_told(&w->server, token, "den", NOW, 401, "invalid\n");
	assert_told(&w->server, token, "den", NOW + 3600, 401, "invalid\n");
	assert_told(&w->server, token, "attic", NOW, 401, "invalid\n");
}

static void an_invitation_lets_in_until_it_expires(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1];

	invite(w, token);
	assert_int_equal(check(&w->server, token, NOW), 0);
	assert_int_equal(check(&w->server, token, NOW + 3599), 0);
	assert_int_equal(check(&w->server, token, NOW + 3600), 401);
	token[strlen(token) - 2] ^= 1;
	assert_int_equal(check(&w->server, token, NOW), 401);
	assert_int_equal(check(&w->server, "", NOW), 401);
}

struct listed {
	size_t count;
	struct invite last;
};

static void list_one(void *ctx, const struct invite *one)
{
	struct listed *listed = ctx;

	listed->count++;
	listed->last = *one;
}

static size_t list(struct world *w, const char *room, int64_t now, struct invite *last)
{
	struct listed listed = {0};
	char *why;

	assert_true(invites_each(w->server.invites, room, now, list_one, &listed, &why));
	if (last)
		*last = listed.last;
	return listed.count;
}

static void what_was_given_is_listed(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1];
	struct invite given = invite(w, token), seen;

	assert_int_equal(list(w, NULL, NOW, &seen), 1);
	assert_string_equal(seen.id, given.id);
	assert_string_equal(seen.room, "den");
	assert_string_equal(seen.name, "Ada");
	assert_string_equal(seen.kid, w->server_state.secret.kid);
	assert_int_equal(seen.role, ROLE_VIEWER);
	assert_int_equal(seen.issued, NOW);
	assert_int_equal(seen.expires, NOW + 3600);
	assert_int_equal(seen.revoked, 0);
	assert_int_equal(list(w, "den", NOW, NULL), 1);
	assert_int_equal(list(w, "attic", NOW, NULL), 0);
	assert_int_equal(list(w, "den", NOW + 3600, NULL), 0);
}

static void revoked_by_another_process(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], other[TOKEN_MAX_BYTES + 1], *why;
	struct invite given = invite(w, token), seen;

	invite(w, other);
	gate_refresh(&w->server);
	assert_false(gate_refresh(&w->server));
	assert_true(invites_revoke(w->command.invites, given.id, NOW + 5, &why));
	assert_int_equal(check(&w->command, token, NOW), 403);
	assert_true(gate_refresh(&w->server));
	assert_int_equal(check(&w->server, token, NOW), 403);
	assert_int_equal(check(&w->server, other, NOW), 0);
	assert_true(
		invites_revoke(w->command.invites, given.id, NOW + 9, &why)); /* twice is fine */
	list(w, NULL, NOW, &seen);
	assert_int_equal(list(w, NULL, NOW, NULL), 2);
	assert_false(invites_revoke(w->command.invites, "nobody", NOW, &why));
	assert_non_null(strstr(why, "nobody"));
	free(why);
}

static void revoked_before_the_start(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], *why;
	struct invite given = invite(w, token);

	assert_true(invites_revoke(w->command.invites, given.id, NOW, &why));
	gate_fini(&w->server);
	assert_true(gate_open(&w->server, &w->server_state, NULL, &why));
	assert_int_equal(check(&w->server, token, NOW), 403);
}

static void many_are_revoked_in_any_order(void **state)
{
	struct world *w = *state;
	struct invites *invites = w->server.invites;
	char *why;

	for (unsigned i = 0; i < 200; i++) {
		struct invite held = {.room = "den", .expires = NOW + 60};
		snprintf(held.id, sizeof(held.id), "%u", i * 7919 % 200);
		assert_true(invites_ban(invites, &held, NOW, &why));
	}
	for (unsigned i = 0; i < 400; i++) {
		char id[TOKEN_ID_BYTES];
		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(invites_revoked(invites, id), i < 200);
	}
}

static void a_ban_holds_when_it_cannot_be_stored(void **state)
{
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], *why, *path = report_sentence("%s/index.db", w->dir);
	struct invite given = invite(w, token);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE invite", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_false(invites_ban(w->server.invites, &given, NOW, &why));
	assert_non_null(why);
	free(why);
	free(path);
	assert_int_equal(check(&w->server, token, NOW), 403);
}

/* ---- rotation ---- */

static void old_invitations_outlive_a_rotation(void **state)
{
	struct world *w = *state;
	char before[TOKEN_MAX_BYTES + 1], after[TOKEN_MAX_BYTES + 1], *why;
	struct invite given = invite(w, before);

	gate_refresh(&w->server);
	assert_true(gate_rotate(&w->command, NOW, &why));
	invite(w, after);
	assert_int_equal(check(&w->server, after, NOW), 401); /* not known here yet */
	assert_true(gate_refresh(&w->server));
	assert_int_equal(check(&w->server, after, NOW), 0);
	assert_int_equal(check(&w->server, before, NOW), 0);
	assert_true(invites_revoke(w->server.invites, given.id, NOW, &why));
	assert_int_equal(check(&w->server, before, NOW), 403);
	assert_int_equal(check(&w->server, after, NOW), 0);
}

/* As if it had been put aside at that time. */
static void age_old_secret(struct world *w, int64_t when)
{
	char *path = report_sentence("%s/secrets/%s", w->dir, w->command_state.old[0].key.kid);
	struct utimbuf times = {.actime = when, .modtime = when};
	char *why;

	assert_int_equal(utime(path, &times), 0);
	assert_true(state_read_secrets(&w->command_state, &why));
	free(path);
}

static void an_old_secret_goes_when_nothing_needs_it(void **state)
{
	const int64_t month = GATE_UNLISTED_SECONDS;
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], *why;
	struct invite given = invite(w, token), late = given;

	assert_true(gate_rotate(&w->command, NOW, &why));
	age_old_secret(w, NOW);
	assert_int_equal(gate_drop_old(&w->command, NOW + month - 1), 0);
	strcpy(late.id, "late");
	late.expires = NOW + month + 100;
	assert_true(invites_add(w->command.invites, &late, &why));
	assert_int_equal(gate_drop_old(&w->command, NOW + month + 99), 0);
	assert_int_equal(check(&w->command, token, NOW), 0);
	assert_int_equal(gate_drop_old(&w->command, NOW + month + 100), 1);
	assert_int_equal(w->command_state.old_count, 0);
	assert_int_equal(check(&w->command, token, NOW), 401);
}

static void revoked_ones_do_not_keep_a_secret(void **state)
{
	const int64_t month = GATE_UNLISTED_SECONDS;
	struct world *w = *state;
	char token[TOKEN_MAX_BYTES + 1], *why;
	struct invite late = invite(w, token);

	strcpy(late.id, "late");
	late.expires = NOW + 2 * month;
	assert_true(invites_add(w->command.invites, &late, &why));
	assert_true(gate_rotate(&w->command, NOW, &why));
	age_old_secret(w, NOW);
	assert_int_equal(gate_drop_old(&w->command, NOW + month), 0);
	assert_true(invites_revoke(w->command.invites, "late", NOW, &why));
	assert_int_equal(gate_drop_old(&w->command, NOW + month), 1);
}

/* ---- an issuer elsewhere ---- */

static void write_key(EVP_PKEY *key, const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_PUBKEY(file, key), 1);
	fclose(file);
}

static void sign(EVP_PKEY *key, char *out)
{
	static const char header[] = "{\"alg\":\"EdDSA\"}",
			  claims[] = "{\"aud\":\"codecollab\",\"room\":\"den\",\"role\":\"viewer\","
				     "\"name\":\"Ada\",\"exp\":1700003600}";
	unsigned char signature[64];
	size_t len = sizeof(signature);
	struct buf token = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	base64url_encode(header, strlen(header), &token);
	buf_add_byte(&token, '.');
	base64url_encode(claims, strlen(claims), &token);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, signature, &len, (unsigned char *)token.at, token.len), 1);
	EVP_MD_CTX_free(ctx);
	buf_add_byte(&token, '.');
	base64url_encode(signature, len, &token);
	buf_add_byte(&token, '\0');
	strcpy(out, token.at);
	buf_fini(&token);
}

static void an_issuer_lets_in_and_can_be_revoked(void **state)
{
	struct world *w = *state;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char token[TOKEN_MAX_BYTES + 1], ours[TOKEN_MAX_BYTES + 1], *why;
	char *path = report_sentence("%s/issuer.pem", w->top);
	struct claims claims;

	sign(key, token);
	invite(w, ours);
	assert_int_equal(check(&w->server, token, NOW), 401);
	write_key(key, path);
	gate_fini(&w->server);
	assert_true(gate_open(&w->server, &w->server_state, gate_read_issuer(path, &why), &why));
	assert_non_null(w->server.issuer);
	assert_int_equal(check(&w->server, token, NOW), 0);
	assert_int_equal(check(&w->server, ours, NOW), 0);
	assert_null(gate_check(&w->server, token, "den", NOW, &claims));
	struct invite held = {.room = "den", .expires = claims.expires};
	strcpy(held.id, claims.jti);
	assert_true(invites_ban(w->server.invites, &held, NOW, &why));
	assert_int_equal(check(&w->server, token, NOW), 403);
	free(path);
	EVP_PKEY_free(key);
}

static void a_bad_issuer_is_told(void **state)
{
	struct world *w = *state;
	char *why, *path = report_sentence("%s/issuer.pem", w->top);

	assert_null(gate_read_issuer(path, &why));
	assert_non_null(strstr(why, path));
	free(why);
	scratch_write(path, "hello", 5);
	assert_null(gate_read_issuer(path, &why));
	assert_non_null(strstr(why, "PEM"));
	free(why);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(an_invitation_lets_in_until_it_expires),
		TEST(a_refusal_says_why_to_who_held_a_good_token),
		TEST(what_was_given_is_listed),
		TEST(revoked_by_another_process),
		TEST(revoked_before_the_start),
		TEST(many_are_revoked_in_any_order),
		TEST(a_ban_holds_when_it_cannot_be_stored),
		TEST(old_invitations_outlive_a_rotation),
		TEST(an_old_secret_goes_when_nothing_needs_it),
		TEST(revoked_ones_do_not_keep_a_secret),
		TEST(an_issuer_lets_in_and_can_be_revoked),
		TEST(a_bad_issuer_is_told),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
