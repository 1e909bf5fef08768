/*
 * stage.h: a folder, a server and what people do there, for tests of the whole program.
 *
 *	struct stage *stage = stage_open();			-- mkdtemp; ends with stage_close
 *	char *file = stage_write(stage, "a.txt", "hello\n");
 *	struct server *server = server_start(stage, "a.txt", NULL, NULL);
 *	struct terminal *ada = stage_join(server_url(server, "editor"), "Ada");
 *	stage_file_becomes(stage, "a.txt", "hello you\n");
 *
 * The program is $CODECOLLAB. Servers listen on a port that the system picks, and keep their state in the stage's folder.
 */
#ifndef E2E_STAGE_H
#define E2E_STAGE_H

#include <stddef.h>
#include <sys/types.h>

#include "tests/e2e/terminal.h"

#define STAGE_ROWS 24
#define STAGE_COLS 80

struct stage;
struct server;

struct stage *stage_open(void);
void stage_close(struct stage *stage); /* ends servers and terminals, removes the folder */

const char *stage_program(void); /* to be started */
const char *stage_path(struct stage *stage, const char *name); /* borrows until the stage closes */
const char *stage_write(struct stage *stage, const char *name, const char *bytes, size_t len); /* its path */
/* Waits until the file holds exactly these bytes. */
void stage_file_becomes(struct stage *stage, const char *name, const char *bytes, size_t len);

/*
 * `codecollab host FILE --headless --json` on listen ("127.0.0.1:0" if NULL), until it listens.
 * server_refused: the same for one that is to end before: its exit status; *words (borrowed until the stage closes)
 * is its standard error.
 */
struct server *server_start(struct stage *stage, const char *file, const char *listen);
/* The same with options, at most 16, ended by NULL. */
struct server *server_start_with(struct stage *stage, const char *file, const char *const *options);
/* `codecollab host --rooms FOLDER`, and a join URL of one of its rooms; out holds SERVER_URL_BYTES. */
#define SERVER_URL_BYTES 2048
struct server *server_start_rooms(struct stage *stage, const char *folder);
void server_invite(const struct server *server, const char *room, const char *role, char *out);
pid_t server_pid(const struct server *server);
int server_refused(struct stage *stage, const char *file, const char **words);
const char *server_url(const struct server *server, const char *role); /* "owner", "editor", "viewer" */
unsigned server_port(const struct server *server);
const char *server_room(const struct server *server);
int server_stop(struct server *server,
	int signal); /* exit status, or 128 + signal; the server is gone then */

/* A token of these claims (JSON), signed as the servers of this stage sign: HS256 (RFC 7515). out holds 1024 bytes. */
void stage_mint(struct stage *stage, const char *claims, char *out);

struct terminal *stage_join(struct stage *stage, const char *url, const char *name);
/* The same with NO_COLOR set. */
struct terminal *stage_join_plain(struct stage *stage, const char *url, const char *name);
/* `codecollab edit FILE`. */
struct terminal *stage_edit(struct stage *stage, const char *file);
/* `codecollab host FILE` with its editor. */
struct terminal *stage_host(struct stage *stage, const char *file, const char *name);

/*
 * A helper: a script of this folder on node (argument may be NULL), asked and answering in lines. helper_ask gives the answer, which
 * borrows until the next; helper_answer waits for a line that was not asked for: the first one says that it is ready.
 */
struct helper;
bool helper_possible(void); /* is there a node with node-ws? */
struct helper *helper_start(
	struct stage *stage, const char *script, const char *option, const char *argument);
void helper_tell(struct helper *helper, const char *line);
const char *helper_answer(struct helper *helper);
const char *helper_ask(struct helper *helper, const char *line);

/* cmocka's setup and teardown: *state is a stage. */
int stage_setup(void **state);
int stage_teardown(void **state);

#endif
