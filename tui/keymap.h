/*
 * keymap.h: which command a key stands for, and how keys are written.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/command.h"
#include "tui/key.h"

/* "Ctrl-Left" and the like; *bytes (may be NULL) is how much of text it took, up to a blank. false: not a key. */
bool keymap_parse(const char *text, struct key *out, size_t *bytes);

/* NULL: none. *shifted: a motion that is to select. */
const struct command *keymap_find(const struct key *key, bool *shifted);

/* How the first key of a command is shown in the line of hints: "^S", "F1". */
void keymap_short(const struct command *command, char *out, size_t cap);

#endif
