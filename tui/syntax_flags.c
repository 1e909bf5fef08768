#include "tui/syntax_flags.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"

bool syntax_flags_has(const char *flags, struct syntax_piece flag)
{
	for (const char *at = flags; *at; at += strcspn(at + 1, " ") + 1)
		if (strcspn(at + 1, " ") == flag.bytes && memcmp(at + 1, flag.at, flag.bytes) == 0)
			return true;
	return false;
}

char *syntax_flags_without(const char *flags, struct syntax_piece flag)
{
	struct buf kept = {0};

	for (const char *at = flags; *at; at += strcspn(at + 1, " ") + 1) {
		size_t bytes = strcspn(at + 1, " ");
		if (bytes != flag.bytes || memcmp(at + 1, flag.at, bytes) != 0)
			buf_add(&kept, at, bytes + 1);
	}
	return buf_take(&kept);
}

char *syntax_flags_with(const char *flags, struct syntax_piece flag)
{
	struct buf all = {0};
	char *name = mem_dup(flag.at, flag.bytes);
	const char *at = flags;

	for (size_t bytes; *at; at += bytes + 1) {
		bytes = strcspn(at + 1, " ");
		if (strncmp(at + 1, name, bytes > flag.bytes ? bytes : flag.bytes) >= 0)
			break;
	}
	buf_add(&all, flags, (size_t)(at - flags));
	buf_add_byte(&all, ' ');
	buf_add_str(&all, name);
	buf_add_str(&all, at);
	free(name);
	return buf_take(&all);
}
