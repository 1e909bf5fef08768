#include "tui/found.h"

void found_begin(struct found *found, struct search *search)
{
	found->search = search;
	found->count = found->next = 0;
}

void found_line(struct found *found, const struct text *t, size_t start, size_t from, size_t to)
{
	size_t kept = 0;

	if (!found->search || !search_is_on(found->search))
		return;
	if (found->count && found->at[found->count - 1].head > start)
		found->at[kept++] = found->at[found->count - 1];
	if (from > start + FOUND_BACK)
		start = from - FOUND_BACK;
	if (kept && found->at[0].head > start)
		start = found->at[0].head;
	found->count = kept + search_visible(found->search, t, start, to, found->at + kept,
				      FOUND_LINE - kept);
	found->next = 0;
}

bool found_at(struct found *found, size_t pos, size_t points)
{
	while (found->next < found->count && found->at[found->next].head <= pos)
		found->next++;
	return found->next < found->count && found->at[found->next].anchor < pos + points;
}
