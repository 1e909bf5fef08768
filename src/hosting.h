/*
 * hosting.h: a server and, unless it is headless, its host's own editor in it, on one loop.
 *
 *	hosting = hosting_start(loop, &options, &why)
 *	hosting_edit(hosting, &(struct join_options){.name = "Ada"})
 *	loop_run(loop)				-- until the host quits, the room ends, or a signal comes
 *	failed = hosting_finish(hosting)	-- bye to all, the file is written
 */
#ifndef SRC_HOSTING_H
#define SRC_HOSTING_H

#include "net/loop.h"
#include "src/client/join.h"
#include "src/reverse.h"
#include "src/server/host.h"

struct hosting;

/* NULL: *why (owned) is a sentence. From now on signals are the server's: SIGHUP reloads it, SIGTERM and SIGINT end it. */
struct hosting *hosting_start(struct loop *loop, const struct host_options *options, char **why);
/* From SIGTERM on so long nobody new is let in, before the end; a second one ends it at once. */
void hosting_drain(struct hosting *hosting, unsigned seconds);
struct host *hosting_host(const struct hosting *hosting);
/*
 * The room gets a name on another machine (reverse.h; the room and the socket are filled in here), and who comes by it this role. Runs the
 * loop until that is so. false: *why (owned), or NULL: a signal came, and it is to be finished.
 */
bool hosting_reverse(
	struct hosting *hosting, const struct reverse_options *options, enum role role, char **why);
const char *hosting_ssh_url(const struct hosting *hosting); /* to it; NULL: none */
/* The options' URLs and question are filled in here. false: it cannot be; hosting_finish says why. */
bool hosting_edit(struct hosting *hosting, const struct join_options *options);
struct join *hosting_join(struct hosting *hosting); /* NULL: nobody edits here */
/* NULL, or why it ended (owned, a sentence). Takes hosting. */
char *hosting_finish(struct hosting *hosting);

#endif
