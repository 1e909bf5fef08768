#include "tui/spool.h"

#include <sys/mman.h>
#include <unistd.h>

#define FRAMES_BYTES (1 << 16) /* of frames behind each other in the file */

FILE *spool_open(struct spool *spool)
{
	int fd = memfd_create("frame", MFD_CLOEXEC);

	*spool = (struct spool){.out = fd < 0 ? NULL : fdopen(fd, "w")};
	if (fd >= 0 && !spool->out)
		close(fd);
	return spool->out;
}

const struct buf *spool_take(struct spool *spool)
{
	int fd = fileno(spool->out);
	off_t end;
	ssize_t bytes;

	fflush(spool->out);
	end = lseek(fd, 0, SEEK_CUR);
	buf_clear(&spool->frame);
	if (end <= spool->taken)
		return &spool->frame;
	bytes = end - spool->taken;
	bytes = pread(fd, buf_room(&spool->frame, (size_t)bytes), (size_t)bytes, spool->taken);
	spool->frame.len = bytes > 0 ? (size_t)bytes : 0;
	spool->taken = end;
	if (end >= FRAMES_BYTES) { /* what comes is written over what was taken: pages stay */
		lseek(fd, 0, SEEK_SET);
		spool->taken = 0;
	}
	return &spool->frame;
}

void spool_fini(struct spool *spool)
{
	if (spool->out)
		fclose(spool->out);
	buf_fini(&spool->frame);
	*spool = (struct spool){0};
}
