#include "tests/cases/script.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

/* What follows the word: w a person's name, n a number, s a quoted text; what stands behind ? may be missing. */
static const struct {
	const char *word;
	enum deed deed;
	const char *shape;
} common[] =
	{
		{"text", DEED_TEXT, "s"},
		{"user", DEED_USER, "wn"},
		{"sync", DEED_SYNC, ""},
		{"expect", DEED_EXPECT, "s"},
},
  personal[] = {
	  {"insert", DEED_INSERT, "ns"},
	  {"delete", DEED_DELETE, "nn"},
	  {"replace", DEED_REPLACE, "nns"},
	  {"undo", DEED_UNDO, ""},
	  {"redo", DEED_REDO, ""},
	  {"caret", DEED_CARET, "n?n"},
	  {"holds", DEED_HOLDS, ""},
	  {"sends", DEED_SENDS, ""},
	  {"arrives", DEED_ARRIVES, "?n"},
	  {"sees", DEED_SEES, "?n"},
	  {"cuts", DEED_CUTS, ""},
	  {"resumes", DEED_RESUMES, ""},
	  {"shows", DEED_SHOWS, "s"},
};

struct reader {
	struct script *script;
	const char *at;
	struct step *step;
};

static void skip_space(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
}

static bool at_end(struct reader *r)
{
	skip_space(r);
	return *r->at == '\0' || *r->at == '#';
}

static bool read_word(struct reader *r, char out[SCRIPT_NAME])
{
	size_t len = 0;

	skip_space(r);
	while (isalpha((unsigned char)r->at[len]) && len < SCRIPT_NAME - 1)
		len++;
	memcpy(out, r->at, len);
	out[len] = '\0';
	r->at += len;
	return len > 0;
}

static bool read_number(struct reader *r)
{
	char *end;

	skip_space(r);
	if (!isdigit((unsigned char)*r->at))
		return false;
	r->step->n[r->step->n_count++] = strtoull(r->at, &end, 10);
	r->at = end;
	return true;
}

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

static bool read_text(struct reader *r)
{
	char *out;

	skip_space(r);
	if (*r->at++ != '"' || r->step->text)
		return false;
	out = r->step->text = mem_dup(r->at, strlen(r->at));
	for (; *r->at && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at[1])
			*out++ = unescape(*++r->at);
		else
			*out++ = *r->at;
	}
	*out = '\0';
	r->step->bytes = (size_t)(out - r->step->text);
	return *r->at++ == '"' && utf8_check(r->step->text, r->step->bytes, NULL);
}

/* The number of a person; whoever is named first time is added. */
static bool read_person(struct reader *r, const char *name)
{
	struct script *s = r->script;
	size_t who = 0;

	while (who < s->people_count && strcmp(s->people[who], name) != 0)
		who++;
	if (who == SCRIPT_PEOPLE)
		return false;
	if (who == s->people_count)
		snprintf(s->people[s->people_count++], SCRIPT_NAME, "%s", name);
	r->step->who = who;
	return true;
}

static bool read_shape(struct reader *r, const char *shape)
{
	char name[SCRIPT_NAME];

	for (; *shape; shape++) {
		if (*shape == '?' && at_end(r))
			return true;
		if ((*shape == 'w' && !(read_word(r, name) && read_person(r, name))) ||
			(*shape == 'n' && !read_number(r)) || (*shape == 's' && !read_text(r)))
			return false;
	}
	return at_end(r);
}

static bool read_expect(struct reader *r)
{
	char word[SCRIPT_NAME];

	if (!read_word(r, word))
		return read_shape(r, "s");
	r->step->deed = DEED_EXPECT_CARET;
	return strcmp(word, "caret") == 0 && read_shape(r, "wn?n");
}

static bool read_personal(struct reader *r, const char *name)
{
	char word[SCRIPT_NAME];

	if (!read_person(r, name) || !read_word(r, word))
		return false;
	for (size_t i = 0; i < sizeof(personal) / sizeof(personal[0]); i++)
		if (strcmp(word, personal[i].word) == 0) {
			r->step->deed = personal[i].deed;
			return read_shape(r, personal[i].shape);
		}
	return false;
}

static bool read_step(struct reader *r)
{
	char word[SCRIPT_NAME];

	if (!read_word(r, word))
		return false;
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strcmp(word, common[i].word) == 0) {
			r->step->deed = common[i].deed;
			return common[i].deed == DEED_EXPECT ? read_expect(r)
							     : read_shape(r, common[i].shape);
		}
	return read_personal(r, word);
}

static bool read_line(struct script *script, const char *line, unsigned number)
{
	struct reader r = {.script = script, .at = line};

	if (at_end(&r))
		return true;
	script->steps =
		mem_grow(script->steps, &script->cap, script->count + 1, sizeof(*script->steps));
	r.step = &script->steps[script->count++];
	*r.step = (struct step){.line = number};
	return read_step(&r);
}

bool script_load(struct script *out, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1000];
	bool fine = f;

	*out = (struct script){0};
	if (!f)
		perror(path);
	for (unsigned number = 1; fine && fgets(line, sizeof(line), f); number++) {
		line[strcspn(line, "\n")] = '\0';
		if (!(fine = read_line(out, line, number)))
			fprintf(stderr, "%s:%u: not understood: %s\n", path, number, line);
	}
	if (f)
		fclose(f);
	if (fine && (!out->count || out->steps[0].deed != DEED_TEXT))
		fine = fprintf(stderr, "%s: a case begins with its text\n", path) < 0;
	return fine;
}

void script_fini(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		free(script->steps[i].text);
	free(script->steps);
	*script = (struct script){0};
}
