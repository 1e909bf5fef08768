#include "src/client/told.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/https.h"
#include "net/json.h"

#define RECENT 5 /* seconds that are told as "now" */

/* ---- asking ---- */

void told_label(struct told *server)
{
	bool colon = strchr(server->url.host, ':');

	snprintf(server->label, sizeof(server->label), "%s%s%s:%u", colon ? "[" : "",
		server->url.host, colon ? "]" : "", server->url.port);
}

void told_forget(struct told *server)
{
	cJSON_Delete(server->now);
	cJSON_Delete(server->before);
	server->now = server->before = NULL;
}

static void note(struct told *server, const char *why)
{
	snprintf(server->why, sizeof(server->why), "%s", why);
}

static struct cJSON *read_answer(struct told *server, int status, const struct buf *body)
{
	struct cJSON *json = NULL;

	if (status == 401 || status == 403)
		note(server,
			"only an owner may ask: the invitation is not one's, or counts no more");
	else if (status != 200)
		note(server, "it does not tell (an older version?)");
	else if (json_parse(body->at, body->len, &json) || !cJSON_IsObject(json))
		note(server, "what it tells is not understood");
	if (!*server->why)
		return json;
	cJSON_Delete(json);
	return NULL;
}

bool told_ask(struct told *server)
{
	struct buf body = {0};
	const char *why = NULL;
	int status = 0;

	cJSON_Delete(server->before);
	server->before = server->now;
	server->now = NULL;
	server->why[0] = '\0';
	if (https_get(&server->url, "/status", &status, &body, &why))
		server->now = read_answer(server, status, &body);
	else
		note(server, why);
	buf_fini(&body);
	return server->now != NULL;
}

/* ---- what was told ---- */

double told_number(const struct cJSON *json, const char *key)
{
	const struct cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsNumber(value) && value->valuedouble >= 0 ? value->valuedouble : 0;
}

const char *told_text(const struct cJSON *json, const char *key)
{
	const struct cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsString(value) ? value->valuestring : "";
}

bool told_is(const struct cJSON *json, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, key));
}

void told_add_pulse(const struct cJSON *json, unsigned seconds[TOLD_SECONDS])
{
	const struct cJSON *value, *pulse = cJSON_GetObjectItemCaseSensitive(json, "pulse");
	size_t i = 0;

	cJSON_ArrayForEach(value, pulse)
	{
		if (i < TOLD_SECONDS && cJSON_IsNumber(value) && value->valuedouble >= 0 &&
			value->valuedouble < 1e7)
			seconds[i++] += (unsigned)value->valuedouble;
	}
}

double told_rate(const unsigned seconds[TOLD_SECONDS])
{
	double sum = 0;

	for (size_t i = TOLD_SECONDS - RECENT; i < TOLD_SECONDS; i++)
		sum += seconds[i];
	return sum / RECENT;
}

/* ---- how long storing takes ---- */

struct spread {
	double bounds[32], counts[32]; /* seconds; of each bucket alone */
	size_t count;
	double sum;
};

static void add_spread(const struct cJSON *json, double sign, struct spread *spread)
{
	const struct cJSON *order = cJSON_GetObjectItemCaseSensitive(json, "backplane");
	const struct cJSON *commit =
		order ? order : cJSON_GetObjectItemCaseSensitive(json, "commit");
	const struct cJSON *bounds = cJSON_GetObjectItemCaseSensitive(commit, "bounds");
	const struct cJSON *counts = cJSON_GetObjectItemCaseSensitive(commit, "counts");
	const struct cJSON *bound = bounds ? bounds->child : NULL, *count;
	size_t i = 0;

	cJSON_ArrayForEach(count, counts)
	{
		if (i == sizeof(spread->counts) / sizeof(spread->counts[0]))
			break;
		spread->bounds[i] = cJSON_IsNumber(bound) ? bound->valuedouble : -1;
		spread->counts[i] += sign * (cJSON_IsNumber(count) ? count->valuedouble : 0);
		spread->sum += sign * (cJSON_IsNumber(count) ? count->valuedouble : 0);
		bound = bound ? bound->next : NULL;
		spread->count = ++i;
	}
}

/* Within a bucket as if all were spread evenly; in the last one its lower bound. Seconds. */
static double quantile(const struct spread *spread, double part)
{
	double below = 0, from = 0;

	for (size_t i = 0; i < spread->count; i++) {
		double share = spread->counts[i];
		if (share > 0 && below + share >= part * spread->sum)
			return spread->bounds[i] < 0
				       ? from
				       : from + (spread->bounds[i] - from) *
							 (part * spread->sum - below) / share;
		below += share;
		from = spread->bounds[i] < 0 ? from : spread->bounds[i];
	}
	return from;
}

static const char *as_time(double seconds, char out[16])
{
	if (seconds >= 1)
		snprintf(out, 16, "%.1f s", seconds);
	else
		snprintf(out, 16, "%.*f ms", seconds < 0.01 ? 1 : 0, seconds * 1000);
	return out;
}

static void put_latency(const struct spread *spread, struct buf *out)
{
	char half[16], most[16];

	if (spread->sum > 0)
		buf_printf(out, "%s / %s", as_time(quantile(spread, 0.5), half),
			as_time(quantile(spread, 0.99), most));
	else
		buf_add_str(out, "-");
}

void told_latency(const struct told *server, struct buf *out)
{
	struct spread spread = {0};

	add_spread(server->now, 1, &spread);
	if (server->before) {
		struct spread news = spread;
		add_spread(server->before, -1, &news);
		spread = news.sum > 0 ? news : spread;
	}
	put_latency(&spread, out);
}

void told_print_json(const struct told *servers, size_t count)
{
	cJSON *all = cJSON_CreateArray();
	char *line;

	for (size_t i = 0; i < count; i++) {
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "server", servers[i].label);
		cJSON_AddBoolToObject(one, "up", servers[i].now != NULL);
		if (servers[i].now)
			cJSON_AddItemToObject(one, "status", cJSON_Duplicate(servers[i].now, true));
		else
			cJSON_AddStringToObject(one, "why", servers[i].why);
		cJSON_AddItemToArray(all, one);
	}
	line = cJSON_PrintUnformatted(all);
	puts(line);
	fflush(stdout);
	free(line);
	cJSON_Delete(all);
}
