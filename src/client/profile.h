/*
 * profile.h: what this user has set: codecollab.conf and the themes, read at the start, and again when they change.
 *
 * They are in $XDG_CONFIG_HOME/codecollab, or ~/.config/codecollab; themes in its folder themes, NAME.theme each. What is not there or cannot
 * be read is as if it were empty; what makes no sense in it is told on the screen, and the rest counts.
 *
 * Limits:  CONFIG_MAX, THEMES_MAX and THEMES_BYTES; more is told, and left out.
 */
#ifndef CLIENT_PROFILE_H
#define CLIENT_PROFILE_H

#include "net/loop.h"
#include "tui/editor.h"

struct profile;

struct profile *profile_create(struct loop *loop, struct editor *borrows);
void profile_destroy(struct profile *profile);
void profile_read(struct profile *profile); /* again */

#endif
