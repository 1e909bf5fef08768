/*
 * piped.h: what another program writes to this one's standard input, to be edited: git diff | codecollab edit -
 */
#ifndef SRC_PIPED_H
#define SRC_PIPED_H

#include "ot/op.h"
#include "src/server/form.h"

#define PIPED "-" /* as a file's name on the command line */

/* All of it, as one insertion into an empty text; form: as it came. Waits for its end. false: *why (owned) is a sentence. */
bool piped_read(struct op *insertion, struct form *form, char **why);

#endif
