/*
 * write.c: a room gets a past: one person makes all the edits of a recorded session in it, and leaves.
 *
 *	codecollab-bench write URL F.cct
 *
 * The room's first file must be empty. Exit status 1 unless it ends as the text that the recording promises.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "tests/bench/bench.h"
#include "tests/bench/person.h"
#include "tests/bench/trace.h"

#define DEADLINE_MS 120000

struct writing {
	struct loop *loop;
	struct trace trace;
	size_t next; /* patch */
	struct url url;
	struct person_room room;
	struct person_counts counts;
	struct person author;
};

static bool is_written(const struct writing *writing)
{
	return writing->next == writing->trace.patch_count;
}

static bool write_next(struct writing *writing)
{
	const struct patch *patch = &writing->trace.patches[writing->next];
	struct splice edit = {
		.pos = patch->pos, .drop = patch->del, .bytes = patch->bytes, .text = patch->text};

	if (!person_splice(&writing->author, &edit))
		return false;
	writing->next++;
	return true;
}

static void on_turn(void *ctx)
{
	struct writing *writing = ctx;
	struct person *author = &writing->author;

	if (!author->replica)
		return;
	while (!is_written(writing) && write_next(writing))
		;
	person_say(author);
	if (is_written(writing) && replica_in_step(author->replica))
		loop_stop(writing->loop);
}

static void on_deadline(void *ctx)
{
	(void)ctx;
	fprintf(stderr, "codecollab-bench: never: all is written\n");
	exit(1);
}

static bool write_all(struct writing *writing)
{
	struct timer *deadline = timer_make(writing->loop, on_deadline, writing);

	timer_set(deadline, DEADLINE_MS, 0);
	loop_on_turn(writing->loop, on_turn, writing);
	person_connect(&writing->author);
	loop_run(writing->loop);
	loop_off_turn(writing->loop, on_turn, writing);
	timer_destroy(deadline);
	return trace_ends_in(&writing->trace, replica_text(writing->author.replica));
}

int bench_write(const char *url, const char *path)
{
	struct writing *writing = mem_alloc(sizeof(*writing));
	const char *fault = url_parse(url, &writing->url);
	bool right = false;

	if (fault) {
		fprintf(stderr, "codecollab-bench: %s: %s\n", url, fault);
	} else {
		writing->trace = trace_read(path);
		writing->loop = loop_create();
		writing->author = (struct person){.loop = writing->loop,
			.url = &writing->url,
			.room = &writing->room,
			.counts = &writing->counts};
		right = write_all(writing);
		person_fini(&writing->author);
		loop_destroy(writing->loop);
		trace_fini(&writing->trace);
	}
	person_room_fini(&writing->room);
	free(writing);
	return right ? 0 : 1;
}
