/*
 * ledger.h: a room's history in memory, for tests of rooms without a disk: what store.h promises, in the simplest way there is.
 *
 *	struct world { struct ledger ledger; ... };	-- the first member, so that a world is a ledger
 *	{.keep_edit = ledger_keep_edit, .past = ledger_past, ...}	-- of room_handler, whose ctx is the world
 *
 * One document. What is kept is at once as good as stored.
 */
#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include <stdio.h>
#include <string.h>

#include "ot/log.h"
#include "ot/mem.h"
#include "src/server/room.h"
#include "src/server/store.h"

struct ledger {
	struct store_edit *edits; /* without names */
	size_t edit_count, edit_cap;
	struct store_session *sessions; /* row is the index + 1 */
	size_t session_count, session_cap;
	uint64_t next_user;
	bool locked;
};

static inline void ledger_fini(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->edit_count; i++)
		op_fini(&ledger->edits[i].op);
	free(ledger->edits);
	free(ledger->sessions);
}

static inline void ledger_keep_edit(void *ctx, const struct store_edit *edit)
{
	struct ledger *ledger = ctx;
	struct store_edit *kept;

	ledger->edits = mem_grow(ledger->edits, &ledger->edit_cap, ledger->edit_count + 1,
		sizeof(*ledger->edits));
	kept = &ledger->edits[ledger->edit_count++];
	*kept = *edit;
	kept->name = str("");
	kept->op = op_copy(&edit->op);
}

static inline uint64_t ledger_keep_session(void *ctx, const struct store_session *session)
{
	struct ledger *ledger = ctx;

	ledger->sessions = mem_grow(ledger->sessions, &ledger->session_cap,
		ledger->session_count + 1, sizeof(*ledger->sessions));
	ledger->sessions[ledger->session_count] = *session;
	ledger->sessions[ledger->session_count].row = ledger->session_count + 1;
	return ++ledger->session_count;
}

/* Of a session that is kept; others have numbers too. */
static inline struct store_session *ledger_session(struct ledger *ledger, uint64_t row)
{
	return row && row <= ledger->session_count ? &ledger->sessions[row - 1] : NULL;
}

static inline void ledger_keep_terms(void *ctx, const struct store_session *terms)
{
	struct store_session *session = ledger_session(ctx, terms->row);

	if (!session)
		return;
	memcpy(session->role, terms->role, sizeof(session->role));
	memcpy(session->token, terms->token, sizeof(session->token));
	memcpy(session->granted, terms->granted, sizeof(session->granted));
}

static inline void ledger_end_session(void *ctx, uint64_t row)
{
	struct store_session *session = ledger_session(ctx, row);

	if (session)
		session->id[0] = '\0';
}

static inline void ledger_keep_lock(void *ctx, bool locked)
{
	((struct ledger *)ctx)->locked = locked;
}

static inline void ledger_keep_next_user(void *ctx, uint64_t next)
{
	((struct ledger *)ctx)->next_user = next;
}

static inline void ledger_keep_chat(void *ctx, const struct msg_said *said)
{
	(void)ctx;
	(void)said;
}

static inline bool ledger_find_session(void *ctx, const char *id, struct store_session *out)
{
	const struct ledger *ledger = ctx;

	for (size_t i = ledger->session_count; i-- > 0;)
		if (strcmp(ledger->sessions[i].id, id) == 0) {
			*out = ledger->sessions[i];
			return true;
		}
	return false;
}

static inline uint64_t ledger_session_seq(void *ctx, uint64_t doc, uint64_t row)
{
	const struct ledger *ledger = ctx;
	uint64_t seq = 0;

	(void)doc;
	for (size_t i = 0; i < ledger->edit_count; i++)
		if (ledger->edits[i].session == row)
			seq = ledger->edits[i].seq;
	return seq;
}

static inline bool ledger_past(void *ctx, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx)
{
	const struct ledger *ledger = ctx;

	(void)doc;
	for (size_t i = 0; i < ledger->edit_count; i++)
		if (ledger->edits[i].rev > from && ledger->edits[i].rev <= to &&
			!fn(fn_ctx, &ledger->edits[i]))
			break;
	return true;
}

static inline void ledger_edited(void *ctx, struct doc *doc)
{
	(void)ctx;
	doc->stored_rev = log_rev(doc->log);
}

#endif
