#include "tui/locale.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What the environment calls the locale of characters; "" for nothing. */
static const char *locale_name(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]) && (!name || !*name); i++)
		name = getenv(variables[i]);
	return name ? name : "";
}

static bool speaks_utf8(const char *charset)
{
	return strncasecmp(charset, "UTF-8", 5) == 0 || strncasecmp(charset, "UTF8", 4) == 0;
}

/* Whoever names another set of characters, or a place that has another one, has a terminal that would show rubbish. */
static bool locale_differs(void)
{
	const char *name = locale_name(), *charset = strchr(name, '.');
	bool nameless = !*name || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;

	if (charset)
		return !speaks_utf8(charset + 1);
	return setlocale(LC_CTYPE, "") && !nameless && !speaks_utf8(nl_langinfo(CODESET));
}

/* Everything drawn is Unicode. C.UTF-8 is there even where no locale was made. The other parts of a locale are files to read for nothing. */
const char *locale_enter(void)
{
	if (locale_differs())
		return "The locale says that this terminal is not UTF-8. If it is, set LC_ALL=C.UTF-8; otherwise use one that is.";
	if (setlocale(LC_CTYPE, "") && speaks_utf8(nl_langinfo(CODESET)))
		return NULL;
	if (setlocale(LC_CTYPE, "C.UTF-8") && speaks_utf8(nl_langinfo(CODESET)))
		return NULL;
	return "There is no UTF-8 locale here, not even C.UTF-8: install one, or set LC_ALL.";
}
