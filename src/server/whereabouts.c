#include "src/server/whereabouts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/url.h"
#include "src/report.h"

#define NONE "-" /* in place of a host */

bool whereabouts_note(
	struct invites *invites, const char *key, const struct whereabouts *where, char **why)
{
	char *value = report_sentence("%s %u %s %u %d", where->address, where->port,
		*where->host ? where->host : NONE, where->host_port, where->no_pin);
	bool noted = invites_note(invites, key, value, why);

	free(value);
	return noted;
}

/* Earlier versions noted the address alone. */
bool whereabouts_find(struct invites *invites, const char *key, struct whereabouts *out)
{
	char *noted = invites_noted(invites, key);
	int no_pin = 0;

	*out = (struct whereabouts){0};
	if (!noted)
		return false;
	sscanf(noted, "%255s %u %255s %u %d", out->address, &out->port, out->host, &out->host_port,
		&no_pin);
	if (strcmp(out->host, NONE) == 0)
		out->host[0] = '\0';
	out->no_pin = no_pin;
	free(noted);
	return true;
}

/* Judged as what it becomes: a part of a URL. */
const char *whereabouts_parse(const char *text, char host[ADDRESS_BYTES], unsigned *port)
{
	bool bare = strchr(text, ':') != strrchr(text, ':') && *text != '[';
	const char *end = *text == '[' ? strchr(text, ']') : text;
	char *url = report_sentence(bare ? "wss://[%s]/x" : "wss://%s/x", text);
	struct url parsed;
	const char *fault = url_parse(url, &parsed);

	if (!fault) {
		snprintf(host, ADDRESS_BYTES, "%s", parsed.host);
		*port = !bare && end && strchr(end, ':') ? parsed.port : 0;
	}
	free(url);
	return fault;
}

void whereabouts_public(const struct whereabouts *where, char host[ADDRESS_BYTES], unsigned *port)
{
	if (*where->host)
		snprintf(host, ADDRESS_BYTES, "%s", where->host);
	else
		address_reachable(*where->address ? where->address : "::", host);
	*port = where->host_port ? where->host_port : where->port;
}
