#include "tui/colors.h"

#include <stdlib.h>

#include "tui/state.h"
#include "tui/syntax_language.h"

static void find_language(struct editor *ed)
{
	char name[SYNTAX_FILE_NAME + 1];
	struct syntax_machine *machine = NULL;

	colors_fini(ed);
	if (syntax_language(ed->doc.path, editor_text(ed), name))
		machine = syntax_language_load(name, &ed->fault);
	if (!machine)
		return;
	ed->syntax = syntax_create(machine);
	editor_set_string(&ed->language, name);
}

void colors_open(struct editor *ed, bool again)
{
	if (!again)
		find_language(ed);
	syntax_reset(ed->syntax, editor_text(ed));
}

void colors_fini(struct editor *ed)
{
	syntax_destroy(ed->syntax);
	ed->syntax = NULL;
	editor_set_string(&ed->fault, NULL);
	editor_set_string(&ed->language, NULL);
}

void colors_tell(struct editor *ed, uint64_t now_ms)
{
	if (!ed->fault)
		return;
	editor_notice(ed, now_ms, ed->fault);
	editor_set_string(&ed->fault, NULL);
}

bool colors_waiting(const struct editor *ed)
{
	return ed->doc.replica && syntax_unsure(ed->syntax);
}

void colors_settle(struct editor *ed)
{
	bool seen = false;

	if (colors_waiting(ed))
		syntax_idle(ed->syntax, editor_text(ed), SYNTAX_SLICE, &seen);
	ed->dirty |= seen;
}
