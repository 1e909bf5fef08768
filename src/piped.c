#include "src/piped.h"

#include <stdlib.h>
#include <unistd.h>

#include "ot/text.h"
#include "src/report.h"
#include "src/server/intake.h"

bool piped_read(struct op *insertion, struct form *form, char **why)
{
	struct text *text;
	size_t bytes;

	if (isatty(STDIN_FILENO)) {
		*why = report_sentence(
			"- is for what another program writes: git diff | codecollab edit -");
		return false;
	}
	text = intake_utf8(STDIN_FILENO, TEXT_MAX_BYTES, form);
	if (!text) {
		*why = report_sentence(
			"what comes in is not UTF-8 text of %zu MiB at most", TEXT_MAX_BYTES >> 20);
		return false;
	}
	char *all = text_slice(text, 0, SIZE_MAX, &bytes);
	*insertion = (struct op){0};
	op_insert(insertion, all, bytes);
	free(all);
	text_destroy(text);
	return true;
}
