#include "src/client/recover.h"

#include <stdlib.h>
#include <time.h>

#include "net/loop.h"
#include "net/ws_client.h"
#include "src/client/conflict.h"
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

static void add_line(struct text *text, const char *at, size_t bytes)
{
	if (text_insert(text, text_size(text).points, at, bytes) == ERR_NONE)
		text_insert(text, text_size(text).points, "\n", 1);
}

/* Where it stood nobody knows any more; the words themselves are here. */
static char *save_words(const struct url *url, const struct journal_left *left)
{
	struct text *words = text_create();
	char *why = NULL, *copy;

	for (size_t i = 0; i < left->count; i++) {
		struct op_iter it = op_iter(&left->edits[i].op);
		for (struct op_component c; op_next(&it, &c);)
			if (c.kind == OP_INSERT)
				add_line(words, c.text, c.bytes);
	}
	copy = conflict_keep(words, url->room, left->path, time(NULL), &why);
	text_destroy(words);
	free(why);
	return copy;
}

/* The editor connects on the same loop after us. */
static bool connection_ends(void *ctx)
{
	(void)ctx;
	return ws_client_ending();
}

char *recover_edits(struct loop *loop, const struct recover_from *from, struct journal *journal,
	const struct journal_left *left, char **copy)
{
	struct recovery r = {0};

	r.remote = remote_create(loop, from->url, "", &handler, &r);
	remote_through(r.remote, from->tunnel);
	remote_keep(r.remote, journal);
	remote_recover(r.remote, left);
	loop_on_turn(loop, on_turn, &r);
	remote_connect(r.remote);
	loop_drain(loop, under_way, &r, from->tunnel ? RECOVER_ASK_MS : RECOVER_MS);
	if (!r.why && remote_unsent(r.remote))
		r.why = report_sentence("the server did not answer in time");
	*copy = r.why && remote_is_hopeless(r.remote) ? save_words(from->url, left) : NULL;
	remote_leave(r.remote);
	loop_drain(loop, parting, &r, GOODBYE_MS);
	loop_off_turn(loop, on_turn, &r);
	remote_destroy(r.remote);
	loop_drain(loop, connection_ends, NULL, GOODBYE_MS);
	return r.why;
}
