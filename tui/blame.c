#include "tui/blame.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/mem.h"
#include "tui/state.h"
#include "tui/theme.h"

void blame_forget(struct blame *blame)
{
	authors_destroy(blame->authors);
	blame->authors = NULL;
}

void blame_fini(struct blame *blame)
{
	blame_forget(blame);
	for (size_t i = 0; i < blame->count; i++)
		free(blame->names[i].name);
	free(blame->names);
	*blame = (struct blame){0};
}

void blame_toggle(struct editor *ed)
{
	ed->blame.on = !ed->blame.on;
	if (!ed->blame.on)
		blame_forget(&ed->blame);
	ed->dirty = true;
}

/* Own edits are of the newest key, others' of the newest moment that was told. */
static uint64_t unix_now(const struct editor *ed)
{
	uint64_t passed = ed->activity.key_ms > ed->blame.clock_ms
				  ? ed->activity.key_ms - ed->blame.clock_ms
				  : 0;

	return ed->blame.unix_ms + passed;
}

void blame_changed(struct editor *ed, const struct op *op, uint64_t user)
{
	if (ed->blame.authors)
		authors_apply(ed->blame.authors, op, user, unix_now(ed));
}

/* ---- who that is ---- */

static struct blame_name *name_of(const struct blame *blame, uint64_t user)
{
	for (size_t i = 0; i < blame->count; i++)
		if (blame->names[i].user == user)
			return &blame->names[i];
	return NULL;
}

static struct blame_author author_of(
	const struct blame *blame, const struct people *people, uint64_t user)
{
	struct people here = *people;
	const struct person *person = people_find(&here, user);
	const struct blame_name *gone = name_of(blame, user);

	if (person)
		return (struct blame_author){person->name, person->color};
	return (struct blame_author){gone   ? gone->name
				     : user ? "somebody"
					    : "disk",
		theme_person("", user)};
}

bool blame_line(const struct blame *blame, const struct people *people, size_t start, size_t end,
	struct blame_author *out)
{
	struct authors_run newest = {.user = AUTHORS_BEFORE};
	size_t runs = 0;

	if (!blame->on || !blame->authors)
		return false;
	for (size_t pos = start; pos < end && runs++ < BLAME_RUNS;) {
		struct authors_run run = authors_at(blame->authors, pos);
		if (!run.points)
			break;
		if (run.user != AUTHORS_BEFORE &&
			(newest.user == AUTHORS_BEFORE || run.at_ms >= newest.at_ms))
			newest = run;
		pos = run.start + run.points;
	}
	if (newest.user != AUTHORS_BEFORE)
		*out = author_of(blame, people, newest.user);
	return newest.user != AUTHORS_BEFORE;
}

static void add_time(uint64_t at_ms, uint64_t now_ms, struct buf *out)
{
	time_t at = (time_t)(at_ms / 1000), now = (time_t)(now_ms / 1000);
	struct tm then, today;
	char text[32] = "";

	if (!localtime_r(&at, &then) || !localtime_r(&now, &today))
		return;
	bool same = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
	strftime(text, sizeof(text), same ? "%H:%M" : "%Y-%m-%d %H:%M", &then);
	buf_printf(out, ", %s", text);
}

void blame_text(const struct editor *ed, struct buf *out)
{
	const struct blame *blame = &ed->blame;
	struct authors_run run;

	if (!blame->on || !editor_text(ed))
		return;
	if (!blame->authors) {
		buf_add_str(out, "Asking who wrote this…");
		return;
	}
	run = authors_at(blame->authors, ed->doc.sel.head);
	if (run.user == AUTHORS_BEFORE) {
		buf_add_str(out, run.points ? "This was here before" : "The end");
		return;
	}
	buf_printf(out, "%s wrote this", author_of(blame, &ed->people, run.user).name);
	add_time(run.at_ms, unix_now(ed), out);
}

/* ---- for the owner ---- */

bool editor_wants_authors(const struct editor *ed)
{
	return ed->blame.on && !ed->blame.authors;
}

void editor_authors(struct editor *ed, struct authors *takes)
{
	blame_forget(&ed->blame);
	ed->blame.authors = takes;
	if (!ed->blame.on)
		blame_forget(&ed->blame);
	ed->dirty = true;
}

void editor_author(struct editor *ed, uint64_t user, const char *name)
{
	struct blame *blame = &ed->blame;
	struct blame_name *known = name_of(blame, user);

	if (!known && blame->count == BLAME_NAMES)
		return;
	if (!known) {
		blame->names = mem_grow(
			blame->names, &blame->cap, blame->count + 1, sizeof(*blame->names));
		known = &blame->names[blame->count++];
		*known = (struct blame_name){.user = user};
	}
	editor_set_string(&known->name, name);
}

void editor_clock(struct editor *ed, uint64_t now_ms, uint64_t unix_ms)
{
	ed->blame.clock_ms = now_ms;
	ed->blame.unix_ms = unix_ms;
}
