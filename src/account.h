/*
 * account.h: from root to a user who can do less, for good.
 *
 *	account_find("codecollab", &account, &why)	-- before anything is opened
 *	...						-- what only root may: bind, read keys
 *	account_become(&account, &why)
 *
 * Afterwards real, effective and saved ids, the supplementary groups and the environment's HOME are theirs, no capability is left, no
 * set-user-id program gives one back, and that was checked. All threads change together (setuid(2) of the C library).
 *
 * Errors: *why (owned) is a sentence.
 */
#ifndef SRC_ACCOUNT_H
#define SRC_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#define ACCOUNT_NAME_BYTES 64
#define ACCOUNT_HOME_BYTES 1024

struct account {
	char name[ACCOUNT_NAME_BYTES];
	char home[ACCOUNT_HOME_BYTES];
	uid_t uid;
	gid_t gid;
};

/* false: no such user, root, or we are not root and cannot become anybody. */
bool account_find(const char *name, struct account *out, char **why);
/* A folder of theirs alone, its parent being there; one that is there already stays as it is. */
bool account_make_folder(const struct account *account, const char *dir, char **why);
bool account_become(const struct account *account, char **why);

#endif
