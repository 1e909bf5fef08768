/* configure.c: the editor as its settings say. */
#include <string.h>

#include "tui/config.h"
#include "tui/editor.h"
#include "tui/state.h"
#include "tui/themes.h"
#include "tui/width.h"

static void settle(struct editor *ed, struct buf *faults)
{
	const struct settings *s = &ed->settings;

	size_t tab = ed->style.tab_width ? ed->style.tab_width : (size_t)s->tab_width;

	view_forget(&ed->view);
	ed->hints.stamp = 0;
	width_use_tab(tab);
	ed->view.blanks = s->show_blanks;
	ed->view.wrap = s->wrap;
	ed->view.wrap_at = ed->style.line_max;
	ed->view.left = s->wrap ? 0 : ed->view.left;
	ed->view.numbers = (enum settings_numbers)s->line_numbers;
	ed->panel = (enum screen_panel)s->people;
	keymap_use(ed->keymap, keymap_names()[s->keymap]);
	theme_use(themes_behind(s->theme, ed->light), faults);
	ed->dirty = true;
}

void editor_settle(struct editor *ed)
{
	settle(ed, NULL);
}

/* The first that is wrong, and how many more there are. */
static void tell(struct editor *ed, const struct buf *faults, uint64_t now_ms)
{
	struct buf text = {0};
	size_t count = 0;

	for (size_t i = 0; i < faults->len; i++)
		count += faults->at[i] == '\n';
	if (!count)
		return;
	buf_add(&text, faults->at,
		(size_t)((char *)memchr(faults->at, '\n', faults->len) - faults->at));
	if (count > 1)
		buf_printf(&text, " (and %zu more: reload-config)", count - 1);
	buf_add_byte(&text, '\0');
	editor_notice(ed, now_ms, text.at);
	buf_fini(&text);
}

/* All of them, when somebody asked: one by one takes as many tries as there are. */
static void show(struct editor *ed, struct buf *faults)
{
	bool asked = ed->show_faults;

	ed->show_faults = false;
	buf_add_byte(faults, '\0');
	editor_set_string(&ed->faults, faults->len > 1 ? faults->at : NULL);
	if (ed->overlay == EDITOR_FAULTS)
		ed->overlay = EDITOR_PLAIN;
	if (!asked || !ed->faults)
		return;
	ed->overlay = EDITOR_FAULTS;
	ed->overlay_top = 0;
}

void editor_configure(
	struct editor *ed, const char *name, const char *text, size_t bytes, uint64_t now_ms)
{
	struct buf faults = {0};

	config_read(&ed->settings, ed->keymap, name, text, bytes, &faults);
	settle(ed, &faults);
	tell(ed, &faults, now_ms);
	show(ed, &faults);
	buf_fini(&faults);
}
