/*
 * pieces.h: what is known of one long line: how wide its pieces are, wherever they begin.
 *
 *	pieces_put(&line, line.count, &piece);	-- walked on behind what was known
 *	pieces_change(&line, &change);		-- somebody typed in it: one piece is stale
 *	i = pieces_find(&line, limit);		-- where to start walking
 *
 * A piece is some clusters: `lead` cells, and if there is a tab among them, up to its stop, and then `tail` cells. So its width follows
 * from the column that it begins at, and an edit leaves all pieces right but the one that it is in.
 *
 * Units:  offsets are code points from the line's start, columns cells.
 * Memory: owned by the struct; {0} is nothing known, pieces_fini() gives it back.
 */
#ifndef TUI_PIECES_H
#define TUI_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIECE_MOST ((size_t)32 * 1024) /* characters of one that was changed: of a longer one nothing is known */

struct mark {
	size_t off; /* a cluster boundary */
	size_t col;
};

struct piece {
	struct mark begin; /* right for those before pieces.sure */
	uint32_t points, lead, tail;
	bool tabbed;
	bool stale; /* something in it was changed: only its points are right, and it may not end at a boundary */
};

struct pieces {
	size_t start;     /* of the line, in the text */
	struct piece *at; /* from the line's start on; NULL: nothing is known */
	size_t count, cap;
	size_t sure;   /* pieces before this one are not stale, and begin where they say, as it does; at most count */
	uint64_t used; /* by the owner: when */
};

void pieces_fini(struct pieces *line);

struct mark piece_end(const struct piece *piece); /* its begin must be right */
/* Where what is known ends; 0, 0 where nothing is. All must be sure. */
struct mark pieces_end(const struct pieces *line);
size_t pieces_points(const struct pieces *line); /* of all of them, sure or not */
/* The last of those that are sure that begins at or before both an offset and a column, or the first. */
size_t pieces_find(const struct pieces *line, struct mark limit);

void pieces_put(struct pieces *line, size_t i, const struct piece *piece); /* in front of the ith */
void pieces_drop(struct pieces *line, size_t first, size_t count);
void pieces_cut(struct pieces *line, size_t i); /* nothing is known from the ith on */

/* At pos of the text `drop` characters went and `put` came, with a line's end among them or not. */
struct pieces_change {
	size_t pos, drop, put;
	bool breaks;
};

/* What the change is in, or at the end of, becomes one stale piece; a line that began behind it moves. */
void pieces_change(struct pieces *line, const struct pieces_change *change);

#endif
