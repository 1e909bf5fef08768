#include "src/recovery.h"

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
#include "ot/buf.h"
#include "ot/chain.h"
#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"

static const char magic[8] = "ccunsvd1";

enum kind { KIND_TEXT, KIND_OP };

struct head {
	char magic[sizeof(magic)];
	unsigned char sum[SHA256_DIGEST_LENGTH]; /* of all behind it */
	uint64_t kind, hash;                     /* of the text that the file held */
	uint64_t bytes;                          /* of what follows */
};

#define PROVED offsetof(struct head, kind)

struct recovery {
	struct loop *loop;
	struct timer *timer;
	char *folder, *name; /* of all slots */
	char *path;          /* of ours, without its end: .lock is locked, .text is kept in */
	int lock;
	uint64_t hash;
	struct replica *replica; /* NULL: nothing is unsaved */
	bool written;            /* the file is there */
	bool again;              /* edited since it was begun to be written */
	struct writing *writing;
	bool closed;     /* with the end of the writing all is over, */
	struct buf last; /* once this is in the file, if it is anything */
	char *failed;
	bool told;
};

struct writing { /* both threads, one after the other */
	struct recovery *recovery;
	char *path;
	struct buf bytes;
	int e;
};

/* ---- the file's name ---- */

/* The first 16 bytes of the path's hash, in hex. */
static char *name_of(const char *path)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char *name = mem_alloc(33);

	SHA256((const unsigned char *)path, strlen(path), sum);
	for (size_t i = 0; i < 16; i++)
		snprintf(name + 2 * i, 3, "%02x", sum[i]);
	return name;
}

static char *file_of(const char *path, const char *end)
{
	return report_sentence("%s.%s", path, end);
}

static bool is_there(const char *path)
{
	char *file = file_of(path, "text");
	bool there = access(file, F_OK) == 0;

	free(file);
	return there;
}

static int try_lock(const char *path)
{
	char *file = file_of(path, "lock");
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	free(file);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* One that no living editor holds, with something in it if `left`, with nothing otherwise. */
static bool take_slot(struct recovery *r, bool left)
{
	for (int slot = 0; slot < RECOVERY_SLOTS; slot++) {
		char *path = report_sentence("%s/%s.%d", r->folder, r->name, slot);
		int lock = is_there(path) == left ? try_lock(path) : -1;
		if (lock >= 0) {
			r->path = path;
			r->lock = lock;
			r->written = left;
			return true;
		}
		free(path);
	}
	return false;
}

static void drop_slot(struct recovery *r)
{
	char *file = r->path ? file_of(r->path, "lock") : NULL;

	if (file && !r->written)
		unlink(file);
	if (r->lock >= 0)
		close(r->lock);
	r->lock = -1;
	free(file);
	free(r->path);
	r->path = NULL;
}

/* ---- writing ---- */

static int write_all(int fd, const char *at, size_t len)
{
	while (len) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR)
			return errno;
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fdatasync(fd) ? errno : 0;
}

/* A crash sees the one before or this one. */
static int write_file(const char *path, const struct buf *bytes)
{
	char *file = file_of(path, "text"), *fresh = file_of(path, "new");
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int e = fd < 0 ? errno : write_all(fd, bytes->at, bytes->len);

	if (fd >= 0)
		close(fd);
	if (!e && rename(fresh, file))
		e = errno;
	if (e)
		unlink(fresh);
	free(file);
	free(fresh);
	return e;
}

static void put_text(struct buf *out, const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	const char *at;
	size_t bytes;

	while (text_iter_run(&it, &at, &bytes))
		buf_add(out, at, bytes);
}

static void add_unsent(void *ctx, uint64_t seq, const struct op *op)
{
	(void)seq;
	chain_add_copy(ctx, op);
}

static void put_edits(struct buf *out, struct replica *replica)
{
	struct chain all = {0};

	replica_each_unsent(replica, add_unsent, &all);
	codec_put_op(out, chain_whole(&all));
	chain_fini(&all);
}

static void put_unsaved(struct buf *out, struct replica *replica, uint64_t hash)
{
	bool whole = text_size(replica_text(replica)).bytes <= RECOVERY_TEXT_BYTES;
	struct head head = {.kind = whole ? KIND_TEXT : KIND_OP, .hash = hash};

	buf_room(out, sizeof(head));
	out->len = sizeof(head);
	if (whole)
		put_text(out, replica_text(replica));
	else
		put_edits(out, replica);
	memcpy(head.magic, magic, sizeof(magic));
	head.bytes = out->len - sizeof(head);
	memcpy(out->at, &head, sizeof(head));
	SHA256((const unsigned char *)out->at + PROVED, out->len - PROVED, head.sum);
	memcpy(out->at, &head, sizeof(head));
}

static void note_failure(struct recovery *r, int e)
{
	if (!e || r->told)
		return;
	r->told = true;
	r->failed = report_sentence("What you edit cannot be written down in %s: %s. Save often",
		r->folder, strerror(e));
}

static void work(void *ctx)
{
	struct writing *w = ctx;

	w->e = write_file(w->path, &w->bytes);
}

static void clear_file(struct recovery *r)
{
	char *file = file_of(r->path, "text");

	r->written = unlink(file) && errno != ENOENT;
	free(file);
}

static void finish(struct recovery *r)
{
	if (r->path && r->last.len)
		r->written = !write_file(r->path, &r->last) || r->written;
	drop_slot(r);
	buf_fini(&r->last);
	free(r->folder);
	free(r->name);
	free(r->failed);
	free(r);
}

static void written(void *ctx)
{
	struct writing *w = ctx;
	struct recovery *r = w->recovery;

	r->writing = NULL;
	note_failure(r, w->e);
	r->written = r->written || !w->e;
	if (!r->replica)
		clear_file(r); /* saved meanwhile */
	else if (r->again && !r->closed)
		timer_set(r->timer, RECOVERY_MS, 0);
	r->again = false;
	if (r->closed)
		finish(r);
	buf_fini(&w->bytes);
	free(w->path);
	free(w);
}

static void begin_writing(void *ctx)
{
	struct recovery *r = ctx;

	if (!r->replica || r->writing)
		return;
	r->again = false;
	r->writing = mem_alloc(sizeof(*r->writing));
	r->writing->recovery = r;
	r->writing->path = mem_dup(r->path, strlen(r->path));
	put_unsaved(&r->writing->bytes, r->replica, r->hash);
	loop_work(r->loop, work, written, r->writing);
}

void recovery_edited(struct recovery *r, struct replica *borrows)
{
	if (!r->again && !r->writing)
		timer_set(r->timer, RECOVERY_MS, 0);
	r->again = true;
	r->replica = borrows;
}

void recovery_base(struct recovery *r, const struct text *text)
{
	timer_stop(r->timer);
	r->hash = text_hash(text);
	r->replica = NULL;
	r->again = false;
	if (!r->writing)
		clear_file(r);
}

void recovery_moved(struct recovery *r, uint64_t hash)
{
	r->hash = hash;
}

bool recovery_busy(const struct recovery *r)
{
	return r->writing != NULL;
}

char *recovery_failed(struct recovery *r)
{
	char *failed = r->failed;

	r->failed = NULL;
	return failed;
}

/* ---- reading ---- */

static bool read_all(int fd, struct buf *out)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
		st.st_size < (off_t)sizeof(struct head) || (size_t)st.st_size > RECOVERY_MAX_BYTES)
		return false;
	buf_room(out, (size_t)st.st_size);
	while (out->len < (size_t)st.st_size) {
		ssize_t got = read(fd, out->at + out->len, (size_t)st.st_size - out->len);
		if (got <= 0)
			return false;
		out->len += (size_t)got;
	}
	return true;
}

static bool proves_right(const struct buf *file, struct head *head)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	memcpy(head, file->at, sizeof(*head));
	if (memcmp(head->magic, magic, sizeof(magic)) != 0 ||
		head->bytes != file->len - sizeof(*head))
		return false;
	SHA256((const unsigned char *)file->at + PROVED, file->len - PROVED, sum);
	return memcmp(sum, head->sum, sizeof(sum)) == 0;
}

static bool take_left(const struct buf *file, struct recovery_left *out)
{
	const char *at = file->at + sizeof(struct head);
	struct head head;

	if (!proves_right(file, &head))
		return false;
	out->hash = head.hash;
	if (head.kind == KIND_TEXT)
		return text_load(&out->text, at, head.bytes) == ERR_NONE;
	return head.kind == KIND_OP && codec_get_op(at, head.bytes, &out->op) == ERR_NONE;
}

bool recovery_left(struct recovery *r, struct recovery_left *out)
{
	char *path = file_of(r->path, "text");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct buf file = {0};
	struct stat st;

	*out = (struct recovery_left){0};
	bool good = read_all(fd, &file) && take_left(&file, out) && !fstat(fd, &st);
	if (good)
		out->when = st.st_mtime;
	if (fd >= 0)
		close(fd);
	buf_fini(&file);
	free(path);
	return good;
}

void recovery_left_fini(struct recovery_left *left)
{
	text_destroy(left->text);
	op_fini(&left->op);
	*left = (struct recovery_left){0};
}

void recovery_leave(struct recovery *r)
{
	drop_slot(r);
	if (!take_slot(r, false))
		note_failure(r, EMFILE);
}

/* ---- opening ---- */

struct recovery *recovery_open(const char *path, struct loop *loop, char **why)
{
	struct recovery *r = mem_alloc(sizeof(*r));
	char *state = places_state(NULL, why);

	r->loop = loop;
	r->lock = -1;
	r->timer = timer_make(loop, begin_writing, r);
	r->name = name_of(path);
	r->folder = state ? report_sentence("%s/unsaved", state) : NULL;
	free(state);
	if (r->folder && !places_make(r->folder) && (take_slot(r, true) || take_slot(r, false)))
		return r;
	if (r->folder)
		*why = report_sentence("cannot write to %s: %s", r->folder, strerror(errno));
	recovery_close(r);
	return NULL;
}

void recovery_close(struct recovery *r)
{
	if (!r)
		return;
	timer_destroy(r->timer);
	r->closed = true;
	if (r->path && r->replica)
		put_unsaved(&r->last, r->replica, r->hash);
	if (!r->writing)
		finish(r);
}
