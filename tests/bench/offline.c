#include "tests/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/bench/party.h"

/* Those who edit from `first` on; `sends` tells whose edits reach the server one by one. */
static void edit_apart(struct party *p, const struct trace *t, size_t online)
{
	for (size_t i = 0; i < t->txn_count; i++) {
		const struct txn *txn = &t->txns[i];
		for (size_t n = 0; n < txn->count; n++)
			party_edit(p, txn->agent, &t->patches[txn->first + n]);
		if (txn->base == 0 || txn->agent == online)
			party_send(p, txn->agent);
		for (size_t agent = 0; txn->base == 0 && agent < p->count; agent++)
			party_take(p, agent, log_rev(p->log));
	}
}

/* Everybody comes back, one after the other, and hears of those who came later. */
static void meet(struct party *p)
{
	for (size_t agent = 0; agent < p->count; agent++) {
		party_resume(p, agent);
		party_send(p, agent);
	}
	for (size_t agent = 0; agent < p->count; agent++)
		party_take(p, agent, log_rev(p->log));
}

static double time_meeting(const struct trace *t, size_t online, size_t *wire, bool *right)
{
	struct party p = party_open(t);

	edit_apart(&p, t, online);
	p.bytes_up = p.bytes_down = 0;
	double start = bench_now_ms();
	meet(&p);
	double ms = bench_now_ms() - start;
	*right = *right && party_agrees(&p, t);
	*wire = p.bytes_up + p.bytes_down;
	party_close(&p);
	return ms;
}

/* ms: both were away. missed_ms: one was away, the other's edits had reached the server one by one. */
int bench_offline(const char *path, size_t rounds)
{
	struct trace t = trace_read(path);
	double ms[BENCH_ROUNDS], missed_ms[BENCH_ROUNDS];
	size_t wire = 0, missed_wire = 0;
	bool right = true;

	for (size_t i = 0; i < rounds; i++) {
		ms[i] = time_meeting(&t, SIZE_MAX, &wire, &right);
		missed_ms[i] = time_meeting(&t, 0, &missed_wire, &right);
	}
	double median = bench_median(ms, rounds), missed = bench_median(missed_ms, rounds);
	printf("offline ms=%.3f min=%.3f fnv=%016" PRIx64
	       " wire=%zu missed_ms=%.3f missed_wire=%zu\n",
		median, ms[0], t.fnv, wire, missed, missed_wire);
	trace_fini(&t);
	return right ? 0 : 1;
}
