/*
 * Descriptions of languages of any bytes. Either they are refused with a reason, or what they make lexes any text: to classes that there
 * are, and to the same place at each line's end whether with colours or without, line by line or all at once.
 *
 * A NUL ends the description; behind it is the text, before some lines of a program.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/buf.h"
#include "tests/flat.h"
#include "tui/syntax_class.h"
#include "tui/syntax_file.h"

#define TEXT_BYTES 4096 /* of what is lexed */

static const char program[] =
	"int main(void) /* (one) */\n{\n\tputs(\"a\\n\" 'b' <<EOF);\nEOF\n} // c\n\n"
	"# \xc3\xa9 | `[x]`: 0x1f {\n";

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t bytes);

static char folder[] = "/tmp/codecollab-fuzz-XXXXXX";
static char path[sizeof(folder) + 8];

static void drop_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void make_folder(void)
{
	if (*path)
		return;
	FLAT_MUST(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/t.jsf", folder);
	atexit(drop_folder);
}

static void describe(const char *at, size_t bytes)
{
	FILE *f = fopen(path, "w");

	FLAT_MUST(f && fwrite(at, 1, bytes, f) == bytes);
	fclose(f);
}

static struct syntax_machine *load(void)
{
	const char *const folders[] = {folder, TESTS_DIR "/../syntax", NULL};
	char *why = NULL;
	struct syntax_machine *m = syntax_file_load(folders, "t", &why);

	FLAT_MUST(m || why);
	FLAT_MUST(!why || strstr(why, ".jsf:"));
	free(why);
	return m;
}

/* text->at[text->len] is '\n'. */
static void lex(struct syntax_machine *m, const struct buf *text)
{
	struct syntax_memory *memory = syntax_memory_create();
	uint8_t *classes = malloc(text->len + 1);
	uint16_t painted = syntax_machine_run(m, memory, 0, text->at, text->len, classes);
	uint16_t tracked = 0;

	FLAT_MUST(
		classes && syntax_machine_run(m, memory, 0, text->at, text->len, NULL) == painted);
	for (size_t i = 0; i < text->len; i++)
		FLAT_MUST(classes[i] < SYNTAX_CLASSES);
	for (size_t from = 0, to; from < text->len; from = to) {
		to = from;
		while (to < text->len && text->at[to] != '\n')
			to++;
		to += to < text->len;
		char *line = malloc(to - from + 1);
		FLAT_MUST(line);
		memcpy(line, text->at + from, to - from);
		line[to - from] = '\n';
		tracked = syntax_machine_run(m, memory, tracked, line, to - from, NULL);
		free(line);
	}
	FLAT_MUST(tracked == painted);
	free(classes);
	syntax_memory_destroy(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t bytes)
{
	const char *data = bytes ? (const char *)at : "";
	size_t described = strnlen(data, bytes), rest = bytes - described;
	struct buf text = {0};

	make_folder();
	describe(data, described);
	buf_add(&text, data + described, rest < TEXT_BYTES ? rest : TEXT_BYTES);
	buf_add_str(&text, program);
	*buf_room(&text, 1) = '\n';
	struct syntax_machine *m = load();
	if (m)
		lex(m, &text);
	syntax_machine_destroy(m);
	buf_fini(&text);
	return 0;
}
