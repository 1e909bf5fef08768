/*
 * state.h: struct editor, as the files that make up the editor see it.
 *
 * editor.c keeps it; company.c and ask.c take what the owner says of people, and asks; input.c, answer.c, mouse.c, seek.c and command.c
 * change it; paint.c draws it, with statusbar.c, panel_people.c and overlay.c. Everybody else includes editor.h.
 */
#ifndef TUI_STATE_H
#define TUI_STATE_H

#include "tui/activity.h"
#include "tui/aside.h"
#include "tui/clip.h"
#include "tui/blame.h"
#include "tui/cells.h"
#include "tui/document.h"
#include "tui/files.h"
#include "tui/help.h"
#include "tui/editor.h"
#include "tui/keymap.h"
#include "tui/owner.h"
#include "tui/palette.h"
#include "tui/people.h"
#include "tui/prompt.h"
#include "tui/roster.h"
#include "tui/screen.h"
#include "tui/seek.h"
#include "tui/settings.h"
#include "tui/syntax.h"
#include "tui/talk.h"
#include "tui/view.h"

#define EDITOR_NOTICE_MS 5000
#define EDITOR_CLICK_MS  400 /* between the clicks of a double click */
#define EDITOR_EDIT_MAX  KEY_PASTE_MAX /* bytes of one edit; it leaves in several messages */

enum editor_overlay { EDITOR_PLAIN, EDITOR_HELP, EDITOR_SHARE, EDITOR_FAULTS };

struct editor {
	struct document doc;
	struct aside aside; /* documents that were left */
	bool turned;        /* doc is another than the screen was made of */
	struct files files;
	struct people people;
	struct view view;
	struct syntax *syntax; /* the text's colours; NULL: no language */
	char *language;        /* its name; NULL: none */
	char *fault;           /* of its description: to be shown */
	struct keymap *keymap;
	struct prompt prompt;
	struct screen screen;
	int cols, rows;
	enum screen_panel panel;
	enum editor_overlay overlay;
	int overlay_top; /* the first line shown of it */
	struct help help;

	struct editor_status status; /* room: see room */
	char *room;
	char *urls[2]; /* for editors, for viewers; NULL: not ours to give */
	char *room_here; /* joined by its name on this machine; NULL: not */

	char *notice;
	uint64_t notice_ms; /* until when */
	bool notice_seen; /* there was a key since */

	struct clips clips; /* own clipboard */
	struct buf outside; /* for the terminal's clipboard, with the next frame */

	struct seek seek;
	struct palette palette;
	struct settings settings;
	char *faults;     /* of the configuration, a line each; NULL: none */
	bool show_faults; /* it is read because somebody asked */
	struct editor_style style;
	bool light; /* the terminal's background is */
	struct {
		const char *text;
		size_t bytes;
	} typed; /* by the key under way */

	const struct command *ran, *ran_before; /* by the key under way, and by the one before it; NULL: none */
	bool telling; /* the next key is told, not obeyed */
	bool has_goal; /* vertical motion keeps to column goal */
	size_t goal;
	bool extend; /* the motion under way selects */
	bool marking; /* motions select without Shift */

	struct {
		int row, col, count;
		uint64_t at_ms;
		bool down;
		struct sel unit; /* what the first click selected */
	} click;

	struct roster roster;
	struct talk talk;
	struct blame blame;
	uint64_t follows; /* a user; 0: nobody */
	struct owner_asking asking;
	struct editor_decision decision;
	bool decided;

	char *entered; /* to editor_ask_path; NULL: nothing was, "": it was left */
	char *others; /* of editor_complete, until the next key; NULL: none */
	char answer; /* to editor_ask; 0: none */
	bool answered;

	struct { /* the line of keys, as it was drawn */
		struct cell *cells;
		int cols;
		uint64_t stamp;
	} hints;

	bool dirty;
	char *title;        /* of the window, as it is */
	uint64_t change_ms; /* when the screen changes by itself; 0: never */
	unsigned wants;
	struct activity activity;
};

/* The notice and the text, of which every part of the editor makes use. */
const struct text *editor_text(const struct editor *ed); /* NULL: no document */
/* The caret goes to pos; the selection's other end stays while `extend` is set. */
void editor_go(struct editor *ed, size_t pos);
/* May it be written? Says why not. */
bool editor_may_write(struct editor *ed, uint64_t now_ms);
/* At every caret, in place of its selection. */
void editor_write(struct editor *ed, const char *text, size_t bytes, enum document_kind kind,
	uint64_t now_ms);
const struct person *editor_me(const struct editor *ed); /* NULL: not told yet */
void editor_layout(struct editor *ed);
void editor_settle(struct editor *ed); /* the settings are others now */
/* What a key or the palette stands for, if it may be done here; shifted: a motion selects. */
void input_run(
	struct editor *ed, const struct command *command, bool shifted, uint64_t now_ms);
void editor_set_string(char **at, const char *text); /* a copy, in place of what was there; NULL: none */
uint64_t editor_sooner(uint64_t a, uint64_t b);      /* of two times from now; 0: never */

#endif
