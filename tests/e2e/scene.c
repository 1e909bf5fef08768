#include "tests/e2e/scene.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

struct scene scene_of(void **state, const char *file, const char *text, const char *const *options)
{
	struct scene scene = {.stage = *state, .file = file};

	stage_write(scene.stage, file, text, strlen(text));
	scene.server = server_start_with(scene.stage, file, options);
	return scene;
}

struct scene scene_empty(void **state, const char *text)
{
	return scene_of(state, SCENE_FILE, text, NULL);
}

struct scene scene_rooms(void **state, const char *room)
{
	struct scene scene = {.stage = *state, .room = room};
	char folder[256];

	snprintf(folder, sizeof(folder), "rooms/%s", room);
	assert_int_equal(mkdir(stage_path(scene.stage, "rooms"), 0700), 0);
	assert_int_equal(mkdir(stage_path(scene.stage, folder), 0700), 0);
	scene.server = server_start_rooms(scene.stage, "rooms");
	return scene;
}

struct terminal *scene_enter(const struct scene *scene, const char *name, const char *role)
{
	char url[SERVER_URL_BYTES];

	if (!scene->room)
		return stage_join(scene->stage, server_url(scene->server, role), name);
	server_invite(scene->server, scene->room, role, url);
	return stage_join(scene->stage, url, name);
}

struct scene scene_one(void **state, const char *text)
{
	struct scene scene = scene_empty(state, text);

	scene.ada = scene_enter(&scene, "Ada", "owner");
	terminal_see(scene.ada, "1 here");
	return scene;
}

struct scene scene_two(void **state, const char *text)
{
	struct scene scene = scene_one(state, text);

	scene.ben = scene_enter(&scene, "Ben", "editor");
	scene_see(&scene, "2 here");
	return scene;
}

void scene_see(const struct scene *scene, const char *text)
{
	if (scene->ada)
		terminal_see(scene->ada, text);
	if (scene->ben)
		terminal_see(scene->ben, text);
}

void scene_file(const struct scene *scene, const char *text)
{
	stage_file_becomes(scene->stage, scene->file, text, strlen(text));
}

void scene_leave(struct terminal *person)
{
	terminal_press(person, "C-q");
	assert_int_equal(terminal_exit(person), 0);
	if (terminal_left_behind(person))
		fail_msg("the terminal was left with %s", terminal_left_behind(person));
	terminal_end(person);
}

void scene_close(struct scene *scene)
{
	if (scene->ben)
		scene_leave(scene->ben);
	if (scene->ada)
		scene_leave(scene->ada);
	assert_int_equal(server_stop(scene->server, SIGTERM), 0);
	*scene = (struct scene){.stage = scene->stage, .file = scene->file};
}
