/*
 * scene.h: a room of one file with Ada and Ben in it, which is how most tests begin and end.
 *
 *	struct scene s = scene_two(state, "hello\n");
 *	terminal_type(s.ada, "I say: ");
 *	terminal_see(s.ben, "I say: hello");
 *	scene_file(&s, "I say: hello\n");
 *	scene_close(&s);
 *
 * Ada owns the room and came first, so hers is the lower user id; Ben edits in it.
 */
#ifndef E2E_SCENE_H
#define E2E_SCENE_H

#include "tests/e2e/stage.h"

#define SCENE_FILE "notes.txt"

struct scene {
	struct stage *stage;
	struct server *server;
	const char *file; /* of the room, in the stage */
	const char *room; /* of a server of a folder of rooms; NULL: of a file's */
	struct terminal *ada, *ben; /* NULL: not there */
};

/* Of a stage (stage_setup): the file holds this text, and the server listens. Then the people, who see each other. */
struct scene scene_empty(void **state, const char *text);
struct scene scene_one(void **state, const char *text);
struct scene scene_two(void **state, const char *text);
/* scene_empty() of another file, with options as server_start_with() takes them. */
struct scene scene_of(void **state, const char *file, const char *text, const char *const *options);
/* A server of the folder "rooms", in which there is one for this room, that has nothing in it yet. */
struct scene scene_rooms(void **state, const char *room);
struct terminal *scene_enter(const struct scene *scene, const char *name, const char *role);

void scene_see(const struct scene *scene, const char *text);  /* whoever is there */
void scene_file(const struct scene *scene, const char *text); /* holds this, soon */

/* By the key for it: at once, with status 0, and a terminal that is as it was. Ends it. */
void scene_leave(struct terminal *person);
void scene_close(struct scene *scene); /* all leave, Ada last, and the server ends when told to */

#endif
