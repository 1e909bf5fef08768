#include "src/client/ssh_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"

#define ARGS_MAX    40
#define INTERRUPTED (128 + SIGINT) /* by who was asked */

/* ---- the command ---- */

struct args {
	const char *at[ARGS_MAX];
	size_t count;
};

static void add(struct args *args, const char *word)
{
	args->at[args->count++] = word;
}

static void add_all(struct args *args, const char *const *words)
{
	while (*words)
		add(args, *words++);
}

/* What the user gave is the shell's to read; what is behind it is not. */
static void add_program(struct args *args, const char *script)
{
	const char *const direct[] = {"ssh", NULL};
	const char *const by_shell[] = {"/bin/sh", "-c", script, "ssh", NULL};

	add_all(args, script && *script ? by_shell : direct);
}

static void add_options(struct args *args, const struct ssh_run *run, char port[16])
{
	static const char *const always[] = {"-T", "-a", "-x", "-o", "ClearAllForwardings=yes",
		"-o", "RemoteCommand=none", NULL};
	static const char *const unasked[] = {
		"-o", "BatchMode=yes", "-o", "ConnectTimeout=20", NULL};

	if (!run->bare)
		add_all(args, always);
	if (run->quiet)
		add_all(args, unasked);
	if (run->more)
		add_all(args, run->more);
	snprintf(port, 16, "%u", run->url->port);
	if (run->url->port)
		add_all(args, (const char *const[]){"-p", port, NULL});
	if (*run->url->user)
		add_all(args, (const char *const[]){"-l", run->url->user, NULL});
}

struct child *ssh_run_start(struct loop *loop, const struct ssh_run *run,
	const struct child_handler *handler, void *ctx, char **why)
{
	struct args args = {0};
	char port[16], *script = run->ssh ? report_sentence("exec %s \"$@\"", run->ssh) : NULL;
	struct child *child;

	add_program(&args, script);
	add_options(&args, run, port);
	add(&args, "--");
	add(&args, run->url->host);
	if (run->command)
		add(&args, run->command);
	child = child_start(loop, args.at, !run->quiet, handler, ctx, why);
	free(script);
	return child;
}

/* ---- its words ---- */

void ssh_words_add(struct ssh_words *words, const char *at, size_t len)
{
	size_t keep;

	if (len > sizeof(words->at)) {
		at += len - sizeof(words->at);
		len = sizeof(words->at);
	}
	keep = words->len < sizeof(words->at) - len ? words->len : sizeof(words->at) - len;
	memmove(words->at, words->at + words->len - keep, keep);
	memcpy(words->at + keep, at, len);
	words->len = keep + len;
}

/* Owned; "" when it said nothing. */
static char *last_line(const struct ssh_words *words)
{
	size_t end = words->len, from;
	char *line;

	while (end && strchr("\r\n ", words->at[end - 1]))
		end--;
	for (from = end; from && words->at[from - 1] != '\n';)
		from--;
	line = mem_dup(words->at + from, end - from);
	report_plain(line);
	return line;
}

static char *sentence_of(const char *host, int status, const char *words)
{
	if (status == 127)
		return report_sentence(
			"there is no codecollab on %s, or not where its shell looks. "
			"Install it there, or name it with --remote-program",
			host);
	if (status == INTERRUPTED)
		return report_sentence("ssh to %s was interrupted", host);
	if (status == SSH_STATUS)
		return report_sentence(
			"ssh did not get to %s: %s", host, *words ? words : "it says no more");
	if (*words)
		return report_sentence("%s (on %s)", words, host);
	return report_sentence("ssh to %s ended with status %d", host, status);
}

char *ssh_words_tell(const struct ssh_words *words, const char *host, int status)
{
	static const char mine[] = "codecollab: ";
	char *line = last_line(words), *sentence;
	bool is_mine = strncmp(line, mine, strlen(mine)) == 0;
	size_t len = strlen(line);

	if (is_mine && line[len - 1] == '.')
		line[len - 1] = '\0';
	sentence = sentence_of(host, status, line + (is_mine ? strlen(mine) : 0));
	free(line);
	return sentence;
}

bool ssh_words_need_person(const struct ssh_words *words, int status)
{
	static const char *const those[] = {"Permission denied", "Host key verification failed",
		"Too many authentication failures", "No supported authentication methods"};
	char *line = last_line(words);
	bool need = status == INTERRUPTED;

	for (size_t i = 0; i < sizeof(those) / sizeof(those[0]); i++)
		need |= status == SSH_STATUS && strstr(line, those[i]);
	free(line);
	return need;
}
