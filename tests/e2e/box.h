/*
 * box.h: another machine, as far as ssh can tell: a real sshd on loopback (sshd.sh), which lets this user in, and a room that is reached
 * by it.
 *
 *	static void test(void **state)			-- with box_setup, box_teardown
 *	{
 *		struct box *box = *state;
 *		box_host(box);
 *		ada = box_join(box, "ssh://box/" BOX_ROOM, "Ada");
 *
 * Sockets of rooms, ours and the box's, are in the stage's folder "run".
 */
#ifndef E2E_BOX_H
#define E2E_BOX_H

#include <sys/types.h>

#include "tests/e2e/scene.h"

#define BOX_ROOM "otter"

struct box {
	struct scene room;
	pid_t sshd, agent; /* 0: none */
	char why[512];     /* there is no sshd to try; "": there is */
	char ssh[512];     /* for --ssh */
	const char *dir;   /* of sshd.sh */
};

int box_setup(void **state);
int box_teardown(void **state);

void box_need(const struct box *box); /* skips the test, and says so, when there is no sshd */
void box_host_here(struct box *box); /* the room BOX_ROOM of SCENE_FILE, with "hello\n" in it */
void box_host(struct box *box);      /* box_need, and that */
void box_agent(struct box *box);     /* an agent that has the key of the host "agent" */
struct terminal *box_join(struct box *box, const char *url, const char *name); /* by the ssh that knows the way */
void box_said(struct terminal *t, const char *words); /* waits until they are on its standard error */

/* Helpers that end with the test: in and out are their standard input and output; box_end: with SIGTERM, and waits. */
pid_t box_spawn(const char *const argv[], int in, int out);
void box_end(pid_t pid);
void box_run(const char *format, ...) __attribute__((format(printf, 1, 2))); /* by the shell: it must work */

#endif
