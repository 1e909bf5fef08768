/*
 * told.h: one server's own words of how it is (GET /status), and what they come to.
 *
 *	told_label(&server)
 *	if (told_ask(&server)) ...		-- blocks: a command's business, or a worker's
 *	told_number(server.now, "people")
 *	told_forget(&server)
 *
 * What a server says is not trusted: what is no number or text where one should be counts as none.
 */
#ifndef CLIENT_TOLD_H
#define CLIENT_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "net/url.h"
#include "ot/buf.h"

#define TOLD_SECONDS 60 /* of a pulse */

struct cJSON;

struct told {
	struct url url;
	char label[300];            /* "127.0.0.1:8443" */
	struct cJSON *now, *before; /* what it said, and the time before that; NULL: nothing */
	char why[160];              /* what kept it from answering; empty: nothing */
};

void told_label(struct told *server); /* from its URL */
/* true: it answered. What it said before is kept for one more time. */
bool told_ask(struct told *server);
void told_forget(struct told *server); /* what it said */
void told_print_json(const struct told *servers, size_t count); /* a line */

/* Of any object in it; NULL is an empty one. */
double told_number(const struct cJSON *json, const char *key);
const char *told_text(const struct cJSON *json, const char *key);
bool told_is(const struct cJSON *json, const char *key);
void told_add_pulse(const struct cJSON *json, unsigned seconds[TOLD_SECONDS]);
double told_rate(const unsigned seconds[TOLD_SECONDS]); /* a second, of the last few */
/* "1.2 ms / 25 ms": within what half and 99 % was stored since the time before; if nothing was, ever. */
void told_latency(const struct told *server, struct buf *out);

#endif
