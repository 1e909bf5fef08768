/*
 * owner.h: what an owner decides about people: asked for by a command, then whom, then what, in the prompt.
 *
 *	owner_begin(ed, OWNER_ROLE, now)	"Change the role of:"  Ben  "What may Ben do?"  v
 *	editor_take_decision(ed, &decision)	-- "role", 3, "viewer": for the server
 *
 * Whom is a name, as much of it as tells it from the others, in any case; or #3, the number that is theirs in this room. A
 * person who is the only other one is proposed.
 */
#ifndef TUI_OWNER_H
#define TUI_OWNER_H

#include <stdbool.h>
#include <stdint.h>

struct editor;

enum owner_verb { OWNER_ROLE, OWNER_KICK, OWNER_KICK_SURE /* asks first */, OWNER_BAN, OWNER_LOCK, OWNER_UNLOCK };

struct owner_asking { /* of an editor */
	const struct owner_row *row; /* NULL: nothing is being asked */
	uint64_t user;
};

void owner_begin(struct editor *ed, enum owner_verb verb, uint64_t now_ms);
/* The same of somebody who was chosen already. */
void owner_about(struct editor *ed, enum owner_verb verb, uint64_t user, uint64_t now_ms);
/* Answers of the prompt: PROMPT_WHO was entered, and PROMPT_DECIDE with one of its letters. */
void owner_named(struct editor *ed, const char *typed, uint64_t now_ms);
void owner_chose(struct editor *ed, char letter);

#endif
