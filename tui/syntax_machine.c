#include "tui/syntax_machine.h"

#include <stdlib.h>

#include "tui/syntax_run.h"
#include "tui/syntax_track.h"

void syntax_machine_destroy(struct syntax_machine *machine)
{
	if (!machine)
		return;
	for (size_t i = 0; i < machine->words_count; i++)
		syntax_words_fini(&machine->words[i]);
	syntax_track_destroy(machine->track);
	free(machine->words);
	free(machine->states);
	free(machine->actions);
	free(machine->rows);
	free(machine->paint);
	free(machine);
}

/* The rest of a stretch of one state, which ends before the byte that leads elsewhere. */
static const char *same(const uint16_t *row, size_t state, const char *at)
{
	while (row[(unsigned char)*at] == state)
		at++;
	return at;
}

/* Every row has an action for '\n', so the one behind the end stops what skips. */
static void paint(struct syntax_run *r, const char *end)
{
	for (;;) {
		uint16_t state = r->place.state;
		const uint16_t *row = r->m->paint[state];
		const char *at = same(row, state, r->at);
		size_t entry = row[(unsigned char)*at];

		syntax_run_color(r, r->at, at);
		r->at = at;
		if (at == end)
			return;
		if (entry >= r->m->state_count) {
			syntax_run_step(r, 0);
			continue;
		}
		r->classes[at - r->start] = r->m->states[state].class;
		r->place.state = (uint16_t)entry;
		r->at++;
	}
}

uint16_t syntax_machine_run(struct syntax_machine *machine, struct syntax_memory *memory,
	uint16_t number, const char *at, size_t bytes, uint8_t *classes)
{
	struct syntax_run r = {
		.m = machine,
		.memory = memory,
		.place = syntax_memory_place(memory, number),
		.at = at,
		.line = at,
		.start = at,
		.classes = classes,
	};

	if (!classes && !machine->track)
		machine->track = syntax_track_create(machine);
	if (classes)
		paint(&r, at + bytes);
	else
		syntax_track_run(machine->track, &r, at + bytes);
	return syntax_memory_number(memory, r.place);
}
