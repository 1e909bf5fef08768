#include "net/message.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */

/* The kind follows from the member's type, so the table cannot disagree with the structs. */
#define KIND(type, member) _Generic(((type *)NULL)->member, \
	uint64_t: FIELD_UINT, bool: FIELD_BOOL, struct str: FIELD_STR, \
	struct op: FIELD_OP, struct msg_sels: FIELD_SELS)

#define FIELD(type, label, member) \
	.name = label, .kind = KIND(type, member), .offset = offsetof(type, member)

#define ITEMS(m, member, item_fields, item) \
	.name = #member, .kind = FIELD_LIST, .offset = offsetof(struct message, m.member), \
	.items = item_fields, .item_bytes = sizeof(struct item)

#define ITEM(type, member)  {FIELD(struct type, #member, member)}
#define MUST(m, member)     {FIELD(struct message, #member, m.member)}
#define MAY(m, member)      {FIELD(struct message, #member, m.member), .optional = true}
#define VERB(m)             {FIELD(struct message, "do", m.verb)}
#define MUST_LIST(m, member, fields, item) {ITEMS(m, member, fields, item)}
#define MAY_LIST(m, member, fields, item)  {ITEMS(m, member, fields, item), .optional = true}
#define END                 {.name = NULL}

/* clang-format on */

/* ---- items of lists ---- */

static const struct field doc_item[] = {
	ITEM(msg_doc, path),
	ITEM(msg_doc, rev),
	ITEM(msg_doc, seq),
	END,
};

static const struct field user_item[] = {
	ITEM(msg_user, user),
	ITEM(msg_user, name),
	ITEM(msg_user, color),
	ITEM(msg_user, role),
	ITEM(msg_user, state),
	ITEM(msg_user, doc),
	END,
};

static const struct field file_item[] = {
	ITEM(msg_file_info, path),
	ITEM(msg_file_info, kind),
	ITEM(msg_file_info, size),
	END,
};

static const struct field chat_item[] = {
	ITEM(msg_said, id),
	ITEM(msg_said, user),
	ITEM(msg_said, name),
	ITEM(msg_said, at),
	ITEM(msg_said, text),
	END,
};

static const struct field user_sel_item[] = {
	ITEM(msg_user_sel, user),
	ITEM(msg_user_sel, sel),
	END,
};

static const struct field past_edit_item[] = {
	ITEM(msg_past_edit, rev),
	ITEM(msg_past_edit, user),
	ITEM(msg_past_edit, name),
	ITEM(msg_past_edit, at),
	ITEM(msg_past_edit, op),
	END,
};

static const struct field ask_item[] = {
	ITEM(msg_ask, name),
	ITEM(msg_ask, value),
	END,
};

/* ---- from a client ---- */

static const struct field hello_fields[] = {
	MUST(hello, v),
	MUST(hello, name),
	MAY(hello, color),
	MAY(hello, session),
	MAY_LIST(hello, docs, doc_item, msg_doc),
	END,
};

static const struct field open_fields[] = {
	MUST(open, path),
	MAY(open, create),
	END,
};

static const struct field close_fields[] = {
	MUST(close, doc),
	END,
};

static const struct field edit_fields[] = {
	MUST(edit, doc),
	MUST(edit, rev),
	MUST(edit, seq),
	MUST(edit, op),
	END,
};

static const struct field select_fields[] = {
	MUST(select, doc),
	MUST(select, rev),
	MUST(select, seq),
	MUST(select, sel),
	END,
};

static const struct field activity_fields[] = {
	MUST(activity, state),
	MAY(activity, follows),
	END,
};

static const struct field say_fields[] = {
	MUST(say, text),
	END,
};

static const struct field seen_fields[] = {
	MUST(seen, id),
	END,
};

static const struct field file_fields[] = {
	VERB(file),
	MUST(file, path),
	MAY(file, to),
	END,
};

static const struct field admin_fields[] = {
	VERB(admin),
	MAY(admin, user),
	MAY(admin, arg),
	END,
};

static const struct field history_fields[] = {
	MUST(history, doc),
	MUST(history, from),
	MUST(history, to),
	END,
};

static const struct field diverged_fields[] = {
	MUST(diverged, doc),
	MUST(diverged, rev),
	END,
};

/* ---- from the server ---- */

static const struct field welcome_fields[] = {
	MUST(welcome, user),
	MUST(welcome, session),
	MUST(welcome, role),
	MUST(welcome, color),
	MUST(welcome, room),
	MUST_LIST(welcome, users, user_item, msg_user),
	MUST_LIST(welcome, files, file_item, msg_file_info),
	MUST_LIST(welcome, chat, chat_item, msg_said),
	MUST(welcome, epoch),
	END,
};

static const struct field error_fields[] = {
	MUST(error, code),
	MUST(error, text),
	MUST(error, ref),
	END,
};

static const struct field opened_fields[] = {
	MUST(opened, doc),
	MUST(opened, path),
	MUST(opened, rev),
	MUST(opened, size),
	MUST(opened, text),
	MUST(opened, mode),
	MUST(opened, eol),
	MUST_LIST(opened, sels, user_sel_item, msg_user_sel),
	MAY(opened, seq),
	END,
};

static const struct field resumed_fields[] = {
	MUST(resumed, doc),
	MUST(resumed, path),
	MUST(resumed, rev),
	MUST(resumed, seq),
	END,
};

static const struct field edited_fields[] = {
	MUST(edited, doc),
	MUST(edited, rev),
	MUST(edited, user),
	MUST(edited, op),
	END,
};

static const struct field ack_fields[] = {
	MUST(ack, doc),
	MUST(ack, rev),
	MUST(ack, seq),
	END,
};

static const struct field selected_fields[] = {
	MUST(selected, doc),
	MUST(selected, rev),
	MUST(selected, user),
	MUST(selected, sel),
	END,
};

static const struct field join_fields[] = {
	MUST(join, user),
	MUST(join, name),
	MUST(join, color),
	MUST(join, role),
	END,
};

static const struct field leave_fields[] = {
	MUST(leave, user),
	MUST(leave, why),
	END,
};

static const struct field active_fields[] = {
	MUST(active, user),
	MUST(active, state),
	MUST(active, doc),
	MUST(active, rtt),
	MAY(active, follows),
	MAY(active, path),
	MAY(active, line),
	END,
};

static const struct field said_fields[] = {
	MUST(said, id),
	MUST(said, user),
	MUST(said, name),
	MUST(said, at),
	MUST(said, text),
	END,
};

static const struct field seen_by_fields[] = {
	MUST(seen_by, user),
	MUST(seen_by, id),
	END,
};

static const struct field filed_fields[] = {
	VERB(filed),
	MUST(filed, path),
	MUST(filed, to),
	MUST(filed, user),
	END,
};

static const struct field saved_fields[] = {
	MUST(saved, doc),
	MUST(saved, rev),
	END,
};

static const struct field past_fields[] = {
	MUST(past, doc),
	MUST_LIST(past, edits, past_edit_item, msg_past_edit),
	END,
};

static const struct field role_fields[] = {
	MUST(role, user),
	MUST(role, role),
	END,
};

static const struct field bye_fields[] = {
	MUST(bye, code),
	MUST(bye, text),
	MUST(bye, retry),
	END,
};

static const struct field check_fields[] = {
	MUST(check, doc),
	MUST(check, rev),
	MUST(check, hash),
	END,
};

static const struct field chunk_fields[] = {
	MUST(chunk, doc),
	MUST(chunk, text),
	END,
};

static const struct field invited_fields[] = {
	MUST(invited, id),
	MUST(invited, role),
	MUST(invited, name),
	MUST(invited, expires),
	MUST(invited, url),
	END,
};

static const struct field style_fields[] = {
	MUST(style, doc),
	MUST_LIST(style, asks, ask_item, msg_ask),
	END,
};

const struct message_row message_table[] = {
	{MSG_HELLO, "hello", false, hello_fields},
	{MSG_OPEN, "open", false, open_fields},
	{MSG_CLOSE, "close", false, close_fields},
	{MSG_EDIT, "edit", false, edit_fields},
	{MSG_SELECT, "select", false, select_fields},
	{MSG_ACTIVITY, "activity", false, activity_fields},
	{MSG_SAY, "say", false, say_fields},
	{MSG_SEEN, "seen", false, seen_fields},
	{MSG_FILE, "file", false, file_fields},
	{MSG_ADMIN, "admin", false, admin_fields},
	{MSG_HISTORY, "history", false, history_fields},
	{MSG_DIVERGED, "diverged", false, diverged_fields},
	{MSG_WELCOME, "welcome", true, welcome_fields},
	{MSG_ERROR, "error", true, error_fields},
	{MSG_OPENED, "opened", true, opened_fields},
	{MSG_RESUMED, "resumed", true, resumed_fields},
	{MSG_EDITED, "edit", true, edited_fields},
	{MSG_ACK, "ack", true, ack_fields},
	{MSG_SELECTED, "select", true, selected_fields},
	{MSG_JOIN, "join", true, join_fields},
	{MSG_LEAVE, "leave", true, leave_fields},
	{MSG_ACTIVE, "activity", true, active_fields},
	{MSG_SAID, "said", true, said_fields},
	{MSG_SEEN_BY, "seen", true, seen_by_fields},
	{MSG_FILED, "file", true, filed_fields},
	{MSG_SAVED, "saved", true, saved_fields},
	{MSG_PAST, "history", true, past_fields},
	{MSG_ROLE, "role", true, role_fields},
	{MSG_BYE, "bye", true, bye_fields},
	{MSG_CHECK, "check", true, check_fields},
	{MSG_CHUNK, "chunk", true, chunk_fields},
	{MSG_INVITED, "invited", true, invited_fields},
	{MSG_STYLE, "style", true, style_fields},
	{0, NULL, false, NULL},
};

/* Each side's rows stand in the order of their types, so the place of one is known, as a rule. */
static size_t place_of(enum message_type type)
{
	return type < MSG_WELCOME ? (size_t)type - 1 : MSG_DIVERGED + (size_t)type - MSG_WELCOME;
}

const struct message_row *message_row(enum message_type type)
{
	size_t place = place_of(type);

	if (place < sizeof(message_table) / sizeof(message_table[0]) &&
		message_table[place].type == type)
		return &message_table[place];
	for (const struct message_row *row = message_table; row->name; row++)
		if (row->type == type)
			return row;
	return NULL;
}

const struct message_row *message_row_named(struct str name, bool from_server)
{
	for (const struct message_row *row = message_table; row->name; row++)
		if (row->from_server == from_server && str_is(name, row->name))
			return row;
	return NULL;
}

/* ---- memory ---- */

static void fields_fini(const struct field *fields, char *base);

static void list_fini(const struct field *f, char *at)
{
	struct msg_list list;

	memcpy(&list, at, sizeof(list));
	for (size_t i = 0; i < list.count; i++)
		fields_fini(f->items, (char *)list.at + i * f->item_bytes);
	free(list.at);
}

static void fields_fini(const struct field *fields, char *base)
{
	for (const struct field *f = fields; f->name; f++) {
		if (f->kind == FIELD_OP)
			op_fini((struct op *)(void *)(base + f->offset));
		if (f->kind == FIELD_SELS)
			free(((struct msg_sels *)(void *)(base + f->offset))->at);
		if (f->kind == FIELD_LIST)
			list_fini(f, base + f->offset);
	}
}

void message_fini(struct message *m)
{
	const struct message_row *row = message_row(m->type);

	if (row)
		fields_fini(row->fields, (char *)m);
	free(m->keeps);
	memset(m, 0, sizeof(*m));
}

/* ---- strings ---- */

struct str str(const char *c_string)
{
	return (struct str){c_string, c_string ? strlen(c_string) : 0};
}

bool str_is(struct str s, const char *c_string)
{
	size_t len = strlen(c_string);

	return s.len == len && (len == 0 || memcmp(s.at, c_string, len) == 0);
}
