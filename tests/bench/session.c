#include "tests/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "tests/bench/party.h"

/* revs[i]: the server's revision once transaction i was ordered; one that came to nothing makes none. */
static void run(struct party *p, const struct trace *t, uint64_t *revs)
{
	for (size_t i = 0; i < t->txn_count; i++) {
		const struct txn *txn = &t->txns[i];
		party_take(p, txn->agent, txn->base ? revs[txn->base - 1] : 0);
		for (size_t n = 0; n < txn->count; n++)
			party_edit(p, txn->agent, &t->patches[txn->first + n]);
		party_send(p, txn->agent);
		revs[i] = log_rev(p->log);
	}
	for (size_t agent = 0; agent < p->count; agent++)
		party_take(p, agent, log_rev(p->log));
}

int bench_session(const char *path, size_t rounds)
{
	struct trace t = trace_read(path);
	uint64_t *revs = mem_alloc((t.txn_count + 1) * sizeof(*revs));
	double ms[BENCH_ROUNDS], txns = (double)t.txn_count;
	bool right = true;
	size_t transforms = 0, up = 0;

	for (size_t i = 0; i < rounds; i++) {
		double start = bench_now_ms();
		struct party p = party_open(&t);
		run(&p, &t, revs);
		ms[i] = bench_now_ms() - start;
		right = right && party_agrees(&p, &t);
		transforms = p.transforms;
		up = p.bytes_up;
		party_close(&p);
	}
	double median = bench_median(ms, rounds);
	printf("session ms=%.3f min=%.3f fnv=%016" PRIx64 " transforms=%zu wire=%.2f\n", median,
		ms[0], t.fnv, transforms, (double)up / txns);
	free(revs);
	trace_fini(&t);
	return right ? 0 : 1;
}
