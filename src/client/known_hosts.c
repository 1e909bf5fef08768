#include "src/client/known_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/buf.h"
#include "src/report.h"

/* "example.org:8443 ": owned. */
static char *name_of(const struct url *url)
{
	return report_sentence(
		strchr(url->host, ':') ? "[%s]:%u " : "%s:%u ", url->host, url->port);
}

static bool read_file(const char *file, struct buf *out)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && out->len < KNOWN_HOSTS_MAX_BYTES) {
		n = read(fd, buf_room(out, 4096), 4096);
		out->len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return out->len > 0;
}

static bool take_line(const char *line, size_t len, const char *name, char *pin)
{
	size_t skip = strlen(name);

	if (len != skip + TLS_PIN_BYTES || memcmp(line, name, skip) != 0 ||
		!tls_pin_valid(line + skip, TLS_PIN_BYTES))
		return false;
	memcpy(pin, line + skip, TLS_PIN_BYTES);
	pin[TLS_PIN_BYTES] = '\0';
	return true;
}

bool known_hosts_find(const char *file, const struct url *url, char pin[TLS_PIN_BYTES + 1])
{
	char *name = name_of(url);
	struct buf text = {0};
	bool found = false;

	if (read_file(file, &text))
		for (const char *line = text.at, *end = text.at + text.len; line < end;) {
			const char *stop = memchr(line, '\n', (size_t)(end - line));
			if (!stop)
				break; /* half a line: a program was killed while it wrote */
			found |= take_line(line, (size_t)(stop - line), name, pin);
			line = stop + 1;
		}
	buf_fini(&text);
	free(name);
	return found;
}

bool known_hosts_add(const char *file, const struct url *url, const char *pin, char **why)
{
	/* A newline in front ends what another program may have left half. */
	char *name = name_of(url), *line = report_sentence("\n%s%s\n", name, pin);
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	bool kept = fd >= 0 && fchmod(fd, 0600) == 0 &&
		    write(fd, line, strlen(line)) == (ssize_t)strlen(line) && fsync(fd) == 0;

	*why = kept ? NULL : report_sentence("cannot write %s: %s", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(line);
	free(name);
	return kept;
}
