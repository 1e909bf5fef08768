#include "src/server/claim.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

/* FNV-1a: who finds a name of the same sum has no use for it, since others are not believed. */
static uint64_t hash(const char *name)
{
	uint64_t sum = 14695981039346656037U;

	for (; *name; name++)
		sum = (sum ^ (unsigned char)*name) * 1099511628211U;
	return sum;
}

/* The folder that the path is in. false: there is none. */
static bool folder_of(const char *path, struct stat *out)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? mem_dup(path, (size_t)(slash - path) + 1) : NULL;
	bool found = folder && stat(folder, out) == 0;

	free(folder);
	return found;
}

/* Its length for bind(2). */
static socklen_t address_of(const char *path, const struct stat *folder, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	int len = snprintf(out->sun_path + 1, sizeof(out->sun_path) - 1,
		"codecollab.%" PRIxMAX ".%" PRIxMAX ".%016" PRIx64, (uintmax_t)folder->st_dev,
		(uintmax_t)folder->st_ino, hash(strrchr(path, '/') + 1));

	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Nobody accepts: so many may ask as fit into its queue. false: it is full, or gone. */
static bool ask_holder(const struct sockaddr_un *address, socklen_t len, struct ucred *out)
{
	int fd = open_socket();
	socklen_t size = sizeof(*out);
	bool told = fd >= 0 && connect(fd, (const struct sockaddr *)address, len) == 0 &&
		    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &size) == 0;

	if (fd >= 0)
		close(fd);
	return told;
}

/* Anybody on the machine may bind any name: those are believed who could do worse to the file than keep it from being shared. */
static bool is_believed(const char *path, const struct stat *folder, uid_t user)
{
	struct stat file;

	return user == 0 || user == geteuid() || user == folder->st_uid ||
	       (stat(path, &file) == 0 && user == file.st_uid);
}

static char *refusal(const char *path, long process)
{
	return report_sentence("%s is already being shared by another codecollab (process %ld) that"
			       " has another state folder: two servers would overwrite each other",
		path, process);
}

/* The name is in use. */
static bool yield(const char *path, const struct stat *folder, const struct sockaddr_un *address,
	socklen_t len, char **why)
{
	struct ucred who;

	if (!ask_holder(address, len, &who) || !is_believed(path, folder, who.uid))
		return true;
	*why = refusal(path, (long)who.pid);
	return false;
}

bool claim_take(const char *path, int *claim, char **why)
{
	struct sockaddr_un address;
	struct stat folder;
	int fd = folder_of(path, &folder) ? open_socket() : -1;

	*claim = -1;
	if (fd < 0)
		return true;
	socklen_t len = address_of(path, &folder, &address);
	if (bind(fd, (const struct sockaddr *)&address, len) == 0 && listen(fd, SOMAXCONN) == 0) {
		*claim = fd;
		return true;
	}
	int e = errno;
	close(fd);
	return e != EADDRINUSE || yield(path, &folder, &address, len, why);
}

void claim_drop(int claim)
{
	if (claim >= 0)
		close(claim);
}
