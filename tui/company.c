/*
 * company.c: who is in the room, as the editor is told (editor.h).
 */
#include "tui/state.h"

void editor_person(struct editor *ed, const struct editor_person *person)
{
	struct person *p = people_put(&ed->people, person->user, person->name, person->color);

	ed->dirty = true;
	if (!p)
		return;
	p->me = person->me;
	person_role(p, person->role);
	person_state(p, person->state);
}

void editor_person_gone(struct editor *ed, uint64_t user)
{
	people_remove(&ed->people, user);
	ed->dirty = true;
}

void editor_people_clear(struct editor *ed)
{
	people_clear(&ed->people);
	ed->dirty = true;
}

void editor_person_sels(struct editor *ed, uint64_t user, const struct sel *sels, size_t count)
{
	struct person *p = people_find(&ed->people, user);

	if (p) {
		person_sels(p, sels, count);
		files_found(ed, user);
	}
	ed->dirty = true;
}

void editor_person_state(struct editor *ed, uint64_t user, const char *state, uint64_t rtt_ms)
{
	struct person *p = people_find(&ed->people, user);

	if (p) {
		person_state(p, state);
		p->rtt_ms = rtt_ms;
	}
	ed->dirty = true;
}

void editor_person_place(struct editor *ed, uint64_t user, const char *path, uint64_t line)
{
	struct person *p = people_find(&ed->people, user);

	ed->dirty = true;
	if (!p)
		return;
	person_place(p, path, line);
	if (person_elsewhere(p, ed->doc.path))
		person_sels(p, NULL, 0);
}

void editor_person_role(struct editor *ed, uint64_t user, const char *role)
{
	struct person *p = people_find(&ed->people, user);

	if (p)
		person_role(p, role);
	ed->dirty = true;
}

size_t *editor_others(const struct editor *ed, size_t *count)
{
	return people_heads(&ed->people, count);
}

const char *editor_person_name(const struct editor *ed, uint64_t user)
{
	struct people people = ed->people;
	const struct person *p = people_find(&people, user);

	return p ? p->name : NULL;
}

const struct person *editor_me(const struct editor *ed)
{
	for (size_t i = 0; i < ed->people.count; i++)
		if (ed->people.at[i].me)
			return &ed->people.at[i];
	return NULL;
}
