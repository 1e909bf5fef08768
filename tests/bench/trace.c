#include "tests/bench/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static _Noreturn void give_up(const char *path, const char *why)
{
	fprintf(stderr, "codecollab-bench: %s: %s\n", path, why);
	exit(2);
}

struct bytes trace_read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct bytes b = {0};

	if (!f || fseek(f, 0, SEEK_END))
		give_up(path, "cannot be read");
	b.len = (size_t)ftell(f);
	rewind(f);
	b.at = mem_alloc(b.len + 1);
	if (fread(b.at, 1, b.len, f) != b.len)
		give_up(path, "cannot be read");
	fclose(f);
	return b;
}

/* What is left of the file, read from the left. */
struct reader {
	const char *path, *at, *end;
};

static size_t number(struct reader *r)
{
	size_t n = 0;

	if (r->at < r->end && *r->at == ' ')
		r->at++;
	if (r->at >= r->end || *r->at < '0' || *r->at > '9')
		give_up(r->path, "not a trace: a number is missing");
	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
		n = n * 10 + (size_t)(*r->at - '0');
	return n;
}

static bool word(struct reader *r, const char *want)
{
	size_t len = strlen(want);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, want, len) != 0)
		return false;
	r->at += len;
	return true;
}

static void newline(struct reader *r)
{
	if (!word(r, "\n"))
		give_up(r->path, "not a trace: a line is longer than it says");
}

static struct patch read_patch(struct reader *r)
{
	struct patch p = {.pos = number(r), .del = number(r), .bytes = number(r)};

	if (p.bytes > (size_t)(r->end - r->at))
		give_up(r->path, "not a trace: it ends in the middle");
	r->at += p.bytes > 0;
	p.text = r->at;
	r->at += p.bytes;
	p.points = utf8_count(p.text, p.bytes).points;
	newline(r);
	return p;
}

/* The line, if there is one, that leads the transaction's patches. */
static struct txn read_txn(struct reader *r, bool concurrent, size_t first)
{
	struct txn t = {.first = first, .count = 1};

	if (concurrent) {
		if (!word(r, "c"))
			give_up(r->path, "not a trace: a transaction is missing");
		t.agent = number(r);
		t.base = number(r);
		t.count = number(r);
		for (size_t parents = number(r); parents; parents--)
			number(r);
		newline(r);
	} else if (word(r, "t")) {
		t.count = number(r);
		newline(r);
	}
	return t;
}

static void read_head(struct reader *r, struct trace *t)
{
	char *end;

	t->concurrent = word(r, "cctrace 1 conc");
	if (!t->concurrent && !word(r, "cctrace 1 seq"))
		give_up(r->path, "not a trace");
	t->txn_count = number(r);
	t->patch_count = number(r);
	t->end_bytes = number(r);
	t->end_points = number(r);
	t->fnv = strtoull(r->at, &end, 16);
	r->at = end;
	t->agent_count = t->concurrent ? number(r) : 1;
	if (t->concurrent && number(r))
		give_up(r->path, "its authors saw what the server had not ordered yet");
	newline(r);
	if (t->txn_count > (size_t)(r->end - r->at) || t->patch_count > (size_t)(r->end - r->at))
		give_up(r->path, "not a trace: it promises too much");
}

struct trace trace_read(const char *path)
{
	struct bytes file = trace_read_file(path);
	struct reader r = {path, file.at, file.at + file.len};
	struct trace t = {.file = file.at};
	size_t patches = 0;

	read_head(&r, &t);
	t.txns = mem_alloc(t.txn_count * sizeof(*t.txns));
	t.patches = mem_alloc(t.patch_count * sizeof(*t.patches));
	for (size_t i = 0; i < t.txn_count; i++) {
		t.txns[i] = read_txn(&r, t.concurrent, patches);
		if (t.txns[i].count > t.patch_count - patches || t.txns[i].agent >= t.agent_count)
			give_up(path, "not a trace: more than it promises");
		for (size_t n = t.txns[i].count; n; n--)
			t.patches[patches++] = read_patch(&r);
	}
	return t;
}

void trace_fini(struct trace *t)
{
	free(t->file);
	free(t->txns);
	free(t->patches);
	*t = (struct trace){0};
}

uint64_t trace_fnv(const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	uint64_t h = FNV_START;
	const char *at;

	for (size_t bytes; text_iter_run(&it, &at, &bytes);)
		for (size_t i = 0; i < bytes; i++)
			h = (h ^ (unsigned char)at[i]) * FNV_PRIME;
	return h;
}

bool trace_ends_in(const struct trace *t, const struct text *text)
{
	struct text_size size = text_size(text);

	return size.bytes == t->end_bytes && size.points == t->end_points &&
	       trace_fnv(text) == t->fnv;
}
