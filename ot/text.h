/*
 * text.h: the text of a document, as a balanced tree of UTF-8 leaves.
 *
 *	struct text *t = text_create();
 *	text_insert(t, 0, "héllo\n", 7);
 *	text_delete(t, 1, 1);
 *	text_size(t).points;		-- 5
 *	text_line_start(t, 1);		-- 5
 *
 * Units:     positions and lengths are Unicode code points from 0; lines are counted from 0 and ended by '\n' ('\r' is a
 *            character like others); a text of n newlines has n + 1 lines, the last of which may be empty.
 * Cost:      O(log n + the change) for every call, where not said otherwise; O(1) beside the newest edit, where people type.
 *            Reading on costs O(1) a step. The tree takes about 1.1 bytes a byte when loaded, at most a few when edited at random.
 * Invariant: the bytes are valid UTF-8 without U+0000; what is not is refused at the door (ERR_UTF8).
 * Memory:    a text owns its bytes. Iterators and runs borrow until the text's next change.
 * Threads:   one at a time, also for const calls: they may bring counts and hashes up to date that lag behind the edits.
 * Limits:    TEXT_MAX_BYTES; beyond it ERR_LIMIT.
 * Errors:    the text is unchanged when a call fails.
 * Source:    Bayer & McCreight 1972 (B-trees), with counts in the nodes as in Boehm, Atkinson & Plass 1995 (ropes) and a gap
 *            buffer in each leaf.
 */
#ifndef OT_TEXT_H
#define OT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/err.h"

#define TEXT_MAX_BYTES ((size_t)1 << 30)

struct text;

struct text_size {
	size_t bytes;
	size_t points;
	size_t lines; /* newlines */
};

struct text *text_create(void);
/* Built in one pass, O(bytes). ERR_UTF8, ERR_LIMIT: *out is untouched then. */
enum err text_load(struct text **out, const char *utf8, size_t bytes);
struct text *text_copy(const struct text *t);                          /* O(n) */
void text_destroy(struct text *t);

struct text_size text_size(const struct text *t);

/* ERR_RANGE when pos is behind the end, ERR_LIMIT, ERR_UTF8. */
enum err text_insert(struct text *t, size_t pos, const char *utf8, size_t bytes);
/* ERR_RANGE when pos + points is behind the end. */
enum err text_delete(struct text *t, size_t pos, size_t points);

/*
 * One place changes: at pos, `drop` code points go and `bytes` of text, which are `points` code points, come. What a key does is
 * always this, so all that a key passes through has an entry for it (text_splice, replica_splice, undo_splice) beside the
 * one for ops of any shape. The text is borrowed.
 */
struct splice {
	size_t pos, drop, points, bytes;
	const char *text;
};

/*
 * Counts s->points, does s, and tells what takes it back; that one's text is borrowed until the text's next change (it mostly stands
 * where it was, in a gap), and may not be given back to it. Errors as above.
 */
enum err text_splice(struct text *t, struct splice *s, struct splice *inverse);

/* Places. Arguments behind the end count as the end. */
size_t text_line_start(const struct text *t, size_t line); /* position of the line's first character */
size_t text_line_end(const struct text *t, size_t line);   /* position of its '\n', or the end of the text */
size_t text_line_at(const struct text *t, size_t pos);     /* the line that pos is in */
size_t text_byte_at(const struct text *t, size_t pos);     /* bytes before pos */
size_t text_pos_at(const struct text *t, size_t byte);     /* code points before byte (rounded down to a character) */

/*
 * Reading from a place on, in either direction:
 *
 *	struct text_iter it = text_iter(t, pos);
 *	for (uint32_t c; text_iter_next(&it, &c);) ...
 */
struct text_iter {
	const struct text *text;
	size_t pos; /* code points before the iterator */
	/* private: the contiguous bytes around it, and which part of which leaf they are */
	const char *run, *at, *end;
	const void *leaf;
	size_t part;
};

struct text_iter text_iter(const struct text *t, size_t pos);
bool text_iter_next(struct text_iter *it, uint32_t *point); /* false at the end */
bool text_iter_prev(struct text_iter *it, uint32_t *point); /* steps back and gives the character stepped over */
/* The bytes from here to the end of this contiguous run, whole characters; moves behind them. false at the end. */
bool text_iter_run(struct text_iter *it, const char **at, size_t *bytes);
/* The bytes from here to the end of the run, there may be none; and over so many of its characters, which have so many bytes. */
size_t text_iter_rest(const struct text_iter *it, const char **at);
void text_iter_skip(struct text_iter *it, size_t points, size_t bytes);

/* Owned copy of [pos, pos + points), cut at the end of the text, NUL-terminated; *bytes (may be NULL) its length. */
char *text_slice(const struct text *t, size_t pos, size_t points, size_t *bytes);

/* Copies [pos, pos + points), cut at the end of the text, to out, which has room for 4 bytes a code point; gives the bytes. */
size_t text_read(const struct text *t, size_t pos, size_t points, char *out);

/*
 * The convergence hash of the protocol: h starts at 0, and for each byte b: h = (h * 1000000007 + b + 1) mod (2^61 - 1).
 * Kept in the nodes and brought up to date when asked: O(the leaves changed since the last call, and what is above them).
 */
uint64_t text_hash(const struct text *t);
/* Does about `budget` bytes' worth of that work now. true: there is more. */
bool text_hash_ahead(const struct text *t, size_t budget);
/* The hash of bytes that are no text, going on from h: for those of a text and h 0, its hash. */
uint64_t text_hash_bytes(uint64_t h, const void *bytes, size_t len);

/* Do both hold the same bytes? O(n). */
bool text_equal(const struct text *a, const struct text *b);

/* Aborts when a count, a depth or a fill of the tree is wrong. For tests. O(n). */
void text_verify(const struct text *t);

#endif
