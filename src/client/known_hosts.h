/*
 * known_hosts.h: the servers whose keys this user trusts without being told by a URL.
 *
 *	example.org:8443 lDV2dKwhZIfT0urBVbACu_F52DLzDl-gNV6XnmtQcvw
 *	[2001:db8::7]:8443 …
 *
 * A file of lines, host and port and the pin of the key (tls.h), 0600. It is only appended to: of several lines for one server the
 * last counts. Lines of another form are skipped.
 */
#ifndef CLIENT_KNOWN_HOSTS_H
#define CLIENT_KNOWN_HOSTS_H

#include <stdbool.h>

#include "net/url.h"

#define KNOWN_HOSTS_MAX_BYTES (1 << 20) /* what is behind is not read */

/* false: this server is not in the file, or there is none. */
bool known_hosts_find(const char *file, const struct url *url, char pin[TLS_PIN_BYTES + 1]);
/* On stable storage when it returns. false: *why (owned). */
bool known_hosts_add(const char *file, const struct url *url, const char *pin, char **why);

#endif
