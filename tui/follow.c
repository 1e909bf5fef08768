#include "tui/follow.h"

#include "tui/notice.h"
#include "tui/state.h"

static struct person *followed(struct editor *ed)
{
	return ed->follows ? people_find(&ed->people, ed->follows) : NULL;
}

void follow_begin(struct editor *ed, uint64_t user, uint64_t now_ms)
{
	struct person *person = people_find(&ed->people, user);

	if (!person || person->me) {
		editor_notice(ed, now_ms, "One follows somebody else.");
		return;
	}
	ed->follows = user;
	notice_end(ed); /* what was told before does not hide that */
	ed->dirty = true;
}

void follow_end(struct editor *ed)
{
	ed->dirty |= ed->follows != 0;
	ed->follows = 0;
}

void follow_show(struct editor *ed)
{
	struct person *person = followed(ed);

	if (!person) {
		follow_end(ed);
		return;
	}
	if (!person->count)
		return;
	view_show(&ed->view, editor_text(ed), person->sels[0].head);
	ed->view.follow = false;
}

void follow_wish(struct editor *ed)
{
	const struct person *person = followed(ed);

	if (person && person_elsewhere(person, ed->doc.path))
		files_go(ed, person->path, false);
}

void follow_take_over(struct editor *ed)
{
	struct person *person = followed(ed);

	if (person && person->count)
		document_select(&ed->doc, (struct sel){person->sels[0].head, person->sels[0].head});
	follow_end(ed);
}

struct follow_note follow_note(const struct editor *ed)
{
	return (struct follow_note){ed->doc.sel, ed->view.top, ed->doc.changes};
}

void follow_check(struct editor *ed, struct follow_note was)
{
	if (ed->doc.sel.anchor != was.sel.anchor || ed->doc.sel.head != was.sel.head ||
		ed->view.top != was.top || ed->doc.changes != was.changes)
		follow_end(ed);
}

void follow_text(const struct editor *ed, struct buf *out)
{
	const char *name = ed->follows ? editor_person_name(ed, ed->follows) : NULL;

	if (name)
		buf_printf(out, "Following %s (Esc ends it)", name);
}

/* ---- for the owner ---- */

uint64_t editor_follows(const struct editor *ed)
{
	return ed->follows;
}

void editor_person_follows(struct editor *ed, uint64_t user, uint64_t whom, uint64_t now_ms)
{
	struct person *person = people_find(&ed->people, user);
	const struct person *me = editor_me(ed);
	struct buf text = {0};

	if (!person || person->follows == whom)
		return;
	person->follows = whom;
	ed->dirty = true;
	if (!me || person->me || whom != me->user)
		return;
	buf_printf(&text, "%s follows you now", person->name);
	buf_add_byte(&text, '\0');
	editor_notice(ed, now_ms, text.at);
	buf_fini(&text);
}
