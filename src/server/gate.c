#include "src/server/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "net/url.h"
#include "src/report.h"

#define ID_BYTES 12 /* random, of a token */

/* ---- opening ---- */

struct issuer *gate_read_issuer(const char *path, char **why)
{
	struct issuer *issuer = NULL;
	char text[ISSUER_MAX_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	const char *clause = n < 0 ? strerror(errno) : NULL;

	if (!clause)
		issuer = issuer_read(text, (size_t)n, &clause);
	if (fd >= 0)
		close(fd);
	if (clause)
		*why = report_sentence("cannot take the key in %s: %s", path, clause);
	return issuer;
}

bool gate_open(struct gate *gate, struct state *state, struct issuer *issuer, char **why)
{
	*why = NULL;
	*gate = (struct gate){.state = state, .issuer = issuer};
	gate->invites = invites_open(state->dir, why);
	if (!gate->invites)
		gate_fini(gate);
	return gate->invites != NULL;
}

void gate_fini(struct gate *gate)
{
	invites_close(gate->invites);
	issuer_destroy(gate->issuer);
	*gate = (struct gate){0};
}

/* ---- coming in ---- */

/* The first that did not forge it decides; a foreign kid is cheaper to try than to believe. */
static enum token_fault verify(const struct gate *gate, const char *token, const char *room,
	int64_t now, struct claims *claims)
{
	const struct state *state = gate->state;
	size_t len = strlen(token);
	enum token_fault fault = token_verify(&state->secret, token, len, room, now, claims);

	for (size_t i = 0; fault == TOKEN_FORGED && i < state->old_count; i++)
		fault = token_verify(&state->old[i].key, token, len, room, now, claims);
	if (fault == TOKEN_FORGED && gate->issuer)
		fault = token_verify_issued(gate->issuer, token, len, room, now, claims);
	return fault;
}

const struct gate_refusal *gate_check(const struct gate *gate, const char *token, const char *room,
	int64_t now, struct claims *claims)
{
	static const struct gate_refusal refusals[] = {
		[TOKEN_MALFORMED] = {401, "the token is malformed", "invalid\n"},
		[TOKEN_FORGED] = {401, "the token was not made by this server", "invalid\n"},
		[TOKEN_EXPIRED] = {401, "the token has expired", "expired\n"},
		[TOKEN_EARLY] = {401, "the token is not valid yet", "early\n"},
		[TOKEN_FOREIGN] = {401, "the token is not meant for codecollab", "invalid\n"},
		[TOKEN_OTHER_ROOM] = {403, "the token is for another room", "other-room\n"},
	};
	static const struct gate_refusal missing = {401, "there is no token", "missing\n"};
	static const struct gate_refusal revoked = {403, "the token was revoked", "revoked\n"};
	enum token_fault fault;

	if (!*token)
		return &missing;
	fault = verify(gate, token, room, now, claims);
	if (fault)
		return &refusals[fault];
	token_id(token, strlen(token), claims, claims->jti);
	return invites_revoked(gate->invites, claims->jti) ? &revoked : NULL;
}

bool gate_refresh(struct gate *gate)
{
	char *why = NULL;

	if (!invites_changed(gate->invites) && !state_secrets_changed(gate->state))
		return false;
	if (!state_read_secrets(gate->state, &why))
		report_info("%s", why);
	free(why);
	return true;
}

/* ---- inviting ---- */

static void new_id(char out[TOKEN_ID_BYTES])
{
	unsigned char random[ID_BYTES];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
}

static char *mint(const struct token_key *secret, const struct invite *invite)
{
	struct claims claims = {
		.role = invite->role, .issued = invite->issued, .expires = invite->expires};

	memcpy(claims.jti, invite->id, sizeof(claims.jti));
	memcpy(claims.room, invite->room, sizeof(claims.room));
	memcpy(claims.name, invite->name, sizeof(claims.name));
	snprintf(claims.sub, sizeof(claims.sub), "%s",
		*invite->name ? invite->name : role_name[invite->role]);
	return token_mint(secret, &claims);
}

static char *url_with(const struct gate *gate, const struct gate_terms *terms, const char *token)
{
	struct url url = {.tls = true, .port = terms->port};

	snprintf(url.host, sizeof(url.host), "%s", terms->host);
	snprintf(url.room, sizeof(url.room), "%s", terms->room);
	snprintf(url.token, sizeof(url.token), "%s", token);
	if (!terms->no_pin)
		snprintf(url.pin, sizeof(url.pin), "%s", gate->state->identity.pin);
	return url_format(&url);
}

char *gate_invite(const struct gate *gate, const struct gate_terms *terms, int64_t now,
	struct invite *out, char **why)
{
	char *token, *url;

	*out = (struct invite){.role = terms->role, .issued = now, .expires = terms->expires};
	new_id(out->id);
	snprintf(out->room, sizeof(out->room), "%s", terms->room);
	snprintf(out->name, sizeof(out->name), "%s", terms->name);
	snprintf(out->kid, sizeof(out->kid), "%s", gate->state->secret.kid);
	token = mint(&gate->state->secret, out);
	url = url_with(gate, terms, token);
	*why = NULL;
	invites_add(gate->invites, out, why);
	explicit_bzero(token, strlen(token));
	free(token);
	return url;
}

/* ---- the secrets ---- */

bool gate_rotate(struct gate *gate, int64_t now, char **why)
{
	char when[24];

	gate_drop_old(gate, now);
	if (!state_rotate(gate->state, why))
		return false;
	/* Servers look at the secrets again when they see that this file has changed. */
	snprintf(when, sizeof(when), "%lld", (long long)now);
	return invites_note(gate->invites, "/rotated", when, why);
}

static bool is_needed(struct gate *gate, const struct state_old_secret *old, int64_t now)
{
	return now < old->since + GATE_UNLISTED_SECONDS ||
	       now < invites_last(gate->invites, old->key.kid);
}

size_t gate_drop_old(struct gate *gate, int64_t now)
{
	struct state *state = gate->state;
	size_t dropped = 0, i = 0;

	if (state->token_key) /* what the other servers gave is not known here */
		return 0;
	while (i < state->old_count) {
		char kid[sizeof(state->old[i].key.kid)], *why = NULL;
		memcpy(kid, state->old[i].key.kid, sizeof(kid));
		bool drops = !is_needed(gate, &state->old[i], now) &&
			     state_drop_secret(state, kid, &why);
		dropped += drops;
		i = drops ? 0 : i + 1; /* the rest was read anew */
		free(why);
	}
	return dropped;
}
