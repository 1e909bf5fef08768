/*
 * company.h: a server, and many people who type at the start of its file, as processes of their own.
 *
 *	struct company *others = company_gather("build/codecollab", "a.c", home, 50, 250);
 *	join(company_url(others));
 *	company_leave(others);
 *
 * Memory: company_gather returns owned, or NULL when there is no server to be had.
 */
#ifndef TESTS_BENCH_COMPANY_H
#define TESTS_BENCH_COMPANY_H

#include <stddef.h>

struct company;

/* So many people, who press so many keys a second together. They come in and begin at once, without being waited for. */
struct company *company_gather(const char *program, const char *file, const char *home, size_t people, unsigned keys);
const char *company_url(const struct company *company); /* an editor's */
void company_leave(struct company *company); /* NULL is fine */

#endif
