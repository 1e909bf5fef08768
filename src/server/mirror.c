#include "src/server/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "ot/diff.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/manner.h"

/* A save is wanted, then waits until what it is to write is stored, then is written. */
enum save_stage { SAVE_NONE, SAVE_UNMARKED, SAVE_WAITING, SAVE_WRITING };

struct mirror {
	struct loop *loop;
	struct store *store;
	struct room *room;
	struct doc *doc;
	struct workspace_file file;
	bool autosave;
	struct timer *timer;
	uint64_t save_ms;          /* when it is to be saved by itself; 0: it is not */
	uint64_t timer_ms;         /* when the timer comes to look; 0: it does not */
	uint64_t saved_rev;        /* the newest revision that was written whole */
	uint64_t unsaved_since_ms; /* 0: the file has it all */
	char *trouble;             /* what was complained of last */

	struct text *seen; /* what the file held last; NULL: revision saved_rev */
	struct op since;   /* from it to revision since_rev */
	uint64_t since_rev;

	enum save_stage stage;
	bool again; /* somebody asked while a save was under way */
	struct text *writing;
	uint64_t writing_rev, writing_hash, writing_batch;
};

static const struct log *log_of(const struct mirror *m)
{
	return m->doc->log;
}

static void complain(struct mirror *m, const char *what)
{
	if (m->trouble && strcmp(m->trouble, what) == 0)
		return;
	free(m->trouble);
	m->trouble = mem_dup(what, strlen(what));
	report_info("%s", what);
	room_warn(m->room, what);
}

static void no_complaint(struct mirror *m)
{
	free(m->trouble);
	m->trouble = NULL;
}

/* ---- from the file into the text ---- */

struct gather {
	struct op *ops;
	size_t count, cap;
};

static void gather_op(struct gather *all, const struct op *op)
{
	all->ops = mem_grow(all->ops, &all->cap, all->count + 1, sizeof(*all->ops));
	all->ops[all->count++] = op_copy(op);
}

static bool gather_stored(void *ctx, const struct store_edit *edit)
{
	gather_op(ctx, &edit->op);
	return true;
}

static struct op compose_gathered(struct gather *all)
{
	const struct op **ops = mem_alloc((all->count + 1) * sizeof(*ops));

	for (size_t i = 0; i < all->count; i++)
		ops[i] = &all->ops[i];
	struct op whole = op_compose_all(ops, all->count);
	for (size_t i = 0; i < all->count; i++)
		op_fini(&all->ops[i]);
	free(ops);
	free(all->ops);
	return whole;
}

/* Bring `since` up to the newest revision; what the log has forgotten is read from the store. */
static bool catch_up(struct mirror *m)
{
	struct gather all = {0};
	uint64_t kept = log_first(log_of(m)), rev = m->since_rev;
	bool whole = true;

	gather_op(&all, &m->since);
	if (rev + 1 < kept) {
		whole = store_edits(m->store, m->doc->doc, rev, kept - 1, gather_stored, &all);
		rev = kept - 1;
	}
	while (rev++ < log_rev(log_of(m)))
		gather_op(&all, &log_entry(log_of(m), rev)->op);
	struct op since = compose_gathered(&all);
	if (!whole) {
		op_fini(&since);
		return false;
	}
	op_fini(&m->since);
	m->since = since;
	m->since_rev = log_rev(log_of(m));
	return true;
}

/* What we know the file held: ours to change until it is given back as m->seen. NULL: not to be had now. */
static struct text *take_seen(struct mirror *m)
{
	struct text *seen = m->seen ? m->seen : store_text_at(m->store, m->doc->doc, m->saved_rev);

	m->seen = NULL;
	return seen;
}

/* The change (taken) as edits that a message can carry. */
static void merge_pieces(struct mirror *m, struct op *change)
{
	while (!op_is_identity(change)) {
		struct op first, rest;
		op_split(change, MIRROR_EDIT_PARTS, MIRROR_EDIT_BYTES, &first, &rest);
		room_merge(m->room, m->doc, log_rev(log_of(m)), &first);
		op_fini(&first);
		op_fini(change);
		*change = rest;
	}
	op_fini(change);
}

/* The file holds `disk` (taken) now: carry the difference into the room. false: not now. */
static bool merge(struct mirror *m, struct text *disk)
{
	struct text *seen = take_seen(m);
	struct op change, news, since;

	if (!seen || !catch_up(m)) {
		m->seen = seen;
		text_destroy(disk);
		return false;
	}
	change = op_diff(seen, disk);
	if (!op_is_identity(&change)) {
		op_transform(&change, &m->since, true, &news, &since);
		op_fini(&m->since);
		m->since = since;
		report_info("%s was changed outside; the change is merged", m->file.path);
		merge_pieces(m, &news);
		m->since_rev = log_rev(log_of(m));
	}
	op_fini(&change);
	text_destroy(seen);
	m->seen = disk;
	return true;
}

static void complain_unreadable(struct mirror *m, const char *why)
{
	char *what = report_sentence("%s. Nothing is saved to it until it can be read as text"
				     " again; what is typed here is kept in the history",
		why);

	complain(m, what);
	free(what);
}

/* Somebody else wrote the file. false: what they wrote cannot be merged, so it must not be overwritten either. */
static bool merge_changed(struct mirror *m)
{
	struct text *disk;
	char *why = NULL;

	if (!workspace_read_again(&m->file, &disk, &why)) {
		complain_unreadable(m, why);
		free(why);
		return false;
	}
	if (!m->file.exists) { /* taken away: nothing to merge, and the next save makes it anew */
		text_destroy(disk);
		return true;
	}
	no_complaint(m);
	return merge(m, disk);
}

/* ---- from the text into the file ---- */

/* Each edit puts it off: the timer goes on as it is, and comes again. */
static void save_at(struct mirror *m, uint64_t at_ms)
{
	uint64_t now = loop_now_ms(m->loop);

	m->save_ms = at_ms;
	if (m->timer_ms && m->timer_ms <= at_ms)
		return;
	m->timer_ms = at_ms;
	timer_set(m->timer, at_ms > now ? at_ms - now : 0, 0);
}

static void start_save(struct mirror *m)
{
	m->again = m->stage != SAVE_NONE;
	if (m->again)
		return;
	if (workspace_changed(&m->file) && !merge_changed(m)) {
		save_at(m, loop_now_ms(m->loop) + MIRROR_RETRY_MS);
		return;
	}
	m->stage = SAVE_UNMARKED;
	room_stir(m->room);
	m->writing = text_copy(log_text(log_of(m)));
	m->writing_rev = log_rev(log_of(m));
	m->writing_hash = text_hash(m->writing);
}

static void on_timer(void *ctx)
{
	struct mirror *m = ctx;
	uint64_t at = m->save_ms;

	m->timer_ms = 0;
	if (!at)
		return;
	if (loop_now_ms(m->loop) < at) {
		save_at(m, at);
		return;
	}
	m->save_ms = 0;
	start_save(m);
}

static void forget_seen(struct mirror *m)
{
	text_destroy(m->seen);
	m->seen = NULL;
	op_clear(&m->since);
	m->since_rev = m->saved_rev;
}

static void on_saved(void *ctx, const char *why)
{
	struct mirror *m = ctx;

	room_stir(m->room);
	m->stage = SAVE_NONE;
	text_destroy(m->writing);
	m->writing = NULL;
	if (why) {
		complain(m, why);
		save_at(m, loop_now_ms(m->loop) + MIRROR_RETRY_MS);
		return;
	}
	no_complaint(m);
	m->saved_rev = m->writing_rev;
	m->unsaved_since_ms = log_rev(log_of(m)) == m->saved_rev ? 0 : loop_now_ms(m->loop);
	forget_seen(m);
	store_saved(m->store, m->doc->doc, m->writing_rev, m->writing_hash);
	room_saved(m->room, m->doc, m->writing_rev);
	if (m->again)
		start_save(m);
}

void mirror_turn(struct mirror *m, uint64_t batch, uint64_t stored)
{
	if (m->stage == SAVE_UNMARKED) {
		m->stage = SAVE_WAITING;
		m->writing_batch = batch;
	}
	if (m->stage == SAVE_WAITING && stored >= m->writing_batch) {
		m->stage = SAVE_WRITING;
		manner_form(m->doc, &m->file, m->writing);
		workspace_save(&m->file, m->loop, m->writing, on_saved, m);
	}
}

void mirror_edited(struct mirror *m)
{
	uint64_t now = loop_now_ms(m->loop), latest;

	if (!m->unsaved_since_ms)
		m->unsaved_since_ms = now;
	latest = m->unsaved_since_ms + MIRROR_LATEST_MS;
	if (m->autosave)
		save_at(m, now + MIRROR_SAVE_MS < latest ? now + MIRROR_SAVE_MS : latest);
}

/* Who asks for it hears what is wrong, though it was told before. */
void mirror_save(struct mirror *m)
{
	no_complaint(m);
	start_save(m);
}

void mirror_tick(struct mirror *m)
{
	if (m->stage == SAVE_NONE && workspace_changed(&m->file))
		merge_changed(m);
}

const char *mirror_path(const struct mirror *m)
{
	return m->file.path;
}

uint64_t mirror_saved_rev(const struct mirror *m)
{
	return m->saved_rev;
}

bool mirror_busy(const struct mirror *m)
{
	return m->stage != SAVE_NONE;
}

static bool wants_saving(const struct mirror *m)
{
	return m->autosave && log_rev(log_of(m)) != m->saved_rev;
}

bool mirror_settled(const struct mirror *m)
{
	return !mirror_busy(m) && !wants_saving(m);
}

void mirror_finish(struct mirror *m)
{
	timer_stop(m->timer);
	m->save_ms = m->timer_ms = 0;
	if (wants_saving(m))
		start_save(m);
}

static bool is_writing(void *ctx)
{
	return ((struct mirror *)ctx)->stage == SAVE_WRITING;
}

void mirror_wait(struct mirror *m)
{
	while (is_writing(m))
		loop_drain(m->loop, is_writing, m, MIRROR_RETRY_MS);
}

char *mirror_finish_now(struct mirror *m)
{
	if (!wants_saving(m))
		return NULL;
	manner_form(m->doc, &m->file, log_text(log_of(m)));
	return workspace_save_now(&m->file, log_text(log_of(m)));
}

/* ---- beginning and end ---- */

/* Which revision does the file hold? A server that died after it wrote the file had no time to record it. */
static bool find_written(struct mirror *m, uint64_t hash)
{
	struct text *text = store_text_at(m->store, m->doc->doc, m->saved_rev);
	uint64_t rev = m->saved_rev;
	bool found = text && text_hash(text) == hash;

	while (text && !found && rev < log_rev(log_of(m))) {
		const struct log_entry *entry = log_entry(log_of(m), ++rev);
		if (!entry || op_apply(&entry->op, text) != ERR_NONE)
			break;
		found = text_hash(text) == hash;
	}
	text_destroy(text);
	if (found)
		m->saved_rev = m->since_rev = rev;
	return found;
}

struct mirror *mirror_start(struct loop *loop, struct store *store, struct room *room,
	struct doc *doc, struct workspace_file *takes, struct text *disk, uint64_t saved_rev,
	bool autosave)
{
	struct mirror *m = mem_alloc(sizeof(*m));

	m->loop = loop;
	m->store = store;
	m->room = room;
	m->doc = doc;
	m->file = *takes;
	*takes = (struct workspace_file){0};
	m->autosave = autosave;
	m->saved_rev = m->since_rev = saved_rev;
	m->timer = timer_make(loop, on_timer, m);
	if (!disk || !m->file.exists || find_written(m, text_hash(disk)))
		text_destroy(disk);
	else
		merge(m, disk);
	if (log_rev(log_of(m)) != m->saved_rev || !m->file.exists)
		mirror_edited(m);
	return m;
}

void mirror_destroy(struct mirror *m)
{
	if (!m)
		return;
	timer_destroy(m->timer);
	text_destroy(m->seen);
	text_destroy(m->writing);
	op_fini(&m->since);
	workspace_fini(&m->file);
	free(m->trouble);
	free(m);
}
