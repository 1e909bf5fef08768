#include "tui/syntax_source.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

static bool name_allowed(const char *name)
{
	size_t bytes = strlen(name);

	return bytes && bytes <= SYNTAX_FILE_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+") ==
		       bytes;
}

static char *path_in(const char *folder, const char *name)
{
	struct buf path = {0};

	buf_printf(&path, "%s/%s.jsf", folder, name);
	return buf_take(&path);
}

/* One byte more than allowed is read, to know that it is there. */
static void read_all(FILE *f, struct buf *text)
{
	size_t got = 1;

	while (got && text->len <= SYNTAX_FILE_BYTES) {
		got = fread(buf_room(text, 16384), 1, 16384, f);
		text->len += got;
	}
}

static const char *fault_of(const struct buf *text)
{
	if (text->len > SYNTAX_FILE_BYTES)
		return "it is longer than 512 KiB";
	return utf8_check(text->at ? text->at : "", text->len, NULL) ? NULL
								     : "it is not UTF-8 text";
}

static bool take(struct syntax_sources *sources, const char *name, char *path, FILE *f)
{
	struct syntax_source *source = &sources->at[sources->count++];
	struct buf why = {0};

	source->name = mem_dup(name, strlen(name));
	source->path = path;
	read_all(f, &source->text);
	fclose(f);
	if (!fault_of(&source->text))
		return true;
	buf_printf(&why, "%s:1: %s", path, fault_of(&source->text));
	sources->why = buf_take(&why);
	return false;
}

size_t syntax_source_find(struct syntax_sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->at[i].name, name) == 0)
			return i;
	if (!name_allowed(name) || sources->count == SYNTAX_FILE_FILES)
		return SYNTAX_FILE_FILES;
	for (const char *const *folder = sources->folders; *folder; folder++) {
		char *path = path_in(*folder, name);
		FILE *f = fopen(path, "re");
		if (f)
			return take(sources, name, path, f) ? sources->count - 1
							    : SYNTAX_FILE_FILES;
		free(path);
	}
	return SYNTAX_FILE_FILES;
}

void syntax_sources_fini(struct syntax_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		free(sources->at[i].name);
		free(sources->at[i].path);
		buf_fini(&sources->at[i].text);
	}
}
