/*
 * store_writes.h: the statements by which a room's history is written, as writer_create takes them. The tables are schema.h's; each row gets
 * its seal (seal.h).
 */
#ifndef SERVER_STORE_WRITES_H
#define SERVER_STORE_WRITES_H

#include "src/server/sql.h"

enum store_write {
	WRITE_META,     /* name, value */
	WRITE_DOCUMENT, /* doc, path, hash of revision 0 */
	WRITE_EDITS,    /* what a stretch is: see there */
	WRITE_COUNTED,  /* session, doc, seq */
	WRITE_SNAPSHOT, /* doc, rev, text */
	WRITE_THIN,     /* doc, how many snapshots stay besides the one of revision 0 */
	WRITE_SAVED,    /* doc, rev, hash */
	WRITE_SESSION,  /* all of a session; its hash for its secret */
	WRITE_TERMS,    /* row, role, token, granted */
	WRITE_END,      /* row */
	WRITE_SEEN,     /* row, Unix ms */
	WRITE_FORGET,   /* Unix ms: all that were not seen since */
	WRITE_FORGET_COUNTED,
	WRITE_CHAT,           /* all of a message */
	WRITE_DROP_SNAPSHOTS, /* doc, rev: those before it */
	WRITE_DROP_EDITS,     /* doc, rev: up to it */
	WRITE_SHRINK,
	WRITES,
};

extern const struct sql store_writes[WRITES];

#endif
