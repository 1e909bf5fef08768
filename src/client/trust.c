#include "src/client/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/ws_client.h"
#include "src/client/known_hosts.h"
#include "src/places.h"
#include "src/report.h"

/* No key has it, so that a handshake that is to fit it ends when the server's is known. */
#define NO_PIN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* ---- which key has it? ---- */

struct look {
	struct loop *loop;
	struct ws_client *client;
	bool vouched, answered;
	char pin[TLS_PIN_BYTES + 1];
	char reason[128];
};

static void on_opened(void *ctx)
{
	struct look *look = ctx;

	look->vouched = true;
	ws_client_close(look->client, 1000, "left");
}

static void on_frame(void *ctx, const char *at, size_t len)
{
	(void)ctx;
	(void)at;
	(void)len;
}

static void on_closed(void *ctx, enum ws_end end, unsigned code, const char *reason)
{
	struct look *look = ctx;

	(void)code;
	look->vouched |= end == WS_END_REFUSED;
	look->answered = end == WS_END_PIN;
	snprintf(look->pin, sizeof(look->pin), "%s", ws_client_met_pin(look->client));
	snprintf(look->reason, sizeof(look->reason), "%s", reason);
	loop_stop(look->loop);
}

static void look_at(struct look *look, const struct url *url)
{
	static const struct ws_client_handler handler = {
		.opened = on_opened, .frame = on_frame, .closed = on_closed};

	look->loop = loop_create();
	look->client = ws_client_create(look->loop, &handler, look);
	ws_client_connect(look->client, url, CODEC_BIN);
	loop_run(look->loop);
	ws_client_destroy(look->client);
	loop_destroy(look->loop);
}

/* ---- shall it be trusted? ---- */

static bool ask(const struct url *url, const struct look *look)
{
	char answer[16] = "";

	fprintf(stderr,
		"The server at %s port %u is new here, and nobody vouches for its key (%s).\n"
		"Its fingerprint is\n\n  %s\n\n"
		"which must be what stands behind fp= in the URLs that its host sees.\n"
		"Trust it from now on? [y/N] ",
		url->host, url->port, look->reason, look->pin);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static char *changed(const struct url *url, const char *known, const struct look *look)
{
	return report_sentence(
		"THE SERVER AT %s PORT %u HAS ANOTHER KEY THAN BEFORE. Somebody may stand in between"
		" and read along; or its host made a new one. Nothing was sent. The fingerprint was"
		" %s and is %s. If its host tells you that this is right: codecollab join URL"
		" --trust %s",
		url->host, url->port, known, look->pin, look->pin);
}

static char *unknown(const struct url *url, const struct look *look)
{
	return report_sentence(
		"nobody vouches for the key of the server at %s port %u (%s), and there is no"
		" terminal to ask on. Its fingerprint is %s. If that is what its host sees behind"
		" fp=: codecollab join URL --trust %s",
		url->host, url->port, look->reason, look->pin, look->pin);
}

static char *unexpected(const struct url *url, const struct look *look)
{
	return report_sentence(
		"the server at %s port %u does not have the key that --trust names. Its fingerprint"
		" is %s. Nothing was sent",
		url->host, url->port, look->pin);
}

static bool keep(struct url *url, const char *file, const struct look *look)
{
	char *why;

	memcpy(url->pin, look->pin, sizeof(url->pin));
	if (!known_hosts_add(file, url, look->pin, &why))
		report_error("%s. You will be asked again", why);
	free(why);
	return true;
}

static bool judge(struct url *url, const char *file, const char *known, const char *fingerprint,
	const struct look *look, char **why)
{
	if (known && strcmp(known, look->pin) == 0) {
		memcpy(url->pin, look->pin, sizeof(url->pin));
		return true;
	}
	if (fingerprint && strcmp(fingerprint, look->pin) == 0)
		return keep(url, file, look);
	if (fingerprint)
		*why = unexpected(url, look);
	else if (known)
		*why = changed(url, known, look);
	else if (!isatty(STDIN_FILENO))
		*why = unknown(url, look);
	else if (ask(url, look))
		return keep(url, file, look);
	else
		*why = report_sentence("not connected: nothing was sent");
	return false;
}

static bool trust(struct url *url, const char *file, const char *fingerprint, char **why)
{
	char known[TLS_PIN_BYTES + 1];
	bool is_known = known_hosts_find(file, url, known);
	struct url probe = *url;
	struct look look = {0};

	if (is_known)
		snprintf(probe.pin, sizeof(probe.pin), "%s", NO_PIN);
	look_at(&look, &probe);
	explicit_bzero(&probe, sizeof(probe));
	if (!look.answered || look.vouched || !*look.pin) {
		if (is_known)
			memcpy(url->pin, known, sizeof(url->pin));
		return true;
	}
	return judge(url, file, is_known ? known : NULL, fingerprint, &look, why);
}

bool trust_server(struct url *url, const char *fingerprint, char **why)
{
	char *dir, *file;
	bool trusted;

	*why = NULL;
	if (fingerprint && !tls_pin_valid(fingerprint, strlen(fingerprint))) {
		*why = report_sentence(
			"--trust takes the 43 characters that stand behind fp= in a URL");
		return false;
	}
	if (fingerprint && *url->pin && strcmp(fingerprint, url->pin) != 0) {
		*why = report_sentence("the URL names another key (fp=) than --trust");
		return false;
	}
	if (!url->tls || *url->pin)
		return true;
	dir = places_state(NULL, why);
	if (!dir)
		return false;
	file = report_sentence("%s/known_hosts", dir);
	trusted = trust(url, file, fingerprint, why);
	free(file);
	free(dir);
	return trusted;
}
