/*
 * recover.h: send what a killed client left (journal.h), before joining anew.
 */
#ifndef CLIENT_RECOVER_H
#define CLIENT_RECOVER_H

#include <stdbool.h>

#include "net/url.h"
#include "src/client/journal.h"
#include "src/client/tunnel.h"

#define RECOVER_MS     20000  /* as long as it may take */
#define RECOVER_ASK_MS 600000 /* and when ssh may ask a person first */

struct recover_from {
	const struct url *url;
	struct tunnel *tunnel; /* NULL: none */
};

/*
 * Runs the loop until the server has acknowledged every edit, each exactly once: one that it had ordered before the client was killed
 * is not sent again. The journal that they were left in is kept up meanwhile, for this client may be killed too; it is empty when all has
 * arrived. NULL: done, else why not (owned, a clause); the edits are still in the journal then.
 *
 * When the server will never take them (its history is another, or they are refused), what they insert is put in a file beside the texts
 * of conflict.h, a stretch a line, and *copy is its path (owned); else *copy is NULL.
 */
char *recover_edits(struct loop *loop, const struct recover_from *from, struct journal *journal,
	const struct journal_left *left, char **copy);

#endif
