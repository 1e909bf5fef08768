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

static const char magic[8] = "ccunsnt2";

struct head {
	char magic[sizeof(magic)];
	uint64_t at, bytes; /* of the record */
	unsigned char sum[SHA256_DIGEST_LENGTH];
};

struct journal {
	char *path;
	int fd;
	uint64_t at, bytes; /* of the record that counts; 0: there is none */
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

/* A file that no living client holds, with something in it if `left`. One that was unlinked before we held it is nobody's. */
static int open_slot(const char *path, bool left)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (left ? 0 : O_CREAT), 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		st.st_nlink == 1 && (st.st_size > 0 || !left))
		return fd;
	close(fd);
	errno = EBUSY;
	return -1;
}

static bool take_slot(struct journal *j, const char *folder, const char *name, bool left)
{
	for (int slot = 0; slot < JOURNAL_SLOTS; slot++) {
		j->path = report_sentence("%s/%s.%d", folder, name, slot);
		if ((j->fd = open_slot(j->path, left)) >= 0)
			return true;
		free(j->path);
		j->path = NULL;
	}
	return false;
}

struct journal *journal_open(const struct url *url, char **why)
{
	struct journal *j = mem_alloc(sizeof(*j));
	char name[33], *state = places_state(NULL, why), *folder;
	int e;

	j->fd = -1;
	if (!state) {
		free(j);
		return NULL;
	}
	folder = report_sentence("%s/unsent", state);
	name_room(url, name);
	e = places_make(folder);
	if (!e && !take_slot(j, folder, name, true) && !take_slot(j, folder, name, false))
		e = errno;
	if (e) {
		*why = report_sentence("cannot keep unsent edits in %s: %s", folder,
			e == EBUSY ? "too many clients of this room do" : strerror(e));
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
	if (journal_is_empty(j))
		unlink(j->path);
	close(j->fd);
	free(j->path);
	free(j);
}

/* What a client that was killed left counts until it is cleared, whatever it is. */
bool journal_is_empty(const struct journal *j)
{
	struct stat st;

	return fstat(j->fd, &st) == 0 && st.st_size == 0;
}

size_t journal_bytes(const struct journal *j)
{
	return j->bytes;
}

void journal_clear(struct journal *j)
{
	if (ftruncate(j->fd, 0) == 0)
		j->at = j->bytes = 0;
}

/* ---- writing ---- */

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

static int write_at(int fd, const void *from, size_t len, uint64_t at)
{
	ssize_t n = pwrite(fd, from, len, (off_t)at);

	return n == (ssize_t)len ? 0 : n < 0 ? errno : ENOSPC;
}

/* In front of the record that counts if there is room, else behind it. */
static int put_record(struct journal *j, const struct buf *record)
{
	struct head head = {.at = sizeof(head), .bytes = record->len};
	bool cut;
	int e;

	if (j->bytes && sizeof(head) + record->len > j->at)
		head.at = j->at + j->bytes;
	memcpy(head.magic, magic, sizeof(magic));
	SHA256((const unsigned char *)record->at, record->len, head.sum);
	if ((e = write_at(j->fd, record->at, record->len, head.at)) ||
		(e = write_at(j->fd, &head, sizeof(head), 0)))
		return e;
	j->at = head.at;
	j->bytes = head.bytes;
	cut = ftruncate(j->fd, (off_t)(j->at + j->bytes)) == 0;
	(void)cut; /* what is behind the record does no harm */
	return 0;
}

int journal_keep(struct journal *j, struct replica *replica, const struct journal_place *place)
{
	struct buf record = {0};
	int e = 0;

	put_place(&record, replica, place);
	if (replica_each_unsent(replica, put_edit, &record))
		e = record.len > JOURNAL_MAX_BYTES ? EFBIG : put_record(j, &record);
	buf_fini(&record);
	return e;
}

/* ---- reading ---- */

/* A head that cannot be true gives false, as does a file that ends before. */
static bool read_record(int fd, struct head *head, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || pread(fd, head, sizeof(*head), 0) != (ssize_t)sizeof(*head) ||
		memcmp(head->magic, magic, sizeof(magic)) != 0 || head->bytes > JOURNAL_MAX_BYTES ||
		head->at < sizeof(*head) || head->at > (uint64_t)st.st_size ||
		head->bytes > (uint64_t)st.st_size - head->at)
		return false;
	buf_room(out, head->bytes);
	while (out->len < head->bytes) {
		ssize_t got = pread(fd, out->at + out->len, head->bytes - out->len,
			(off_t)(head->at + out->len));
		if (got <= 0)
			return false;
		out->len += (size_t)got;
	}
	return true;
}

static bool proves_right(const struct head *head, const struct buf *record)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)record->at, record->len, sum);
	return memcmp(sum, head->sum, sizeof(sum)) == 0;
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
	struct buf record = {0};
	struct head head;
	struct stat st;
	bool good;

	*out = (struct journal_left){0};
	good = read_record(j->fd, &head, &record) && proves_right(&head, &record) &&
	       take_messages(out, record.at, record.len);
	buf_fini(&record);
	if (!good) {
		journal_left_fini(out);
		return false;
	}
	j->at = head.at; /* what is kept from now on leaves it alone until it is whole */
	j->bytes = head.bytes;
	if (fstat(j->fd, &st) == 0)
		out->when = st.st_mtime;
	return true;
}

void journal_left_fini(struct journal_left *left)
{
	for (size_t i = 0; i < left->count; i++)
		op_fini(&left->edits[i].op);
	free(left->edits);
	*left = (struct journal_left){0};
}
