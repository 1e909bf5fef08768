/*
 * err.h: why a call of ot or net refused.
 *
 * Most functions can fail in one way only and return bool or NULL. Where the caller must tell reasons apart, they return
 * an enum err; ERR_NONE is 0, so `if ((e = f()))` reads well. Only src turns these into words for people.
 */
#ifndef OT_ERR_H
#define OT_ERR_H

enum err {
	ERR_NONE = 0,
	ERR_RANGE, /* a position or an op runs past the end of its text */
	ERR_UTF8,  /* not valid UTF-8, or holds U+0000 */
	ERR_FORM,  /* an op that is not in canonical form, a message that does not parse */
	ERR_LIMIT, /* longer than a named limit */
	ERR_REV,   /* a revision that does not exist yet, or goes back */
	ERR_STALE, /* a revision that is no longer kept */
	ERR_SEQ,   /* a client's own count of edits has a gap */
	ERR_SEEN,  /* an edit that was ordered before: nothing to do */
	ERR_NEWER, /* written by a newer version of the program, which this one cannot follow */
};

#endif
