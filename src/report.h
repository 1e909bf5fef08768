/*
 * report.h: words for people: errors of a command, and the server's log.
 *
 * A failing command prints one sentence on standard error, "codecollab: …", with a full stop if it has none, and exits with 1. While the editor owns the terminal
 * nothing is printed: report_quiet() keeps log lines back.
 *
 * Both may hold what others wrote: a name, a path, a server's words. They go through report_plain(), and so should all else that is printed.
 */
#ifndef SRC_REPORT_H
#define SRC_REPORT_H

#include <stdbool.h>

void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_info(const char *format, ...)
	__attribute__((format(printf, 1, 2))); /* server's log: time, text */
/* What is no UTF-8, or controls the terminal or the direction of writing, becomes '?', in place. */
void report_plain(char *text);
void report_quiet(bool quiet);
/*
 * From now on log lines go to this file (0600, made if missing, appended to), with date and zone, also while quiet. report_reopen()
 * opens it again, for when it was moved away. false: *why (owned) says why not, and the log stays where it was.
 */
bool report_to(const char *path, char **why);
bool report_reopen(char **why); /* true also without report_to() */
char *report_sentence(const char *format, ...) __attribute__((format(printf, 1, 2))); /* owned */

#endif
