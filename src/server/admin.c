#include "src/server/admin.h"

#include <string.h>

#include "ot/buf.h"
#include "src/expiry.h"
#include "src/server/person.h"
#include "src/server/room_send.h"

#define INVITE_ARG_BYTES 200

typedef void admin_fn(struct room *room, struct person *person, const struct message *m);

static const char nobody[] = "they are not here any more";
static const char yourself[] = "not to yourself: leave, if you want to";
static const char uninvited[] = "they came in without an invitation: kick them instead";

/* Never bad-message, which ends the connection: whom it was about may just have left. */
static void refuse(struct room *room, struct person *person, const char *why)
{
	room_refuse(room, person, "forbidden", why, "admin");
}

static void admin_role(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);
	enum role role;

	if (!whose)
		refuse(room, person, nobody);
	else if (!role_parse(m->admin.arg, &role))
		refuse(room, person, "a role is owner, editor or viewer");
	else if (whose == person)
		refuse(room, person, "your own role is for another owner to change");
	else
		room_set_role(room, whose, role);
}

static bool is_token(void *ctx, const char *token)
{
	return strcmp(ctx, token) == 0;
}

/* The token goes, not only the person: whoever else came in with it goes too, or they would hand it on. */
static void admin_ban(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);
	char token[TOKEN_ID_BYTES];

	if (!whose || whose == person || !*whose->token) {
		refuse(room, person, !whose ? nobody : whose == person ? yourself : uninvited);
		return;
	}
	if (strcmp(whose->token, person->token) == 0) {
		refuse(room, person, "you came in with the same invitation: kick them instead");
		return;
	}
	memcpy(token, whose->token, sizeof(token));
	if (!room->handler->ban(room->ctx, whose))
		room_refuse(room, person, "internal",
			"the ban could not be stored: it holds until the server ends", "admin");
	room_expel(room, is_token, token);
}

/* "ROLE [UNTIL [NAME]]": false when it is not. rest is where the words are kept. */
static bool parse_invite(struct str arg, int64_t now, char *rest, struct room_invite *out)
{
	char *role, *until, *name;

	if (arg.len)
		memcpy(rest, arg.at, arg.len);
	rest[arg.len] = '\0';
	role = strsep(&rest, " ");
	until = strsep(&rest, " ");
	name = rest;
	*out = (struct room_invite){.name = name ? name : ""};
	return role_parse(str(role), &out->role) && strlen(out->name) < TOKEN_NAME_BYTES &&
	       (!until || !expiry_parse(until, now, &out->expires));
}

static void admin_invite(struct room *room, struct person *person, const struct message *m)
{
	int64_t now = (int64_t)(room->handler->unix_ms(room->ctx) / 1000);
	char rest[INVITE_ARG_BYTES + 1], name[NAME_CLEAN_BYTES];
	struct message invited = {.type = MSG_INVITED};
	struct room_invite wanted;

	if (m->admin.arg.len > INVITE_ARG_BYTES ||
		!parse_invite(m->admin.arg, now, rest, &wanted)) {
		refuse(room, person, "ask for a role, until when, and a name: viewer 2h Ada");
		return;
	}
	limits_clean_name(str(wanted.name), "", name);
	wanted.name = name;
	if (room->handler->invite(room->ctx, &wanted, &invited))
		room_send(room, person, &invited);
	else
		room_refuse(
			room, person, "internal", "the invitation could not be stored", "admin");
}

static void admin_kick(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);

	if (whose && whose != person)
		room_kick(room, whose);
	else
		refuse(room, person, whose ? yourself : nobody);
}

static void admin_lock(struct room *room, struct person *person, const struct message *m)
{
	(void)person;
	room->locked = str_is(m->admin.verb, "lock");
	room->handler->keep_lock(room->ctx, room->locked);
}

/* What was asked for, while those whom it is about are still here. */
static void audit_admin(struct room *room, struct person *person, const struct message *m)
{
	struct buf detail = {0};

	buf_add(&detail, m->admin.verb.at, m->admin.verb.len);
	buf_add_byte(&detail, ' ');
	buf_add(&detail, m->admin.arg.at, m->admin.arg.len);
	room_audit(room, &(struct room_event){.what = "admin",
				 .to = person->to,
				 .by = person,
				 .whom = person_with_user(room, m->admin.user),
				 .detail = {detail.at, detail.len - !m->admin.arg.len}});
	buf_fini(&detail);
}

static void admin_end(struct room *room, struct person *person, const struct message *m)
{
	(void)person;
	(void)m;
	room->handler->end(room->ctx, "the owner ended the session");
}

static const struct {
	const char *verb;
	admin_fn *fn;
} admin_verbs[] = {
	{"role", admin_role},
	{"kick", admin_kick},
	{"ban", admin_ban},
	{"invite", admin_invite},
	{"lock", admin_lock},
	{"unlock", admin_lock},
	{"end", admin_end},
};

/* A room whose handler keeps no tokens has no bans and invitations. */
static bool has_verb(const struct room *room, admin_fn *fn)
{
	return (fn != admin_ban || room->handler->ban) &&
	       (fn != admin_invite || room->handler->invite);
}

void admin_message(struct room *room, struct person *person, const struct message *m)
{
	if (person->role < ROLE_OWNER) {
		refuse(room, person, "only an owner can do that");
		return;
	}
	audit_admin(room, person, m);
	for (size_t i = 0; i < sizeof(admin_verbs) / sizeof(admin_verbs[0]); i++)
		if (str_is(m->admin.verb, admin_verbs[i].verb) &&
			has_verb(room, admin_verbs[i].fn)) {
			admin_verbs[i].fn(room, person, m);
			return;
		}
	refuse(room, person, "this server does not know that command");
}
