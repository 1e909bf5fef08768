#include "src/asks.h"

#include <string.h>

#include <editorconfig/editorconfig.h>

static const char *known(struct str name)
{
	static const char *const names[ASKS_MOST] = {"indent_style", "indent_size", "tab_width",
		"max_line_length", "end_of_line", "charset", "trim_trailing_whitespace",
		"insert_final_newline"};

	for (size_t i = 0; i < ASKS_MOST; i++)
		if (str_is(name, names[i]))
			return names[i];
	return NULL;
}

/* Its place among them, or the next free one. */
static struct ask *place(struct asks *asks, const char *name)
{
	for (size_t i = 0; i < asks->count; i++)
		if (strcmp(asks->at[i].name, name) == 0)
			return &asks->at[i];
	return &asks->at[asks->count++];
}

void asks_add(struct asks *asks, struct str name, struct str value)
{
	const char *our_name = known(name);
	struct ask *ask;

	if (!our_name || !value.len || value.len >= ASK_VALUE_BYTES)
		return;
	ask = place(asks, our_name);
	*ask = (struct ask){.name = our_name};
	memcpy(ask->value, value.at, value.len);
}

struct asks asks_of(const char *path)
{
	editorconfig_handle handle = editorconfig_handle_init();
	struct asks asks = {0};

	if (!handle)
		return asks;
	if (editorconfig_parse(path, handle) == 0)
		for (int i = 0; i < editorconfig_handle_get_name_value_count(handle); i++) {
			const char *name, *value;
			editorconfig_handle_get_name_value(handle, i, &name, &value);
			asks_add(&asks, str(name), str(value));
		}
	editorconfig_handle_destroy(handle);
	return asks;
}

bool asks_same(const struct asks *a, const struct asks *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->at[i].name, b->at[i].name) == 0 &&
		       strcmp(a->at[i].value, b->at[i].value) == 0;
	return same;
}
