/*
 * ssh_run.h: the user's own ssh(1), run for a command on another machine, and what it says when it cannot.
 *
 *	struct ssh_run run = {.url = &url, .command = "codecollab connect quiet-otter"};
 *	child = ssh_run_start(loop, &run, &handler, ctx, &why)
 *	...
 *	ssh_words_add(&words, at, len)			-- whatever it says on standard error
 *	sentence = ssh_words_tell(&words, host, status)	-- when it has ended
 *
 * All of the user's configuration holds. ssh is only told to make no terminal, to forward nothing, and to run this command and no
 * other one. Quiet, it has no terminal, and asks nobody (BatchMode).
 */
#ifndef CLIENT_SSH_RUN_H
#define CLIENT_SSH_RUN_H

#include <stdbool.h>

#include "net/loop.h"
#include "src/child.h"
#include "src/client/ssh_url.h"

#define SSH_WORDS_BYTES 400
#define SSH_STATUS      255 /* with which ssh itself ends when it fails */

struct ssh_run {
	const struct ssh_url *url;
	const char *ssh;           /* a shell's words in place of "ssh", as in GIT_SSH_COMMAND; NULL or empty: ssh */
	bool quiet;
	const char *const *more;   /* further options, at most SSH_RUN_MORE, ended by NULL; NULL: none */
	bool bare;                 /* nothing but `more`: it goes through a connection that is there */
	const char *command;       /* for the shell there; NULL: none */
};

#define SSH_RUN_MORE 8

struct child *ssh_run_start(struct loop *loop, const struct ssh_run *run, const struct child_handler *handler, void *ctx,
	char **why);

struct ssh_words { /* zeros: nothing was said */
	char at[SSH_WORDS_BYTES];
	size_t len; /* the newest are kept */
};

void ssh_words_add(struct ssh_words *words, const char *at, size_t len);
/* Why it ended with this status, by its last line; owned. */
char *ssh_words_tell(const struct ssh_words *words, const char *host, int status);
/* Is it something that only a person can settle: a password, a host key? (OpenSSH translates none of its words.) */
bool ssh_words_need_person(const struct ssh_words *words, int status);

#endif
