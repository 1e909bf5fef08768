/*
 * completion.h: paths as people type them.
 *
 *	completion = completion_of("src/ma")
 *	-> path "src/mai", others "main.c  main.h"
 *
 * Folders get a '/'. What begins with a dot is there for who types one. A name that is not UTF-8, or holds controls, is passed over.
 *
 * Limits:  of a folder COMPLETION_READ names are looked at.
 */
#ifndef SRC_COMPLETION_H
#define SRC_COMPLETION_H

#define COMPLETION_READ 20000

struct completion {
	char *path;   /* what was typed, and as much more as is sure */
	char *others; /* the names it may become, in order; NULL: there is but one, or none */
};

struct completion completion_of(const char *typed);
void completion_fini(struct completion *completion);

char *completion_path(const char *typed); /* what the shell would make of it: '~' is the home. Owned */

#endif
