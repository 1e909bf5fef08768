#include "tests/e2e/stage.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HELPERS_MAX    4
#define SERVERS_MAX    16
#define OPTIONS_MAX    16
#define LINE_MAX_BYTES 65536
#define FILE_MAX_BYTES ((size_t)1 << 20)

struct server {
	struct stage *stage;
	pid_t pid;
	int out;
	char line[LINE_MAX_BYTES];
	size_t len;
	cJSON *listening;
	bool ended;
	int status;
};

struct helper {
	pid_t pid;
	int in, out;
	char line[LINE_MAX_BYTES]; /* the answer, then what came behind it */
	size_t len, used;
};

struct stage {
	char dir[64];
	struct helper *helpers[HELPERS_MAX];
	size_t helper_count;
	struct server *servers[SERVERS_MAX];
	size_t server_count;
	char *names[1024];
	size_t name_count;
	char words[LINE_MAX_BYTES];
};

/* ---- the folder ---- */

struct stage *stage_open(void)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(stage);
	snprintf(stage->dir, sizeof(stage->dir), "%s/codecollab-e2e-XXXXXX",
		tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	assert_non_null(mkdtemp(stage->dir));
	setenv("XDG_STATE_HOME", stage_path(stage, "xdg-state"), 1);
	setenv("XDG_CONFIG_HOME", stage_path(stage, "xdg-config"), 1);
	setenv("HOME", stage->dir, 1);
	return stage;
}

const char *stage_path(struct stage *stage, const char *name)
{
	char **slot = &stage->names[stage->name_count++];

	assert_true(stage->name_count <= sizeof(stage->names) / sizeof(stage->names[0]));
	assert_true(asprintf(slot, "%s/%s", stage->dir, name) > 0);
	return *slot;
}

const char *stage_write(struct stage *stage, const char *name, const char *bytes, size_t len)
{
	const char *path = stage_path(stage, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return path;
}

struct content {
	const char *path, *bytes;
	size_t len;
};

static size_t read_file(const char *path, char *at, size_t cap)
{
	FILE *file = fopen(path, "rb");
	size_t len = 0;

	if (!file)
		return 0;
	len = fread(at, 1, cap, file);
	fclose(file);
	return len;
}

static bool content_is(const void *arg)
{
	const struct content *want = arg;
	char *is = malloc(FILE_MAX_BYTES);
	size_t len;
	bool same;

	assert_non_null(is);
	len = read_file(want->path, is, FILE_MAX_BYTES);
	same = len == want->len && memcmp(is, want->bytes, len) == 0;
	free(is);
	return same;
}

void stage_file_becomes(struct stage *stage, const char *name, const char *bytes, size_t len)
{
	struct content want = {stage_path(stage, name), bytes, len};
	char what[256];

	snprintf(what, sizeof(what), "%s holds \"%.200s\"", name, bytes);
	terminal_until_true(content_is, &want, what);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* ---- servers ---- */

const char *stage_program(void)
{
	const char *path = getenv("CODECOLLAB");

	return path ? path : "codecollab";
}

static void become_server(struct server *server, const char *file, const char *listen,
	const char *const *options, int out)
{
	struct stage *stage = server->stage;
	const char *state = stage_path(stage, "state");
	const char *words[OPTIONS_MAX + 10] = {stage_program(), "host", file, "--headless",
		"--json", "--listen", listen, "--state", state};
	int err = open(stage_path(stage, "server.err"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves nothing behind */
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	for (size_t i = 0; options && options[i] && i < OPTIONS_MAX; i++)
		words[9 + i] = options[i];
	execvp(stage_program(), (char **)(uintptr_t)words);
	dprintf(STDERR_FILENO, "%s: %s\n", stage_program(), strerror(errno));
	_exit(127);
}

static struct server *spawn_server(
	struct stage *stage, const char *file, const char *listen, const char *const *options)
{
	struct server *server = calloc(1, sizeof(*server));
	int out[2];

	assert_non_null(server);
	assert_true(stage->server_count < SERVERS_MAX);
	stage->servers[stage->server_count++] = server;
	server->stage = stage;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0)
		become_server(server, file, listen ? listen : "127.0.0.1:0", options, out[1]);
	close(out[1]);
	server->out = out[0];
	fcntl(server->out, F_SETFL, O_NONBLOCK);
	return server;
}

static bool take_end(struct server *server)
{
	int status;

	if (server->ended)
		return true;
	if (waitpid(server->pid, &status, WNOHANG) != server->pid)
		return false;
	server->ended = true;
	server->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return true;
}

/* Its first line is whole, or there will be none. */
static bool has_spoken(const void *arg)
{
	struct server *server = (struct server *)(uintptr_t)arg;
	ssize_t n;

	while ((n = read(server->out, server->line + server->len,
			LINE_MAX_BYTES - 1 - server->len)) > 0)
		server->len += (size_t)n;
	return memchr(server->line, '\n', server->len) || take_end(server);
}

static bool is_over(const void *arg)
{
	return take_end((struct server *)(uintptr_t)arg);
}

static const char *last_words(struct stage *stage)
{
	size_t len =
		read_file(stage_path(stage, "server.err"), stage->words, sizeof(stage->words) - 1);

	stage->words[len] = '\0';
	return stage->words;
}

/* what: a path, or an option in its place */
static struct server *start_at(
	struct stage *stage, const char *what, const char *listen, const char *const *options)
{
	struct server *server = spawn_server(stage, what, listen, options);

	terminal_until_true(has_spoken, server, "the server listens");
	if (server->ended)
		fail_msg("the server ended with %d: %s", server->status, last_words(stage));
	server->listening = cJSON_Parse(server->line);
	assert_non_null(server->listening);
	assert_string_equal(
		cJSON_GetStringValue(cJSON_GetObjectItem(server->listening, "event")), "listening");
	return server;
}

static struct server *start(
	struct stage *stage, const char *file, const char *listen, const char *const *options)
{
	return start_at(stage, stage_path(stage, file), listen, options);
}

struct server *server_start(struct stage *stage, const char *file, const char *listen)
{
	return start(stage, file, listen, NULL);
}

struct server *server_start_with(struct stage *stage, const char *file, const char *const *options)
{
	return start(stage, file, NULL, options);
}

struct server *server_start_rooms(struct stage *stage, const char *folder)
{
	const char *dir = stage_path(stage, folder);
	char *rooms;

	assert_true(asprintf(&rooms, "--rooms=%s", dir) > 0);
	struct server *server = start_at(stage, rooms, NULL, NULL);
	free(rooms);
	return server;
}

void server_invite(const struct server *server, const char *room, const char *role, char *out)
{
	struct stage *stage = server->stage;
	char *command;
	FILE *words;

	assert_true(asprintf(&command,
			    "%s invite --room %s --role %s --state %s --address 127.0.0.1:%u 2>&-",
			    stage_program(), room, role, stage_path(stage, "state"),
			    server_port(server)) > 0);
	words = popen(command, "re");
	assert_non_null(words);
	assert_non_null(fgets(out, SERVER_URL_BYTES, words));
	out[strcspn(out, "\n")] = '\0';
	assert_int_equal(pclose(words), 0);
	free(command);
}

pid_t server_pid(const struct server *server)
{
	return server->pid;
}

int server_refused(struct stage *stage, const char *file, const char **words)
{
	struct server *server = spawn_server(stage, stage_path(stage, file), NULL, NULL);

	terminal_until_true(has_spoken, server, "the server speaks or ends");
	if (memchr(server->line, '\n', server->len))
		fail_msg("the server listens: %s", server->line);
	*words = last_words(stage);
	return server->status;
}

const char *server_url(const struct server *server, const char *role)
{
	const char *url = cJSON_GetStringValue(cJSON_GetObjectItem(server->listening, role));

	assert_non_null(url);
	return url;
}

unsigned server_port(const struct server *server)
{
	return (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItem(server->listening, "port"));
}

const char *server_room(const struct server *server)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(server->listening, "room"));
}

int server_stop(struct server *server, int signal)
{
	if (!server->ended)
		kill(server->pid, signal);
	terminal_until_true(is_over, server, "the server's end");
	return server->status;
}

static void server_destroy(struct server *server)
{
	if (!take_end(server)) {
		kill(server->pid, SIGKILL);
		waitpid(server->pid, NULL, 0);
	}
	close(server->out);
	cJSON_Delete(server->listening);
	free(server);
}

/* ---- helpers ---- */

bool helper_possible(void)
{
	return getenv("NODE") && access(getenv("NODE"), X_OK) == 0;
}

static void become_helper(
	const char *script, const char *option, const char *argument, int in, int out)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", E2E_DIR, script);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl(getenv("NODE"), "node", path, option, argument, (char *)NULL);
	_exit(127);
}

struct helper *helper_start(
	struct stage *stage, const char *script, const char *option, const char *argument)
{
	struct helper *helper = calloc(1, sizeof(*helper));
	int in[2], out[2];

	assert_non_null(helper);
	assert_true(stage->helper_count < HELPERS_MAX);
	stage->helpers[stage->helper_count++] = helper;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	helper->pid = fork();
	assert_true(helper->pid >= 0);
	if (helper->pid == 0)
		become_helper(script, option, argument, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	helper->in = in[1];
	helper->out = out[0];
	fcntl(helper->out, F_SETFL, O_NONBLOCK);
	return helper;
}

static bool has_answered(const void *arg)
{
	struct helper *helper = (struct helper *)(uintptr_t)arg;
	ssize_t n;

	while ((n = read(helper->out, helper->line + helper->len,
			LINE_MAX_BYTES - 1 - helper->len)) > 0)
		helper->len += (size_t)n;
	if (n == 0)
		fail_msg("a helper ended");
	return memchr(helper->line, '\n', helper->len);
}

const char *helper_answer(struct helper *helper)
{
	char *end;

	helper->len -= helper->used;
	memmove(helper->line, helper->line + helper->used, helper->len);
	helper->used = 0;
	terminal_until_true(has_answered, helper, "a helper's answer");
	end = memchr(helper->line, '\n', helper->len);
	*end = '\0';
	helper->used = (size_t)(end - helper->line) + 1;
	return helper->line;
}

void helper_tell(struct helper *helper, const char *line)
{
	assert_true(dprintf(helper->in, "%s\n", line) > 0);
}

const char *helper_ask(struct helper *helper, const char *line)
{
	helper_tell(helper, line);
	return helper_answer(helper);
}

static void helper_destroy(struct helper *helper)
{
	kill(helper->pid, SIGKILL);
	waitpid(helper->pid, NULL, 0);
	close(helper->in);
	close(helper->out);
	free(helper);
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	terminal_end_all();
	for (size_t i = 0; i < stage->helper_count; i++)
		helper_destroy(stage->helpers[i]);
	for (size_t i = 0; i < stage->server_count; i++)
		server_destroy(stage->servers[i]);
	nftw(stage->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < stage->name_count; i++)
		free(stage->names[i]);
	free(stage);
}

/* ---- people ---- */

struct terminal *stage_join(struct stage *stage, const char *url, const char *name)
{
	const char *argv[] = {stage_program(), "join", url, "--name", name, NULL};

	(void)stage;
	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

struct terminal *stage_join_plain(struct stage *stage, const char *url, const char *name)
{
	const char *argv[] = {
		"env", "NO_COLOR=1", stage_program(), "join", url, "--name", name, NULL};

	(void)stage;
	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

struct terminal *stage_edit(struct stage *stage, const char *file)
{
	const char *argv[] = {
		stage_program(), "edit", "--name", "Ada", stage_path(stage, file), NULL};

	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

struct terminal *stage_host(struct stage *stage, const char *file, const char *name)
{
	const char *argv[] = {stage_program(), "host", stage_path(stage, file), "--name", name,
		"--listen", "127.0.0.1:0", "--state", stage_path(stage, "state"), NULL};

	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

/* ---- tokens ---- */

static void base64url(const unsigned char *at, size_t len, char *out)
{
	int n = EVP_EncodeBlock((unsigned char *)out, at, (int)len);

	while (n && out[n - 1] == '=')
		out[--n] = '\0';
	for (char *c = out; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

void stage_mint(struct stage *stage, const char *claims, char *out)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	unsigned char secret[32], mac[32];
	FILE *file = fopen(stage_path(stage, "state/secret"), "rb");
	size_t len;

	assert_non_null(file);
	assert_int_equal(fread(secret, 1, sizeof(secret), file), sizeof(secret));
	fclose(file);
	base64url((const unsigned char *)header, strlen(header), out);
	strcat(out, ".");
	base64url((const unsigned char *)claims, strlen(claims), out + strlen(out));
	len = strlen(out);
	assert_non_null(HMAC(
		EVP_sha256(), secret, sizeof(secret), (const unsigned char *)out, len, mac, NULL));
	strcat(out, ".");
	base64url(mac, sizeof(mac), out + strlen(out));
}

int stage_setup(void **state)
{
	*state = stage_open();
	return 0;
}

int stage_teardown(void **state)
{
	stage_close(*state);
	return 0;
}
