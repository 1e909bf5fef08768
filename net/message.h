/*
 * message.h: what crosses the wire: one struct a message, and one table that both codecs are made from.
 *
 * The table (message_table) says, for each type, its name, who may send it, and its fields in wire order: name, kind, and
 * where it lies in struct message. codec_bin and codec_json walk the table; neither knows any message by name. A new message
 * is a struct here, a row there, and a paragraph in codecollab-protocol(7).
 *
 * Memory: strings in a message to be sent are borrowed by it; those of a decoded one borrow from the frame (binary) or
 *         are owned by the message. Lists and ops of a decoded message are owned by it. message_fini() gives all back that a
 *         decoder made; never call it on a message built by hand.
 */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/op.h"

#define MESSAGE_MAX_BYTES   ((size_t)1 << 20)   /* one message of a client; `opened` and `chunk` stay below too */
#define MESSAGE_MAX_SERVER_BYTES ((size_t)16 << 20) /* one of the server: an edit may grow when it is transformed */
#define MESSAGE_CHUNK_BYTES ((size_t)256 << 10) /* text in one `opened` or `chunk` */
#define MESSAGE_MAX_ITEMS   ((size_t)100000)    /* in one list */
#define MESSAGE_MAX_SELS    ((size_t)1000)      /* carets of one person */
#define MESSAGE_MAX_UINT    (((uint64_t)1 << 53) - 1) /* so that every message can be told in JSON */

enum message_type {
	MSG_HELLO = 1, MSG_OPEN, MSG_CLOSE, MSG_EDIT, MSG_SELECT, MSG_ACTIVITY,
	MSG_SAY, MSG_SEEN, MSG_FILE, MSG_ADMIN, MSG_HISTORY, MSG_DIVERGED,
	MSG_WELCOME = 64, MSG_ERROR, MSG_OPENED, MSG_RESUMED, MSG_EDITED, MSG_ACK, MSG_SELECTED, MSG_JOIN, MSG_LEAVE,
	MSG_ACTIVE, MSG_SAID, MSG_SEEN_BY, MSG_FILED, MSG_SAVED, MSG_PAST, MSG_ROLE, MSG_BYE, MSG_CHECK, MSG_CHUNK,
	MSG_INVITED, MSG_STYLE,
};

struct str {
	const char *at; /* not NUL-terminated */
	size_t len;
};

struct str str(const char *c_string); /* borrows; NULL is empty */
bool str_is(struct str s, const char *c_string);

/* Lists: count items at `at`. */
struct msg_sels { size_t count; struct sel *at; };
struct msg_doc { struct str path; uint64_t rev, seq; };
struct msg_docs { size_t count; struct msg_doc *at; };
struct msg_user { uint64_t user; struct str name, color, role, state; uint64_t doc; };
struct msg_users { size_t count; struct msg_user *at; };
struct msg_file_info { struct str path, kind; uint64_t size; };
struct msg_files { size_t count; struct msg_file_info *at; };
struct msg_said { uint64_t id, user; struct str name; uint64_t at; struct str text; };
struct msg_chat { size_t count; struct msg_said *at; };
struct msg_user_sel { uint64_t user; struct msg_sels sel; };
struct msg_user_sels { size_t count; struct msg_user_sel *at; };
struct msg_past_edit { uint64_t rev, user; struct str name; uint64_t at; struct op op; };
struct msg_past_edits { size_t count; struct msg_past_edit *at; };
struct msg_ask { struct str name, value; };
struct msg_asks { size_t count; struct msg_ask *at; };

struct message {
	enum message_type type;
	union {
		struct { uint64_t v; struct str name, color, session; struct msg_docs docs; } hello;
		struct { struct str path; bool create; } open;
		struct { uint64_t doc; } close;
		struct { uint64_t doc, rev, seq; struct op op; } edit;
		struct { uint64_t doc, rev, seq; struct msg_sels sel; } select;
		struct { struct str state; uint64_t follows; } activity;
		struct { struct str text; } say;
		struct { uint64_t id; } seen;
		struct { struct str verb, path, to; } file;
		struct { struct str verb; uint64_t user; struct str arg; } admin;
		struct { uint64_t doc, from, to; } history;
		struct { uint64_t doc, rev; } diverged;

		struct {
			uint64_t user;
			struct str session, role, color, room;
			struct msg_users users;
			struct msg_files files;
			struct msg_chat chat;
			struct str epoch;
		} welcome;
		struct { struct str code, text, ref; } error;
		struct {
			uint64_t doc;
			struct str path;
			uint64_t rev, size;
			struct str text, mode, eol;
			struct msg_user_sels sels;
			uint64_t seq;
		} opened;
		struct { uint64_t doc; struct str path; uint64_t rev, seq; } resumed;
		struct { uint64_t doc, rev, user; struct op op; } edited;
		struct { uint64_t doc, rev, seq; } ack;
		struct { uint64_t doc, rev, user; struct msg_sels sel; } selected;
		struct { uint64_t user; struct str name, color, role; } join;
		struct { uint64_t user; struct str why; } leave;
		struct {
			uint64_t user;
			struct str state;
			uint64_t doc, rtt, follows;
			struct str path;
			uint64_t line;
		} active;
		struct msg_said said;
		struct { uint64_t user, id; } seen_by;
		struct { struct str verb, path, to; uint64_t user; } filed;
		struct { uint64_t doc, rev; } saved;
		struct { uint64_t doc; struct msg_past_edits edits; } past;
		struct { uint64_t user; struct str role; } role;
		struct { struct str code, text; uint64_t retry; } bye;
		struct { uint64_t doc, rev; struct str hash; } check;
		struct { uint64_t doc; struct str text; } chunk;
		struct { struct str id, role, name; uint64_t expires; struct str url; } invited;
		struct { uint64_t doc; struct msg_asks asks; } style;
	};
	void *keeps; /* what a decoder allocated; NULL in messages built by hand */
};

/* How a field lies in memory and on the wire: as uint64_t, bool, struct str, struct op, struct msg_sels, or a list of items. */
enum field_kind { FIELD_UINT, FIELD_BOOL, FIELD_STR, FIELD_OP, FIELD_SELS, FIELD_LIST };
#define FIELD_KINDS 6

struct field {
	const char *name; /* as in JSON */
	enum field_kind kind;
	size_t offset;              /* in struct message, or in the list's item */
	const struct field *items;  /* of a FIELD_LIST: the fields of an item, ended by a NULL name */
	size_t item_bytes;
	bool optional;              /* may be missing: then zero, empty or false */
};

/* Any of the lists above: they share one shape. */
struct msg_list {
	size_t count;
	void *at;
};

struct message_row {
	enum message_type type;
	const char *name; /* of the wire; two types may share one, told apart by direction */
	bool from_server;
	const struct field *fields; /* ended by a NULL name */
};

extern const struct message_row message_table[]; /* ended by a NULL name */

const struct message_row *message_row(enum message_type type);                     /* NULL when unknown */
const struct message_row *message_row_named(struct str name, bool from_server);

void message_fini(struct message *m); /* m is empty afterwards; fine on one that was skipped (type 0) */

#endif
