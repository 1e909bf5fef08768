/*
 * json.h: JSON (RFC 8259), read strictly and written plainly.
 *
 *	struct cJSON *json;
 *	if ((err = json_parse(at, len, &json)))
 *		return err;
 *	cJSON_Delete(json);
 *
 * cJSON builds the tree; before it does, json_parse() refuses what cJSON would let pass: invalid UTF-8, \u0000 (it would
 * cut the string there), bad hex digits, control characters, numbers such as 01 and 1., deep nesting, bytes behind the value.
 * Doubled members are the reader's to refuse, who knows the names that matter.
 */
#ifndef NET_JSON_H
#define NET_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/message.h"
#include "ot/buf.h"
#include "ot/err.h"

#define JSON_MAX_DEPTH 32

struct cJSON;

/* One value and white space: *out is owned (NULL on error), cJSON_Delete it. ERR_FORM, ERR_LIMIT (too deep), ERR_UTF8. */
enum err json_parse(const char *at, size_t len, struct cJSON **out);

/* A whole number from 0 to MESSAGE_MAX_UINT? item may be NULL. */
bool json_uint(const struct cJSON *item, uint64_t *out);

void json_put_str(struct buf *out, struct str s); /* quoted and escaped; s must be valid UTF-8 */
void json_put_uint(struct buf *out, uint64_t value);

#endif
