#include "tests/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "net/codec.h"
#include "ot/buf.h"
#include "ot/history.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "ot/undo.h"
#include "tests/bench/gap.h"
#include "tests/bench/trace.h"

/* Whether a patch goes on with the step before, as an editor has it: a word is one, and so is what is deleted in a row. */
struct habit {
	size_t caret;      /* where the last patch left it */
	bool typed, blank; /* what it did */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool joins(struct habit *h, const struct patch *p)
{
	bool typed = p->bytes > 0, blank = typed && is_blank(*p->text);
	bool near = p->pos == h->caret || (!typed && p->pos + p->del == h->caret);
	bool join = near && typed == h->typed && !(typed && p->del) && !(h->blank && !blank);

	*h = (struct habit){p->pos + p->points, typed, blank};
	return join;
}

static bool *all_joins(const struct trace *t)
{
	bool *join = mem_alloc(t->patch_count + 1);
	struct habit habit = {0};

	for (size_t i = 0; i < t->patch_count; i++)
		join[i] = joins(&habit, &t->patches[i]);
	return join;
}

struct desk {
	struct replica *replica;
	struct undo *undo;
};

static void do_patch(struct desk *d, const struct patch *p, bool join)
{
	struct splice s = {.pos = p->pos, .drop = p->del, .text = p->text, .bytes = p->bytes};
	struct splice inverse;

	if (replica_splice(d->replica, &s, &inverse))
		abort();
	undo_splice(d->undo, &inverse, join);
}

static double time_replay(const struct trace *t, const bool *join, size_t *memory, bool *right)
{
	size_t before = bench_memory();
	double start = bench_now_ms();
	struct desk d = {replica_create(text_create(), 0, 1), undo_create()};

	for (size_t i = 0; i < t->patch_count; i++)
		do_patch(&d, &t->patches[i], join[i]);
	double ms = bench_now_ms() - start;
	*memory = bench_memory() - before;
	*right = *right && trace_ends_in(t, replica_text(d.replica));
	replica_destroy(d.replica);
	undo_destroy(d.undo);
	return ms;
}

/* The patches in bytes, as the yardstick wants them. */
static struct patch *in_bytes(const struct trace *t)
{
	struct patch *patches = mem_alloc((t->patch_count + 1) * sizeof(*patches));
	struct text *text = text_create();
	struct op op = {0};

	for (size_t i = 0; i < t->patch_count; i++) {
		patches[i] = t->patches[i];
		patches[i].pos = text_byte_at(text, t->patches[i].pos);
		patches[i].del =
			text_byte_at(text, t->patches[i].pos + t->patches[i].del) - patches[i].pos;
		op_clear(&op);
		trace_op(&t->patches[i], &op);
		if (op_apply(&op, text))
			abort();
	}
	op_fini(&op);
	text_destroy(text);
	return patches;
}

static double time_floor(const struct trace *t, const struct patch *patches)
{
	struct gap gap = {0};
	double start = bench_now_ms();

	for (size_t i = 0; i < t->patch_count; i++)
		gap_replace(
			&gap, patches[i].pos, patches[i].del, patches[i].text, patches[i].bytes);
	double ms = bench_now_ms() - start;
	gap_fini(&gap);
	return ms;
}

/* The stored history, deflated. */
static struct bytes save(const struct trace *t, size_t *plain)
{
	struct history h = {0};
	struct buf out = {0};
	struct op op = {0};

	for (size_t i = 0; i < t->patch_count; i++) {
		op_clear(&op);
		trace_op(&t->patches[i], &op);
		history_add(&h, &op);
	}
	history_save(&h, &out);
	*plain = out.len;
	uLongf len = compressBound((uLong)out.len);
	struct bytes saved = {mem_alloc(len), 0};
	if (compress2((Bytef *)saved.at, &len, (const Bytef *)out.at, (uLong)out.len, 9) != Z_OK)
		abort();
	saved.len = len;
	op_fini(&op);
	buf_fini(&out);
	history_fini(&h);
	return saved;
}

static double time_load(const struct trace *t, const struct bytes *saved, size_t plain, bool *right)
{
	double start = bench_now_ms();
	struct text *text = text_create();
	uLongf len = (uLongf)plain;
	char *out = mem_realloc(NULL, plain, 1);

	if (uncompress((Bytef *)out, &len, (const Bytef *)saved->at, (uLong)saved->len) != Z_OK ||
		history_replay(out, len, text))
		abort();
	double ms = bench_now_ms() - start;
	*right = *right && trace_ends_in(t, text);
	text_destroy(text);
	free(out);
	return ms;
}

/* Mean bytes of a patch's `edit` message, each sent alone. */
static double wire(const struct trace *t)
{
	struct message m = {.type = MSG_EDIT, .edit = {.doc = 1}};
	struct buf out = {0};
	size_t bytes = 0;

	for (size_t i = 0; i < t->patch_count; i++) {
		m.edit.rev = i;
		m.edit.seq = i + 1;
		op_clear(&m.edit.op);
		trace_op(&t->patches[i], &m.edit.op);
		buf_clear(&out);
		codec_encode(CODEC_BIN, &m, &out);
		bytes += out.len;
	}
	op_fini(&m.edit.op);
	buf_fini(&out);
	return (double)bytes / (double)t->patch_count;
}

int bench_replay(const char *path, size_t rounds)
{
	struct trace t = trace_read(path);
	struct patch *patches = in_bytes(&t);
	double ms[BENCH_ROUNDS], floor_ms[BENCH_ROUNDS], load_ms[BENCH_ROUNDS];
	size_t memory = 0, plain;
	bool right = true;
	struct bytes saved = save(&t, &plain);
	bool *join = all_joins(&t);

	for (size_t i = 0; i < rounds; i++) {
		ms[i] = time_replay(&t, join, &memory, &right);
		floor_ms[i] = time_floor(&t, patches);
		load_ms[i] = time_load(&t, &saved, plain, &right);
	}
	double median = bench_median(ms, rounds), least = bench_median(floor_ms, rounds);
	printf("replay ms=%.3f min=%.3f fnv=%016" PRIx64
	       " mem=%zu saved=%zu load_ms=%.3f wire=%.2f "
	       "floor_ms=%.3f ×floor=%.2f\n",
		median, ms[0], t.fnv, memory, saved.len, bench_median(load_ms, rounds), wire(&t),
		least, median / least);
	free(saved.at);
	free(join);
	free(patches);
	trace_fini(&t);
	return right ? 0 : 1;
}
