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

/* FNV-1a: who may write here may collide as they like, and gains nothing but a refusal. */
static uint64_t hash(const char *name)
{
	uint64_t sum = 14695981039346656037U;

	for (; *name; name++)
		sum = (sum ^ (unsigned char)*name) * 1099511628211U;
	return sum;
}

/* Its length for bind(2); 0: there is no such folder. */
static socklen_t address_of(const char *path, struct sockaddr_un *out)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? mem_dup(path, (size_t)(slash - path) + 1) : NULL;
	struct stat st;
	bool found = folder && stat(folder, &st) == 0;
	int len = 0;

	free(folder);
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (found)
		len = snprintf(out->sun_path + 1, sizeof(out->sun_path) - 1,
			"codecollab.%" PRIxMAX ".%" PRIxMAX ".%016" PRIx64, (uintmax_t)st.st_dev,
			(uintmax_t)st.st_ino, hash(slash + 1));
	return found ? (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len) : 0;
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Nobody accepts: so many may ask as fit into its queue. 0: it is full. */
static long holder(const struct sockaddr_un *address, socklen_t len)
{
	int fd = open_socket();
	struct ucred who = {0};
	socklen_t size = sizeof(who);

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)address, len) ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		who.pid = 0;
	close(fd);
	return (long)who.pid;
}

static char *refusal(const char *path, long process)
{
	char who[40] = "";

	if (process)
		snprintf(who, sizeof(who), " (process %ld)", process);
	return report_sentence("%s is already being shared by another codecollab%s that has another"
			       " state folder: two servers would overwrite each other",
		path, who);
}

bool claim_take(const char *path, int *claim, char **why)
{
	struct sockaddr_un address;
	socklen_t len = address_of(path, &address);
	int fd = len ? open_socket() : -1;

	*claim = -1;
	if (fd < 0)
		return true;
	if (bind(fd, (const struct sockaddr *)&address, len) == 0 && listen(fd, SOMAXCONN) == 0) {
		*claim = fd;
		return true;
	}
	int e = errno;
	close(fd);
	if (e != EADDRINUSE)
		return true;
	*why = refusal(path, holder(&address, len));
	return false;
}

void claim_drop(int claim)
{
	if (claim >= 0)
		close(claim);
}
