#include "tests/bench/company.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ot/mem.h"
#include "tests/faults/guests.h"

#define URL_BYTES 2048

struct company {
	pid_t server, people;
	char url[URL_BYTES];
};

/* ---- the people ---- */

struct typists {
	struct guests *guests;
	size_t keys;
};

static void press(void *ctx)
{
	struct typists *typists = ctx;
	struct guests *guests = typists->guests;

	if (guests->in == guests->count)
		guest_write(&guests->at[typists->keys++ % guests->count], "x", 1);
}

static _Noreturn void type_on(const char *text, size_t count, unsigned keys)
{
	struct loop *loop = loop_create();
	struct typists typists = {0};
	struct url url;

	if (url_parse(text, &url))
		_exit(1);
	typists.guests = guests_create(loop, &url, count);
	typists.guests->witness = &typists.guests->at[0];
	for (size_t i = 0; i < count; i++)
		guests_invite(typists.guests, i);
	struct timer *hand = timer_make(loop, press, &typists);
	timer_set(hand, 1000 / keys, 1000 / keys);
	loop_run(loop);
	_exit(0);
}

/* ---- the server ---- */

static pid_t serve(const char *program, const char *file, const char *home, FILE **says)
{
	int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(program, program, "host", file, "--headless", "--json", "--listen",
			"127.0.0.1:0", "--state", home, NULL);
		_exit(127);
	}
	close(null);
	close(ends[1]);
	*says = fdopen(ends[0], "r");
	return pid;
}

static bool read_url(FILE *says, char url[URL_BYTES])
{
	static const char before[] = "\"editor\":\"";
	char *line = NULL, *at = NULL;
	size_t cap = 0, len = 0;

	if (says && getline(&line, &cap, says) > 0 && (at = strstr(line, before))) {
		at += sizeof(before) - 1;
		len = strcspn(at, "\"");
	}
	if (len && len < URL_BYTES)
		snprintf(url, URL_BYTES, "%.*s", (int)len, at);
	free(line);
	if (says)
		fclose(says);
	return len && len < URL_BYTES;
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

struct company *company_gather(
	const char *program, const char *file, const char *home, size_t people, unsigned keys)
{
	struct company *company = mem_alloc(sizeof(*company));
	FILE *says = NULL;

	company->server = serve(program, file, home, &says);
	if (!read_url(says, company->url)) {
		company_leave(company);
		return NULL;
	}
	company->people = fork();
	if (company->people == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		type_on(company->url, people, keys);
	}
	return company;
}

const char *company_url(const struct company *company)
{
	return company->url;
}

void company_leave(struct company *company)
{
	if (!company)
		return;
	end(company->people);
	end(company->server);
	free(company);
}
