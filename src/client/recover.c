#include "src/client/recover.h"

#include "net/loop.h"
#include "src/client/remote.h"
#include "src/report.h"

#define GOODBYE_MS 1000

struct recovery {
	struct remote *remote;
	char *why;
};

static void failed(void *ctx, const char *sentence)
{
	struct recovery *r = ctx;

	if (!r->why)
		r->why = report_sentence("%s", sentence);
}

/* Nobody is looking: what the room says about people and carets is of no use. */
static const struct remote_handler handler = {.failed = failed};

static void on_turn(void *ctx)
{
	struct recovery *r = ctx;

	remote_turn(r->remote, &(struct remote_says){0});
}

static bool under_way(void *ctx)
{
	struct recovery *r = ctx;

	return !r->why && remote_unsent(r->remote) > 0;
}

static bool parting(void *ctx)
{
	return remote_connected(((struct recovery *)ctx)->remote);
}

char *recover_edits(const struct url *url, struct journal *journal, const struct journal_left *left)
{
	struct loop *loop = loop_create();
	struct recovery r = {0};

	r.remote = remote_create(loop, url, "", &handler, &r);
	remote_keep(r.remote, journal);
	remote_recover(r.remote, left);
	loop_on_turn(loop, on_turn, &r);
	remote_connect(r.remote);
	loop_drain(loop, under_way, &r, RECOVER_MS);
	if (!r.why && remote_unsent(r.remote))
		r.why = report_sentence("the server did not answer in time");
	remote_leave(r.remote);
	loop_drain(loop, parting, &r, GOODBYE_MS);
	loop_off_turn(loop, on_turn, &r);
	remote_destroy(r.remote);
	loop_destroy(loop);
	return r.why;
}
