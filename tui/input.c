/* input.c: the way of a key: to the prompt, to what lies over the text, or through the keymap to a command. */
#include "tui/editor.h"

#include "ot/utf8.h"
#include "tui/answer.h"
#include "tui/command.h"
#include "tui/follow.h"
#include "tui/keymap.h"
#include "tui/mouse.h"
#include "tui/notice.h"
#include "tui/overlay.h"
#include "tui/show.h"
#include "tui/state.h"

void input_run(struct editor *ed, const struct command *command, bool shifted, uint64_t now_ms)
{
	if (!ed->doc.replica && !(command->flags & COMMAND_ALWAYS)) {
		editor_may_write(ed, now_ms);
		return;
	}
	if (command->flags & COMMAND_WRITES) {
		if (!editor_may_write(ed, now_ms))
			return;
		activity_typed(&ed->activity, now_ms);
		ed->marking = false;
	}
	if (command->flags & COMMAND_MOVES && ed->follows)
		follow_take_over(ed);
	ed->ran = command;
	ed->extend = shifted || (ed->marking && command->flags & COMMAND_MOVES);
	command->run(ed, now_ms);
	ed->extend = false;
}

static void type_character(struct editor *ed, uint32_t c, uint64_t now_ms)
{
	char bytes[4];

	if (editor_may_write(ed, now_ms))
		editor_write(ed, bytes, utf8_encode(c, bytes), DOCUMENT_TYPING, now_ms);
}

/* One op, one step to undo. */
static void take_paste(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (!editor_may_write(ed, now_ms))
		return;
	if (key->cut || key->bytes > EDITOR_EDIT_MAX)
		editor_notice(ed, now_ms,
			"That paste is more than 16 MB: too much for one edit. Paste it in parts.");
	else if (key->bytes)
		editor_write(ed, key->text, key->bytes, DOCUMENT_OTHER, now_ms);
}

static void take_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool shifted;
	const struct command *command = keymap_find(ed->keymap, key, &shifted);

	if (key->code == KEY_MOUSE) {
		if (ed->doc.replica)
			mouse_key(ed, key, now_ms);
	} else if (key->code == KEY_PASTE) {
		take_paste(ed, key, now_ms);
	} else if (command) {
		input_run(ed, command, shifted, now_ms);
	} else if (key->code < 0x110000 && !(key->mods & (KEY_ALT | KEY_CTRL))) {
		type_character(ed, key->code, now_ms);
	}
}

/* Esc with nothing else to leave. */
static bool ends_following(const struct editor *ed, const struct key *key)
{
	return ed->follows && key->code == KEY_ESC && !ed->overlay && !ed->roster.on;
}

static void pass_on(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (ed->prompt.kind && answer_takes(ed, key, now_ms))
		return;
	if (ends_following(ed, key)) {
		follow_end(ed);
		ed->view.follow = true;
	} else if (ed->overlay) {
		overlay_key(ed, key, now_ms);
	} else if (!ed->roster.on) {
		take_key(ed, key, now_ms);
	} else if (!roster_key(ed, key, now_ms)) {
		take_key(ed, key, now_ms);
		ed->roster.on &= key->code == KEY_MOUSE;
	}
}

void editor_key(struct editor *ed, const struct key *pressed, uint64_t now_ms)
{
	const struct key plain = keymap_plain(ed->keymap, pressed), *key = &plain;

	if (key->code == KEY_FOCUS_IN || key->code == KEY_FOCUS_OUT) {
		ed->talk.unfocused = key->code == KEY_FOCUS_OUT;
		ed->dirty = true;
		return;
	}
	if (files_hold(ed, key, now_ms))
		return;
	ed->ran_before = ed->ran;
	ed->ran = NULL;
	activity_key(&ed->activity, now_ms);
	notice_key(ed);
	ed->dirty = true;
	if (show_takes(ed, key, now_ms))
		return;
	editor_layout(ed);
	struct follow_note was = follow_note(ed);
	pass_on(ed, key, now_ms);
	if (ed->follows)
		follow_check(ed, was);
}
