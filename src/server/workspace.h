/*
 * workspace.h: files on disk: read as text, written back as they were.
 *
 * Charset, byte order mark and line ends are kept aside (form.h), and come back when the file is saved.
 *
 * Saving: into a temporary file beside it, with the mode and (where allowed) the owner of the old one, flushed to disk, renamed over it,
 * and the folder flushed: a reader or a crash sees the old file or the new one. A symbolic link is followed and stays
 * a link; a file of several hard links parts from the others; access lists and extended attributes are not carried over. A file whose
 * mode forbids writing is not replaced, nor one in a folder that may not be written to. Saving does not look at the stamp: ask
 * workspace_changed() first. It runs on a worker thread; the loop never waits for a disk.
 *
 * Files are regular ones of UTF-8 without U+0000, of WORKSPACE_MAX_BYTES at most; workspace_open_any() takes other charsets too,
 * even what is no text, and as much as a text may hold. Memory: *file owns its path: workspace_fini.
 */
#ifndef SERVER_WORKSPACE_H
#define SERVER_WORKSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "net/loop.h"
#include "ot/text.h"
#include "src/server/form.h"

#define WORKSPACE_MAX_BYTES ((size_t)64 << 20) /* of one document */

struct workspace_stamp { /* to see that somebody else wrote the file */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct workspace_file {
	char *path; /* absolute, links resolved; owned */
	struct form form;
	bool any;      /* it was opened whatever its charset is */
	bool was_text; /* when it was opened: what is no text any more does not take its place */
	bool exists;   /* false: it will be made by the first save */
	struct workspace_stamp stamp;
};

/*
 * Reads path. A file that does not exist is an empty text, and made on the spot if `create`. false: *why (owned) is a
 * sentence for people: not UTF-8 (and at which byte), too large, a folder, no permission, no such folder ... and *file is empty.
 */
bool workspace_open(const char *path, bool create, struct workspace_file *file, struct text **text, char **why);
/* The same for a file to be edited here alone, of any charset that charset_guess() knows. A missing one is not made. */
bool workspace_open_any(const char *path, struct workspace_file *file, struct text **text, char **why);
bool workspace_make(struct workspace_file *file, char **why); /* creates it, empty, if it did not exist */
/* Has somebody else changed the file since the stamp? A vanished file counts as changed. */
bool workspace_changed(const struct workspace_file *file);
/*
 * Reads it again (after a change from outside); the stamp is renewed, and the form is as it is now. A vanished file is an
 * empty text, and `exists` is false then: the next save makes it anew. false: *file is as before.
 */
bool workspace_read_again(struct workspace_file *file, struct text **text, char **why);
void workspace_fini(struct workspace_file *file);

/* done runs in the loop's thread; why is NULL when it worked, else a sentence borrowed during the call. */
typedef void workspace_saved_fn(void *ctx, const char *why);
/* Writes the text as it is now. One save of a file at a time: the caller waits for done. The stamp is renewed before it. */
void workspace_save(struct workspace_file *file, struct loop *loop, const struct text *text, workspace_saved_fn *done, void *ctx);
/* The same, at once and in this thread: for the exit. NULL when it worked, else a sentence (owned). */
char *workspace_save_now(struct workspace_file *file, const struct text *text);

#endif
