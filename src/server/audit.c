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

/* One character of `width` bytes, which may be one byte that is none. */
static void put_character(struct buf *out, const char *at, size_t width, bool shown)
{
	if (*at == '"' || *at == '\\')
		buf_add_byte(out, '\\');
	if (shown)
		buf_add(out, at, width);
	else
		for (size_t i = 0; i < width; i++)
			buf_printf(out, "\\x%02x", (unsigned char)at[i]);
}

void audit_text(struct audit *audit, const char *key, struct str text)
{
	size_t bad, width = 1, i;
	bool whole = utf8_check(text.at, text.len, &bad);

	buf_printf(&audit->line, " %s=\"", key);
	for (i = 0; i < text.len && i < AUDIT_TEXT_BYTES; i += width) {
		uint32_t c = whole ? utf8_decode(text.at + i, &width) : (unsigned char)text.at[i];
		put_character(&audit->line, text.at + i, width,
			whole ? !limits_invisible(c) : c >= 0x20 && c < 0x7f);
	}
	buf_add_str(&audit->line, i < text.len ? "...\"" : "\"");
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
