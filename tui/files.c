#include "tui/files.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/colors.h"
#include "tui/follow.h"
#include "tui/palette.h"
#include "tui/state.h"

/* ---- which there are ---- */

/* The index of path, or where it belongs. */
static size_t place_of(const struct files *files, const char *path)
{
	size_t low = 0, high = files->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(files->at[mid], path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool files_has(const struct files *files, const char *path)
{
	size_t i = place_of(files, path);

	return i < files->count && strcmp(files->at[i], path) == 0;
}

bool files_is_here(const struct editor *ed, const char *path)
{
	return ed->doc.path && strcmp(ed->doc.path, path) == 0;
}

const char *files_called(const struct files *files, const char *name, size_t bytes)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *path = files->at[i], *slash = strrchr(path, '/');
		const char *last = slash ? slash + 1 : path;

		if ((strlen(path) == bytes && memcmp(path, name, bytes) == 0) ||
			(strlen(last) == bytes && memcmp(last, name, bytes) == 0))
			return path;
	}
	return NULL;
}

/* Another list than the one that is shown. */
static void changed(struct editor *ed)
{
	if (palette_is_on(ed))
		palette_typed(ed);
	ed->dirty = true;
}

void editor_files_clear(struct editor *ed)
{
	while (ed->files.count)
		free(ed->files.at[--ed->files.count]);
	changed(ed);
}

void editor_file_here(struct editor *ed, const char *path)
{
	struct files *files = &ed->files;
	size_t i = place_of(files, path);

	if (files_has(files, path) || files->count == FILES_MAX)
		return;
	files->at = mem_grow(files->at, &files->cap, files->count + 1, sizeof(*files->at));
	memmove(&files->at[i + 1], &files->at[i], (files->count++ - i) * sizeof(*files->at));
	files->at[i] = mem_dup(path, strlen(path));
	changed(ed);
}

void editor_files_listed(struct editor *ed)
{
	ed->files.listing = false;
}

void editor_file_gone(struct editor *ed, const char *path)
{
	struct files *files = &ed->files;
	size_t i = place_of(files, path);

	if (!files_has(files, path))
		return;
	free(files->at[i]);
	memmove(&files->at[i], &files->at[i + 1], (--files->count - i) * sizeof(*files->at));
	changed(ed);
}

void files_people(const struct editor *ed, const char *path, struct buf *out)
{
	const char *before = " ";

	for (size_t i = 0; i < ed->people.count; i++) {
		const struct person *p = &ed->people.at[i];
		if (p->me || !p->path || strcmp(p->path, path) != 0)
			continue;
		buf_printf(out, "%s%s", before, p->name);
		before = ", ";
	}
}

void files_fini(struct files *files)
{
	while (files->count)
		free(files->at[--files->count]);
	free(files->at);
	free(files->last);
	free(files->going);
	held_fini(&files->held);
}

/* ---- going there ---- */

void files_open(struct editor *ed)
{
	for (size_t i = 0; i < ed->aside.count; i++)
		editor_file_here(ed, ed->aside.at[i].path);
	ed->files.listing = ed->status.link == EDITOR_ALONE;
	if (ed->files.listing)
		ed->wants |= EDITOR_WANT_FILES;
	prompt_open(&ed->prompt, PROMPT_OPEN, "Open:", "");
	palette_typed(ed);
}

void files_go(struct editor *ed, const char *path, bool create)
{
	struct files *files = &ed->files;

	if (files->going || !*path || files_is_here(ed, path))
		return;
	editor_set_string(&files->going, path);
	files->create = create;
	files->taken = files->taken_back = false;
	files->line = files->user = 0;
	ed->dirty = true;
}

void files_go_line(struct editor *ed, const char *path, size_t line, size_t col)
{
	files_go(ed, path, false);
	ed->files.line = line;
	ed->files.col = col;
}

void files_go_person(struct editor *ed, const struct person *person)
{
	files_go(ed, person->path, false);
	ed->files.user = person->user;
}

bool editor_take_open(struct editor *ed, struct editor_going *out)
{
	struct files *files = &ed->files;

	follow_wish(ed);
	if (!files->going || files->taken)
		return false;
	files->taken = true;
	*out = (struct editor_going){files->going, files->create};
	return true;
}

/* Those that are held go first. */
static bool must_wait(const struct files *files)
{
	return files->going || files->listing || (!files->catching_up && held_any(&files->held));
}

bool files_hold(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (!must_wait(&ed->files))
		return false;
	if (key->code == KEY_ESC && ed->files.going) {
		ed->wants |= EDITOR_WANT_STAY;
		ed->files.taken_back = true;
	} else if (key->code != KEY_MOUSE && !held_add(&ed->files.held, key)) {
		editor_notice(ed, now_ms, "Wait for the file, please: too much was typed.");
	}
	return true;
}

/* ---- being there ---- */

static void go_nowhere(struct editor *ed)
{
	editor_set_string(&ed->files.going, NULL);
	ed->files.line = 0;
	ed->dirty = true;
}

void editor_stayed(struct editor *ed)
{
	struct files *files = &ed->files;

	/* What was typed was for the new file: it is not for the one that everybody sees instead. */
	if (files->going && files->create && !files->taken_back)
		held_fini(&files->held);
	files->user = 0;
	go_nowhere(ed);
	follow_end(ed); /* else it would be wished again at once */
}

void files_arrived(struct editor *ed)
{
	struct files *files = &ed->files;

	if (!files->going)
		return;
	if (files->line)
		editor_go(
			ed, view_pos(&ed->view, editor_text(ed), files->line - 1, files->col - 1));
	go_nowhere(ed);
}

void files_found(struct editor *ed, uint64_t user)
{
	const struct person *person = people_find(&ed->people, user);

	if (ed->files.user != user || ed->files.going || !person || !person->count)
		return;
	ed->files.user = 0;
	editor_go(ed, person->sels[0].head);
}

bool editor_catch_up(struct editor *ed, uint64_t now_ms)
{
	struct files *files = &ed->files;
	struct key key;

	files->catching_up = true;
	while (!must_wait(files) && !editor_waits(ed) && held_next(&files->held, &key)) {
		editor_key(ed, &key, now_ms);
		free((void *)key.text);
	}
	files->catching_up = false;
	return editor_waits(ed) && held_any(&files->held);
}

void editor_turn(struct editor *ed, const char *path)
{
	if (!ed->doc.path || strcmp(ed->doc.path, path) == 0)
		return;
	editor_set_string(&ed->files.last, ed->doc.path);
	seek_close(ed);
	people_nowhere(&ed->people);
	aside_swap(&ed->aside, &ed->doc, path);
	ed->turned = true;
}

void editor_rename(struct editor *ed, const char *path)
{
	document_rename(&ed->doc, path);
	colors_open(ed, false);
	view_forget(&ed->view);
	ed->dirty = true;
}

void editor_forget(struct editor *ed, const char *path)
{
	aside_drop(&ed->aside, path);
}
