/*
 * state_part.h: what the files that state.h is made of share: state.c has the folder, the list of rooms and their locks, state_keys.c
 * the secrets and the TLS key, state_files.c the files that several servers share.
 */
#ifndef SERVER_STATE_PART_H
#define SERVER_STATE_PART_H

#include "src/server/state.h"

char *state_file(const struct state *state, const char *name); /* its path in the folder, owned */
bool state_refuse(char **why, const char *what, const char *path, int e); /* false, and *why: "cannot WHAT PATH: …" */
int state_lock_dir(const struct state *state); /* until it is closed; one process at a time makes or changes secrets and tables */
/* Reads secrets, TLS key and certificate, and makes what is missing, under that lock. */
bool state_open_keys(struct state *state, char **why);

/* Whose file it is: ours, in the folder; or one that several servers share, which others must not read, or may. */
enum state_kind { STATE_OURS, STATE_SHARED_KEY, STATE_SHARED };
/* false: it is no file, or more is allowed to others than should be: *why. */
bool state_check_shared(int fd, const char *path, enum state_kind kind, char **why);
/* Sets the paths of shared files, from files or, if NULL, as they were noted in the index. */
void state_take_files(struct state *state, const struct state_files *files);
bool state_note_files(const struct state *state, char **why);

#endif
