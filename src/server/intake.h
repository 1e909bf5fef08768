/*
 * intake.h: a file of UTF-8 read straight into a text.
 *
 * The bytes are looked at where they pass, part by part, and are never all in memory beside the text. What begins a file, and how its first
 * line ends, says what its lines are like: so a file whose lines begin to end otherwise behind CRLF is not taken, nor one of another
 * charset, and must be read as a whole.
 */
#ifndef SERVER_INTAKE_H
#define SERVER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/server/form.h"

/*
 * Reads fd to its end. NULL: it is not UTF-8, or changes from CRLF to other ends, or has more than `most` bytes, or cannot be read: who
 * reads the whole of it finds out which. fd is somewhere behind its start then.
 */
struct text *intake_utf8(int fd, size_t most, struct form *form);

/* Does any line end with CRLF? */
bool intake_any_crlf(const char *at, size_t len);

#endif
