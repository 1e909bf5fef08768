#include "src/server/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

/* Up to the last slash, with it. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static int temp_open(const char *path, mode_t mode, char **name)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	*name = report_sentence("%.*s.codecollab-%016" PRIx64, (int)folder_len(path), path, random);
	return open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

static int write_all(int fd, const char *at, size_t len)
{
	while (len) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int dress_like(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 07777;

	if (fchown(fd, old->st_uid, old->st_gid)) {
		mode &= ~(mode_t)(S_ISUID | S_ISGID);
		if (fchown(fd, (uid_t)-1, old->st_gid))
			mode = (mode & ~(mode_t)S_IRWXG) | (mode & S_IRWXO) << 3;
	}
	return fchmod(fd, mode) ? errno : 0;
}

static int fill(int fd, const char *at, size_t len, const struct stat *old, struct stat *now)
{
	int e = write_all(fd, at, len);

	if (!e && old)
		e = dress_like(fd, old);
	if (!e && fsync(fd))
		e = errno;
	if (!e && now && fstat(fd, now))
		e = errno;
	return e;
}

int replace_file(const char *path, const char *at, size_t len, mode_t mode, const struct stat *old,
	struct stat *now)
{
	char *temp;
	int fd = temp_open(path, old ? 0600 : mode, &temp);
	int e = fd < 0 ? errno : fill(fd, at, len, old, now);

	if (fd >= 0 && close(fd) && !e)
		e = errno;
	if (!e && rename(temp, path))
		e = errno;
	if (!e)
		e = replace_flush_folder(path);
	else if (fd >= 0)
		unlink(temp);
	free(temp);
	return e;
}

int replace_flush_folder(const char *path)
{
	size_t len = folder_len(path);
	char *folder = len ? mem_dup(path, len) : mem_dup(".", 1);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int e = 0;

	free(folder);
	if (fd <
		0) /* a folder one may write to but not read cannot be flushed: no reason to fail */
		return 0;
	if (fsync(fd) && errno != EINVAL)
		e = errno;
	close(fd);
	return e;
}
