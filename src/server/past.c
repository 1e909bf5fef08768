#include "src/server/past.h"

#include <stdlib.h>
#include <string.h>

#include "net/codec.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/server/pack.h"
#include "src/server/sql.h"
#include "src/server/stretch.h"

static const struct sql ask_document = {"t",
	"SELECT doc, saved_rev, saved_hash FROM document WHERE path = ?"
	" ORDER BY doc DESC LIMIT 1"};
static const struct sql ask_documents = {
	"", "SELECT doc, saved_rev, saved_hash, path FROM document ORDER BY doc"};
static const struct sql ask_oldest = {"i",
	"SELECT coalesce((SELECT rev - edits FROM edit WHERE doc = ?1 ORDER BY rev LIMIT 1),"
	" (SELECT max(rev) FROM snapshot WHERE doc = ?1), 0)"};
static const struct sql ask_newest = {"i",
	"SELECT max(coalesce((SELECT max(rev) FROM edit WHERE doc = ?1), 0),"
	" coalesce((SELECT max(rev) FROM snapshot WHERE doc = ?1), 0))"};

#define EDITS(seal)                                                                                \
	"SELECT rev, user, name, session, seq, at, op, edits, before, " seal                       \
	" FROM edit WHERE doc = ? AND rev > ? ORDER BY rev"
#define EDIT_SEAL "sum = seal(doc, rev, user, name, session, seq, at, op, edits, before)"
#define TEXTS(packed, seal)                                                                        \
	"SELECT rev, " packed ", text, " seal                                                      \
	" FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"
#define TEXT_SEAL "sum = seal(doc, rev, packed, text)"

/* By the schema's version. */
static const struct sql ask_edits[] = {
	[1] = {"ii", EDITS("1")},
	[2] = {"ii", EDITS("1")},
	[3] = {"ii", EDITS("1")},
	[4] = {"ii", EDITS(EDIT_SEAL)},
	[5] = {"ii", EDITS(EDIT_SEAL)},
};
static const struct sql ask_texts[] = {
	[1] = {"ii", TEXTS("0", "1")},
	[2] = {"ii", TEXTS("packed", "1")},
	[3] = {"ii", TEXTS("packed", "1")},
	[4] = {"ii", TEXTS("packed", TEXT_SEAL)},
	[5] = {"ii", TEXTS("packed", TEXT_SEAL)},
};

static const struct sql ask_next = {
	"ii", "SELECT rev FROM snapshot WHERE doc = ? AND rev >= ? ORDER BY rev LIMIT 1"};
static const struct sql ask_revs = {
	"ii", "SELECT rev FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"};
static const struct sql ask_time = {
	"ii", "SELECT at FROM edit WHERE doc = ? AND rev >= ? ORDER BY rev LIMIT 1"};
static const struct sql ask_bytes_after = {"ii",
	"SELECT coalesce(sum(length(op) + length(before)), 0) FROM edit"
	" WHERE doc = ? AND rev > ?"};

static char *copy_of(struct str s)
{
	return mem_dup(s.at, s.len);
}

static struct text *load(struct str bytes)
{
	struct text *text = NULL;

	return text_load(&text, bytes.at, bytes.len) ? NULL : text;
}

/* Of a row of rev, packed, text, is sound. */
static struct text *text_of(sqlite3_stmt *row)
{
	struct buf bytes = {0};
	struct text *text = NULL;

	if (!sql_number(row, 3))
		return NULL;
	if (!sql_number(row, 1))
		return load(sql_bytes(row, 2));
	if (unpack(sql_bytes(row, 2), STORE_SNAPSHOT_BYTES, &bytes))
		text = load((struct str){bytes.at, bytes.len});
	buf_fini(&bytes);
	return text;
}

/* Newest first, from `to` down. */
static sqlite3_stmt *ask_snapshots(const struct past *past, uint64_t doc, uint64_t to)
{
	return sql_ask(
		past->db, &ask_texts[past->version], SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(to)));
}

static void read_text(const struct past *past, struct store_document *out)
{
	sqlite3_stmt *row = ask_snapshots(past, out->doc, INT64_MAX);

	while (!out->text && sql_next(row)) {
		out->rev = sql_number(row, 0);
		out->text = text_of(row);
	}
	sqlite3_finalize(row);
}

/* Of a row of doc, saved_rev, saved_hash. */
static void read_document(const struct past *past, sqlite3_stmt *row, struct store_document *out)
{
	*out = (struct store_document){
		.doc = sql_number(row, 0),
		.saved_rev = sql_number(row, 1),
		.saved_hash = sql_number(row, 2),
	};
	sql_ask_number(past->db, &ask_oldest, SQL_VALUES(SQL_NUMBER(out->doc)), &out->oldest);
	sql_ask_number(past->db, &ask_newest, SQL_VALUES(SQL_NUMBER(out->doc)), &out->newest);
}

bool past_document(const struct past *past, const char *path, struct store_document *out)
{
	sqlite3_stmt *row = sql_ask(past->db, &ask_document, SQL_VALUES(SQL_BYTES(str(path))));
	bool found = sql_next(row);

	*out = (struct store_document){0};
	if (found) {
		read_document(past, row, out);
		out->path = mem_dup(path, strlen(path));
		read_text(past, out);
	}
	sqlite3_finalize(row);
	return found;
}

bool past_documents(const struct past *past,
	void (*fn)(void *ctx, const struct store_document *document), void *ctx)
{
	sqlite3_stmt *row = sql_ask(past->db, &ask_documents, NULL);
	int e = SQLITE_ERROR;

	while (row && (e = sqlite3_step(row)) == SQLITE_ROW) {
		struct store_document document;
		read_document(past, row, &document);
		document.path = copy_of(sql_bytes(row, 3));
		fn(ctx, &document);
		store_document_fini(&document);
	}
	sqlite3_finalize(row);
	return e == SQLITE_DONE;
}

bool past_next_snapshot(const struct past *past, uint64_t doc, uint64_t from, uint64_t *rev)
{
	return sql_ask_number(
		past->db, &ask_next, SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(from)), rev);
}

struct text *past_snapshot_text(const struct past *past, uint64_t doc, uint64_t rev)
{
	sqlite3_stmt *row = ask_snapshots(past, doc, rev);
	struct text *text = sql_next(row) && sql_number(row, 0) == rev ? text_of(row) : NULL;

	sqlite3_finalize(row);
	return text;
}

/* ---- edits ---- */

/* Somebody goes through the edits (rev, to]. */
struct walk {
	uint64_t doc, rev, to;
	bool (*fn)(void *ctx, const struct store_edit *edit);
	void *ctx;
	bool stopped, broken;
};

static bool goes_on(const struct walk *walk)
{
	return !walk->stopped && !walk->broken && walk->rev < walk->to;
}

/* Takes the op. Those before where the walk began are passed over. */
static void step(struct walk *walk, uint64_t rev, struct store_edit *edit)
{
	edit->doc = walk->doc;
	edit->rev = rev;
	if (goes_on(walk) && rev > walk->rev) {
		walk->broken = rev != walk->rev + 1;
		walk->rev += !walk->broken;
		walk->stopped = !walk->broken && !walk->fn(walk->ctx, edit);
	}
	op_fini(&edit->op);
}

/* The edits of a row that came before its newest; gives the newest's revision, by what they are. */
static void walk_before(struct walk *walk, sqlite3_stmt *row)
{
	struct str before = sql_bytes(row, 8);
	const char *at = before.at, *end = at + before.len;
	uint64_t newest = sql_number(row, 0), edits = sql_number(row, 7);
	struct store_edit edit;

	walk->broken |= !sql_number(row, 9) || !edits || edits > newest;
	while (goes_on(walk) && --edits)
		if (stretch_read(&at, end, &edit))
			step(walk, newest - edits, &edit);
		else
			walk->broken = true;
	walk->broken |= goes_on(walk) && at != end;
}

static void walk_newest(struct walk *walk, sqlite3_stmt *row)
{
	struct str op = sql_bytes(row, 6);
	struct store_edit edit = {
		.user = sql_number(row, 1),
		.name = sql_bytes(row, 2),
		.session = sql_number(row, 3),
		.seq = sql_number(row, 4),
		.at_ms = sql_number(row, 5),
	};

	if (!goes_on(walk))
		return;
	if (codec_get_op(op.at, op.len, &edit.op))
		walk->broken = true;
	else
		step(walk, sql_number(row, 0), &edit);
}

bool past_edits(const struct past *past, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct store_edit *edit), void *ctx)
{
	struct walk walk = {.doc = doc, .rev = from, .to = to, .fn = fn, .ctx = ctx};
	sqlite3_stmt *row = sql_ask(
		past->db, &ask_edits[past->version], SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(from)));

	while (goes_on(&walk) && sql_next(row)) {
		walk_before(&walk, row);
		walk_newest(&walk, row);
	}
	sqlite3_finalize(row);
	return !walk.broken && (walk.stopped || walk.rev >= to);
}

struct replay {
	struct text *text;
	bool broken;
};

static bool replay_edit(void *ctx, const struct store_edit *edit)
{
	struct replay *replay = ctx;

	replay->broken = op_apply(&edit->op, replay->text) != ERR_NONE;
	return !replay->broken;
}

struct text *past_text_at(const struct past *past, uint64_t doc, uint64_t rev)
{
	sqlite3_stmt *row = ask_snapshots(past, doc, rev);
	struct replay replay = {0};

	while (!replay.text && sql_next(row)) {
		replay = (struct replay){.text = text_of(row)};
		if (!replay.text)
			continue;
		if (past_edits(past, doc, sql_number(row, 0), rev, replay_edit, &replay) &&
			!replay.broken)
			break;
		text_destroy(replay.text);
		replay.text = NULL;
	}
	sqlite3_finalize(row);
	return replay.text;
}

/* Are edits up to this revision, that of a snapshot, older or more than is to be kept? */
static bool may_drop(const struct past *past, uint64_t doc, const struct store_keep *keep,
	uint64_t rev, uint64_t now_ms)
{
	uint64_t at, bytes;

	if (keep->days &&
		sql_ask_number(
			past->db, &ask_time, SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(rev)), &at) &&
		at + keep->days * UINT64_C(86400000) <= now_ms)
		return true;
	return keep->bytes &&
	       sql_ask_number(past->db, &ask_bytes_after,
		       SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(rev)), &bytes) &&
	       bytes >= keep->bytes;
}

/* The newest snapshot that is all one needs of what was before it; 0: none. */
static uint64_t droppable(const struct past *past, uint64_t doc, const struct store_keep *keep,
	uint64_t needed, uint64_t now_ms)
{
	sqlite3_stmt *row =
		sql_ask(past->db, &ask_revs, SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(needed)));
	uint64_t rev = 0;

	while (!rev && sql_next(row))
		if (may_drop(past, doc, keep, sql_number(row, 0), now_ms))
			rev = sql_number(row, 0);
	sqlite3_finalize(row);
	return rev;
}

uint64_t past_droppable(const struct past *past, uint64_t doc, const struct store_keep *keep,
	uint64_t needed, uint64_t now_ms, uint64_t *oldest)
{
	sql_ask_number(past->db, &ask_oldest, SQL_VALUES(SQL_NUMBER(doc)), oldest);
	return droppable(past, doc, keep, needed, now_ms);
}
