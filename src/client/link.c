#include "src/client/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "src/client/refusal.h"
#include "src/client/unsent.h"
#include "src/client/visit.h"
#include "src/report.h"

/* ---- made ---- */

static void say_hello(struct remote *remote)
{
	struct msg_doc doc = {.path = str(remote->path)};
	struct message m = {.type = MSG_HELLO,
		.hello = {.v = 1, .name = str(remote->name), .session = str(remote->session)}};

	if (remote->replica && !remote->adopted) {
		doc.rev = replica_rev(remote->replica);
		doc.seq = replica_seq(remote->replica);
		m.hello.docs = (struct msg_docs){1, &doc};
	}
	remote_say(remote, &m);
	remote_flush(remote);
}

static void ws_opened(void *ctx)
{
	say_hello(ctx);
}

static void ws_frame(void *ctx, const char *at, size_t len)
{
	struct remote *remote = ctx;

	if (!remote_receive(remote, at, len))
		ws_client_close(remote->ws, 1008, "bad-message");
}

static void ws_rtt(void *ctx, unsigned ms)
{
	struct remote *remote = ctx;

	remote->rtt_ms = ms ? ms : 1;
	backoff_reset(&remote->backoff);
}

/* ---- lost ---- */

static void try_again(void *ctx)
{
	remote_connect(ctx);
}

/* Full jitter, and what the server asked for on top. */
static void wait_for_retry(struct remote *remote)
{
	uint32_t random = 0;
	uint64_t wait;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = 0;
	wait = backoff_next(&remote->backoff, random) + remote->bye_retry_ms;
	remote->bye_retry_ms = 0;
	remote->retry_at_ms = loop_now_ms(remote->loop) + wait;
	timer_set(remote->retry, wait, 0);
}

static void go_offline(struct remote *remote, char *takes_why)
{
	if (takes_why) {
		REMOTE_TELL(remote, notice, takes_why);
		remote->link = REMOTE_ENDED;
		free(takes_why);
	}
	if (remote->link == REMOTE_ENDED)
		return;
	remote->link = REMOTE_OFFLINE;
	wait_for_retry(remote);
}

static void ws_closed(void *ctx, enum ws_end end, unsigned code, const char *reason)
{
	struct remote *remote = ctx;

	remote->live = remote->trying = false;
	remote->authorship.asked = 0; /* that answer will not come */
	remote->incoming.on = false;
	remote->rtt_ms = 0;
	if (remote->replica && !remote->adopted && *remote->wish.path)
		visit_stay(remote, "The connection was lost: no other file was opened.");
	if (remote->replica && !remote->recovering) {
		go_offline(remote, refusal_for_good(end, code, reason ? reason : ""));
		return;
	}
	if (remote->link == REMOTE_ENDED)
		return;
	char *why =
		refusal_sentence(&remote->url, end, code, reason ? reason : "", remote->last_error);
	remote->link = REMOTE_ENDED;
	REMOTE_TELL(remote, failed, why);
	free(why);
}

/* ---- the way there ---- */

static void way_ready(void *ctx)
{
	struct remote *remote = ctx;

	remote->on_way = false;
	ws_client_connect(remote->ws, &remote->url, CODEC_BIN);
}

static void way_failed(void *ctx, const char *sentence, bool for_good)
{
	struct remote *remote = ctx;

	remote->trying = remote->on_way = false;
	if (remote->replica && !remote->recovering) {
		go_offline(remote,
			for_good ? report_sentence("F5 lets ssh ask you: %s.", sentence) : NULL);
		return;
	}
	remote->link = REMOTE_ENDED;
	REMOTE_TELL(remote, failed, sentence);
}

static const struct tunnel_handler way_handler = {.ready = way_ready, .failed = way_failed};

static const struct ws_client_handler ws_handler = {
	.opened = ws_opened, .frame = ws_frame, .closed = ws_closed, .rtt = ws_rtt};

void link_make(struct remote *remote)
{
	remote->ws = ws_client_create(remote->loop, &ws_handler, remote);
	remote->retry = timer_make(remote->loop, try_again, remote);
}

void link_fini(struct remote *remote)
{
	ws_client_destroy(remote->ws);
	timer_destroy(remote->retry);
}

/* ---- for the owner of the remote ---- */

void remote_connect(struct remote *remote)
{
	timer_stop(remote->retry);
	if (remote->trying)
		return;
	remote->trying = true;
	if (remote->link == REMOTE_ENDED)
		remote->link = REMOTE_OFFLINE;
	remote->retry_at_ms = 0;
	remote->last_error[0] = '\0';
	remote->on_way = remote->tunnel;
	if (remote->tunnel)
		tunnel_open(remote->tunnel, &way_handler, remote);
	else
		way_ready(remote);
}

void remote_through(struct remote *remote, struct tunnel *tunnel)
{
	remote->tunnel = tunnel;
}

void remote_leave(struct remote *remote)
{
	timer_stop(remote->retry);
	timer_stop(remote->keep);
	unsent_keep_now(remote);
	remote->link = REMOTE_ENDED;
	remote->live = false;
	if (remote->on_way) {
		tunnel_close(remote->tunnel);
		remote->trying = remote->on_way = false;
		return;
	}
	ws_client_close(remote->ws, 1000, "left");
}

bool remote_connected(const struct remote *remote)
{
	return remote->trying;
}

enum remote_link remote_link(const struct remote *remote)
{
	return remote->link;
}

unsigned remote_rtt_ms(const struct remote *remote)
{
	return remote->rtt_ms;
}

unsigned remote_retry_s(const struct remote *remote)
{
	uint64_t now = loop_now_ms(remote->loop);

	return remote->retry_at_ms > now ? (unsigned)((remote->retry_at_ms - now + 999) / 1000) : 0;
}

bool remote_trying(const struct remote *remote)
{
	return remote->link == REMOTE_OFFLINE && remote->trying;
}
