#include "src/account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/report.h"

bool account_find(const char *name, struct account *out, char **why)
{
	const struct passwd *user = getpwnam(name);

	*why = NULL;
	if (geteuid() != 0)
		*why = report_sentence(
			"--user %s: only root can become somebody else. Start it as %s", name,
			name);
	else if (!user || strlen(user->pw_name) >= sizeof(out->name) ||
		 strlen(user->pw_dir) >= sizeof(out->home))
		*why = report_sentence("--user %s: there is no such user", name);
	else if (user->pw_uid == 0 || user->pw_gid == 0)
		*why = report_sentence("--user %s: that is root, who can do everything", name);
	if (*why)
		return false;
	*out = (struct account){.uid = user->pw_uid, .gid = user->pw_gid};
	snprintf(out->name, sizeof(out->name), "%s", user->pw_name);
	snprintf(out->home, sizeof(out->home), "%s", user->pw_dir);
	return true;
}

/* By its descriptor: a link that takes its place meanwhile is not given away. */
bool account_make_folder(const struct account *account, const char *dir, char **why)
{
	int fd, e = 0;

	if (mkdir(dir, 0700)) {
		if (errno == EEXIST)
			return true;
		*why = report_sentence("cannot make the folder %s: %s", dir, strerror(errno));
		return false;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, account->uid, account->gid))
		e = errno;
	if (fd >= 0)
		close(fd);
	if (e)
		*why = report_sentence(
			"cannot give the folder %s to %s: %s", dir, account->name, strerror(e));
	return !e;
}

static bool change_ids(const struct account *account)
{
	return initgroups(account->name, account->gid) == 0 &&
	       setresgid(account->gid, account->gid, account->gid) == 0 &&
	       setresuid(account->uid, account->uid, account->uid) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* Were there a way back, somebody else would find it. */
static bool is_gone(const struct account *account)
{
	uid_t ids[3];
	gid_t groups[3];

	return getresuid(&ids[0], &ids[1], &ids[2]) == 0 &&
	       getresgid(&groups[0], &groups[1], &groups[2]) == 0 && ids[0] == account->uid &&
	       ids[1] == account->uid && ids[2] == account->uid && groups[0] == account->gid &&
	       groups[1] == account->gid && groups[2] == account->gid && setuid(0) != 0 &&
	       setgid(0) != 0;
}

bool account_become(const struct account *account, char **why)
{
	*why = NULL;
	if (!change_ids(account))
		*why = report_sentence("cannot become %s: %s", account->name, strerror(errno));
	else if (!is_gone(account))
		*why = report_sentence("cannot become %s for good", account->name);
	if (*why)
		return false;
	setenv("HOME", account->home, 1);
	setenv("USER", account->name, 1);
	setenv("LOGNAME", account->name, 1);
	unsetenv("XDG_STATE_HOME");
	return true;
}
