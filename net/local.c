#include "net/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ot/mem.h"

#define LOCK_SUFFIX LOCAL_SUFFIX ".lock"
#define LOCK_TRIES  16 /* its file may be removed by who ends just now */
#define GROUPS_MAX  1024

static const char taken[] = "another server has that room there";

/* ---- paths ---- */

static bool reach(int folder, const char *name, char out[LOCAL_PATH_BYTES])
{
	int len = snprintf(out, LOCAL_PATH_BYTES, "/proc/self/fd/%d/%s", folder, name);

	errno = ENAMETOOLONG;
	return len > 0 && len < LOCAL_PATH_BYTES;
}

static int open_folder(const char *dir)
{
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int local_reach(const char *path, char out[LOCAL_PATH_BYTES])
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? mem_dup(path, (size_t)(slash - path) + (slash == path)) : NULL;
	int folder = open_folder(dir ? dir : ".");

	free(dir);
	if (folder < 0 || reach(folder, slash ? slash + 1 : path, out))
		return folder;
	close(folder);
	errno = ENAMETOOLONG;
	return -1;
}

static bool address_of(int folder, const char *name, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	return reach(folder, name, out->sun_path);
}

static bool name_file(const char *name, const char *suffix, char out[LOCAL_NAME_BYTES])
{
	return snprintf(out, LOCAL_NAME_BYTES, "%s%s", name, suffix) < LOCAL_NAME_BYTES;
}

/* ---- the lock ---- */

static bool is_same(int fd, int folder, const char *file)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && fstatat(folder, file, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* -1 and EWOULDBLOCK: somebody alive has it. What was locked may have been removed meanwhile. */
static int lock_once(int folder, const char *file, int flags)
{
	int fd = openat(folder, file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600), error;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (is_same(fd, folder, file))
			return fd;
		errno = EAGAIN;
	}
	error = errno == EAGAIN && !is_same(fd, folder, file) ? ESTALE : errno;
	close(fd);
	errno = error;
	return -1;
}

static int lock_name(int folder, const char *name, int flags)
{
	char file[LOCAL_NAME_BYTES];
	int fd = -1;

	errno = ENAMETOOLONG;
	if (!name_file(name, LOCK_SUFFIX, file))
		return -1;
	for (int i = 0; i < LOCK_TRIES && fd < 0 && (!i || errno == ESTALE); i++)
		fd = lock_once(folder, file, flags);
	return fd;
}

/* In a folder that a user named there may be anything. */
static void remove_if(int folder, const char *file, bool (*ours)(const struct stat *st))
{
	struct stat st;

	if (fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) == 0 && ours(&st))
		unlinkat(folder, file, 0);
}

static bool is_socket(const struct stat *st)
{
	return S_ISSOCK(st->st_mode);
}

static bool is_empty(const struct stat *st)
{
	return S_ISREG(st->st_mode) && !st->st_size;
}

static void remove_socket(int folder, const char *name)
{
	char file[LOCAL_NAME_BYTES];

	if (name_file(name, LOCAL_SUFFIX, file))
		remove_if(folder, file, is_socket);
}

/* The lock's file last: until then nobody else can have the name. */
static void remove_files(int folder, const char *name)
{
	char file[LOCAL_NAME_BYTES];

	remove_socket(folder, name);
	if (name_file(name, LOCK_SUFFIX, file))
		remove_if(folder, file, is_empty);
}

/* ---- listening ---- */

static bool give_access(int folder, const char *file, const struct local_access *access)
{
	if (access->shared && fchownat(folder, file, (uid_t)-1, access->group, AT_SYMLINK_NOFOLLOW))
		return false;
	return fchmodat(folder, file, access->shared ? 0660 : 0600, 0) == 0;
}

/* Under another name until it listens. */
static bool publish(int fd, int folder, const char *file, const struct local_access *access)
{
	char draft[LOCAL_NAME_BYTES];
	struct sockaddr_un at;

	snprintf(draft, sizeof(draft), ".%ld", (long)getpid());
	remove_if(folder, draft, is_socket);
	fchmod(fd, 0600); /* what its file begins with */
	return address_of(folder, draft, &at) &&
	       bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	       give_access(folder, draft, access) && listen(fd, SOMAXCONN) == 0 &&
	       renameat(folder, draft, folder, file) == 0;
}

static int listen_in(int folder, const char *name, const struct local_access *access)
{
	char file[LOCAL_NAME_BYTES];
	int fd, error;

	errno = ENAMETOOLONG;
	if (!name_file(name, LOCAL_SUFFIX, file))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || publish(fd, folder, file, access))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int local_listen(const char *dir, const char *name, const struct local_access *access, int *lock,
	const char **why)
{
	int folder = open_folder(dir), fd = -1;

	*lock = folder < 0 ? -1 : lock_name(folder, name, O_CREAT);
	if (*lock >= 0)
		fd = listen_in(folder, name, access);
	if (fd < 0)
		*why = *lock < 0 && errno == EWOULDBLOCK ? taken : strerror(errno);
	if (fd < 0 && *lock >= 0) {
		remove_files(folder, name);
		close(*lock);
	}
	if (folder >= 0)
		close(folder);
	return fd;
}

int local_claim(const char *dir, const char *name, const char **why)
{
	int folder = open_folder(dir), lock = folder < 0 ? -1 : lock_name(folder, name, O_CREAT);

	if (lock >= 0)
		remove_socket(folder, name);
	else
		*why = errno == EWOULDBLOCK ? taken : strerror(errno);
	if (folder >= 0)
		close(folder);
	return lock;
}

void local_remove(const char *dir, const char *name, int lock)
{
	int folder = open_folder(dir);

	if (folder >= 0) {
		remove_files(folder, name);
		close(folder);
	}
	close(lock);
}

static void sweep_one(int folder, const char *file)
{
	size_t len = strlen(file), tail = strlen(LOCK_SUFFIX);
	char name[LOCAL_NAME_BYTES];
	int lock;

	if (len <= tail || len >= sizeof(name) || strcmp(file + len - tail, LOCK_SUFFIX) != 0)
		return;
	memcpy(name, file, len - tail);
	name[len - tail] = '\0';
	lock = lock_name(folder, name, 0);
	if (lock < 0)
		return;
	remove_files(folder, name);
	close(lock);
}

void local_sweep(const char *dir)
{
	int folder = open_folder(dir);
	DIR *files = folder < 0 ? NULL : opendir(dir);
	struct dirent *entry;

	while (files && (entry = readdir(files)))
		sweep_one(folder, entry->d_name);
	if (files)
		closedir(files);
	if (folder >= 0)
		close(folder);
}

/* ---- connecting ---- */

static int connect_in(int folder, const char *name, unsigned wait_ms)
{
	struct timeval wait = {
		.tv_sec = wait_ms / 1000, .tv_usec = (suseconds_t)(wait_ms % 1000) * 1000};
	struct sockaddr_un at;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (address_of(folder, name, &at) &&
		connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int local_connect(const char *path, unsigned wait_ms)
{
	const char *slash = strrchr(path, '/');
	char reached[LOCAL_PATH_BYTES];
	int folder = local_reach(path, reached), fd, error;

	if (folder < 0)
		return -1;
	fd = connect_in(folder, slash ? slash + 1 : path, wait_ms);
	error = errno;
	close(folder);
	errno = error;
	return fd;
}

/* ---- who it is ---- */

bool local_peer(int fd, struct local_peer *out)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || len != sizeof(who) ||
		who.pid <= 0)
		return false;
	*out = (struct local_peer){.uid = who.uid, .gid = who.gid, .pid = who.pid};
	return true;
}

bool local_peer_in(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);
	struct local_peer peer;

	if (local_peer(fd, &peer) && peer.gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}
