#include "src/publish.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/local.h"
#include "net/loop.h"
#include "src/client/bridge.h"
#include "src/report.h"
#include "src/runtime.h"

#define CONNECT_MS 5000

/* ---- until the host is gone ---- */

static void on_input(void *ctx, bool readable, bool writable)
{
	char ignored[256];
	ssize_t n = read(STDIN_FILENO, ignored, sizeof(ignored));

	(void)readable, (void)writable;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		loop_stop(ctx);
}

static void on_signal(void *ctx, int signum)
{
	(void)signum;
	loop_stop(ctx);
}

static void stay(void)
{
	struct loop *loop = loop_create();
	struct watch *input = watch_create(loop, STDIN_FILENO, on_input, loop);

	loop_on_signal(loop, SIGTERM, on_signal, loop);
	loop_on_signal(loop, SIGHUP, on_signal, loop);
	loop_on_signal(loop, SIGINT, on_signal, loop);
	if (input) {
		watch_set(input, true, false);
		loop_run(loop);
		watch_destroy(input);
	}
	loop_destroy(loop);
}

/* ---- the socket ---- */

static bool is_fit(const char *path, char **why)
{
	if (strlen(path) < LOCAL_PATH_BYTES)
		return true;
	*why = report_sentence("sshd cannot listen at %s: that is too long", path);
	return false;
}

static void say(const char *words, const char *more)
{
	printf("%s%s", words, more);
	fflush(stdout);
}

static bool is_there(const char *path, char **why)
{
	int fd = chmod(path, 0600) ? -1 : local_connect(path, CONNECT_MS);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	*why = report_sentence("nothing listens at %s: %s. Does sshd here allow it "
			       "(AllowStreamLocalForwarding)?",
		path, strerror(errno));
	return false;
}

static bool serve(const char *path, char **why)
{
	char line[sizeof(BRIDGE_THERE)] = "";

	if (!is_fit(path, why))
		return false;
	say(BRIDGE_PLACE, path);
	say("\n", "");
	if (!fgets(line, sizeof(line), stdin) || strcmp(line, BRIDGE_THERE) != 0)
		return true; /* it went away */
	if (!is_there(path, why))
		return false;
	say(BRIDGE_READY, "");
	stay();
	return true;
}

bool publish_room(const char *room, char **why)
{
	const char *fault = NULL;
	char *dir = runtime_own(NULL, why), *path;
	int lock = dir ? local_claim(dir, room, &fault) : -1;
	bool served = false;

	if (lock >= 0) {
		path = report_sentence("%s/%s%s", dir, room, LOCAL_SUFFIX);
		served = serve(path, why);
		local_remove(dir, room, lock);
		free(path);
	} else if (dir) {
		*why = report_sentence("no local socket in %s: %s", dir, fault);
	}
	free(dir);
	return served;
}
