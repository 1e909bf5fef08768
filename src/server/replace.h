/*
 * replace.h: new contents in a file's place, so that a reader or a crash sees the old file or the new one.
 *
 *	int e = replace_file("/home/ada/main.c", at, len, 0, &old, &now);	-- 0, or an errno
 *
 * The bytes go to a temporary file in the same folder (new, never followed through a link), to disk, over the old name, and the
 * folder follows to disk. A temporary file (".codecollab-…") stays behind only if the program is killed between.
 *
 * Source:  rename(2) is atomic; Pillai et al., "All File Systems Are Not Created Equal" 2014, on what must be flushed when.
 */
#ifndef SERVER_REPLACE_H
#define SERVER_REPLACE_H

#include <stddef.h>
#include <sys/stat.h>

/*
 * `old` is what stood there: the new file gets its mode, its owner and group as far as that is allowed (where it is not, the
 * new group gets no more than others had). NULL: a new file, of `mode` less the umask. *now (may be NULL) is the new file's.
 */
int replace_file(const char *path, const char *at, size_t len, mode_t mode, const struct stat *old,
	struct stat *now);

/* Flushes the folder that path lies in, after a file was made there. 0, or an errno. */
int replace_flush_folder(const char *path);

#endif
