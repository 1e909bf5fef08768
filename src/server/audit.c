#include "src/server/audit.h"

#include <inttypes.h>

#include "ot/utf8.h"
#include "src/report.h"
#include "src/server/session.h"

void audit_begin(struct audit *audit, const char *event)
{
	*audit = (struct audit){0};
	buf_printf(&audit->line, "event=%s", event);
}

void audit_word(struct audit *audit, const char *key, const char *word)
{
	buf_printf(&audit->line, " %s=%s", key, word);
}

void audit_number(struct audit *audit, const char *key, uint64_t number)
{
	buf_printf(&audit->line, " %s=%" PRIu64, key, number);
}

static void put_byte(struct buf *out, unsigned char byte, bool whole)
{
	if (byte == '"' || byte == '\\')
		buf_printf(out, "\\%c", byte);
	else if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !whole))
		buf_printf(out, "\\x%02x", byte);
	else
		buf_add_byte(out, byte);
}

void audit_text(struct audit *audit, const char *key, struct str text)
{
	size_t bad;
	bool whole = utf8_check(text.at, text.len, &bad);

	buf_printf(&audit->line, " %s=\"", key);
	for (size_t i = 0; i < text.len; i++)
		put_byte(&audit->line, (unsigned char)text.at[i], whole);
	buf_add_byte(&audit->line, '"');
}

void audit_person(struct audit *audit, const struct person *person)
{
	audit_number(audit, "user", person->user);
	audit_text(audit, "name", str(person->name));
	audit_word(audit, "role", role_name[person->role]);
}

void audit_end(struct audit *audit)
{
	report_info("%.*s", (int)audit->line.len, audit->line.at);
	buf_fini(&audit->line);
}

void audit_room(const char *room, const struct room_event *event)
{
	struct audit audit;

	audit_begin(&audit, event->what);
	audit_word(&audit, "room", room);
	if (event->to)
		audit_word(&audit, "peer", session_peer(event->to));
	if (event->by)
		audit_person(&audit, event->by);
	if (event->whom) {
		audit_number(&audit, "whose", event->whom->user);
		audit_text(&audit, "whose_name", str(event->whom->name));
	}
	if (event->detail.len)
		audit_text(&audit, "detail", event->detail);
	audit_end(&audit);
}
