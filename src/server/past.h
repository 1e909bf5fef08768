/*
 * past.h: documents, edits and texts as they were, read from a room's history.
 *
 * The functions are those of store.h of the same names, on a connection of SQLite.
 */
#ifndef SERVER_PAST_H
#define SERVER_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "src/server/store.h"

struct past {
	sqlite3 *db;
	uint64_t version; /* of the schema */
};

bool past_document(const struct past *past, const char *path, struct store_document *out);
bool past_documents(const struct past *past, void (*fn)(void *ctx, const struct store_document *document), void *ctx);
bool past_edits(const struct past *past, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct store_edit *edit), void *ctx);
struct text *past_text_at(const struct past *past, uint64_t doc, uint64_t rev);
bool past_next_snapshot(const struct past *past, uint64_t doc, uint64_t from, uint64_t *rev);
struct text *past_snapshot_text(const struct past *past, uint64_t doc, uint64_t rev);

/* The newest snapshot up to `needed` before which all may be dropped that is not to be kept, and the oldest revision that is there. */
uint64_t past_droppable(const struct past *past, uint64_t doc, const struct store_keep *keep, uint64_t needed,
	uint64_t now_ms, uint64_t *oldest);

#endif
