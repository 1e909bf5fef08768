/*
 * editor.h: what a person sees and does: one document, the people in it, and everything on the screen.
 *
 * The editor knows no sockets. Its owner feeds it keys and what the server said, and once a turn takes what it wants:
 *
 *	editor_key(ed, &key, now)		from the terminal
 *	editor_remote(ed, user, &shown)		after replica_receive()
 *	...
 *	wants = editor_wants(ed)		save, quit, try again now, ...
 *	if ((count = editor_take_sels(ed, &sels))) ...	they jumped: worth a `select`
 *	editor_draw(ed, term, now)		if anything on screen changed
 *
 * Own edits go into the replica at once (replica_edit) and on the undo stack; the owner finds them with replica_send().
 *
 * Units:   positions are code points of the text here; times are milliseconds of one monotonic clock, given by the owner.
 * Memory:  borrows the replica from editor_open until another one takes its place; copies all strings it is given.
 * Trust:   names and notices come from outside: control, bidi and invisible characters in them are shown, not obeyed.
 */
#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/authors.h"
#include "ot/op.h"
#include "ot/replica.h"
#include "tui/key.h"
#include "tui/term.h"

struct editor;

struct editor *editor_create(void);
void editor_destroy(struct editor *ed);

/* ---- the document ---- */

struct editor_document {
	const char *path; /* shown */
	bool read_only;   /* a viewer, or a read-only file: typing says why and changes nothing */
	bool crlf;
};

/* Show this document, with the caret at its start (or, when it is shown again after a reconnect, where it was). */
void editor_open(
	struct editor *ed, struct replica *borrows, const struct editor_document *document);
/* Of a file that is edited here, not in a room: what the status bar tells of it. Forgotten by editor_open. */
struct editor_file {
	const char *charset; /* static; NULL: UTF-8 */
	bool mixed;          /* some lines end with CRLF, some with LF */
	bool bom;            /* a byte order mark stands before it */
	bool crlf;
	bool no_text; /* why it is read-only */
};
void editor_file(struct editor *ed, const struct editor_file *file);
/* The caret to a place as the go-to prompt takes it ("12", "12:5"); what is none is left alone. */
void editor_place(struct editor *ed, const char *typed);
/*
 * The document of this path takes the other's place, as it was when it was left: to be called before editor_remote, which tells what
 * has become of its text since, and editor_open. Nothing is done when it is shown already. editor_forget: its replica is about to go.
 */
void editor_turn(struct editor *ed, const char *path);
void editor_forget(struct editor *ed, const char *path);
void editor_rename(struct editor *ed, const char *path); /* the document is called so from now on */
/* What the file asks for, over the settings; zeros: nothing. */
struct editor_style {
	enum { EDITOR_INDENT_AS_SET, EDITOR_INDENT_TABS, EDITOR_INDENT_BLANKS } by;
	unsigned indent;    /* columns of one level; 0: a tab's */
	unsigned tab_width;
	unsigned line_max; /* columns at which lines are wrapped, when they are, even where there is more room */
};
void editor_style(struct editor *ed, const struct editor_style *style);
void editor_background(struct editor *ed, bool light); /* the terminal's: the theme "auto" goes by it */
/* An own edit that no key made, as one step to undo: carets before what it inserts stay there. Takes op. */
void editor_edit(struct editor *ed, struct op *takes);
void editor_edit_on(struct editor *ed, struct op *takes); /* the same, as a part of the newest step */
bool editor_may_edit(const struct editor *ed); /* there is a text, and it is not read-only */
void editor_set_read_only(struct editor *ed, bool read_only);

/* Somebody's edit was applied to the replica: `shown` is what it did to the text here. Shifts carets, undo, the screen. */
void editor_remote(struct editor *ed, uint64_t user, const struct op *shown);
uint64_t editor_changes(const struct editor *ed); /* how many there were, own and others' */
/* What is on disk is this revision (and knows whether the text has moved on since). */
void editor_saved(struct editor *ed, uint64_t rev);

/* ---- the other files ---- */

void editor_files_clear(struct editor *ed); /* before a new list */
void editor_file_here(struct editor *ed, const char *path);
void editor_files_listed(struct editor *ed); /* what EDITOR_WANT_FILES asked for is told: keys have waited for it */
void editor_file_gone(struct editor *ed, const char *path);

/* The person wants to go there. Until editor_open or editor_stayed keys wait; EDITOR_WANT_STAY: they have changed their mind. */
struct editor_going {
	const char *path; /* until the answer */
	bool create; /* make it, if there is none */
};
bool editor_take_open(struct editor *ed, struct editor_going *out); /* true once */
void editor_stayed(struct editor *ed); /* it came to nothing */
/* Once a turn: the keys that have waited. true: some wait until editor_wants() was obeyed, and so for another turn. */
bool editor_catch_up(struct editor *ed, uint64_t now_ms);

/* ---- people ---- */

struct editor_person {
	uint64_t user;
	const char *name;  /* as they want to be called */
	const char *color; /* "#rrggbb" or "" */
	const char *role;  /* "owner", "editor", "viewer" */
	const char *state; /* "active", "typing", "chatting", "away", "offline" */
	bool me;
};

void editor_person(struct editor *ed, const struct editor_person *person); /* new, or changed */
void editor_person_gone(struct editor *ed, uint64_t user);
void editor_people_clear(struct editor *ed); /* before a new list */
/* Where they are: positions of the text here; count 0: nowhere in this document. */
void editor_person_sels(struct editor *ed, uint64_t user, const struct sel *sels, size_t count);
void editor_person_state(struct editor *ed, uint64_t user, const char *state, uint64_t rtt_ms);
/* The file and the line (from 1; 0: unknown) they are in, where there are several files; "": unknown. */
void editor_person_place(struct editor *ed, uint64_t user, const char *path, uint64_t line);
void editor_person_role(struct editor *ed, uint64_t user, const char *role);
void editor_person_follows(struct editor *ed, uint64_t user, uint64_t whom, uint64_t now_ms); /* 0: nobody */
uint64_t editor_follows(const struct editor *ed); /* whom the person at these keys follows; 0: nobody */
size_t *editor_others(const struct editor *ed, size_t *count); /* their carets in this document, in rising order; owned */
const char *editor_person_name(const struct editor *ed, uint64_t user); /* NULL: not here; until the next editor_person* */

/* ---- what people say ---- */

struct chat_line; /* chat.h; copied */
/* The newest message of the room, as it is said on joining: what is here beyond that is of another history, and is dropped. */
void editor_chat_newest(struct editor *ed, uint64_t id);
/* As it comes, oldest first; what is known already is left alone. old: from before one came, so no news. */
void editor_said(struct editor *ed, const struct chat_line *line, bool old, uint64_t now_ms);
void editor_person_seen(struct editor *ed, uint64_t user, uint64_t id); /* how far they have read */
char *editor_take_say(struct editor *ed); /* owned; NULL: nothing was said */
bool editor_take_seen(struct editor *ed, uint64_t *id); /* true once after something was read: up to this one */

/* ---- who wrote it ---- */

bool editor_wants_authors(const struct editor *ed); /* then editor_authors should be called, once they are known */
void editor_authors(struct editor *ed, struct authors *takes); /* of the text as it is; kept up with it from now on */
void editor_author(struct editor *ed, uint64_t user, const char *name); /* who may have left */
void editor_clock(struct editor *ed, uint64_t now_ms, uint64_t unix_ms); /* before each editor_remote, and once a turn */

/* What an owner decided: the fields of the protocol's `admin`, static strings. */
struct editor_decision {
	const char *verb;
	uint64_t user;
	const char *arg;
	const char *done; /* words for the person, once it was sent; NULL: none */
};
bool editor_take_decision(struct editor *ed, struct editor_decision *out); /* true once after it */

/* ---- the world ---- */

enum editor_link { EDITOR_CONNECTING, EDITOR_ONLINE, EDITOR_OFFLINE, EDITOR_ALONE /* a file, no room */ };

struct editor_status {
	enum editor_link link;
	unsigned rtt_ms;  /* 0: unknown */
	unsigned retry_s; /* offline: seconds until the next try */
	bool trying;      /* offline: now */
	size_t unsent;    /* own edits not acknowledged */
	const char *room;
};

void editor_status(struct editor *ed, const struct editor_status *status); /* cheap to call each turn */
void editor_notice(struct editor *ed, uint64_t now_ms,
	const char *text); /* one line in the status bar for some seconds */
/* For the host: shown by the share command (F2), each copyable by one key. */
void editor_share_urls(struct editor *ed, const char *editor_url, const char *viewer_url);
/* Behind them: the room, by whose name alone people of its machine come in, and who can log in there; NULL: they cannot. */
void editor_share_here(struct editor *ed, const char *room);
void editor_show_share(struct editor *ed); /* as the share command does */

/* The text of a configuration file, which is called so where it is told what is wrong in it: config.h. Everything else is as it is without. */
void editor_configure(
	struct editor *ed, const char *name, const char *text, size_t bytes, uint64_t now_ms);

/* ---- the person ---- */

void editor_key(struct editor *ed, const struct key *key, uint64_t now_ms);
void editor_resize(struct editor *ed, int cols, int rows);
/* A millisecond or so of a search that is under way, and of measuring a long line. true: there is more; call again when nothing else is to do. */
bool editor_idle(struct editor *ed, uint64_t now_ms);

enum editor_want {
	EDITOR_WANT_SAVE = 1 << 0,
	EDITOR_WANT_QUIT = 1 << 1,  /* asked for; the owner may answer with editor_ask_quit */
	EDITOR_WANT_RETRY = 1 << 2, /* connect now */
	EDITOR_WANT_SUSPEND = 1 << 3,
	EDITOR_WANT_SHARE = 1 << 5, /* of EDITOR_ALONE: make a room of it */
	EDITOR_WANT_CONFIG = 1 << 7, /* read the configuration again */
	EDITOR_WANT_UTF8 = 1 << 6,  /* of EDITOR_ALONE: save it as UTF-8 from now on */
	EDITOR_WANT_FILES = 1 << 9, /* of EDITOR_ALONE: the files there are */
	EDITOR_WANT_SAVE_AS = 1 << 10, /* of EDITOR_ALONE: ask for a name with editor_ask_path */
	EDITOR_WANT_COMPLETE = 1 << 13, /* of EDITOR_ALONE: the path that is being typed, with editor_complete */
	EDITOR_WANT_LF = 1 << 11, /* of EDITOR_ALONE: line ends */
	EDITOR_WANT_CRLF = 1 << 12,
	EDITOR_WANT_STAY = 1 << 8, /* do not open another file after all */
	EDITOR_QUIT_SURE = 1 << 4, /* the question of editor_ask_quit was answered with yes */
};

unsigned editor_wants(struct editor *ed); /* bits since the last call */
bool editor_waits(const struct editor *ed); /* is there something of that? */
void editor_ask_quit(struct editor *ed,
	const char *question); /* "2 others are here; end the session for all? (y/n)" */
/* A question with a letter for an answer: "Save before leaving? (y/n, Esc stays)", "yn". `letters` is static. */
void editor_ask(struct editor *ed, const char *question, const char *letters);
/* For a path, with the one that is offered; editor_take_path gives what was entered, once, owned; NULL: nothing was. */
void editor_ask_path(struct editor *ed, const char *question, const char *path);
char *editor_take_path(struct editor *ed); /* "": it was left */
/* What is typed of a path, owned, and what may stand in its place: all of it that is sure, and below it what it may go on with. */
char *editor_path_typed(const struct editor *ed);
void editor_complete(struct editor *ed, const char *path, const char *others);
bool editor_answer(struct editor *ed, char *letter); /* true once after it; Esc is '\0' */
/* All selections, the main one first, when they moved other than by own typing; else 0. Borrows until the next call. */
size_t editor_take_sels(struct editor *ed, const struct sel **sels);
void editor_tell_sel(struct editor *ed); /* the others have forgotten it: editor_take_sels gives it again */
/* "active", "typing", "chatting", "away": what the others should be told; static string. Typing lasts 2 s after the last edit, away begins
 * after 5 minutes without one. */
const char *editor_activity(struct editor *ed, uint64_t now_ms);

/* ---- the screen ---- */

/*
 * Draw what changed since the last time into term, and make the frame (term_frame); nothing at all if nothing did, or while
 * the last frame has not left (term_ready). The owner calls term_flush. When there is nothing to draw, colours of text that is not on
 * the screen are worked out, for a millisecond or two; editor_next_change() says when to come again.
 */
void editor_draw(struct editor *ed, struct term *term, uint64_t now_ms);
/* When something will change by itself (a notice ends, a name fades, editor_activity is over): ms from now, or 0 for never. */
uint64_t editor_next_change(const struct editor *ed, uint64_t now_ms);

#endif
