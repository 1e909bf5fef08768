/*
 * loader.h: a text made of bytes that come in parts, as a file is read.
 *
 *	struct loader loader = {0};
 *	while (... a part ...)
 *		loader_add(&loader, at, bytes);
 *	enum err err = loader_finish(&loader, &text);
 *
 * Parts may end anywhere, also inside of a character. Each byte is copied once, to its leaf, and checked there.
 *
 * Errors: as of text_load(); after the first one all that comes is ignored, and loader_finish() tells it too.
 */
#ifndef OT_LOADER_H
#define OT_LOADER_H

#include <stddef.h>

#include "ot/err.h"

struct leaf;
struct node;
struct text;

struct loader {
	struct node **row; /* leaves that are done */
	size_t count, cap;
	struct leaf *leaf; /* the next one, NULL before the first byte; its bytes are not checked yet */
	size_t filled;     /* of it */
	size_t bytes;      /* in all */
	enum err err;
};

enum err loader_add(struct loader *loader, const char *utf8, size_t bytes);
/* *out is owned, and untouched on error. The loader is empty again: to give up is to finish, and destroy the text. */
enum err loader_finish(struct loader *loader, struct text **out);

#endif
