#include "tui/backtrack.h"

#include <stdio.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tui/state.h"

static void add_deleted(struct buf *out, const struct undo_step *step)
{
	const char *line_end = step->bytes ? memchr(step->text, '\n', step->bytes) : NULL;
	size_t bytes = line_end ? (size_t)(line_end - step->text) : step->bytes;

	if (!bytes)
		buf_printf(out, "%zu character%s", step->deleted, step->deleted == 1 ? "" : "s");
	else
		buf_printf(out, "\"%.*s%s\"", (int)bytes, step->text,
			utf8_count(step->text, bytes).points < step->deleted ? "..." : "");
}

static void add_time(struct buf *out, uint64_t ago_ms)
{
	uint64_t seconds = ago_ms / 1000;

	if (seconds < 60)
		buf_printf(out, ", %d s ago", (int)seconds);
	else if (seconds < 3600)
		buf_printf(out, ", %d min ago", (int)(seconds / 60));
	else
		buf_printf(out, ", %d h ago", (int)(seconds / 3600 % 10000));
}

bool backtrack_name(const struct editor *ed, size_t step, char *out, size_t cap)
{
	struct undo_step seen;
	struct buf name = {0};
	uint64_t when_ms;

	if (ed->doc.read_only || !document_peek(&ed->doc, step, &seen, &when_ms))
		return false;
	buf_add_str(&name, "undo to before ");
	if (seen.deleted) {
		buf_add_str(&name, seen.typed ? "replacing " : "deleting ");
		add_deleted(&name, &seen);
	} else {
		buf_printf(&name, "typing %zu character%s", seen.typed, seen.typed == 1 ? "" : "s");
	}
	if (when_ms && ed->activity.key_ms >= when_ms)
		add_time(&name, ed->activity.key_ms - when_ms);
	snprintf(out, cap, "%.*s", (int)name.len, name.at);
	buf_fini(&name);
	return true;
}

void backtrack_go(struct editor *ed, size_t step, uint64_t now_ms)
{
	if (!editor_may_write(ed, now_ms))
		return;
	if (!document_undo_steps(&ed->doc, step + 1))
		editor_notice(ed, now_ms, "Nothing was left of these edits.");
}
