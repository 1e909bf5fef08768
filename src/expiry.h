/*
 * expiry.h: until when, as people say it: 30m, 2h, 7d, 4w from now, or a date of the local calendar.
 *
 *	const char *why = expiry_parse("2h", now, &expires);	-- NULL, expires = now + 7200
 *
 * 2026-12-31 is the end of that day, 2026-12-31T18:00 that minute. At least a minute and at most ten years from now. Times are
 * Unix seconds.
 */
#ifndef SRC_EXPIRY_H
#define SRC_EXPIRY_H

#include <stdint.h>

/* NULL, or what is wrong: one clause in static memory. On error *out is untouched. */
const char *expiry_parse(const char *text, int64_t now, int64_t *out);
void expiry_text(int64_t when, char out[17]); /* "2026-12-31 18:00", local */

#endif
