#include "src/secrecy.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#ifndef __has_feature
#define __has_feature(x) 0 /* gcc has none, and says __SANITIZE_ADDRESS__ */
#endif

void secrecy_keep(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
	/* A sanitizer must look into us. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

void secrecy_hide(char *url)
{
	char *fragment = strchr(url, '#');

	if (fragment)
		memset(fragment + 1, '*', strlen(fragment + 1));
}
