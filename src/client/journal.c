#include "src/client/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "net/codec.h"
#include "net/message.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"

static const char magic[8] = "ccunsnt1";

struct head {
	char magic[sizeof(magic)];
	uint64_t bytes; /* of what follows */
	unsigned char sum[SHA256_DIGEST_LENGTH];
};

struct journal {
	char *path;
	int fd;
	bool empty;
};

/* ---- the file ---- */

/* The first 16 bytes of the address' hash, in hex: a name that says nothing to who lists the folder. */
static void name_room(const struct url *url, char out[33])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char *address = report_sentence("%s:%u/%s", url->host, url->port, url->room);

	SHA256((const unsigned char *)address, strlen(address), sum);
	for (size_t i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	free(address);
}

/* A file that no living client holds, with something in it if `left`. */
static bool take_slot(struct journal *j, const char *folder, const char *name, bool left)
{
	struct stat st;

	for (int slot = 0; slot < JOURNAL_SLOTS; slot++) {
		j->path = report_sentence("%s/%s.%d", folder, name, slot);
		j->fd = open(j->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (left ? 0 : O_CREAT), 0600);
		if (j->fd >= 0 && flock(j->fd, LOCK_EX | LOCK_NB) == 0 && fstat(j->fd, &st) == 0 &&
			S_ISREG(st.st_mode) && (st.st_size > 0 || !left)) {
			j->empty = st.st_size == 0;
			return true;
		}
		if (j->fd >= 0)
			close(j->fd);
		j->fd = -1;
		free(j->path);
		j->path = NULL;
	}
	return false;
}

struct journal *journal_open(const struct url *url, char **why)
{
	struct journal *j = mem_alloc(sizeof(*j));
	char name[33], *state = places_state(NULL, why), *folder;

	j->fd = -1;
	if (!state) {
		free(j);
		return NULL;
	}
	folder = report_sentence("%s/unsent", state);
	name_room(url, name);
	if (places_make(folder) ||
		(!take_slot(j, folder, name, true) && !take_slot(j, folder, name, false))) {
		*why = report_sentence(
			"cannot keep unsent edits in %s: %s", folder, strerror(errno));
		free(j);
		j = NULL;
	}
	free(folder);
	free(state);
	return j;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->empty)
		unlink(j->path);
	close(j->fd);
	free(j->path);
	free(j);
}

bool journal_is_empty(const struct journal *j)
{
	return j->empty;
}

void journal_clear(struct journal *j)
{
	if (!j->empty)
		j->empty = ftruncate(j->fd, 0) == 0;
}

/* ---- writing ---- */

static void put_head(struct buf *out)
{
	struct head head = {.bytes = out->len - sizeof(head)};

	memcpy(head.magic, magic, sizeof(magic));
	SHA256((const unsigned char *)out->at + sizeof(head), out->len - sizeof(head), head.sum);
	memcpy(out->at, &head, sizeof(head));
}

static void put_edit(void *ctx, uint64_t seq, const struct op *op)
{
	struct message m = {.type = MSG_EDIT, .edit = {.seq = seq, .op = *op}};

	codec_encode(CODEC_BIN, &m, ctx);
}

static void put_place(struct buf *out, struct replica *replica, const struct journal_place *place)
{
	struct message who = {.type = MSG_WELCOME};
	struct message what = {.type = MSG_OPENED};

	who.welcome.user = place->user;
	who.welcome.session = str(place->session);
	who.welcome.room = str(place->room);
	who.welcome.epoch = str(place->epoch);
	codec_encode(CODEC_BIN, &who, out);
	what.opened.doc = replica_seq(replica);
	what.opened.path = str(place->path);
	what.opened.rev = replica_rev(replica);
	what.opened.size = replica_known_points(replica);
	codec_encode(CODEC_BIN, &what, out);
}

bool journal_keep(struct journal *j, struct replica *replica, const struct journal_place *place)
{
	struct buf out = {0};
	bool kept = true;

	buf_room(&out, sizeof(struct head));
	out.len = sizeof(struct head);
	put_place(&out, replica, place);
	if (replica_each_unsent(replica, put_edit, &out)) {
		put_head(&out);
		/* One write, and only then the end: whoever is killed between leaves a tail that the head leaves out. */
		kept = pwrite(j->fd, out.at, out.len, 0) == (ssize_t)out.len &&
		       ftruncate(j->fd, (off_t)out.len) == 0;
		j->empty = false;
	}
	buf_fini(&out);
	return kept;
}

/* ---- reading ---- */

static bool read_all(int fd, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(struct head) ||
		(size_t)st.st_size > JOURNAL_MAX_BYTES)
		return false;
	buf_room(out, (size_t)st.st_size);
	while (out->len < (size_t)st.st_size) {
		ssize_t got = pread(
			fd, out->at + out->len, (size_t)st.st_size - out->len, (off_t)out->len);
		if (got <= 0)
			return false;
		out->len += (size_t)got;
	}
	return true;
}

static bool proves_right(const struct buf *file)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	struct head head;

	memcpy(&head, file->at, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.bytes > file->len - sizeof(head))
		return false;
	SHA256((const unsigned char *)file->at + sizeof(head), head.bytes, sum);
	return memcmp(sum, head.sum, sizeof(sum)) == 0;
}

static void copy_str(char *out, size_t cap, struct str from)
{
	snprintf(out, cap, "%.*s", (int)(from.len < cap ? from.len : 0), from.len ? from.at : "");
}

static void take_message(struct journal_left *left, struct message *m)
{
	if (m->type == MSG_WELCOME) {
		left->user = m->welcome.user;
		copy_str(left->session, sizeof(left->session), m->welcome.session);
		copy_str(left->epoch, sizeof(left->epoch), m->welcome.epoch);
	} else if (m->type == MSG_OPENED) {
		left->seq = m->opened.doc;
		left->rev = m->opened.rev;
		left->points = m->opened.size;
		copy_str(left->path, sizeof(left->path), m->opened.path);
	} else if (m->type == MSG_EDIT) {
		left->edits = mem_realloc(left->edits, left->count + 1, sizeof(*left->edits));
		left->edits[left->count++] =
			(struct journal_edit){.seq = m->edit.seq, .op = op_copy(&m->edit.op)};
	}
}

static bool take_messages(struct journal_left *left, const char *at, size_t len)
{
	for (int n = 0; len; n++) {
		struct message m;
		size_t used;
		/* The first two are a server's, the rest a client's. */
		if (codec_decode(CODEC_BIN, n < 2, at, len, &used, &m) != ERR_NONE)
			return false;
		take_message(left, &m);
		message_fini(&m);
		at += used;
		len -= used;
	}
	return left->count > 0 && *left->session && *left->path && left->points <= TEXT_MAX_BYTES;
}

bool journal_left(struct journal *j, struct journal_left *out)
{
	struct buf file = {0};
	struct stat st;
	bool good = false;

	*out = (struct journal_left){0};
	if (read_all(j->fd, &file) && proves_right(&file)) {
		struct head head;
		memcpy(&head, file.at, sizeof(head));
		good = take_messages(out, file.at + sizeof(head), head.bytes);
	}
	if (good && fstat(j->fd, &st) == 0)
		out->when = st.st_mtime;
	buf_fini(&file);
	if (!good)
		journal_left_fini(out);
	return good;
}

void journal_left_fini(struct journal_left *left)
{
	for (size_t i = 0; i < left->count; i++)
		op_fini(&left->edits[i].op);
	free(left->edits);
	*left = (struct journal_left){0};
}
