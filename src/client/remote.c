#include "src/client/remote.h"

#include <stdlib.h>
#include <string.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/client/authorship.h"
#include "src/client/link.h"
#include "src/client/presence.h"
#include "src/client/remote_state.h"
#include "src/client/sync.h"
#include "src/client/unsent.h"
#include "src/client/visit.h"
#include "src/report.h"

#define HASH_SLICE ((size_t)1 << 20) /* bytes: a millisecond */

/* ---- sending ---- */

void remote_say(struct remote *remote, const struct message *m)
{
	codec_encode(CODEC_BIN, m, &remote->out);
}

void remote_flush(struct remote *remote)
{
	if (remote->out.len)
		ws_client_send(remote->ws, remote->out.at, remote->out.len);
	buf_clear(&remote->out);
}

void remote_turn(struct remote *remote, const struct remote_says *says)
{
	if (says->sel_count)
		presence_sels(remote, says->sels, says->sel_count);
	if (remote->live && unsent_may_send(remote))
		sync_say_edits(remote);
	unsent_keep(remote);
	visit_turn(remote);
	if (remote->live)
		presence_say(remote, says->activity, says->follows);
	authorship_turn(remote, says->authors);
	remote_flush(remote);
}

/* All of a text is hashed once; then only what changes, when it is asked for. */
bool remote_idle(struct remote *remote)
{
	if (!remote->replica || remote->hashed == remote->replica)
		return false;
	if (text_hash_ahead(replica_text(remote->replica), HASH_SLICE))
		return true;
	remote->hashed = remote->replica;
	return false;
}

bool remote_chat(struct remote *remote, const char *text)
{
	struct message m = {.type = MSG_SAY, .say = {.text = str(text)}};

	if (!remote->live)
		return false;
	remote_say(remote, &m);
	remote_flush(remote);
	return true;
}

bool remote_seen(struct remote *remote, uint64_t id)
{
	if (!remote->live)
		return false;
	presence_say_seen(remote, id);
	remote_flush(remote);
	return true;
}

void remote_save(struct remote *remote)
{
	struct message m = {
		.type = MSG_FILE, .file = {.verb = str("save"), .path = str(remote->path)}};

	if (!remote->live) {
		REMOTE_TELL(remote, notice,
			"Offline: it will be saved by the server when the connection is back.");
		return;
	}
	sync_say_edits(remote);
	unsent_keep_now(remote);
	remote_say(remote, &m);
	remote_flush(remote);
}

bool remote_admin(struct remote *remote, const char *verb, uint64_t user, const char *arg)
{
	struct message m = {
		.type = MSG_ADMIN, .admin = {.verb = str(verb), .user = user, .arg = str(arg)}};

	if (!remote->live)
		return false;
	remote_say(remote, &m);
	remote_flush(remote);
	return true;
}

/* ---- messages ---- */

typedef void receive_fn(struct remote *remote, const struct message *m);

void remote_copy_str(char *out, size_t cap, struct str from)
{
	size_t len = from.len < cap ? from.len : cap - 1;

	if (len)
		memcpy(out, from.at, len);
	utf8_check(out, len, &len); /* what the cut left of a character goes too */
	out[len] = '\0';
}

static void on_welcome(struct remote *remote, const struct message *m)
{
	remote->user = m->welcome.user;
	remote->activity = NULL;
	remote_copy_str(remote->offered, sizeof(remote->offered), m->welcome.session);
	remote_copy_str(remote->room, sizeof(remote->room), m->welcome.room);
	presence_welcome(remote, m);
	remote_copy_str(remote->epoch, sizeof(remote->epoch), m->welcome.epoch);
	REMOTE_TELL(remote, files, &m->welcome.files);
	if (!remote->replica ||
		remote->adopted) /* else named in hello's docs: resumed or opened follows */
		visit_first(remote, &m->welcome.files);
}

/* A server's words begin small, to stand behind others; alone they are a sentence. */
static char *sentence_of(const char *words)
{
	size_t len = strlen(words);
	bool ends = len && strchr(".!?", words[len - 1]);
	char *sentence = report_sentence("%s%s", words, ends ? "" : ".");

	if (*sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	return sentence;
}

static void on_error(struct remote *remote, const struct message *m)
{
	remote_copy_str(remote->last_error, sizeof(remote->last_error), m->error.text);
	char *said = sentence_of(remote->last_error);
	bool stays = str_is(m->error.ref, "open") && remote->wish.asked;

	if (stays)
		visit_stay(remote, remote->replica ? said : remote->last_error);
	else if (remote->replica)
		REMOTE_TELL(remote, notice, said);
	free(said);
	if (stays)
		return;
	if (str_is(m->error.code, "bad-op"))
		sync_unfit(remote);
	else if (str_is(m->error.ref, "edit") &&
		 (str_is(m->error.code, "read-only") || str_is(m->error.code, "too-large")))
		sync_refused(remote);
}

static void on_bye(struct remote *remote, const struct message *m)
{
	char text[160];

	remote_copy_str(text, sizeof(text), m->bye.text);
	REMOTE_TELL(remote, notice, text);
	remote->bye_retry_ms =
		(unsigned)(m->bye.retry < BACKOFF_MOST_MS ? m->bye.retry : BACKOFF_MOST_MS);
	if (!remote->bye_retry_ms)
		remote->link = REMOTE_ENDED;
}

static receive_fn *const receivers[] = {
	[MSG_WELCOME] = on_welcome,
	[MSG_ERROR] = on_error,
	[MSG_OPENED] = sync_opened,
	[MSG_CHUNK] = sync_chunk,
	[MSG_FILED] = visit_filed,
	[MSG_RESUMED] = sync_resumed,
	[MSG_EDITED] = sync_edited,
	[MSG_ACK] = sync_ack,
	[MSG_SELECTED] = presence_selected,
	[MSG_JOIN] = presence_join,
	[MSG_LEAVE] = presence_leave,
	[MSG_ACTIVE] = presence_active,
	[MSG_ROLE] = presence_role,
	[MSG_SAID] = presence_said,
	[MSG_PAST] = authorship_past,
	[MSG_SEEN_BY] = presence_seen,
	[MSG_SAVED] = sync_saved,
	[MSG_STYLE] = sync_style,
	[MSG_CHECK] = sync_check,
	[MSG_BYE] = on_bye,
};

bool remote_receive(struct remote *remote, const char *at, size_t len)
{
	while (len) {
		struct message m;
		size_t used;

		if (codec_decode(CODEC_BIN, true, at, len, &used, &m) != ERR_NONE)
			return false;
		if (m.type < sizeof(receivers) / sizeof(receivers[0]) && receivers[m.type])
			receivers[m.type](remote, &m);
		message_fini(&m);
		at += used;
		len -= used;
	}
	return true;
}

/* ---- for its owner ---- */

struct remote *remote_create(struct loop *loop, const struct url *url, const char *name,
	const struct remote_handler *handler, void *ctx)
{
	struct remote *remote = mem_alloc(sizeof(*remote));

	remote->loop = loop;
	remote->url = *url;
	remote->name = mem_dup(name, strlen(name));
	remote->handler = handler;
	remote->ctx = ctx;
	link_make(remote);
	remote->keep = timer_make(loop, unsent_keep_again, remote);
	return remote;
}

void remote_destroy(struct remote *remote)
{
	if (!remote)
		return;
	link_fini(remote);
	timer_destroy(remote->keep);
	authorship_reset(remote);
	replica_destroy(remote->replica);
	visit_fini(remote);
	presence_forget_kept(remote);
	buf_fini(&remote->incoming.text);
	buf_fini(&remote->out);
	familiar_fini(&remote->familiar);
	explicit_bzero(&remote->url, sizeof(remote->url));
	free(remote->name);
	free(remote->sels);
	free(remote);
}

void remote_adopt(struct remote *remote, struct replica *takes)
{
	remote->adopted = true;
	remote->replica = takes;
	replica_set_window(takes, REPLICA_WINDOW);
}

uint64_t remote_user(const struct remote *remote)
{
	return remote->user;
}

const char *remote_room(const struct remote *remote)
{
	return remote->room;
}

const struct replica *remote_replica(const struct remote *remote)
{
	return remote->replica;
}

size_t remote_unsent(const struct remote *remote)
{
	return remote->replica ? replica_unacked_edits(remote->replica) : 0;
}
