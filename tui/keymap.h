/*
 * keymap.h: which command a key stands for, and how keys are written.
 *
 *	struct keymap *map = keymap_create();
 *	keymap_parse("Ctrl-K", &key, NULL);
 *	keymap_bind(map, &key, command_named("cut-line", 8));
 *	command = keymap_find(map, &key, &shifted);
 *
 * It begins with the keys of the command table. Another map lays a table of habits over those: "nano". A mode that has several such tables
 * (as vi has) is a keymap each.
 *
 * Keys:    "Ctrl-K" or "^K", "Alt-X" or "M-X", "Shift-F3", "PageUp", and so on together; letters without Ctrl or Alt are text, no keys.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "tui/command.h"
#include "tui/key.h"

#define KEYMAP_NAME 64 /* bytes of a key's name, with its NUL */

/* *bytes (may be NULL) is how much of text it took, up to a blank. false: not a key. */
bool keymap_parse(const char *text, struct key *out, size_t *bytes);
void keymap_write(const struct key *key, char out[KEYMAP_NAME]); /* "Ctrl-K" */

struct keymap;

struct keymap *keymap_create(void);
void keymap_destroy(struct keymap *map);
void keymap_reset(struct keymap *map); /* the table's keys and no others */
/* "default", "nano": the keys of that map; what was bound and unbound by hand stays. false: there is no such map. */
bool keymap_use(struct keymap *map, const char *name);
const char *const *keymap_names(void); /* ended by NULL */

/* NULL, or why a key cannot be bound. */
const char *keymap_refusal(const struct key *key);
void keymap_bind(struct keymap *map, const struct key *key, const struct command *command);
void keymap_unbind(struct keymap *map, const struct key *key);

/*
 * Ctrl-I is Tab, Ctrl-M is Enter and so on, where terminals cannot tell them apart, and where they can as long as it is not bound:
 * the key that it then is, before anybody looks at it.
 */
struct key keymap_plain(const struct keymap *map, const struct key *key);
/* NULL: none. *shifted: a motion that is to select. */
const struct command *keymap_find(const struct keymap *map, const struct key *key, bool *shifted);

/* All keys of a command, parted by blanks; appends, with a NUL behind. Those bound by hand come first. */
void keymap_keys(const struct keymap *map, const struct command *command, struct buf *out);
/* How the first key of a command is shown in the line of hints: "^S", "F1"; "" when it has none. */
void keymap_short(const struct keymap *map, const struct command *command, char out[KEYMAP_NAME]);

#endif
