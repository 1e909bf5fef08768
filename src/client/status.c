#include "src/client/status.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/client/spark.h"

#define TOLD_SECONDS 60  /* of a pulse */
#define WIDE         130 /* columns from which it is told who is in which file */
#define CHART_ROWS   4
#define CHART_COLS   (TOLD_SECONDS + 40)

/* ---- a cell of the table of servers ---- */

static void count_of(const struct cJSON *json, const char *key, struct buf *out)
{
	buf_printf(out, "%.0f", told_number(json, key));
}

static void put_people(const struct told *server, struct buf *out)
{
	count_of(server->now, "people", out);
}

static void put_rooms(const struct told *server, struct buf *out)
{
	count_of(server->now, "rooms", out);
}

static void put_rate(const struct told *server, struct buf *out)
{
	unsigned seconds[TOLD_SECONDS] = {0};

	told_add_pulse(server->now, seconds);
	buf_printf(out, "%.1f", told_rate(seconds));
}

static void put_cpu(const struct told *server, struct buf *out)
{
	double time = told_number(server->now, "uptime"),
	       cpu = told_number(server->now, "cpu_seconds");

	if (server->before) {
		time -= told_number(server->before, "uptime");
		cpu -= told_number(server->before, "cpu_seconds");
	}
	buf_printf(out, "%.0f %%", time > 0 && cpu > 0 ? 100 * cpu / time : 0);
}

static void put_memory(const struct told *server, struct buf *out)
{
	double mib = told_number(server->now, "memory_bytes") / (1 << 20);

	if (mib >= 1024)
		buf_printf(out, "%.1f G", mib / 1024);
	else
		buf_printf(out, "%.0f M", mib);
}

static void put_uptime(const struct told *server, struct buf *out)
{
	unsigned long seconds = (unsigned long)told_number(server->now, "uptime");
	unsigned long minutes = seconds / 60;

	if (minutes < 2)
		buf_printf(out, "%lu s", seconds);
	else if (minutes >= 48 * 60)
		buf_printf(out, "%lu d", minutes / 60 / 24);
	else if (minutes >= 120)
		buf_printf(out, "%lu h", minutes / 60);
	else
		buf_printf(out, "%lu min", minutes);
}

/* The last ones go first where there is no room. */
static const struct {
	const char *title;
	int cells;
	void (*put)(const struct told *server, struct buf *out);
} columns[] = {
	{"people", 8, put_people},
	{"edits/s", 9, put_rate},
	{"rooms", 7, put_rooms},
	{"stored, 99 %", 19, told_latency},
	{"cpu", 7, put_cpu},
	{"memory", 8, put_memory},
	{"up", 8, put_uptime},
};

#define COLUMNS    (sizeof(columns) / sizeof(columns[0]))
#define NAME_CELLS 26

struct draft {
	const struct status_view *view;
	struct page *page;
	int row;
};

static void put_server(struct draft *draft, const struct told *server)
{
	int col = NAME_CELLS, cols = draft->view->cols;
	bool sound = server->now && !told_is(server->now, "draining");
	const char *bullet = draft->view->utf8 ? "●" : "*";

	page_put(draft->page, draft->row, 1, 1, sound ? THEME_ADDED : THEME_REMOVED, bullet);
	page_put(draft->page, draft->row, 3, NAME_CELLS - 4, THEME_TEXT, server->label);
	if (!server->now)
		page_put(draft->page, draft->row, col + 2, cols - col - 2, THEME_REMOVED,
			server->why);
	for (size_t i = 0; server->now && i < COLUMNS && col + columns[i].cells <= cols;
		col += columns[i++].cells) {
		struct buf cell = {0};
		columns[i].put(server, &cell);
		*buf_room(&cell, 1) = '\0';
		page_put_right(draft->page, draft->row, col, columns[i].cells, THEME_TEXT, cell.at);
		buf_fini(&cell);
	}
	draft->row++;
	if (server->now && told_is(server->now, "draining"))
		page_put(draft->page, draft->row++, 3, cols - 3, THEME_REMOVED,
			"it is ending: no newcomers");
}

static void put_servers(struct draft *draft, const struct told *servers, size_t count)
{
	int col = NAME_CELLS;

	page_put(draft->page, draft->row, 1, NAME_CELLS - 1, THEME_HEADING, "SERVERS");
	for (size_t i = 0; i < COLUMNS && col + columns[i].cells <= draft->view->cols;
		col += columns[i++].cells)
		page_put_right(draft->page, draft->row, col, columns[i].cells, THEME_FAINT,
			columns[i].title);
	draft->row++;
	for (size_t i = 0; i < count; i++)
		put_server(draft, &servers[i]);
	draft->row++;
}

/* ---- the chart of all ---- */

static void put_figures(
	struct draft *draft, int row, const unsigned seconds[TOLD_SECONDS], unsigned most)
{
	char words[CHART_ROWS][32];

	snprintf(words[0], sizeof(words[0]), "%.1f edits/s", told_rate(seconds));
	snprintf(words[1], sizeof(words[1]), "%s", "in the last minute");
	snprintf(words[2], sizeof(words[2]), "at most %u", most);
	words[3][0] = '\0';
	for (int i = 0; i < CHART_ROWS; i++)
		page_put(draft->page, row + i, TOLD_SECONDS + 4,
			draft->view->cols - TOLD_SECONDS - 5, i ? THEME_FAINT : THEME_HEADING,
			words[i]);
}

static void put_chart(struct draft *draft, const struct told *servers, size_t count)
{
	unsigned seconds[TOLD_SECONDS] = {0}, most = 0;

	if (draft->view->cols < TOLD_SECONDS + 20 || (draft->view->rows && draft->view->rows < 20))
		return;
	for (size_t i = 0; i < count; i++)
		told_add_pulse(servers[i].now, seconds);
	for (size_t i = 0; i < TOLD_SECONDS; i++)
		most = seconds[i] > most ? seconds[i] : most;
	for (int i = 0; i < CHART_ROWS; i++) {
		struct buf line = {0};
		spark_row(seconds, TOLD_SECONDS, most, CHART_ROWS, i, draft->view->utf8, &line);
		page_put(draft->page, draft->row + i, 1, TOLD_SECONDS, THEME_ADDED, line.at);
		buf_fini(&line);
	}
	put_figures(draft, draft->row, seconds, most);
	draft->row += CHART_ROWS + 1;
}

/* ---- the rooms ---- */

#define ROOM_CELLS 42 /* name, people, files, edits/s */

static int put_person(struct draft *draft, int col, const struct cJSON *person)
{
	const char *state = told_text(person, "state"), *file = told_text(person, "file");
	bool here = strcmp(state, "offline") != 0;
	uint8_t color =
		theme_person(told_text(person, "color"), (uint64_t)told_number(person, "user"));
	int end = draft->view->cols - 1, from = col;
	struct buf says = {0};

	if (here)
		col += page_put_person(
			draft->page, draft->row, col, end - col, color, told_text(person, "name"));
	else
		col += page_put(draft->page, draft->row, col, end - col, THEME_FAINT,
			told_text(person, "name"));
	if (strcmp(state, "active") != 0 && *state)
		buf_printf(&says, " %s", state);
	if (*file && here && draft->view->cols >= WIDE)
		buf_printf(&says, " %s", file);
	*buf_room(&says, 1) = '\0';
	col += page_put(draft->page, draft->row, col, end - col, THEME_FAINT, says.at);
	buf_fini(&says);
	return col - from;
}

static void put_who(struct draft *draft, int col, const struct cJSON *room)
{
	const struct cJSON *person, *people = cJSON_GetObjectItemCaseSensitive(room, "people");
	bool first = true;

	cJSON_ArrayForEach(person, people)
	{
		if (draft->view->cols - 1 - col < 6)
			return;
		if (!first)
			col += page_put(draft->page, draft->row, col, 2, THEME_FAINT, ", ");
		col += put_person(draft, col, person);
		first = false;
	}
}

static void put_room(struct draft *draft, const struct cJSON *room, size_t spark)
{
	unsigned seconds[TOLD_SECONDS] = {0};
	struct buf line = {0};
	char word[24];
	bool sound = told_is(room, "stored");

	told_add_pulse(room, seconds);
	page_put(draft->page, draft->row, 1, 18, sound ? THEME_TEXT : THEME_REMOVED,
		told_text(room, "room"));
	snprintf(word, sizeof(word), "%.0f", told_number(room, "here"));
	page_put_right(draft->page, draft->row, 19, 7, THEME_TEXT, word);
	snprintf(word, sizeof(word), "%.0f", told_number(room, "files"));
	page_put_right(draft->page, draft->row, 26, 7, THEME_TEXT, word);
	snprintf(word, sizeof(word), "%.1f", told_rate(seconds));
	page_put_right(draft->page, draft->row, 33, 9, THEME_TEXT, word);
	if (spark) {
		spark_line(seconds, TOLD_SECONDS, spark, draft->view->utf8, &line);
		page_put(draft->page, draft->row, ROOM_CELLS + 2, (int)spark, THEME_ADDED, line.at);
		buf_fini(&line);
	}
	put_who(draft, ROOM_CELLS + (spark ? (int)spark + 4 : 2), room);
	draft->row++;
}

static void put_more(struct draft *draft, double more)
{
	char word[40];

	snprintf(word, sizeof(word), "and %.0f more", more);
	if (more > 0)
		page_put(draft->page, draft->row++, 1, 30, THEME_FAINT, word);
}

/* Servers that share rooms tell of the same ones: was this one told of before? */
static bool was_told(const struct told *servers, size_t before, const struct cJSON *room)
{
	const struct cJSON *other;

	for (size_t i = 0; i < before; i++)
		cJSON_ArrayForEach(other, cJSON_GetObjectItemCaseSensitive(servers[i].now, "list"))
		{
			if (strcmp(told_text(other, "room"), told_text(room, "room")) == 0)
				return true;
		}
	return false;
}

static size_t rooms_of(const struct told *servers, size_t count)
{
	size_t rooms = 0;

	for (size_t i = 0; i < count; i++)
		rooms += (size_t)cJSON_GetArraySize(
			cJSON_GetObjectItemCaseSensitive(servers[i].now, "list"));
	return rooms;
}

static void put_heading(struct draft *draft, size_t spark)
{
	page_put(draft->page, draft->row, 1, 18, THEME_HEADING, "ROOMS");
	page_put_right(draft->page, draft->row, 19, 7, THEME_FAINT, "people");
	page_put_right(draft->page, draft->row, 26, 7, THEME_FAINT, "files");
	page_put_right(draft->page, draft->row, 33, 9, THEME_FAINT, "edits/s");
	if (spark)
		page_put(draft->page, draft->row, ROOM_CELLS + 2, (int)spark, THEME_FAINT,
			"last minute");
	draft->row++;
}

/* What one of the servers tells; how many found no place. */
static double put_rooms_of(
	struct draft *draft, const struct told *servers, size_t which, int last, size_t spark)
{
	const struct cJSON *now = servers[which].now, *room;
	double more = told_number(now, "more");

	cJSON_ArrayForEach(room, cJSON_GetObjectItemCaseSensitive(now, "list"))
	{
		if (was_told(servers, which, room))
			continue;
		if (draft->row < last)
			put_room(draft, room, spark);
		else
			more++;
	}
	return more;
}

static void put_all_rooms(struct draft *draft, const struct told *servers, size_t count)
{
	size_t spark = spark_cells(TOLD_SECONDS, (draft->view->cols - ROOM_CELLS) / 2 - 4);
	/* a line is for how many more there are, and one for the keys */
	int last = draft->view->rows ? draft->view->rows - 2 : INT_MAX;
	double more = 0;

	if (!rooms_of(servers, count)) {
		page_put(draft->page, draft->row++, 1, draft->view->cols - 2, THEME_FAINT,
			"Nobody is in a room.");
		return;
	}
	put_heading(draft, spark);
	for (size_t i = 0; i < count; i++)
		more += put_rooms_of(draft, servers, i, last, spark);
	put_more(draft, more);
}

/* ---- the page ---- */

void status_page(
	const struct told *servers, size_t count, const struct status_view *view, struct page *page)
{
	struct draft draft = {view, page, 0};

	page_clear(page);
	page_put(page, 0, 1, view->cols - 10, THEME_HEADING, "codecollab status");
	page_put_right(page, 0, view->cols - 9, 8, THEME_FAINT, view->clock);
	draft.row = 2;
	put_servers(&draft, servers, count);
	put_chart(&draft, servers, count);
	put_all_rooms(&draft, servers, count);
	if (view->live && view->rows > draft.row)
		page_put(page, view->rows - 1, 1, view->cols - 2, THEME_FAINT, "q  quit");
}
