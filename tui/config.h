/*
 * config.h: the configuration file: settings and keys, a line each.
 *
 *	tab-width 4			# a setting and its value
 *	bind ^K cut-line		# a key and a command
 *	unbind F4
 *
 * A line that makes no sense is left out and told; the others count.
 *
 * Limits:  CONFIG_MAX bytes.
 */
#ifndef TUI_CONFIG_H
#define TUI_CONFIG_H

#include <stddef.h>

#include "ot/buf.h"
#include "tui/keymap.h"
#include "tui/settings.h"

#define CONFIG_MAX ((size_t)1 << 20)

/*
 * Both as they are without a file, and then what `text` says. Appends "NAME:LINE: what is wrong\n" to faults for each line that makes no
 * sense, and gives how many those are.
 */
size_t config_read(struct settings *settings, struct keymap *keymap, const char *name, const char *text,
	size_t bytes, struct buf *faults);

#endif
