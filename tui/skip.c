#include "tui/skip.h"

#include <stdbool.h>
#include <string.h>

#include "ot/utf8.h"

/* The bytes before a run where words may have begun that end in it, and then its first ones. */
struct seam {
	char at[2 * PATTERN_MAX];
	size_t kept;
	size_t most; /* that are kept: one less than the words have */
};

static size_t less(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void keep(struct seam *seam, const char *run, size_t bytes)
{
	size_t fresh = less(bytes, seam->most), old = less(seam->kept, seam->most - fresh);

	memmove(seam->at, seam->at + seam->kept - old, old);
	memcpy(seam->at + old, run + bytes - fresh, fresh);
	seam->kept = old + fresh;
}

static size_t points(const char *at, size_t bytes)
{
	return bytes ? utf8_count(at, bytes).points : 0;
}

/* The run stands at start. true: *pos is where the words are, over its beginning or in it. */
static bool in_run(const struct pattern *p, struct seam *seam, const char *run, size_t bytes,
	size_t start, size_t *pos)
{
	size_t head = less(bytes, seam->most), found;

	memcpy(seam->at + seam->kept, run, head);
	found = pattern_words(p, seam->at, seam->kept + head);
	if (found < seam->kept) {
		*pos = start - points(seam->at + found, seam->kept - found);
		return true;
	}
	found = pattern_words(p, run, bytes);
	*pos = start + points(run, found < bytes ? found : 0);
	return found < bytes;
}

size_t skip_to(
	const struct pattern *p, const struct text *t, size_t pos, size_t limit, size_t *budget)
{
	struct seam seam = {.most = pattern_bytes(p) - 1};
	struct text_iter it = text_iter(t, pos);
	const char *run;

	for (size_t start = pos, bytes; *budget && start <= limit; start = it.pos) {
		if (!text_iter_run(&it, &run, &bytes))
			break;
		if (in_run(p, &seam, run, bytes, start, &pos))
			return pos;
		keep(&seam, run, bytes);
		*budget -= less(bytes, *budget);
	}
	return it.pos - points(seam.at, seam.kept);
}
