#include "src/client/authorship.h"

#include <stdint.h>
#include <stdlib.h>

#include "ot/mem.h"

#define ENDLESS (SIZE_MAX / 4) /* of the text before the first page, until its length is known */

void authorship_reset(struct remote *remote)
{
	authors_destroy(remote->authorship.building);
	remote->authorship = (struct authorship){0};
}

static void begin(struct remote *remote)
{
	uint64_t rev = replica_rev(remote->replica);

	remote->authorship = (struct authorship){.wanted = true,
		.rev = rev > AUTHORSHIP_EDITS ? rev - AUTHORSHIP_EDITS : 0,
		.building = authors_create(ENDLESS)};
}

static void ask(struct remote *remote)
{
	struct authorship *a = &remote->authorship;
	struct message m = {.type = MSG_HISTORY};

	a->asked = replica_rev(remote->replica);
	m.history.doc = remote->doc;
	m.history.from = a->rev;
	m.history.to = a->asked;
	remote_say(remote, &m);
}

static void give(struct remote *remote)
{
	struct authors *authors = remote->authorship.building;
	size_t points = text_size(replica_text(remote->replica)).points;

	remote->authorship.building = NULL;
	authors_trim(authors, points);
	if (authors_points(authors) == points && remote->handler->authors)
		remote->handler->authors(remote->ctx, authors);
	else
		authors_destroy(authors);
}

void authorship_turn(struct remote *remote, bool wanted)
{
	struct authorship *a = &remote->authorship;

	if (wanted != a->wanted)
		authorship_reset(remote);
	if (!wanted || !remote->live)
		return;
	if (!a->wanted)
		begin(remote);
	if (!a->building || a->asked)
		return;
	if (a->rev < replica_rev(remote->replica))
		ask(remote);
	else if (replica_in_step(remote->replica))
		give(remote);
}

static void apply(struct remote *remote, const struct msg_past_edit *edit)
{
	struct authorship *a = &remote->authorship;
	char *name = mem_dup(edit->name.at, edit->name.len);

	authors_apply(a->building, &edit->op, edit->user, edit->at);
	a->rev = edit->rev;
	REMOTE_TELL(remote, author, edit->user, name);
	free(name);
}

void authorship_past(struct remote *remote, const struct message *m)
{
	struct authorship *a = &remote->authorship;

	if (!a->asked || m->past.doc != remote->doc)
		return;
	for (size_t i = 0; i < m->past.edits.count; i++)
		if (m->past.edits.at[i].rev > a->rev)
			apply(remote, &m->past.edits.at[i]);
	if (!m->past.edits.count) /* the server has none of them any more */
		a->rev = a->asked;
	a->asked = 0;
}
