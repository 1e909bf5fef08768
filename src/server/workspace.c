#include "src/server/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/heap.h"
#include "src/report.h"
#include "src/server/intake.h"
#include "src/server/replace.h"

#define CHUNK      ((size_t)1 << 16) /* read at once */
#define HEAP_SPARE 12 /* of the text's bytes: a part that its tree takes beside them */

static struct workspace_stamp stamp_of(const struct stat *st)
{
	return (struct workspace_stamp){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

static bool same_stamp(const struct workspace_stamp *a, const struct workspace_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec;
}

/* ---- bytes from the disk; each function returns NULL, or a sentence (owned) ---- */

static char *cannot(const char *verb, const char *path, int e)
{
	return report_sentence("cannot %s %s: %s", verb, path, strerror(e));
}

static size_t most_bytes(bool any)
{
	return any ? TEXT_MAX_BYTES : WORKSPACE_MAX_BYTES;
}

static char *too_large(const char *path, bool any)
{
	return report_sentence(
		"%s is too large: a document may have %zu MiB", path, most_bytes(any) >> 20);
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return "a folder";
	case S_IFIFO: return "a pipe";
	case S_IFSOCK: return "a socket";
	default: return "a device";
	}
}

static char *check_kind(const char *path, const struct stat *st, bool any)
{
	if (!S_ISREG(st->st_mode))
		return report_sentence("%s is %s, not a file", path, kind_of(st->st_mode));
	return st->st_size > (off_t)most_bytes(any) ? too_large(path, any) : NULL;
}

/* The file may grow while it is read: the size it had is a hint, the limit is not. */
static char *read_all(const char *path, int fd, struct buf *out, bool any)
{
	ssize_t n;

	do {
		n = read(fd, buf_room(out, CHUNK), CHUNK);
		if (n > 0)
			out->len += (size_t)n;
		if (out->len > most_bytes(any))
			return too_large(path, any);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? cannot("read", path, errno) : NULL;
}

/* The stamp is of before the first byte: who writes while we read is noticed, if later. */
static int open_to_read(struct workspace_file *file, char **why)
{
	/* A pipe would block. */
	int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	*why = fd < 0 || fstat(fd, &st) ? cannot("open", file->path, errno)
					: check_kind(file->path, &st, file->any);
	if (!*why)
		file->stamp = stamp_of(&st);
	return fd;
}

static enum form_takes takes_of(const struct workspace_file *file)
{
	if (!file->any)
		return FORM_UTF8;
	return file->was_text ? FORM_TEXT : FORM_ANY;
}

/* What intake_utf8() does not take. */
static char *load_whole(struct workspace_file *file, int fd, struct text **text)
{
	struct buf bytes = {0};
	char *why = lseek(fd, 0, SEEK_SET) ? cannot("read", file->path, errno)
					   : read_all(file->path, fd, &bytes, file->any);

	if (!why)
		why = form_read(&file->form, file->path, takes_of(file), &bytes, text);
	buf_fini(&bytes);
	return why;
}

static char *load_from(struct workspace_file *file, int fd, struct text **text)
{
	*text = intake_utf8(fd, most_bytes(file->any), &file->form);
	return *text ? NULL : load_whole(file, fd, text);
}

/* One that is for who started the program: a server has others in its heap. */
static bool make_room(const struct workspace_file *file)
{
	size_t bytes = (size_t)file->stamp.size;

	return file->any && heap_room(bytes + bytes / HEAP_SPARE);
}

static char *load(struct workspace_file *file, struct text **text)
{
	struct workspace_file now = {
		.path = file->path, .exists = true, .any = file->any, .was_text = file->was_text};
	char *why;
	int fd = open_to_read(&now, &why);
	bool roomy = !why && make_room(&now);

	if (!why)
		why = load_from(&now, fd, text);
	if (roomy)
		heap_settle();
	if (fd >= 0)
		close(fd);
	if (!why)
		*file = now;
	return why;
}

/* ---- opening ---- */

static char *cannot_resolve(const char *path, const char *folder, int e)
{
	if (e == ENOENT)
		return report_sentence(
			"cannot open %s: the folder %s does not exist. Make it first: mkdir -p %s",
			path, folder, folder);
	return cannot("open", path, e);
}

/* The place of a file that is to be made: its folder must be there. */
static char *resolve_new(const char *path, char **real)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *folder = slash ? mem_dup(path, (size_t)(slash - path) + 1) : mem_dup(".", 1);
	char *base = realpath(folder, NULL);
	char *why = NULL;
	struct stat st;

	if (!base)
		why = cannot_resolve(path, folder, errno);
	else if (!*name)
		why = report_sentence("cannot open %s: it names a folder, not a file", path);
	else if (!lstat(path, &st))
		why = report_sentence(
			"cannot open %s: it is a link to a file that does not exist", path);
	else
		*real = report_sentence("%s%s%s", base, base[1] ? "/" : "", name);
	free(base);
	free(folder);
	return why;
}

static char *resolve(const char *path, struct workspace_file *file)
{
	if (!*path)
		return report_sentence("no file was named");
	file->path = realpath(path, NULL);
	file->exists = file->path != NULL;
	if (file->exists)
		return NULL;
	return errno == ENOENT ? resolve_new(path, &file->path) : cannot("open", path, errno);
}

static char *make_file(struct workspace_file *file)
{
	int fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	struct stat st;

	if (fd < 0)
		return cannot("create", file->path, errno);
	char *why = fstat(fd, &st) ? cannot("create", file->path, errno) : NULL;
	close(fd);
	if (why)
		return why;
	replace_flush_folder(file->path);
	file->stamp = stamp_of(&st);
	file->exists = true;
	return NULL;
}

bool workspace_make(struct workspace_file *file, char **why)
{
	*why = file->exists ? NULL : make_file(file);
	return !*why;
}

static bool open_file(
	const char *path, bool create, struct workspace_file *file, struct text **text, char **why)
{
	*text = NULL;
	*why = resolve(path, file);
	if (!*why && file->exists)
		*why = load(file, text);
	else if (!*why && create)
		workspace_make(file, why);
	if (!*why && !*text)
		*text = text_create();
	file->was_text = file->form.charset != CHARSET_BINARY;
	if (*why)
		workspace_fini(file);
	return !*why;
}

bool workspace_open(
	const char *path, bool create, struct workspace_file *file, struct text **text, char **why)
{
	*file = (struct workspace_file){0};
	return open_file(path, create, file, text, why);
}

bool workspace_open_any(
	const char *path, struct workspace_file *file, struct text **text, char **why)
{
	*file = (struct workspace_file){.any = true};
	return open_file(path, false, file, text, why);
}

bool workspace_changed(const struct workspace_file *file)
{
	struct stat st;

	if (stat(file->path, &st))
		return file->exists;
	struct workspace_stamp now = stamp_of(&st);
	return !file->exists || !same_stamp(&now, &file->stamp);
}

static bool vanished(const struct workspace_file *file)
{
	struct stat st;

	return lstat(file->path, &st) && (errno == ENOENT || errno == ENOTDIR);
}

bool workspace_read_again(struct workspace_file *file, struct text **text, char **why)
{
	*text = NULL;
	*why = load(file, text);
	if (*why && vanished(file)) {
		free(*why);
		*why = NULL;
		*text = text_create();
		file->exists = false;
	}
	return !*why;
}

void workspace_fini(struct workspace_file *file)
{
	free(file->path);
	*file = (struct workspace_file){0};
}

/* ---- saving ---- */

struct save {
	/* both threads, one after the other */
	char *path;
	struct form form;
	struct buf bytes;
	struct workspace_stamp stamp;
	char *why;

	/* the loop's */
	struct workspace_file *file;
	workspace_saved_fn *done;
	void *ctx;
};

static struct save save_of(struct workspace_file *file, const struct text *text)
{
	struct save save = {
		.path = mem_dup(file->path, strlen(file->path)), .form = file->form, .file = file};

	form_begin(&save.form, text, &save.bytes);
	return save;
}

static char *cannot_save(const char *path, int e)
{
	return report_sentence("cannot save %s: %s", path, strerror(e));
}

/* What stands at path now, NULL if nothing. rename() would not mind a read-only file: we do. */
static char *check_target(const char *path, struct stat *st, const struct stat **old)
{
	*old = NULL;
	if (stat(path, st))
		return errno == ENOENT ? NULL : cannot_save(path, errno);
	if (!S_ISREG(st->st_mode))
		return report_sentence(
			"cannot save %s: it has become %s", path, kind_of(st->st_mode));
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		return report_sentence(
			"cannot save %s: it is read-only (%s)", path, strerror(errno));
	*old = st;
	return NULL;
}

static char *check_folder(const char *path)
{
	char *folder = mem_dup(path, (size_t)(strrchr(path, '/') - path) + 1);
	char *why = NULL;

	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS))
		why = report_sentence(
			"cannot save %s: its folder may not be written to (%s), and a file"
			" is saved by putting a new one in its place",
			path, strerror(errno));
	free(folder);
	return why;
}

static char *write_out(const char *path, struct save *save)
{
	struct stat st, now;
	const struct stat *old;
	char *why = check_target(path, &st, &old);

	if (!why)
		why = check_folder(path);
	if (why)
		return why;
	int e = replace_file(path, save->bytes.at, save->bytes.len, 0666, old, &now);
	if (e)
		return cannot_save(path, e);
	save->stamp = stamp_of(&now);
	return NULL;
}

/* On a worker, so away from the file's struct. The path may have become a link since. */
static void save_work(void *ctx)
{
	struct save *save = ctx;
	char *real = realpath(save->path, NULL);

	save->why = form_write(&save->form, save->path, &save->bytes);
	if (!save->why)
		save->why = write_out(real ? real : save->path, save);
	free(real);
}

static void save_finish(struct save *save)
{
	if (!save->why) {
		save->file->stamp = save->stamp;
		save->file->exists = true;
	}
	free(save->path);
	buf_fini(&save->bytes);
}

static void save_done(void *ctx)
{
	struct save *save = ctx;

	save_finish(save);
	save->done(save->ctx, save->why);
	free(save->why);
	free(save);
}

void workspace_save(struct workspace_file *file, struct loop *loop, const struct text *text,
	workspace_saved_fn *done, void *ctx)
{
	struct save *save = mem_alloc(sizeof(*save));

	*save = save_of(file, text);
	save->done = done;
	save->ctx = ctx;
	loop_work(loop, save_work, save_done, save);
}

char *workspace_save_now(struct workspace_file *file, const struct text *text)
{
	struct save save = save_of(file, text);

	save_work(&save);
	save_finish(&save);
	return save.why;
}
