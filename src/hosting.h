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
#include "src/server/host.h"

struct hosting;

/* NULL: *why (owned) is a sentence. From now on signals are the server's: SIGHUP reloads it, SIGTERM and SIGINT end it. */
struct hosting *hosting_start(struct loop *loop, const struct host_options *options, char **why);
struct host *hosting_host(struct hosting *hosting);
/* The options' URLs and question are filled in here. false: it cannot be; hosting_finish says why. */
bool hosting_edit(struct hosting *hosting, const struct join_options *options);
struct join *hosting_join(struct hosting *hosting); /* NULL: nobody edits here */
/* NULL, or why it ended (owned, a sentence). Takes hosting. */
char *hosting_finish(struct hosting *hosting);

#endif
