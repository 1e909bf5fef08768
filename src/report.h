/*
 * report.h: words for people: errors of a command, and the server's log.
 *
 * A failing command prints one sentence on standard error, "codecollab: …", with a full stop if it has none, and exits with 1. While the editor owns the terminal
 * nothing is printed: report_quiet() keeps log lines back.
 */
#ifndef SRC_REPORT_H
#define SRC_REPORT_H

#include <stdbool.h>

void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_info(const char *format, ...)
	__attribute__((format(printf, 1, 2))); /* server's log: time, text */
void report_quiet(bool quiet);
char *report_sentence(const char *format, ...) __attribute__((format(printf, 1, 2))); /* owned */

#endif
