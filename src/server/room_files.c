#include "src/server/room_files.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/manner.h"
#include "src/server/room_send.h"

static const char no_such_file[] = "there is no such file in this room";
static const char one_file[] =
	"this room has its one file; a folder of them is served by host --rooms";

/* ---- opening ---- */

static bool load(struct room *room, struct doc *doc)
{
	return doc->log || (room->handler->load && room->handler->load(room->ctx, doc));
}

static bool may_load(struct room *room, struct person *person, struct doc *doc, const char *ref)
{
	if (load(room, doc))
		return true;
	room_refuse(room, person, "not-text", "the server cannot read this file as text", ref);
	return false;
}

static void open_doc(struct room *room, struct person *person, struct doc *doc,
	const struct message *hello, const struct msg_doc *asked)
{
	if (!may_load(room, person, doc, "hello"))
		return;
	if (str_is(hello->hello.session, person->session))
		doc_resume(room, person, doc, asked->rev, asked->seq);
	else
		doc_open(room, person, doc);
}

static bool is_among(struct doc *const *docs, size_t count, const struct doc *doc)
{
	for (size_t i = 0; i < count; i++)
		if (docs[i] == doc)
			return true;
	return false;
}

/* Each document once, however often it is named: an item costs its sender a few bytes, and us a whole text. */
void room_files_open_all(struct room *room, struct person *person, const struct message *hello)
{
	struct doc **done = mem_alloc((room->document_count + 1) * sizeof(struct doc *)), *doc;
	size_t count = 0;

	for (size_t i = 0; i < hello->hello.docs.count && person->to; i++) {
		const struct msg_doc *asked = &hello->hello.docs.at[i];
		doc = room_document(room, asked->path);
		if (!doc) {
			room_refuse(room, person, "no-such-file", no_such_file, "hello");
		} else if (!is_among(done, count, doc)) {
			done[count++] = doc;
			open_doc(room, person, doc, hello, asked);
		}
	}
	free(done);
}

/* ---- making, saving ---- */

static void tell_created(struct room *room, struct person *person, const struct doc *doc)
{
	room_audit(room,
		&(struct room_event){.what = "create", .by = person, .detail = str(doc->path)});
	room_created(room, doc, person->user);
}

/* A new document, which everybody hears of. NULL: the person was told why there is none; code and text are for where none can be. */
static struct doc *create(struct room *room, struct person *person, struct str path,
	const char *ref, const char *code, const char *text)
{
	struct doc *doc = NULL;

	if (person->role < ROLE_EDITOR) {
		code = "read-only";
		text = "viewers cannot make documents";
	} else if (!room_may_keep(room, person, ref)) {
		return NULL;
	} else if (room->handler->create) {
		doc = room->handler->create(room->ctx, path, &code, &text);
	}
	if (doc)
		tell_created(room, person, doc);
	else
		room_refuse(room, person, code, text, ref);
	return doc;
}

void room_files_open(struct room *room, struct person *person, const struct message *m)
{
	struct doc *doc = room_document(room, m->open.path);

	if (!doc && m->open.create)
		doc = create(room, person, m->open.path, "open", "no-such-file", one_file);
	else if (!doc)
		room_refuse(room, person, "no-such-file", no_such_file, "open");
	if (doc && may_load(room, person, doc, "open"))
		doc_open(room, person, doc);
}

void room_files_diverged(struct room *room, struct person *person, const struct message *m)
{
	struct seat *seat = doc_seat(person, m->diverged.doc);

	if (!seat) {
		room_refuse(room, person, "not-open", "this document is not open", "diverged");
		return;
	}
	room_audit(room, &(struct room_event){.what = "diverged",
				 .to = person->to,
				 .by = person,
				 .detail = str(seat->doc->path)});
	doc_open(room, person, seat->doc);
}

static void save(struct room *room, struct person *person, struct doc *doc)
{
	room_audit(
		room, &(struct room_event){.what = "save", .by = person, .detail = str(doc->path)});
	manner_look(room, doc);
	room->handler->save(room->ctx, doc, person->user);
}

void room_files_change(struct room *room, struct person *person, const struct message *m)
{
	struct doc *doc = room_document(room, m->file.path);

	if (person->role < ROLE_EDITOR)
		room_refuse(room, person, "read-only", "viewers cannot change files", "file");
	else if (str_is(m->file.verb, "create") && !doc)
		create(room, person, m->file.path, "file", "forbidden",
			"documents cannot be made in this room");
	else if (str_is(m->file.verb, "create"))
		room_refuse(room, person, "exists", "there is such a file already", "file");
	else if (!str_is(m->file.verb, "save"))
		room_refuse(room, person, "forbidden",
			"files of a room can be made and saved, nothing else", "file");
	else if (!doc)
		room_refuse(room, person, "no-such-file", no_such_file, "file");
	else if (doc->log) /* what is not in memory was saved before it left */
		save(room, person, doc);
}
