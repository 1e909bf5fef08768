#include "src/server/walk.h"

#include "ot/op.h"
#include "ot/text.h"

/* Goes along a document's edits, with the text that they make. */
struct walk {
	struct store *store;
	const struct store_document *document;
	struct text *text;
	uint64_t rev;
	uint64_t snapshot; /* the next one to meet; none when it is behind the newest revision */
	bool broken;       /* an edit does not fit, and it was told */
	walk_fn *fn;
	void *ctx;
};

static void tell(struct walk *w, enum walk_fault fault, uint64_t rev)
{
	w->fn(w->ctx, w->document, fault, rev);
}

static void find_next_snapshot(struct walk *w, uint64_t from)
{
	if (!store_next_snapshot(w->store, w->document->doc, from, &w->snapshot))
		w->snapshot = UINT64_MAX;
}

static void meet_snapshot(struct walk *w)
{
	struct text *is = store_snapshot_text(w->store, w->document->doc, w->rev);

	if (!is)
		tell(w, WALK_SNAPSHOT_DAMAGED, w->rev);
	else if (!text_equal(is, w->text))
		tell(w, WALK_SNAPSHOT_DIFFERS, w->rev);
	text_destroy(is);
	find_next_snapshot(w, w->rev + 1);
}

static void compare(struct walk *w)
{
	if (w->rev == w->snapshot)
		meet_snapshot(w);
	if (w->rev == w->document->saved_rev && text_hash(w->text) != w->document->saved_hash)
		tell(w, WALK_SAVED_DIFFERS, w->rev);
}

static bool take_step(void *ctx, const struct store_edit *edit)
{
	struct walk *w = ctx;

	if (op_apply(&edit->op, w->text) != ERR_NONE) {
		tell(w, WALK_UNFIT, edit->rev);
		w->broken = true;
		return false;
	}
	w->rev = edit->rev;
	compare(w);
	return true;
}

/* Stands on the first snapshot from there on that can be read. */
static bool find_ground(struct walk *w, uint64_t from)
{
	text_destroy(w->text);
	w->text = NULL;
	for (find_next_snapshot(w, from); w->snapshot != UINT64_MAX;
		find_next_snapshot(w, w->rev + 1)) {
		w->rev = w->snapshot;
		w->text = store_snapshot_text(w->store, w->document->doc, w->rev);
		if (w->text) {
			compare(w);
			return true;
		}
		tell(w, WALK_SNAPSHOT_DAMAGED, w->rev);
	}
	return false;
}

static bool count_step(void *ctx, const struct store_edit *edit)
{
	*(uint64_t *)ctx = edit->rev;
	return true;
}

/* Edits that no snapshot is before can still be read, if not applied. */
static void check_before_ground(struct walk *w)
{
	uint64_t rev = w->document->oldest;

	if (!store_edits(w->store, w->document->doc, rev, w->rev, count_step, &rev))
		tell(w, WALK_MISSING, rev + 1);
}

/* To the newest revision, or to where it goes no further: from there to the next snapshot behind that. */
static void walk_all(struct walk *w)
{
	const struct store_document *document = w->document;

	if (!find_ground(w, document->oldest)) {
		tell(w, WALK_NO_SNAPSHOT, 0);
		return;
	}
	check_before_ground(w);
	do {
		w->broken = false;
		if (store_edits(w->store, document->doc, w->rev, document->newest, take_step, w) &&
			!w->broken)
			return;
		if (!w->broken)
			tell(w, WALK_MISSING, w->rev + 1);
	} while (find_ground(w, w->rev + 1));
}

void walk_document(
	struct store *store, const struct store_document *document, walk_fn *fn, void *ctx)
{
	struct walk walk = {.store = store, .document = document, .fn = fn, .ctx = ctx};

	walk_all(&walk);
	text_destroy(walk.text);
}
