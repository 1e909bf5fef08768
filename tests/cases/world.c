#include "tests/cases/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/log.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "ot/undo.h"

struct caret {
	bool known;
	struct sel sel;
};

/* On its way up: an edit, or a caret. */
struct frame {
	uint64_t rev, seq;
	bool is_caret;
	struct op op;
	struct sel sel;
};

/* On its way down to everybody: a revision, or a caret in the text of that revision. */
struct news {
	uint64_t rev;
	size_t who;
	bool is_caret;
	struct sel sel;
};

struct person {
	const char *name;
	uint64_t user;
	struct replica *replica;
	struct undo *undo;
	struct caret carets[SCRIPT_PEOPLE]; /* everybody's, in the text here */
	bool linked, holds;
	struct frame *up;
	size_t up_count, up_cap;
	size_t heard;           /* news so far */
	size_t cut_until;       /* of the news, carets before it were missed */
	struct peer peer;       /* the server's end ... */
	struct caret at_server; /* ... and where it takes the caret to be */
};

struct world {
	const struct script *script;
	struct orders *orders;
	struct buf *story;
	struct log *log;
	struct person people[SCRIPT_PEOPLE];
	size_t count;
	struct news *news;
	size_t news_count, news_cap;
	const struct step *step;
	bool failed;
};

/* ---- telling ---- */

static void tell_text(struct world *w, const char *who, const struct text *text)
{
	char *all = text_slice(text, 0, text_size(text).points, NULL);

	buf_printf(w->story, "\t%-8s \"%s\"\n", who, all);
	free(all);
}

static void fail(struct world *w, const char *who, const char *what)
{
	if (w->failed)
		return;
	w->failed = true;
	buf_printf(w->story, "line %u: %s: %s\n", w->step->line, who, what);
	tell_text(w, "server", log_text(w->log));
	for (size_t i = 0; i < w->count; i++)
		tell_text(w, w->people[i].name, replica_text(w->people[i].replica));
}

static void must(struct world *w, const struct person *p, enum err e, const char *what)
{
	if (e)
		fail(w, p->name, what);
}

/* ---- up ---- */

static void push_frame(struct person *p, struct frame frame)
{
	p->up = mem_grow(p->up, &p->up_cap, p->up_count + 1, sizeof(*p->up));
	p->up[p->up_count++] = frame;
}

static void drop_frames(struct person *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		op_fini(&p->up[i].op);
	p->up_count -= n;
	for (size_t i = 0; i < p->up_count; i++)
		p->up[i] = p->up[i + n];
}

static void send_all(struct person *p)
{
	struct frame frame = {0};
	const struct op *op;

	while (p->linked && replica_send(p->replica, &frame.rev, &frame.seq, &op)) {
		frame.op = op_copy(op);
		push_frame(p, frame);
	}
}

/* Has it anything that may come to the server next? */
static bool has_frames(const struct person *p)
{
	return p->linked && (p->up_count || !replica_all_sent(p->replica));
}

static void add_news(struct world *w, struct news news)
{
	w->news = mem_grow(w->news, &w->news_cap, w->news_count + 1, sizeof(*w->news));
	w->news[w->news_count++] = news;
}

static void edit_arrives(struct world *w, size_t who, const struct frame *f)
{
	struct person *p = &w->people[who];
	enum err e = log_receive(w->log, &p->peer, f->rev, f->seq, &f->op);
	uint64_t rev = log_rev(w->log);

	if (e) {
		fail(w, p->name, "the server refused an edit");
		return;
	}
	for (size_t i = 0; i < w->count; i++)
		anchor_shift(&w->people[i].at_server.sel, &log_entry(w->log, rev)->op, p->user,
			w->people[i].user);
	add_news(w, (struct news){.rev = rev, .who = who});
}

static void caret_arrives(struct world *w, size_t who, const struct frame *f)
{
	struct person *p = &w->people[who];

	p->at_server = (struct caret){true, f->sel};
	must(w, p, log_locate(w->log, &p->peer, f->rev, &p->at_server.sel),
		"the server refused a caret");
	add_news(w, (struct news){log_rev(w->log), who, true, p->at_server.sel});
}

/* The oldest frame of a person comes to the server. */
static bool arrive(struct world *w, size_t who)
{
	struct person *p = &w->people[who];

	if (!p->up_count)
		send_all(p);
	if (!p->up_count)
		return false;
	buf_printf(w->story, "%s's %s arrives; ", p->name, p->up[0].is_caret ? "caret" : "edit");
	(p->up[0].is_caret ? caret_arrives : edit_arrives)(w, who, &p->up[0]);
	drop_frames(p, 1);
	return true;
}

/* ---- down ---- */

static void shift_carets(struct world *w, struct person *p, const struct op *op, uint64_t author)
{
	for (size_t i = 0; i < w->count; i++)
		anchor_shift(&p->carets[i].sel, op, author, w->people[i].user);
}

static void hear_revision(struct world *w, struct person *p, const struct news *news)
{
	const struct log_entry *entry = log_entry(w->log, news->rev);
	struct op shown = {0};

	if (entry->user == p->user) {
		must(w, p, replica_ack(p->replica, news->rev, entry->seq), "refused its ack");
		return;
	}
	must(w, p, replica_receive(p->replica, news->rev, entry->user, &entry->op, &shown),
		"refused an edit");
	undo_remote(p->undo, &shown);
	shift_carets(w, p, &shown, entry->user);
	op_fini(&shown);
}

static void hear_caret(struct world *w, struct person *p, const struct news *news)
{
	uint64_t owner = w->people[news->who].user;

	if (owner == p->user || p->heard <= p->cut_until)
		return;
	p->carets[news->who] =
		(struct caret){true, {replica_locate(p->replica, owner, news->sel.anchor),
					     replica_locate(p->replica, owner, news->sel.head)}};
}

static bool hear(struct world *w, size_t who)
{
	struct person *p = &w->people[who];

	if (!p->linked || p->heard == w->news_count)
		return false;
	const struct news *news = &w->news[p->heard++];
	buf_printf(w->story, "%s hears %s of %" PRIu64 "; ", p->name,
		news->is_caret ? "a caret" : "the edit", news->rev);
	(news->is_caret ? hear_caret : hear_revision)(w, p, news);
	return true;
}

/* ---- in any order ---- */

/* Some of the news come to some of the people. */
static void hear_some(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		for (size_t n = w->orders->chance(w->orders, 3); n; n--)
			hear(w, i);
}

/* Some of what waits is sent. */
static void send_some(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->orders->chance(w->orders, 2))
			send_all(&w->people[i]);
}

static bool arrive_any(struct world *w)
{
	size_t ready[SCRIPT_PEOPLE], count = 0;

	for (size_t i = 0; i < w->count; i++)
		if (has_frames(&w->people[i]))
			ready[count++] = i;
	if (!count)
		return false;
	size_t who = ready[w->orders->arrival(w->orders, count)];
	/* Who is coming back sends nothing before they have caught up, and then perhaps has nothing to send. */
	while (!arrive(w, who) && hear(w, who))
		;
	return true;
}

static bool hear_any(struct world *w)
{
	size_t ready[SCRIPT_PEOPLE], count = 0;

	for (size_t i = 0; i < w->count; i++)
		if (w->people[i].linked && w->people[i].heard < w->news_count)
			ready[count++] = i;
	return count && hear(w, ready[w->orders->chance(w->orders, count)]);
}

static void sync_all(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		w->people[i].holds = false;
	while (!w->failed && (send_some(w), hear_some(w), arrive_any(w)))
		;
	while (!w->failed && hear_any(w))
		;
	buf_add_str(w->story, "all synced;\n");
}

/* ---- what people do ---- */

/* A line is a message: what waits from the lines before leaves first, unless it is to be held. */
static void begin_line(struct person *p)
{
	if (!p->holds)
		send_all(p);
}

/* ... and may wait a while itself. */
static void end_line(struct world *w, struct person *p)
{
	if (!p->holds && w->orders->chance(w->orders, 2) == 0)
		send_all(p);
}

static void apply(struct world *w, struct person *p, const struct op *op)
{
	must(w, p, replica_edit(p->replica, op), "an edit past the end of the text");
	shift_carets(w, p, op, p->user);
	end_line(w, p);
}

static void edit(struct world *w, struct person *p, struct op *takes)
{
	struct op inverse;

	begin_line(p);
	if (op_invert(takes, replica_text(p->replica), &inverse)) {
		fail(w, p->name, "an edit past the end of the text");
	} else {
		undo_record(p->undo, &inverse, false);
		apply(w, p, takes);
	}
	op_fini(takes);
}

/* insert, delete and replace: `drop` characters at n[0] go, and the step's text comes. */
static void change(struct world *w, struct person *p, uint64_t drop)
{
	struct op op = {0};

	op_retain(&op, (size_t)w->step->n[0]);
	if (w->step->text)
		op_insert(&op, w->step->text, w->step->bytes);
	op_delete(&op, (size_t)drop);
	edit(w, p, &op);
}

static void do_insert(struct world *w, struct person *p)
{
	change(w, p, 0);
}

static void do_replace(struct world *w, struct person *p)
{
	change(w, p, w->step->n[1]);
}

static void take_back(struct world *w, struct person *p,
	bool (*how)(struct undo *u, const struct text *text, struct op *out))
{
	struct op op;

	begin_line(p);
	if (how(p->undo, replica_text(p->replica), &op))
		apply(w, p, &op);
	op_fini(&op);
}

static void do_undo(struct world *w, struct person *p)
{
	take_back(w, p, undo_undo);
}

static void do_redo(struct world *w, struct person *p)
{
	take_back(w, p, undo_redo);
}

static struct sel step_sel(const struct step *step)
{
	size_t anchor = (size_t)step->n[0];

	return (struct sel){anchor, step->n_count > 1 ? (size_t)step->n[1] : anchor};
}

static void do_caret(struct world *w, struct person *p)
{
	struct caret *own = &p->carets[p - w->people];

	send_all(p); /* it belongs behind the edits before it */
	*own = (struct caret){true, step_sel(w->step)};
	push_frame(p, (struct frame){.rev = replica_rev(p->replica),
			      .seq = replica_seq(p->replica),
			      .is_caret = true,
			      .sel = own->sel});
}

static void do_holds(struct world *w, struct person *p)
{
	(void)w;
	send_all(p);
	p->holds = true;
}

static void do_sends(struct world *w, struct person *p)
{
	(void)w;
	send_all(p);
	p->holds = false;
}

static size_t times(const struct step *step)
{
	return step->n_count ? (size_t)step->n[0] : SIZE_MAX;
}

static void do_arrives(struct world *w, struct person *p)
{
	send_all(p);
	if (!p->up_count)
		fail(w, p->name, "has sent nothing that could arrive");
	for (size_t n = times(w->step); n && arrive(w, (size_t)(p - w->people)); n--)
		;
}

static void do_sees(struct world *w, struct person *p)
{
	for (size_t n = times(w->step); n && hear(w, (size_t)(p - w->people)); n--)
		;
}

static void do_cuts(struct world *w, struct person *p)
{
	(void)w;
	begin_line(p);
	drop_frames(p, p->up_count);
	p->linked = false;
}

/* Carets are not followed across a cut. */
static void do_resumes(struct world *w, struct person *p)
{
	uint64_t seq = p->peer.seq;
	size_t me = (size_t)(p - w->people);

	peer_fini(&p->peer);
	p->peer = peer_at(p->user, log_rev(w->log));
	p->peer.seq = seq;
	p->peer.resumed = true;
	p->linked = true;
	p->cut_until = w->news_count;
	for (size_t i = 0; i < w->count; i++)
		p->carets[i].known = p->carets[i].known && i == me;
	replica_resume(p->replica, log_rev(w->log), seq);
}

/* ---- what must come out ---- */

static bool holds_text(const struct text *text, const struct step *step)
{
	size_t bytes;
	char *all = text_slice(text, 0, text_size(text).points, &bytes);
	bool same = bytes == step->bytes && memcmp(all, step->text, bytes) == 0;

	free(all);
	return same;
}

static void do_shows(struct world *w, struct person *p)
{
	if (!holds_text(replica_text(p->replica), w->step))
		fail(w, p->name, "shows another text than the case says");
}

static void expect_text(struct world *w)
{
	sync_all(w);
	if (!holds_text(log_text(w->log), w->step))
		fail(w, "server", "has another text than expected");
	for (size_t i = 0; i < w->count && !w->failed; i++) {
		struct person *p = &w->people[i];
		if (!p->linked)
			continue;
		if (!holds_text(replica_text(p->replica), w->step))
			fail(w, p->name, "has another text than expected");
		if (!replica_in_step(p->replica) || replica_rev(p->replica) != log_rev(w->log))
			fail(w, p->name, "is not in step with the server");
		text_verify(replica_text(p->replica));
	}
}

static bool same_sel(const struct caret *caret, struct sel want)
{
	return caret->known && caret->sel.anchor == want.anchor && caret->sel.head == want.head;
}

static void fail_caret(struct world *w, const char *who, const struct caret *caret)
{
	buf_printf(w->story, "has the caret at %zu-%zu\n", caret->sel.anchor, caret->sel.head);
	fail(w, who, "takes the caret to be elsewhere");
}

static void expect_caret(struct world *w)
{
	struct sel want = step_sel(w->step);
	size_t whose = w->step->who;

	sync_all(w);
	if (!w->failed && !same_sel(&w->people[whose].at_server, want))
		fail_caret(w, "server", &w->people[whose].at_server);
	for (size_t i = 0; i < w->count && !w->failed; i++) {
		const struct caret *caret = &w->people[i].carets[whose];
		if ((i == whose || caret->known) && w->people[i].linked && !same_sel(caret, want))
			fail_caret(w, w->people[i].name, caret);
	}
}

/* ---- the play ---- */

static void (*const personal[])(struct world *w, struct person *p) = {
	[DEED_INSERT] = do_insert,
	[DEED_DELETE] = do_replace,
	[DEED_REPLACE] = do_replace,
	[DEED_UNDO] = do_undo,
	[DEED_REDO] = do_redo,
	[DEED_CARET] = do_caret,
	[DEED_HOLDS] = do_holds,
	[DEED_SENDS] = do_sends,
	[DEED_ARRIVES] = do_arrives,
	[DEED_SEES] = do_sees,
	[DEED_CUTS] = do_cuts,
	[DEED_RESUMES] = do_resumes,
	[DEED_SHOWS] = do_shows,
};

static void (*const common[])(struct world *w) = {
	[DEED_SYNC] = sync_all,
	[DEED_EXPECT] = expect_text,
	[DEED_EXPECT_CARET] = expect_caret,
};

static void do_step(struct world *w)
{
	enum deed deed = w->step->deed;

	if (deed < sizeof(common) / sizeof(common[0]) && common[deed])
		common[deed](w);
	else if (deed > DEED_EXPECT_CARET)
		personal[deed](w, &w->people[w->step->who]);
}

static uint64_t user_of(const struct script *script, size_t who)
{
	for (size_t i = 0; i < script->count; i++)
		if (script->steps[i].deed == DEED_USER && script->steps[i].who == who)
			return script->steps[i].n[0];
	return who + 1;
}

static void world_init(struct world *w)
{
	const struct step *first = &w->script->steps[0];
	struct text *text;

	if (text_load(&text, first->text, first->bytes))
		abort();
	w->count = w->script->people_count;
	for (size_t i = 0; i < w->count; i++) {
		uint64_t user = user_of(w->script, i);
		w->people[i] = (struct person){.name = w->script->people[i],
			.user = user,
			.replica = replica_create(text_copy(text), 0, user),
			.undo = undo_create(),
			.linked = true,
			.peer = peer_at(user, 0)};
	}
	w->log = log_create(text, 0);
	w->step = first;
}

static void world_fini(struct world *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct person *p = &w->people[i];
		drop_frames(p, p->up_count);
		free(p->up);
		peer_fini(&p->peer);
		replica_destroy(p->replica);
		undo_destroy(p->undo);
	}
	free(w->news);
	log_destroy(w->log);
}

bool world_play(const struct script *script, struct orders *orders, struct buf *story)
{
	struct world w = {.script = script, .orders = orders, .story = story};

	world_init(&w);
	for (size_t i = 0; i < script->count && !w.failed; i++) {
		w.step = &script->steps[i];
		do_step(&w);
	}
	world_fini(&w);
	return !w.failed;
}
