#include "src/server/cellar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

struct cellar {
	int fd;
	uint64_t end; /* where the next goes */
};

struct cellar *cellar_open(const char *folder)
{
	char *path = report_sentence("%s/asleep-XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);
	struct cellar *cellar;

	if (fd >= 0)
		unlink(path);
	free(path);
	if (fd < 0)
		return NULL;
	cellar = mem_alloc(sizeof(*cellar));
	cellar->fd = fd;
	return cellar;
}

void cellar_close(struct cellar *cellar)
{
	if (!cellar)
		return;
	close(cellar->fd);
	free(cellar);
}

/* FNV-1a. */
static uint64_t sum_of(const char *at, size_t len)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)at[i]) * 1099511628211U;
	return hash;
}

typedef ssize_t move_fn(int fd, const struct iovec *bytes, int count, off_t where);

/* pwritev() or preadv(), until all bytes are moved. */
static bool move_all(move_fn *move, int fd, struct iovec bytes, uint64_t where)
{
	while (bytes.iov_len) {
		ssize_t n = move(fd, &bytes, 1, (off_t)where);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes.iov_base = (char *)bytes.iov_base + n;
		bytes.iov_len -= (size_t)n;
		where += (uint64_t)n;
	}
	return true;
}

/* Where a file system can make no holes, its room comes back when the file is closed. */
static void give_back(const struct cellar *cellar, uint64_t at, size_t len)
{
	if (fallocate(cellar->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at,
		    (off_t)len) < 0)
		errno = 0;
}

bool cellar_put(struct cellar *cellar, const char *at, size_t len, struct cellar_place *out)
{
	*out = (struct cellar_place){.at = cellar->end, .len = len, .sum = sum_of(at, len)};
	if (!move_all(pwritev, cellar->fd, (struct iovec){(char *)at, len}, cellar->end)) {
		give_back(cellar, out->at, len);
		return false;
	}
	cellar->end += len;
	return true;
}

bool cellar_get(const struct cellar *cellar, const struct cellar_place *place, struct buf *out)
{
	char *at = buf_room(out, place->len);

	if (!move_all(preadv, cellar->fd, (struct iovec){at, place->len}, place->at) ||
		sum_of(at, place->len) != place->sum)
		return false;
	out->len += place->len;
	return true;
}

void cellar_drop(struct cellar *cellar, const struct cellar_place *place)
{
	if (place->len)
		give_back(cellar, place->at, place->len);
}
