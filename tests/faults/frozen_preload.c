/*
 * faults-frozen.so: between a program and its disk. While there is a file $FROZEN, nothing that is to be on the disk gets there; a thread that
 * waits for it leaves a file $FROZEN.TID.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fsync(int fd);
int fdatasync(int fd);

static void wait_for_thaw(void)
{
	const char *frozen = getenv("FROZEN");
	char mine[4096];

	if (!frozen || access(frozen, F_OK))
		return;
	snprintf(mine, sizeof(mine), "%s.%ld", frozen, syscall(SYS_gettid));
	close(open(mine, O_CREAT | O_WRONLY, 0600));
	while (access(frozen, F_OK) == 0)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	unlink(mine);
}

int fsync(int fd)
{
	wait_for_thaw();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	wait_for_thaw();
	return (int)syscall(SYS_fdatasync, fd);
}
