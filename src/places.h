/*
 * places.h: where this user's state lives: keys, histories, known servers, unsent edits.
 *
 * $XDG_STATE_HOME/codecollab, or ~/.local/state/codecollab (XDG Base Directory Specification): made with its parents if missing,
 * owned by this user, and closed to all others (0700), whoever made it.
 */
#ifndef SRC_PLACES_H
#define SRC_PLACES_H

/* dir NULL: the default place. Returns its real path, owned; NULL: *why (owned) is a sentence. */
char *places_state(const char *dir, char **why);

/* The same folder if it is there; nothing is made or closed. NULL: *why (owned). */
char *places_find_state(const char *dir, char **why);

/* $XDG_CONFIG_HOME/codecollab, or ~/.config/codecollab, owned; it may not be there. NULL: there is no home. */
char *places_config(void);

int places_make(const char *path); /* a folder and its parents, 0700; 0, also when it is there, or an errno */

#endif
