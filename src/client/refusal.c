#include "src/client/refusal.h"

#include <string.h>

#include "src/report.h"

/* Why a server does not take a token, in its word (codecollab-protocol(7)): to who joins, and to who was in. */
static const struct refusal {
	const char *word, *joining, *returning;
} refusals[] = {
	{"missing", "this URL is not whole: it has no token. Put the whole URL in quotes",
		"Your URL has no token."},
	{"expired", "this URL has expired. Ask for a new one", "Your URL has expired."},
	{"early", "this URL is for later, or the clock of the server is wrong. Try again later",
		"Your URL is for later."},
	{"revoked", "this URL was revoked: somebody ended the invitation. Ask for a new URL",
		"Your URL was revoked."},
	{"other-room", "this URL's token is for another room. Ask for a new URL",
		"Your URL is for another room."},
	{"invalid",
		"the server does not accept this URL's token: it is damaged, or was made by "
		"another server. Ask for a new URL",
		"The server does not accept your URL any more."},
};

static const struct refusal *refusal_of(unsigned status, const char *word)
{
	size_t count = sizeof(refusals) / sizeof(refusals[0]);

	if (status != 401 && status != 403)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(refusals[i].word, word) == 0)
			return &refusals[i];
	return &refusals[count - 1];
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

/* Behind "HTTP status N"; the last is of any other. */
static const struct advice {
	unsigned status;
	const char *words;
} advices[] = {
	{426, ": it does not speak as this codecollab does. Install the newer version on both sides"},
	{429, ": there were too many attempts from your address. Wait a minute, and try again"},
	{502, ": it reaches no codecollab server behind it. Try again later"},
	{503, ": it is full or shutting down. Try again later"},
	{504, ": it reaches no codecollab server behind it. Try again later"},
	{0, ". Is it a codecollab server?"},
};

static const char *advice_for(unsigned status)
{
	const struct advice *advice = advices;

	while (advice->status && advice->status != status)
		advice++;
	return advice->words;
}

static char *http_status(const struct url *url, unsigned status, const char *word)
{
	const struct refusal *refusal = refusal_of(status, word);

	if (refusal)
		return report_sentence("%s", refusal->joining);
	if (status == 404)
		return report_sentence(
			"there is no room \"%s\" on %s port %u. Is it still being hosted?",
			url->room, url->host, url->port);
	return report_sentence("the server at %s port %u refused with HTTP status %u%s", url->host,
		url->port, status, advice_for(status));
}

static char *closed(unsigned code, const char *reason, const char *error)
{
	if (*error)
		return report_sentence("the server refused: %s", error);
	return report_sentence(
		"the server closed the connection (%u%s%s)", code, *reason ? " " : "", reason);
}

/* Where there is neither a token nor a port. */
static char *at_socket(const struct url *url, enum ws_end end, unsigned code)
{
	if (end == WS_END_REFUSED && code == 403)
		return report_sentence("the host of room %s does not let you in", url->room);
	if (end == WS_END_REFUSED && code == 503)
		return report_sentence(
			"the room %s is full or shutting down. Try again later", url->room);
	return report_sentence("cannot reach room %s. Is it still being hosted?", url->room);
}

char *refusal_sentence(const struct url *url, enum ws_end end, unsigned code, const char *reason,
	const char *error)
{
	if (*url->socket && end != WS_END_CLOSED)
		return at_socket(url, end, code);
	switch (end) {
	case WS_END_NAME:
		return report_sentence(
			"the host name %s is not known. Is the URL complete?", url->host);
	case WS_END_PIN: return wrong_key(url, reason);
	case WS_END_REFUSED: return http_status(url, code, reason);
	case WS_END_CLOSED: return closed(code, reason, error);
	case WS_END_LOST: break;
	}
	return report_sentence(
		"cannot reach a server at %s port %u. Is it running, and is the port open?",
		url->host, url->port);
}

char *refusal_for_good(enum ws_end end, unsigned code, const char *reason)
{
	const struct refusal *refusal = end == WS_END_REFUSED ? refusal_of(code, reason) : NULL;

	if (end == WS_END_PIN)
		return report_sentence(
			"The server has another key now: not connecting. Your text is still here.");
	if (refusal)
		return report_sentence("%s Your text is still here.", refusal->returning);
	return NULL;
}
