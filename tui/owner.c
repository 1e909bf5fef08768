#include "tui/owner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tui/state.h"

struct owner_row {
	const char *verb;            /* of the protocol's `admin` */
	const char *whom;            /* the first question; NULL: it is about nobody */
	const char *before, *behind; /* the second one, around the name; NULL: none */
	const char *letters;
	const char *args[3]; /* by letter; NULL: then it is not done */
	const char *done;    /* words for the person; NULL: the server tells everybody */
};

static const struct owner_row rows[] = {
	[OWNER_ROLE] = {.verb = "role",
		.whom = "Change the role of:",
		.before = "What may ",
		.behind = " do? (v)iew, (e)dit or (o)wn:",
		.letters = "veo",
		.args = {"viewer", "editor", "owner"}},
	[OWNER_KICK] = {.verb = "kick", .whom = "Send away, until they come back:"},
	[OWNER_KICK_SURE] = {.verb = "kick",
		.before = "Send ",
		.behind = " away, until they come back? (y/n)",
		.letters = "yn",
		.args = {""}},
	[OWNER_BAN] = {.verb = "ban",
		.whom = "End the invitation of:",
		.before = "Ban ",
		.behind = ", and whoever came in with the same link? (y/n)",
		.letters = "yn",
		.args = {""}},
	[OWNER_LOCK] = {.verb = "lock", .done = "Nobody new but owners comes in now."},
	[OWNER_UNLOCK] = {.verb = "unlock", .done = "Who has a link may come in again."},
};

static void decide(struct editor *ed, const char *arg)
{
	const struct owner_row *row = ed->asking.row;

	ed->decision = (struct editor_decision){row->verb, ed->asking.user, arg, row->done};
	ed->decided = true;
	ed->asking = (struct owner_asking){0};
}

/* ---- whom ---- */

static bool has_number(const struct person *person, const char *typed)
{
	char *end;

	return *typed == '#' && strtoull(typed + 1, &end, 10) == person->user && !*end;
}

static bool is_called(const struct person *person, const char *typed)
{
	return strcasecmp(person->name, typed) == 0;
}

static bool begins(const struct person *person, const char *typed)
{
	return strncasecmp(person->name, typed, strlen(typed)) == 0;
}

typedef bool fits_fn(const struct person *person, const char *typed);

static size_t count_fitting(
	const struct editor *ed, fits_fn *fits, const char *typed, const struct person **last)
{
	size_t count = 0;

	for (size_t i = 0; i < ed->people.count; i++)
		if (fits(&ed->people.at[i], typed)) {
			*last = &ed->people.at[i];
			count++;
		}
	return count;
}

/* How many could be meant, in the narrowest way that anybody is; *one when it is one. */
static size_t find(const struct editor *ed, const char *typed, const struct person **one)
{
	static fits_fn *const ways[] = {has_number, is_called, begins};
	size_t count = 0;

	for (size_t i = 0; !count && i < sizeof(ways) / sizeof(ways[0]); i++)
		count = count_fitting(ed, ways[i], typed, one);
	return count;
}

/* "Several are called that: #2 Ben, #5 Benno" */
static void tell_several(struct editor *ed, const char *typed, uint64_t now_ms)
{
	struct buf text = {0};

	buf_add_str(&text, "Several are called that. Say which:");
	for (size_t i = 0; i < ed->people.count && text.len < 200; i++)
		if (begins(&ed->people.at[i], typed))
			buf_printf(&text, " #%llu %s", (unsigned long long)ed->people.at[i].user,
				ed->people.at[i].name);
	buf_add_byte(&text, '\0');
	editor_notice(ed, now_ms, text.at);
	buf_fini(&text);
}

/* The only other one, or "". */
static const char *proposed(const struct editor *ed)
{
	const char *name = "";
	size_t others = 0;

	for (size_t i = 0; i < ed->people.count; i++)
		if (!ed->people.at[i].me) {
			name = ed->people.at[i].name;
			others++;
		}
	return others == 1 ? name : "";
}

/* ---- the questions ---- */

static bool begin(struct editor *ed, enum owner_verb verb, uint64_t now_ms)
{
	const struct person *me = editor_me(ed);

	if (!me || strcmp(me->role, "owner") != 0) {
		editor_notice(ed, now_ms, "Only an owner of the room can do that.");
		return false;
	}
	ed->asking = (struct owner_asking){.row = &rows[verb]};
	return true;
}

void owner_begin(struct editor *ed, enum owner_verb verb, uint64_t now_ms)
{
	if (!begin(ed, verb, now_ms))
		return;
	if (rows[verb].whom)
		prompt_open(&ed->prompt, PROMPT_WHO, rows[verb].whom, proposed(ed));
	else
		decide(ed, "");
}

static void ask_what(struct editor *ed, const struct person *person)
{
	const struct owner_row *row = ed->asking.row;
	struct buf question = {0};

	buf_printf(&question, "%s%s%s", row->before, person->name, row->behind);
	buf_add_byte(&question, '\0');
	prompt_open(&ed->prompt, PROMPT_DECIDE, question.at, "");
	ed->prompt.choices = row->letters;
	buf_fini(&question);
}

static void ask_about(struct editor *ed, const struct person *person, uint64_t now_ms)
{
	ed->asking.user = person->user;
	if (person->me && ed->asking.row != &rows[OWNER_ROLE])
		editor_notice(ed, now_ms, "That is you.");
	else if (ed->asking.row->letters)
		ask_what(ed, person);
	else
		decide(ed, "");
}

void owner_about(struct editor *ed, enum owner_verb verb, uint64_t user, uint64_t now_ms)
{
	const struct person *person = people_find(&ed->people, user);

	if (!person || !begin(ed, verb, now_ms))
		return;
	if (rows[verb].whom || rows[verb].before)
		ask_about(ed, person, now_ms);
	else
		decide(ed, "");
}

void owner_named(struct editor *ed, const char *typed, uint64_t now_ms)
{
	const struct person *person = NULL;
	size_t count = *typed ? find(ed, typed, &person) : 0;

	if (count == 1)
		ask_about(ed, person, now_ms);
	else if (count)
		tell_several(ed, typed, now_ms);
	else if (*typed)
		editor_notice(ed, now_ms, "Nobody here is called that.");
}

void owner_chose(struct editor *ed, char letter)
{
	const struct owner_row *row = ed->asking.row;
	const char *arg = row->args[strchr(row->letters, letter) - row->letters];

	if (arg)
		decide(ed, arg);
}

bool editor_take_decision(struct editor *ed, struct editor_decision *out)
{
	bool decided = ed->decided;

	*out = ed->decision;
	ed->decided = false;
	return decided;
}
