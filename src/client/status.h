/*
 * status.h: how servers are, on one page: the servers, a chart of all edits of the last minute, the rooms and who is in them.
 *
 *	told_ask(&servers[i])
 *	status_page(servers, count, &view, &page)
 *
 * What has no room is left out, the least needed first.
 */
#ifndef CLIENT_STATUS_H
#define CLIENT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/client/page.h"
#include "src/client/told.h"

struct status_view {
	int cols, rows; /* rows 0: as many as there are */
	bool utf8;      /* bars may be drawn as such */
	bool live;      /* it is renewed: the keys are told */
	const char *clock;
};

void status_page(const struct told *servers, size_t count, const struct status_view *view, struct page *page);

#endif
