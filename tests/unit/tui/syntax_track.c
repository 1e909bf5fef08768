/* Running without colours against running with them: descriptions of every kind of rule at random, texts of what their rules look for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tests/laws/choice.h"
#include "tui/syntax_file.h"

#define STATES 6
#define ROUNDS 400
#define BYTES  400

static char folder[] = "/tmp/codecollab-syntax-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *const options[] = {
	"noeat",
	"noeat",
	"noeat",
	"buffer",
	"buffer",
	"hold",
	"save_c",
	"save_s",
	"mark",
	"markend",
	"recolormark",
	"recolor=-2",
	"return",
	"return",
	"reset",
	"call=.sub()",
	"call=.sub(flag)",
};

static const char *const bytes_of[] = {"\"a\"", "\"a-c\"", "\"b\"", "\" \"", "\"(\"", "\")\"",
	"\"\\n\"", "\"\\xff\"", "*", "&", "%"};

static const char *const words[] = {"a", "b", "ab", "abc", "ba", "cab", "aa", "&"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_options(struct buf *file, struct choice *choice, size_t most)
{
	for (size_t n = pick(choice, most + 1); n; n--)
		buf_printf(file, " %s", options[pick(choice, COUNT(options))]);
}

static void add_next(struct buf *file, struct choice *choice, char prefix)
{
	buf_printf(file, " %c%zu", prefix, pick(choice, STATES));
}

static void add_words(struct buf *file, struct choice *choice, char prefix)
{
	buf_printf(file, " noeat %s\n", pick(choice, 2) ? "strings" : "istrings");
	for (size_t n = pick(choice, 4); n; n--) {
		buf_printf(file, "\"%s\"", words[pick(choice, COUNT(words))]);
		add_next(file, choice, prefix);
		add_options(file, choice, 1);
		buf_add_str(file, "\n");
	}
	buf_add_str(file, "done\n");
}

static void add_rule(struct buf *file, struct choice *choice, char prefix)
{
	buf_add_str(file, bytes_of[pick(choice, COUNT(bytes_of))]);
	add_next(file, choice, prefix);
	if (pick(choice, 3)) {
		add_options(file, choice, 2);
		buf_add_str(file, "\n");
	} else {
		add_words(file, choice, prefix);
	}
}

static void add_states(struct buf *file, struct choice *choice, char prefix)
{
	static const char *const classes[] = {"Text", "Comment", "String"};

	for (size_t s = 0; s < STATES; s++) {
		buf_printf(file, ":%c%zu %s\n*", prefix, s, classes[pick(choice, 3)]);
		add_next(file, choice, prefix);
		buf_add_str(file, pick(choice, 4) ? "\n" : " noeat\n");
		for (size_t n = pick(choice, 5); n; n--)
			add_rule(file, choice, prefix);
	}
}

static struct syntax_machine *random_machine(struct choice *choice, const char **described)
{
	const char *const folders[] = {folder, NULL};
	struct buf file = {0}, path = {0};
	char *why = NULL;

	add_states(&file, choice, 'm');
	buf_add_str(&file, ".subr sub\n");
	add_states(&file, choice, 's');
	buf_add_str(&file, ".ifdef flag\n");
	add_rule(&file, choice, 's');
	buf_add_str(&file, ".endif\n.end\n");
	*described = buf_take(&file);
	buf_printf(&path, "%s/t.jsf", folder);
	char *at = buf_take(&path);
	FILE *f = fopen(at, "w");
	assert_non_null(f);
	fputs(*described, f);
	fclose(f);
	struct syntax_machine *m = syntax_file_load(folders, "t", &why);
	unlink(at);
	if (!m)
		fail_msg("%s\n%s", why ? why : "?", *described);
	free(at);
	free(why);
	return m;
}

static char *random_text(struct choice *choice)
{
	static const char letters[] = "aaabbbcc  ()\n\n\xff"
				      "A";
	char *text = mem_alloc(BYTES + 2);

	for (size_t i = 0; i < BYTES; i++)
		text[i] = letters[pick(choice, sizeof(letters) - 1)];
	text[BYTES] = '\n';
	return text;
}

/* From wherever painting is, one stretch of any length: words begin anew in each. */
static void must_agree(struct syntax_machine *m, struct choice *choice, const char *described)
{
	struct syntax_memory *memory = syntax_memory_create();
	char *text = random_text(choice);
	uint16_t painted = 0, tracked;
	uint8_t classes[BYTES];

	for (size_t from = 0, bytes; from < BYTES; from += bytes) {
		bytes = 1 + pick(choice, BYTES - from);
		char *part = mem_dup(text + from, bytes);
		part[bytes] = '\n';
		tracked = syntax_machine_run(m, memory, painted, part, bytes, NULL);
		painted = syntax_machine_run(m, memory, painted, part, bytes, classes);
		if (tracked != painted)
			fail_msg("seed %llu, %zu bytes at %zu of \"%s\", with\n%s",
				(unsigned long long)choice->seed, bytes, from, text, described);
		free(part);
	}
	free(text);
	syntax_memory_destroy(memory);
}

static void both_ways_lead_to_the_same_place(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct choice choice = choice_of_seed(seed);
		const char *described;
		struct syntax_machine *m = random_machine(&choice, &described);
		for (int i = 0; i < 4; i++)
			must_agree(m, &choice, described);
		syntax_machine_destroy(m);
		free((void *)described);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_lead_to_the_same_place),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
