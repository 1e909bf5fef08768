#include "src/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"

#define SERVICE_DIR "/run/codecollab" /* of a system service */
#define SHARED_GLOB "/tmp/codecollab-*.*"

/* ---- what can be believed ---- */

/* Nobody but its owner may put something there, but where a sticky bit keeps what others put there theirs. */
static bool only_owner_writes(const struct stat *st)
{
	return !(st->st_mode & 022) || (st->st_mode & S_ISVTX);
}

static int open_dir(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool look(const char *path, struct stat *out)
{
	return lstat(path, out) == 0 && S_ISDIR(out->st_mode);
}

static bool is_own(const char *path)
{
	struct stat st;

	return look(path, &st) && st.st_uid == geteuid() && !(st.st_mode & 022);
}

/* A folder for sockets that its user named. */
static bool is_named(const char *path)
{
	struct stat st;

	return look(path, &st) && only_owner_writes(&st);
}

/* /tmp/codecollab-UID.GID */
static bool is_shared(const char *path)
{
	const char *at = strchr(path, '-');
	char *end;
	unsigned long uid = at ? strtoul(at + 1, &end, 10) : 0;
	struct stat st;

	return at && end > at + 1 && *end == '.' && look(path, &st) && st.st_uid == uid &&
	       !(st.st_mode & 022);
}

/* ---- one's own ---- */

static char *session_dir(void)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	return base && *base == '/' && is_own(base) ? report_sentence("%s/codecollab", base) : NULL;
}

/* Where the variable would lead: it is missing from what cron, su and some ssh servers start. */
static char *login_dir(void)
{
	char *base = report_sentence("/run/user/%ld", (long)geteuid());
	char *dir = is_own(base) ? report_sentence("%s/codecollab", base) : NULL;

	free(base);
	return dir;
}

static char *tmp_dir(void)
{
	return report_sentence("/tmp/codecollab-%ld", (long)geteuid());
}

static char *tmp_shared(gid_t group)
{
	return report_sentence("/tmp/codecollab-%ld.%ld", (long)geteuid(), (long)group);
}

static char *default_dir(void)
{
	char *dir = session_dir();

	dir = dir ? dir : login_dir();
	return dir ? dir : tmp_dir();
}

/* ---- making ---- */

static char *refuse(char *takes_dir, const char *what, int e)
{
	char *why = report_sentence("cannot %s the folder %s for local sockets: %s. Choose another "
				    "with --socket-dir",
		what, takes_dir, strerror(e));

	free(takes_dir);
	return why;
}

/* Of ours, with this mode and, if a group is to look in, this group. 0, or an errno. */
static int settle(const char *dir, bool shared, gid_t group)
{
	int fd = open_dir(dir), e = fd < 0 ? errno : 0;
	struct stat st;

	if (!e && fstat(fd, &st))
		e = errno;
	if (!e && st.st_uid != geteuid())
		e = EPERM;
	if (!e && shared && st.st_gid != group && fchown(fd, (uid_t)-1, group))
		e = errno;
	if (!e && fchmod(fd, shared ? 0750 : 0700))
		e = errno;
	if (fd >= 0)
		close(fd);
	return e;
}

static bool make(const char *dir, bool shared, gid_t group, char **why)
{
	int e = mkdir(dir, 0700) && errno != EEXIST ? errno : 0;

	e = e ? e : settle(dir, shared, group);
	if (e == EPERM && shared)
		*why = report_sentence(
			"the folder %s cannot be given to that group, or is not yours: "
			"only one that you are in can join",
			dir);
	else if (e)
		*why = refuse(mem_dup(dir, strlen(dir)), "use", e);
	return !e;
}

static bool is_ours(const char *path)
{
	struct stat st;

	return look(path, &st) && (st.st_uid == geteuid() || st.st_uid == 0);
}

/* One that is there stays as it is, one that is not is made. */
static char *use_named(const char *dir, bool shared, gid_t group, char **why)
{
	char *real;
	int e = access(dir, F_OK) ? places_make(dir) : -1;

	if (e == 0)
		e = settle(dir, shared, group);
	real = e > 0 ? NULL : realpath(dir, NULL);
	if (real && is_named(real) && is_ours(real))
		return real;
	e = e > 0 ? e : real ? EPERM : errno;
	free(real);
	*why = refuse(mem_dup(dir, strlen(dir)), "use", e);
	return NULL;
}

char *runtime_own(const char *dir, char **why)
{
	char *own = dir ? use_named(dir, false, 0, why) : default_dir();

	if (dir || make(own, false, 0, why))
		return own;
	free(own);
	return NULL;
}

char *runtime_shared(const char *dir, gid_t group, char **why)
{
	char *shared = dir ? use_named(dir, true, group, why) : tmp_shared(group);

	if (dir || make(shared, true, group, why))
		return shared;
	free(shared);
	return NULL;
}

/* ---- looking ---- */

static void tell(
	char *takes_dir, bool (*believe)(const char *), void (*fn)(void *, const char *), void *ctx)
{
	if (takes_dir && believe(takes_dir))
		fn(ctx, takes_dir);
	free(takes_dir);
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static void each_own(void (*fn)(void *ctx, const char *dir), void *ctx)
{
	char *session = session_dir(), *login = login_dir();

	if (same(session, login)) {
		free(login);
		login = NULL;
	}
	tell(session, is_own, fn, ctx);
	tell(login, is_own, fn, ctx);
	tell(tmp_dir(), is_own, fn, ctx);
}

static void each_shared(void (*fn)(void *ctx, const char *dir), void *ctx)
{
	glob_t found = {0};

	if (glob(SHARED_GLOB, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			tell(mem_dup(found.gl_pathv[i], strlen(found.gl_pathv[i])), is_shared, fn,
				ctx);
	globfree(&found);
}

void runtime_each(const char *dir, void (*fn)(void *ctx, const char *dir), void *ctx)
{
	if (dir) {
		tell(realpath(dir, NULL), is_named, fn, ctx);
		return;
	}
	each_own(fn, ctx);
	tell(mem_dup(SERVICE_DIR, strlen(SERVICE_DIR)), is_named, fn, ctx);
	each_shared(fn, ctx);
}
