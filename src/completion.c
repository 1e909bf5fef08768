#include "src/completion.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/report.h"

#define BETWEEN "  "

struct names {
	char **at;
	size_t count, cap;
};

char *completion_path(const char *typed)
{
	const char *home = getenv("HOME");
	bool at_home = typed[0] == '~' && (!typed[1] || typed[1] == '/');

	return at_home && home ? report_sentence("%s%s", home, typed + 1)
			       : mem_dup(typed, strlen(typed));
}

/* ---- the names that begin so ---- */

static bool can_be_typed(const char *name)
{
	size_t bad;

	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return utf8_check(name, strlen(name), &bad);
}

static bool is_folder(int dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dir, entry->d_name, &st, 0) && S_ISDIR(st.st_mode);
}

static bool fits(const char *name, const char *typed)
{
	bool itself = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;

	return !itself && strncmp(name, typed, strlen(typed)) == 0 &&
	       (*name != '.' || *typed == '.') && can_be_typed(name);
}

static void add(struct names *names, const char *name, bool folder)
{
	names->at = mem_grow(names->at, &names->cap, names->count + 1, sizeof(*names->at));
	names->at[names->count++] = report_sentence("%s%s", name, folder ? "/" : "");
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct names names_in(const char *folder, const char *typed)
{
	struct names names = {0};
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	for (int n = 0; dir && n < COMPLETION_READ && (entry = readdir(dir)); n++)
		if (fits(entry->d_name, typed))
			add(&names, entry->d_name, is_folder(dirfd(dir), entry));
	if (dir)
		closedir(dir);
	if (names.count)
		qsort(names.at, names.count, sizeof(*names.at), in_order);
	return names;
}

/* ---- what they have in common ---- */

/* Whole characters of it. In order, the first and the last have in common what all have. */
static size_t common(const struct names *names)
{
	const char *first = names->at[0], *last = names->at[names->count - 1];
	size_t bytes = 0;

	while (first[bytes] && first[bytes] == last[bytes])
		bytes++;
	while (bytes && (first[bytes] & 0xc0) == 0x80)
		bytes--;
	return bytes;
}

static char *listed(const struct names *names)
{
	struct buf out = {0};

	for (size_t i = 0; i < names->count; i++)
		buf_printf(&out, "%s%s", i ? BETWEEN : "", names->at[i]);
	return buf_take(&out);
}

struct completion completion_of(const char *typed)
{
	const char *slash = strrchr(typed, '/'), *name = slash ? slash + 1 : typed;
	struct buf place = {0};
	struct completion completion = {0};

	buf_add(&place, typed, (size_t)(name - typed));
	buf_add(&place, "", 1);
	char *folder = slash ? completion_path(place.at) : mem_dup(".", 1);
	struct names names = names_in(folder, name);
	completion.path =
		names.count ? report_sentence("%s%.*s", place.at, (int)common(&names), names.at[0])
			    : mem_dup(typed, strlen(typed));
	completion.others = names.count > 1 ? listed(&names) : NULL;
	while (names.count)
		free(names.at[--names.count]);
	free(names.at);
	free(folder);
	buf_fini(&place);
	return completion;
}

void completion_fini(struct completion *completion)
{
	free(completion->path);
	free(completion->others);
}
