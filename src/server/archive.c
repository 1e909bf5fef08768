#include "src/server/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "src/report.h"
#include "src/server/chat.h"
#include "src/server/doc.h"

static void new_epoch(struct store *store, char epoch[17])
{
	unsigned char random[8];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(epoch + 2 * i, 3, "%02x", random[i]);
	store_put(store, "epoch", epoch);
}

static void recall_said(void *ctx, const struct msg_said *said)
{
	chat_recall(ctx, said);
}

struct room *archive_room(
	struct store *store, const char *name, const struct room_handler *handler, void *ctx)
{
	char *epoch = store_get(store, "epoch"), *next = store_get(store, "next_user");
	char *locked = store_get(store, "locked"), fresh[17];
	struct room *room;

	if (!epoch)
		new_epoch(store, fresh);
	room = room_create(
		name, epoch ? epoch : fresh, next ? strtoull(next, NULL, 10) : 1, handler, ctx);
	store_chat_recent(store, LIMIT_CHAT_RECENT, recall_said, room);
	room->locked = locked && strcmp(locked, "no") != 0; /* in doubt it is */
	free(epoch);
	free(next);
	free(locked);
	return room;
}

static bool replay(void *ctx, const struct store_edit *edit)
{
	struct op op = op_copy(&edit->op);

	return log_replay(ctx, edit->user, edit->seq, &op) == ERR_NONE;
}

/* Where the history cannot make the text any more that the file held last, the file itself may still be just that. */
static struct text *first_text(struct store *store, const struct store_document *kept, uint64_t rev,
	const struct archive_file *file)
{
	struct text *text = store_text_at(store, kept->doc, rev);

	if (text || !file->there || !file->text || text_hash(file->text) != kept->saved_hash)
		return text;
	report_info("The stored history of %s is damaged (codecollab doctor says where): it goes on"
		    " from the file.",
		kept->path);
	text = text_copy(file->text);
	store_snapshot(store, kept->doc, rev, text);
	return text;
}

static struct log *load_log(
	struct store *store, const struct store_document *kept, const struct archive_file *file)
{
	uint64_t rev = file->there ? kept->saved_rev : kept->rev;
	struct text *text = first_text(store, kept, rev, file);
	struct log *log;

	if (!text)
		return NULL;
	log = log_create(text, rev);
	if (store_edits(store, kept->doc, rev, kept->newest, replay, log))
		return log;
	log_destroy(log);
	return NULL;
}

static void begin(struct store *store, struct doc *doc, struct archive_file *file)
{
	struct text *first = file->text ? file->text : text_create();

	file->text = NULL;
	doc->doc = store_add_document(store, doc->path, first);
	doc_fill(doc, log_create(first, 0));
}

bool archive_load(struct store *store, struct doc *doc, struct archive_file *file)
{
	struct store_document kept = {0};
	struct log *log;

	if (!store_document(store, doc->path, &kept)) {
		begin(store, doc, file);
		return true;
	}
	log = load_log(store, &kept, file);
	if (log) {
		doc->doc = kept.doc;
		doc->oldest_rev = kept.oldest;
		file->saved_rev = kept.saved_rev;
		doc_fill(doc, log);
	}
	store_document_fini(&kept);
	return log != NULL;
}
