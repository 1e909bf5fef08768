#include "src/edit_state.h"

#define NO_TEXT "This is no text, for NUL bytes are in it: it can only be looked at."

void form_show(struct edit *edit)
{
	struct workspace_file *file = &edit->file;

	style_form(&edit->style, file);
	editor_file(edit->editor,
		&(struct editor_file){.charset = file->form.charset == CHARSET_UTF8
							 ? NULL
							 : charset_name(file->form.charset),
			.mixed = file->form.mixed,
			.bom = file->form.bom,
			.crlf = file->form.crlf,
			.no_text = file->form.charset == CHARSET_BINARY});
}

bool form_is_no_text(struct edit *edit)
{
	bool is = edit->file.form.charset == CHARSET_BINARY;

	if (is)
		edit_say(edit, NO_TEXT);
	return is;
}

void form_to_utf8(struct edit *edit)
{
	if (form_is_no_text(edit))
		return;
	edit->file.form.charset = CHARSET_UTF8;
	edit->style.has_charset = false;
	form_show(edit);
	edit_say(edit, "The next save writes UTF-8.");
}

static void to_ends(struct edit *edit, enum style_ends ends, const char *done)
{
	if (form_is_no_text(edit))
		return;
	edit->style.ends = ends;
	form_show(edit);
	edit_say(edit, done);
}

void form_to_lf(struct edit *edit)
{
	to_ends(edit, STYLE_LF, "The next save writes LF.");
}

void form_to_crlf(struct edit *edit)
{
	to_ends(edit, STYLE_CRLF, "The next save writes CRLF.");
}
