#include "src/server/intake.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ot/loader.h"

#define PART ((size_t)1 << 16) /* read at once: still near when it is copied and checked */

enum ends { ENDS_UNKNOWN, ENDS_LF, ENDS_CRLF };

struct intake {
	struct loader loader;
	struct form *form;
	enum ends ends;
	bool begun;
	bool held; /* a CR at the end of a part is looked at with what comes behind it */
	char part[1 + PART];
};

/* Most texts have no CR at all, which is found out faster than that they have no CR LF. */
bool intake_any_crlf(const char *at, size_t len)
{
	const char *end = at + len, *cr = at;

	while (cr < end && (cr = memchr(cr, '\r', (size_t)(end - cr))))
		if (++cr < end && *cr == '\n')
			return true;
	return false;
}

/* By the first CR or LF. */
static enum ends ends_of(const char *at, size_t len)
{
	const char *lf = memchr(at, '\n', len),
		   *cr = memchr(at, '\r', lf ? (size_t)(lf - at) : len);

	if (!lf && !cr)
		return ENDS_UNKNOWN;
	return cr && lf == cr + 1 ? ENDS_CRLF : ENDS_LF;
}

/* Without its CRs, each of which must be before an LF, and each LF behind one. false: they are not. */
static bool drop_crs(char *at, size_t *len)
{
	const char *from = at, *end = at + *len;
	char *to = at;

	while (from < end) {
		const char *lf = memchr(from, '\n', (size_t)(end - from));
		size_t line = (size_t)((lf ? lf : end) - from);
		if (lf && (!line || from[--line] != '\r'))
			return false;
		if (memchr(from, '\r', line))
			return false;
		memmove(to, from, line);
		to += line;
		if (lf)
			*to++ = '\n';
		from = lf ? lf + 1 : end;
	}
	*len = (size_t)(to - at);
	return true;
}

static bool take(struct intake *intake, char *at, size_t len)
{
	if (intake->ends == ENDS_UNKNOWN)
		intake->ends = ends_of(at, len);
	if (intake->ends == ENDS_CRLF && !drop_crs(at, &len))
		return false;
	if (intake->ends == ENDS_LF && !intake->form->mixed)
		intake->form->mixed = intake_any_crlf(at, len);
	return !loader_add(&intake->loader, at, len);
}

/* So many bytes were read behind the first of part[], which is for what was held. */
static bool take_part(struct intake *intake, size_t len)
{
	char *at = intake->part + 1;

	if (!intake->begun && len >= FORM_MARK_BYTES &&
		memcmp(at, FORM_MARK, FORM_MARK_BYTES) == 0) {
		intake->form->bom = true;
		at += FORM_MARK_BYTES;
		len -= FORM_MARK_BYTES;
	}
	intake->begun = true;
	if (intake->held) {
		*--at = '\r';
		len++;
	}
	intake->held = len && at[len - 1] == '\r';
	return take(intake, at, len - intake->held);
}

static bool take_last(struct intake *intake)
{
	intake->form->crlf = intake->ends == ENDS_CRLF;
	if (!intake->held)
		return true;
	return !intake->form->crlf && !loader_add(&intake->loader, "\r", 1);
}

static bool take_all(struct intake *intake, int fd, size_t most)
{
	size_t all = 0;
	ssize_t n;

	do {
		n = read(fd, intake->part + 1, PART);
		all += n > 0 ? (size_t)n : 0;
		if (all > most || (n > 0 && !take_part(intake, (size_t)n)))
			return false;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 && take_last(intake);
}

struct text *intake_utf8(int fd, size_t most, struct form *form)
{
	struct intake intake;
	struct text *text = NULL;

	*form = (struct form){0};
	intake.loader = (struct loader){0};
	intake.form = form;
	intake.ends = ENDS_UNKNOWN;
	intake.begun = intake.held = false;
	bool good = take_all(&intake, fd, most);
	if (loader_finish(&intake.loader, &text) || good)
		return text;
	text_destroy(text);
	return NULL;
}
