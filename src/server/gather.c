#include "src/server/gather.h"

#include "src/server/store_writes.h"

/* ---- rows ---- */

static void add_counts(struct writer *writer, const struct stretch *s)
{
	for (size_t i = 0; i < s->count; i++)
		writer_add(writer, WRITE_COUNTED,
			SQL_VALUES(SQL_NUMBER(s->counts[i].session), SQL_NUMBER(s->newest.doc),
				SQL_NUMBER(s->counts[i].seq)));
}

static struct str bytes_of(const struct buf *bytes)
{
	return (struct str){bytes->at, bytes->len};
}

static void add_row(struct writer *writer, const struct stretch *s)
{
	const struct store_edit *newest = &s->newest;

	writer_add(writer, WRITE_EDITS,
		SQL_VALUES(SQL_NUMBER(newest->doc), SQL_NUMBER(newest->rev),
			SQL_NUMBER(newest->user), SQL_BYTES(bytes_of(&s->name)),
			SQL_NUMBER(newest->session), SQL_NUMBER(newest->seq),
			SQL_NUMBER(newest->at_ms), SQL_BYTES(bytes_of(&s->op)),
			SQL_NUMBER(s->edits), SQL_BYTES(bytes_of(&s->before))));
}

void gather_end_row(struct gather *g)
{
	if (!g->stretch.edits)
		return;
	add_row(g->writer, &g->stretch);
	add_counts(g->writer, &g->stretch);
	stretch_clear(&g->stretch);
}

void gather_edit(struct gather *g, const struct store_edit *edit)
{
	if (!stretch_takes(&g->stretch, edit))
		gather_end_row(g);
	stretch_add(&g->stretch, edit);
}

/* ---- batches ---- */

static bool is_empty(const struct gather *g)
{
	return !g->stretch.edits && !writer_gathers(g->writer);
}

uint64_t gather_hand_over(struct gather *g)
{
	gather_end_row(g);
	return writer_turn(g->writer);
}

static void on_rested(void *ctx)
{
	struct gather *g = ctx;

	g->rests = false;
	g->rested_ms = loop_now_ms(g->loop);
	gather_hand_over(g);
}

/* Until the last beat before its end, but into the next one, which others' may be at. */
static void begin_rest(struct gather *g)
{
	uint64_t now = loop_now_ms(g->loop), next = now + GATHER_BEAT_MS,
		 end = g->rested_ms + GATHER_REST_MS;

	if (end < next)
		end = next;
	timer_set(g->rest, end - end % GATHER_BEAT_MS - now, 0);
	g->rests = true;
}

uint64_t gather_turn(struct gather *g)
{
	if (!g->rest)
		return gather_hand_over(g);
	if (!g->rests && !is_empty(g))
		begin_rest(g);
	return gather_newest(g);
}

/* ---- beginning and end ---- */

void gather_init(struct gather *g, struct loop *loop, struct writer *writer, bool awaited)
{
	*g = (struct gather){.writer = writer, .loop = loop};
	if (!awaited)
		g->rest = timer_make(loop, on_rested, g);
}

void gather_fini(struct gather *g)
{
	if (g->rest)
		timer_destroy(g->rest);
	stretch_fini(&g->stretch);
}

/* ---- how far it is ---- */

uint64_t gather_newest(const struct gather *g)
{
	return writer_newest(g->writer) + !is_empty(g);
}

size_t gather_bytes(const struct gather *g)
{
	return g->stretch.before.len + g->stretch.op.len;
}
