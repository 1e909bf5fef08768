#include "src/client/rooms.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/json.h"
#include "net/local.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/runtime.h"

#define TEXT_BYTES 200 /* of a file's or person's name, or of all names, that is shown */

/* ---- asking one socket ---- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* All that it says until it closes. */
static bool read_all(int fd, struct buf *out, uint64_t until_ms)
{
	ssize_t n;

	while ((n = recv(fd, buf_room(out, 4096), 4096, 0)) > 0) {
		out->len += (size_t)n;
		if (out->len > ROOMS_ANSWER_BYTES || now_ms() > until_ms)
			return false;
	}
	return n == 0;
}

/* The body of an answer that is 200. */
static struct cJSON *body_of(struct buf *answer)
{
	static const char fine[] = "HTTP/1.1 200 ";
	struct cJSON *json = NULL;
	char *body;

	buf_add_byte(answer, '\0');
	body = strncmp(answer->at, fine, strlen(fine)) == 0 ? strstr(answer->at, "\r\n\r\n") : NULL;
	if (body)
		json_parse(body + 4, (size_t)(answer->at + answer->len - 1 - (body + 4)), &json);
	return json;
}

static struct cJSON *ask(int fd)
{
	static const char question[] = "GET /rooms HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct buf answer = {0};
	struct cJSON *json = NULL;

	if (send(fd, question, strlen(question), MSG_NOSIGNAL) == (ssize_t)strlen(question) &&
		read_all(fd, &answer, now_ms() + ROOMS_WAIT_MS))
		json = body_of(&answer);
	buf_fini(&answer);
	return json;
}

/* ---- what it answered ---- */

static const char *text_of(const struct cJSON *item, const char *key)
{
	const struct cJSON *value = cJSON_GetObjectItemCaseSensitive(item, key);

	return cJSON_IsString(value) ? value->valuestring : "";
}

static char *shown(const char *text)
{
	char *copy = mem_dup(text, strnlen(text, TEXT_BYTES));

	report_plain(copy);
	return copy;
}

static void read_people(const struct cJSON *room, struct room_here *out)
{
	const struct cJSON *person, *people = cJSON_GetObjectItemCaseSensitive(room, "people");
	struct buf names = {0};

	cJSON_ArrayForEach(person, people)
	{
		if (names.len < TEXT_BYTES)
			buf_printf(
				&names, "%s%.60s", out->count ? ", " : "", text_of(person, "name"));
		out->count++;
	}
	buf_add_byte(&names, '\0');
	out->people = shown(names.at);
	buf_fini(&names);
}

static void name_user(uid_t uid, char *out, size_t cap)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(out, cap, "%s", user->pw_name);
	else
		snprintf(out, cap, "%u", (unsigned)uid);
}

static void add_room(struct rooms *rooms, const struct cJSON *item, const char *path,
	const struct local_peer *whose)
{
	const char *name = text_of(item, "room");
	struct room_here *room;

	if (!room_name_valid(name, strlen(name)) || rooms->count == ROOMS_MAX)
		return;
	rooms->at = mem_realloc(rooms->at, rooms->count + 1, sizeof(*rooms->at));
	room = &rooms->at[rooms->count++];
	*room = (struct room_here){.mine = whose->uid == geteuid()};
	snprintf(room->name, sizeof(room->name), "%s", name);
	snprintf(room->socket, sizeof(room->socket), "%s", path);
	name_user(whose->uid, room->user, sizeof(room->user));
	room->file = shown(text_of(item, "file"));
	read_people(item, room);
}

static void look_at(struct rooms *rooms, const char *path)
{
	int fd = local_connect(path, ROOMS_WAIT_MS);
	struct local_peer whose;
	struct cJSON *json = fd >= 0 && local_peer(fd, &whose) ? ask(fd) : NULL;
	const struct cJSON *item;

	cJSON_ArrayForEach(item, json)
	{
		add_room(rooms, item, path, &whose);
	}
	cJSON_Delete(json);
	if (fd >= 0)
		close(fd);
}

/* ---- all of them ---- */

struct look {
	struct rooms *rooms;
	uint64_t until_ms;
};

static bool is_socket(const char *file)
{
	size_t len = strlen(file), tail = strlen(LOCAL_SUFFIX);

	return *file != '.' && len > tail && strcmp(file + len - tail, LOCAL_SUFFIX) == 0;
}

static void look_into(void *ctx, const char *dir)
{
	struct look *look = ctx;
	DIR *files = opendir(dir);
	char path[URL_SOCKET_BYTES];
	const struct dirent *entry;

	while (files && (entry = readdir(files)) && now_ms() < look->until_ms)
		if (is_socket(entry->d_name) && snprintf(path, sizeof(path), "%s/%s", dir,
							entry->d_name) < (int)sizeof(path))
			look_at(look->rooms, path);
	if (files)
		closedir(files);
}

static int by_name(const void *a, const void *b)
{
	const struct room_here *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : other->mine - one->mine;
}

void rooms_look(const char *dir, struct rooms *out)
{
	struct look look = {out, now_ms() + ROOMS_ALL_MS};

	*out = (struct rooms){0};
	runtime_each(dir, look_into, &look);
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), by_name);
}

void rooms_fini(struct rooms *rooms)
{
	for (size_t i = 0; i < rooms->count; i++) {
		free(rooms->at[i].file);
		free(rooms->at[i].people);
	}
	free(rooms->at);
	*rooms = (struct rooms){0};
}

/* ---- one of them ---- */

bool rooms_is_name(const char *wanted)
{
	const char *slash = strrchr(wanted, '/'), *name = slash ? slash + 1 : wanted;

	return room_name_valid(name, strlen(name)) &&
	       (!slash ||
		       (slash > wanted && memchr(wanted, '/', (size_t)(slash - wanted)) == NULL));
}

static bool fits(const struct room_here *room, const char *wanted)
{
	const char *slash = wanted ? strrchr(wanted, '/') : NULL;
	size_t user = slash ? (size_t)(slash - wanted) : 0;

	if (!wanted)
		return true;
	return strcmp(room->name, slash ? slash + 1 : wanted) == 0 &&
	       (!slash || (strlen(room->user) == user && memcmp(room->user, wanted, user) == 0));
}

/* The names that would be clear. */
static char *many(const struct rooms *rooms, const char *wanted)
{
	struct buf words = {0};
	char *why;

	for (size_t i = 0; i < rooms->count; i++)
		if (fits(&rooms->at[i], wanted))
			buf_printf(&words, " %s%s%s", rooms->at[i].mine ? "" : rooms->at[i].user,
				rooms->at[i].mine ? "" : "/", rooms->at[i].name);
	buf_add_byte(&words, '\0');
	why = report_sentence("which of these rooms?%s", words.at);
	buf_fini(&words);
	return why;
}

static char *none(const char *wanted)
{
	if (!wanted)
		return report_sentence("no room on this machine lets you in. With a join URL: "
				       "codecollab join URL");
	return report_sentence("no room %s on this machine lets you in. codecollab list shows "
			       "those that do",
		wanted);
}

const struct room_here *rooms_pick(const struct rooms *rooms, const char *wanted, char **why)
{
	const struct room_here *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < rooms->count; i++) {
		if (!fits(&rooms->at[i], wanted))
			continue;
		if (wanted && rooms->at[i].mine)
			return &rooms->at[i];
		found = &rooms->at[i];
		count++;
	}
	if (count == 1)
		return found;
	*why = count ? many(rooms, wanted) : none(wanted);
	return NULL;
}

/* Host and port stand in the names of what is kept: one room of one user. */
void rooms_url(const struct room_here *room, struct url *out)
{
	*out = (struct url){.tls = false};
	snprintf(out->host, sizeof(out->host), "%s@localhost", room->user);
	snprintf(out->room, sizeof(out->room), "%s", room->name);
	snprintf(out->socket, sizeof(out->socket), "%s", room->socket);
}

/* ---- shown ---- */

void rooms_print(const struct rooms *rooms)
{
	if (!rooms->count)
		puts("No room on this machine lets you in. codecollab host FILE makes one.");
	for (size_t i = 0; i < rooms->count; i++) {
		const struct room_here *room = &rooms->at[i];
		printf("%-24s %-16s %-12s %s\n", room->name, room->file, room->user,
			*room->people ? room->people : "nobody is in");
	}
}

void rooms_print_json(const struct rooms *rooms)
{
	cJSON *list = cJSON_CreateArray();
	char *text;

	for (size_t i = 0; i < rooms->count; i++) {
		const struct room_here *room = &rooms->at[i];
		cJSON *item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "room", room->name);
		cJSON_AddStringToObject(item, "file", room->file);
		cJSON_AddStringToObject(item, "user", room->user);
		cJSON_AddNumberToObject(item, "people", (double)room->count);
		cJSON_AddStringToObject(item, "names", room->people);
		cJSON_AddStringToObject(item, "socket", room->socket);
		cJSON_AddItemToArray(list, item);
	}
	text = cJSON_PrintUnformatted(list);
	puts(text);
	free(text);
	cJSON_Delete(list);
}
