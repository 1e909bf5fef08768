#include "src/later.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/report.h"

/* From CMake, with a comma behind each. Last NULL: there may be none. */
#ifndef LATER_SONAMES
#define LATER_SONAMES
#endif

static const char *const sonames[] = {LATER_SONAMES NULL};

void later_begin(char **argv)
{
	const char *now = getenv("LD_BIND_NOW");

	if (!*sonames || !now || !*now)
		return;
	unsetenv("LD_BIND_NOW");
	execv("/proc/self/exe", argv);
}

/* None is ever closed: what is bound to it stays bound. */
bool later_load(char **why)
{
	static bool loaded;

	for (size_t i = 0; !loaded && sonames[i]; i++)
		if (!dlopen(sonames[i], RTLD_LAZY | RTLD_GLOBAL)) {
			*why = report_sentence("a library is missing: %s", dlerror());
			return false;
		}
	loaded = true;
	return true;
}
