/*
 * host_command.c: codecollab host [PATH]: the server, and unless headless the host's own editor in it.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/loop.h"
#include "src/commands.h"
#include "src/host_request.h"
#include "src/hosting.h"
#include "src/report.h"
#include "src/server/host.h"

/* ---- what is shown ---- */

static void print_json(const struct hosting *hosting, char *const urls[])
{
	const struct host *host = hosting_host(hosting);
	cJSON *line = cJSON_CreateObject();
	char *text, *socket = host_socket(host);

	cJSON_AddStringToObject(line, "event", "listening");
	if (host_rooms(host))
		cJSON_AddStringToObject(line, "rooms", host_rooms(host));
	else
		cJSON_AddStringToObject(line, "room", host_room(host));
	cJSON_AddNumberToObject(line, "port", host_port(host));
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER && urls[r]; r++)
		cJSON_AddStringToObject(line, role_name[r], urls[r]);
	if (socket)
		cJSON_AddStringToObject(line, "socket", socket);
	if (hosting_ssh_url(hosting))
		cJSON_AddStringToObject(line, "ssh", hosting_ssh_url(hosting));
	text = cJSON_PrintUnformatted(line);
	puts(text);
	free(text);
	free(socket);
	cJSON_Delete(line);
}

static void print_rooms(const struct host *host)
{
	printf("codecollab serves the rooms in %s on port %u.\n\nTo invite somebody, who makes the"
	       " room by joining it:\n  codecollab invite --room NAME --role owner\n\nCtrl-C ends"
	       " it.\n",
		host_rooms(host), host_port(host));
}

static void print_urls(const struct hosting *hosting, char *const urls[])
{
	const struct host *host = hosting_host(hosting);
	char *socket = host_socket(host);

	printf("codecollab hosts room %s on port %u.\n\nTo edit:\n  codecollab join '%s'\n\nTo "
	       "watch:\n  codecollab join '%s'\n\n"
	       "As its owner:\n  codecollab join '%s'\n\n",
		host_room(host), host_port(host), urls[ROLE_EDITOR], urls[ROLE_VIEWER],
		urls[ROLE_OWNER]);
	if (socket)
		printf("On this machine, or over ssh:\n  codecollab join %s\n  codecollab join "
		       "ssh://HOST/%s\n\n",
			host_room(host), host_room(host));
	if (hosting_ssh_url(hosting))
		printf("By way of another machine:\n  codecollab join %s\n\n",
			hosting_ssh_url(hosting));
	puts("Ctrl-C ends it.");
	free(socket);
}

/* false: it could not be, or a signal came meanwhile (*why NULL). */
static bool publish(struct hosting *hosting, const struct host_request *request, char **why)
{
	struct reverse_options reverse = {
		.box = request->box, .ssh = request->flags.ssh, .program = request->flags.program};

	return !request->flags.reverse ||
	       hosting_reverse(hosting, &reverse, request->options.local.role, why);
}

static void serve(
	struct hosting *hosting, struct loop *loop, const struct host_flags *flags, bool editor)
{
	struct host *host = hosting_host(hosting);
	char *urls[ROLE_OWNER + 1];

	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		urls[r] = host_url(host, r, NULL);
	if (flags->json)
		print_json(hosting, urls);
	else if (host_rooms(host))
		print_rooms(host);
	else if (!editor)
		print_urls(hosting, urls);
	fflush(stdout);
	if (!editor || hosting_edit(hosting, &(struct join_options){.name = flags->name}))
		loop_run(loop);
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		free(urls[r]);
}

static int run(const struct host_request *request)
{
	const struct host_flags *flags = &request->flags;
	struct loop *loop = loop_create();
	char *failed = NULL;
	bool editor =
		!flags->headless && isatty(STDIN_FILENO) && (isatty(STDOUT_FILENO) || flags->json);

	report_quiet(editor && isatty(STDERR_FILENO));
	struct hosting *hosting = hosting_start(loop, &request->options, &failed);
	if (hosting) {
		char *why = NULL;
		hosting_drain(hosting, (unsigned)flags->drain_s);
		if (publish(hosting, request, &why))
			serve(hosting, loop, flags, editor);
		failed = hosting_finish(hosting);
		free(failed ? why : NULL);
		failed = failed ? failed : why;
	}
	loop_destroy(loop);
	if (failed)
		report_error("%s", failed);
	int status = failed ? 1 : 0;
	free(failed);
	return status;
}

int command_host(int argc, char **argv)
{
	int status;
	struct host_request *request = host_request(argc, argv, &status);

	if (request)
		status = run(request);
	host_request_destroy(request);
	return status;
}
