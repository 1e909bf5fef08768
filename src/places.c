#include "src/places.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

/* 0, or an errno. */
static int make_folder(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? errno : 0;
}

int places_make(const char *path)
{
	int e = 0;

	for (const char *slash = strchr(path + 1, '/'); slash && !e;
		slash = strchr(slash + 1, '/')) {
		char *parent = mem_dup(path, (size_t)(slash - path));
		e = make_folder(parent);
		free(parent);
	}
	return e ? e : make_folder(path);
}

static const char *home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *user = dir && *dir == '/' ? NULL : getpwuid(geteuid());

	return user ? user->pw_dir : dir;
}

/* XDG Base Directory Specification: a relative path in the variable is to be ignored. */
static char *default_dir(void)
{
	const char *base = getenv("XDG_STATE_HOME");

	if (base && *base == '/')
		return report_sentence("%s/codecollab", base);
	base = home();
	return base ? report_sentence("%s/.local/state/codecollab", base) : NULL;
}

char *places_config(void)
{
	const char *base = getenv("XDG_CONFIG_HOME");

	if (base && *base == '/')
		return report_sentence("%s/codecollab", base);
	base = home();
	return base ? report_sentence("%s/.config/codecollab", base) : NULL;
}

static bool refuse(char **why, const char *what, const char *path, int e)
{
	*why = report_sentence("cannot %s %s: %s", what, path, strerror(e));
	return false;
}

/* Nobody else may look in, whoever made it. */
static bool make_private(const char *dir, char **why)
{
	struct stat st;
	int e = *dir ? places_make(dir) : ENOENT;

	if (e || stat(dir, &st))
		return refuse(why, "make the state folder", dir, e ? e : errno);
	if (!S_ISDIR(st.st_mode))
		return refuse(why, "use the state folder", dir, ENOTDIR);
	if (st.st_uid != geteuid()) {
		*why = report_sentence(
			"the state folder %s belongs to another user, who could read the"
			" server's keys in it",
			dir);
		return false;
	}
	if ((st.st_mode & 077) && chmod(dir, 0700))
		return refuse(why, "close the state folder to others:", dir, errno);
	return true;
}

char *places_find_state(const char *dir, char **why)
{
	char *wanted = dir ? mem_dup(dir, strlen(dir)) : default_dir(), *real = NULL;

	if (!wanted)
		*why = report_sentence("no place for the state folder: HOME is not set");
	else if (!(real = realpath(wanted, NULL)))
		refuse(why, "find the state folder", wanted, errno);
	free(wanted);
	return real;
}

char *places_state(const char *dir, char **why)
{
	char *wanted = dir ? mem_dup(dir, strlen(dir)) : default_dir(), *real = NULL;

	if (!wanted)
		*why = report_sentence("no place for the state folder: HOME is not set");
	else if (make_private(wanted, why) && !(real = realpath(wanted, NULL)))
		refuse(why, "use the state folder", wanted, errno);
	free(wanted);
	return real;
}
