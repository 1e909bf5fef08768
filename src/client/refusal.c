#include "src/client/refusal.h"

#include <string.h>
#include <time.h>

#include "src/report.h"

static bool expired(const char *token)
{
	int64_t when = token_expiry(token, strlen(token));

	return when && when <= time(NULL);
}

/* The key is not the one that was expected. */
static char *wrong_key(const struct url *url, const char *reason)
{
	if (!*url->pin)
		return report_sentence(
			"nobody vouches for the key of the server at %s port %u: %s. Use the "
			"whole URL, with its fp=",
			url->host, url->port, reason);
	return report_sentence(
		"the server at %s port %u does not hold the key that this URL names: the URL is "
		"old, or somebody stands in between. Nothing was sent. Ask for a new URL",
		url->host, url->port);
}

static char *http_status(const struct url *url, unsigned status)
{
	if (status == 401 && expired(url->token))
		return report_sentence("this URL has expired. Ask for a new one");
	if (status == 401)
		return report_sentence("the server does not accept this URL's token: it is "
				       "damaged, or was made by another server. "
				       "Ask for a new URL");
	if (status == 403)
		return report_sentence(
			"this URL's token is for another room, or was revoked. Ask for a new URL");
	if (status == 404)
		return report_sentence(
			"there is no room \"%s\" on %s port %u. Is it still being hosted?",
			url->room, url->host, url->port);
	return report_sentence("the server at %s port %u refused with HTTP status %u%s", url->host,
		url->port, status,
		status == 503 ? ": it is full or shutting down. Try again later" : "");
}

static char *closed(unsigned code, const char *reason, const char *error)
{
	if (*error)
		return report_sentence("the server refused: %s", error);
	return report_sentence(
		"the server closed the connection (%u%s%s)", code, *reason ? " " : "", reason);
}

char *refusal_sentence(const struct url *url, enum ws_end end, unsigned code, const char *reason,
	const char *error)
{
	switch (end) {
	case WS_END_NAME:
		return report_sentence(
			"the host name %s is not known. Is the URL complete?", url->host);
	case WS_END_PIN: return wrong_key(url, reason);
	case WS_END_REFUSED: return http_status(url, code);
	case WS_END_CLOSED: return closed(code, reason, error);
	case WS_END_LOST: break;
	}
	return report_sentence(
		"cannot reach a server at %s port %u. Is it running, and is the port open?",
		url->host, url->port);
}

const char *refusal_for_good(enum ws_end end, unsigned code)
{
	if (end == WS_END_PIN)
		return "The server has another key now: not connecting. Your text is still here.";
	if (end == WS_END_REFUSED && (code == 401 || code == 403))
		return "The server does not let this URL in any more. Your text is still here.";
	return NULL;
}
