#include "tui/palette.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"
#include "tui/backtrack.h"
#include "tui/fuzzy.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define RECENT 100000 /* more than any score: with nothing typed the recent ones stand first */

void palette_fini(struct palette *palette)
{
	free(palette->at);
	*palette = (struct palette){0};
}

/* ---- what there is ---- */

static bool same(const struct palette_item *a, const struct palette_item *b)
{
	return a->command == b->command && a->setting == b->setting && a->value == b->value;
}

/* "open b.c: Ada, Linus"; among the files alone just "b.c  Ada, Linus" */
static void file_name(const struct editor *ed, const char *file, char *out, size_t cap)
{
	bool alone = ed->prompt.kind == PROMPT_OPEN, fresh = !*file;
	const struct buf *typed = &ed->prompt.text;
	struct buf people = {0};

	files_people(ed, file, &people);
	if (fresh)
		snprintf(out, cap, "%.*s  (%s)", (int)typed->len, typed->at,
			ed->status.link == EDITOR_ALONE ? "by this name" : "a new file");
	else
		snprintf(out, cap, "%s%s%s%s%.*s", alone ? "" : "open ", file,
			files_is_here(ed, file) ? "  (here)" : "",
			people.len ? alone ? " " : ":" : "", (int)people.len,
			people.len ? people.at : "");
	buf_fini(&people);
}

/* "follow Ada: ..."; who has left meanwhile is nobody. */
static void person_name(
	const struct editor *ed, const struct palette_item *item, char *out, size_t cap)
{
	const char *name = editor_person_name(ed, item->user);

	snprintf(out, cap,
		item->follow ? "follow %s: Go where they go" : "go to %s: Where they are",
		name ? name : "nobody");
}

/* "save: Save the file", "theme dark: The colours" */
static void item_name(
	const struct editor *ed, const struct palette_item *item, char *out, size_t cap)
{
	char room[16];

	if (item->file)
		file_name(ed, item->file, out, cap);
	else if (item->user)
		person_name(ed, item, out, cap);
	else if (item->steps)
		backtrack_name(ed, item->steps - 1, out, cap);
	else if (item->command)
		snprintf(out, cap, "%s: %s", item->command->name, item->command->help);
	else
		snprintf(out, cap, "%s %s: %s", item->setting->name,
			setting_value(item->setting, item->value, room), item->setting->help);
}

static int recent_score(const struct palette *palette, const struct palette_item *item)
{
	for (size_t i = 0; i < palette->recents; i++)
		if (same(&palette->recent[i], item))
			return RECENT - (int)i;
	return 0;
}

/* The newest first: above all when they are called by their first words, and "undo" alone is the command. */
static int steps_score(const struct buf *typed, const char *name)
{
	bool called = typed->len > strlen("undo ") && strncasecmp(typed->at, name, typed->len) == 0;

	return called ? RECENT : 1;
}

static int files_score(const struct editor *ed, const char *file)
{
	const char *last = ed->files.last;

	return last && strcmp(file, last) == 0 ? 1 : files_is_here(ed, file) ? -1 : 0;
}

static void offer(struct editor *ed, struct palette_item item)
{
	struct palette *palette = &ed->palette;
	const struct buf *typed = &ed->prompt.text;
	char name[FUZZY_NAME];

	item_name(ed, &item, name, sizeof(name));
	item.score = item.file || item.steps ? fuzzy_score(typed->at, typed->len, name)
					     : fuzzy_described(typed->at, typed->len, name);
	if (!item.score)
		return;
	if (item.steps)
		item.score = steps_score(typed, name);
	if (!typed->len)
		item.score = item.file ? files_score(ed, item.file) : recent_score(palette, &item);
	palette->at =
		mem_grow(palette->at, &palette->cap, palette->count + 1, sizeof(*palette->at));
	palette->at[palette->count++] = item;
}

static void offer_values(struct editor *ed, const struct setting *setting)
{
	char room[16];

	for (int v = setting->least; setting_value(setting, v, room); v++)
		if (v != settings_get(&ed->settings, setting))
			offer(ed, (struct palette_item){.setting = setting, .value = v});
}

static void offer_steps(struct editor *ed)
{
	char name[FUZZY_NAME];

	for (size_t i = 0; i < BACKTRACK_STEPS && backtrack_name(ed, i, name, sizeof(name)); i++)
		offer(ed, (struct palette_item){.steps = i + 1});
}

static void offer_people(struct editor *ed)
{
	for (size_t i = 0; i < ed->people.count; i++) {
		const struct person *person = &ed->people.at[i];
		if (person->me || person_is(person, "offline"))
			continue;
		offer(ed, (struct palette_item){.user = person->user});
		offer(ed, (struct palette_item){.user = person->user, .follow = true});
	}
}

static void offer_files(struct editor *ed)
{
	for (size_t i = 0; i < ed->files.count; i++)
		offer(ed, (struct palette_item){.file = ed->files.at[i]});
}

/* One that is not in the list, by the name that is typed: last, so that Enter after a few letters means what is there. */
static void offer_typed(struct editor *ed)
{
	struct palette *palette = &ed->palette;
	const struct buf *typed = &ed->prompt.text;
	char *name = mem_dup(typed->at, typed->len);

	if (*name && !files_has(&ed->files, name)) {
		palette->at = mem_grow(
			palette->at, &palette->cap, palette->count + 1, sizeof(*palette->at));
		palette->at[palette->count++] = (struct palette_item){.file = ""};
	}
	free(name);
}

/* Insertion sort: stable, so what scores the same keeps the tables' order. */
static void sort(struct palette *palette)
{
	for (size_t i = 1; i < palette->count; i++) {
		struct palette_item item = palette->at[i];
		size_t to = i;
		for (; to && palette->at[to - 1].score < item.score; to--)
			palette->at[to] = palette->at[to - 1];
		palette->at[to] = item;
	}
}

static void offer_all(struct editor *ed)
{
	for (const struct command *c = command_table; c->name; c++)
		offer(ed, (struct palette_item){.command = c});
	for (const struct setting *s = setting_table; s->name; s++)
		offer_values(ed, s);
	if (ed->prompt.text.len) {
		offer_people(ed);
		offer_steps(ed);
		offer_files(ed);
	}
}

void palette_typed(struct editor *ed)
{
	struct palette *palette = &ed->palette;
	bool files = ed->prompt.kind == PROMPT_OPEN;

	palette->count = palette->chosen = palette->top = 0;
	if (files)
		offer_files(ed);
	else
		offer_all(ed);
	sort(palette);
	if (files)
		offer_typed(ed);
	ed->dirty = true;
}

bool palette_is_on(const struct editor *ed)
{
	return ed->prompt.kind == PROMPT_PALETTE || ed->prompt.kind == PROMPT_OPEN;
}

void palette_open(struct editor *ed)
{
	prompt_open(&ed->prompt, PROMPT_PALETTE, ">", "");
	palette_typed(ed);
}

void palette_move(struct editor *ed, ptrdiff_t lines)
{
	struct palette *palette = &ed->palette;
	size_t last = palette->count ? palette->count - 1 : 0;
	size_t back = lines < 0 ? (size_t)-lines : 0;

	if (lines < 0)
		palette->chosen = palette->chosen > back ? palette->chosen - back : 0;
	else
		palette->chosen = palette->chosen + (size_t)lines < last
					  ? palette->chosen + (size_t)lines
					  : last;
	ed->dirty = true;
}

/* ---- doing it ---- */

static void remember(struct palette *palette, struct palette_item item)
{
	size_t at = 0;

	while (at < palette->recents && !same(&palette->recent[at], &item))
		at++;
	if (at == palette->recents && palette->recents < PALETTE_RECENT)
		palette->recents++;
	at = at < PALETTE_RECENT ? at : PALETTE_RECENT - 1;
	memmove(palette->recent + 1, palette->recent, at * sizeof(item));
	palette->recent[0] = item;
}

/* typed: the name of a file that is in no list */
static void do_item(struct editor *ed, struct palette_item item, const char *typed, uint64_t now_ms)
{
	if (item.file) {
		files_go(ed, *item.file ? item.file : typed, !*item.file);
		return;
	}
	if (item.steps) {
		backtrack_go(ed, item.steps - 1, now_ms);
		return;
	}
	if (item.user) {
		(item.follow ? roster_follow : roster_go)(
			ed, people_find(&ed->people, item.user), now_ms);
		return;
	}
	remember(&ed->palette, item);
	if (item.command) {
		input_run(ed, item.command, false, now_ms);
		return;
	}
	settings_put(&ed->settings, item.setting, item.value);
	editor_settle(ed);
}

void palette_enter(struct editor *ed, uint64_t now_ms)
{
	struct palette *palette = &ed->palette;
	char *typed = mem_dup(ed->prompt.text.at, ed->prompt.text.len);

	prompt_close(&ed->prompt);
	if (palette->chosen < palette->count)
		do_item(ed, palette->at[palette->chosen], typed, now_ms);
	else if (*typed)
		editor_notice(ed, now_ms, "Nothing is called so.");
	free(typed);
}

/* ---- the list ---- */

static void item_keys(const struct editor *ed, const struct palette_item *item, struct buf *out)
{
	if (item->command)
		keymap_keys(ed->keymap, item->command, out);
	*buf_room(out, 1) = '\0';
}

static void draw_item(const struct editor *ed, struct term *term, struct rect row,
	const struct palette_item *item)
{
	bool chosen = item == &ed->palette.at[ed->palette.chosen];
	/* On bars in reverse the chosen line is the one that is not. */
	struct term_style style = theme_style(term_colors(term), chosen ? THEME_PROMPT : THEME_BAR);
	struct buf keys = {0};
	char name[FUZZY_NAME];

	item_keys(ed, item, &keys);
	item_name(ed, item, name, sizeof(name));
	term_fill(term, row.row, row.col, row.cols, style);
	int room = row.cols - (int)width_string(keys.at) - 3;
	bool fits = keys.len && room > (int)strlen("share: Show the links");
	screen_text(term, row.row, row.col + 1, fits ? room : row.cols - 1, name, style);
	if (fits)
		screen_text(term, row.row, row.col + room + 2, row.cols, keys.at, style);
	buf_fini(&keys);
}

/* Its rows, at the bottom of the text's area. */
static struct rect list_area(const struct editor *ed)
{
	struct rect area = ed->screen.text;
	size_t rows = ed->palette.count < PALETTE_ROWS ? ed->palette.count : PALETTE_ROWS;
	int shown = area.rows < (int)rows ? area.rows : (int)rows;

	shown = shown > 0 ? shown : 0;
	return (struct rect){
		area.row + area.rows - shown, area.col, shown, area.cols + ed->screen.panel.cols};
}

bool palette_mouse(struct editor *ed, const struct key *key)
{
	struct palette *palette = &ed->palette;
	struct rect area = list_area(ed);

	if (key->mouse == KEY_MOUSE_WHEEL_UP || key->mouse == KEY_MOUSE_WHEEL_DOWN)
		palette_move(ed, key->mouse == KEY_MOUSE_WHEEL_UP ? -1 : 1);
	if (key->mouse != KEY_MOUSE_DOWN || key->button || !screen_within(area, key->row, key->col))
		return false;
	palette->chosen = palette->top + (size_t)(key->row - area.row);
	return palette->chosen < palette->count;
}

static void scroll(struct palette *palette, size_t rows)
{
	if (palette->chosen < palette->top)
		palette->top = palette->chosen;
	else if (palette->chosen >= palette->top + rows)
		palette->top = palette->chosen - rows + 1;
}

void palette_draw(struct editor *ed, struct term *term)
{
	struct palette *palette = &ed->palette;
	struct rect area = list_area(ed);
	size_t rows = (size_t)area.rows;

	if (!rows)
		return;
	scroll(palette, rows);
	for (size_t i = 0; i < rows && palette->top + i < palette->count; i++)
		draw_item(ed, term, (struct rect){area.row + (int)i, area.col, 1, area.cols},
			&palette->at[palette->top + i]);
}
