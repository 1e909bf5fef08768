/*
 * The server and the client of WebSockets, on one loop, over loopback; and the server before peers that are no library: a
 * socket and bytes written by hand after RFC 6455.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/loop.h"
#include "net/ws_client.h"
#include "net/ws_server.h"
#include "ot/mem.h"

#define PEERS_MAX   72
#define DEADLINE_MS 30000 /* only a hang reaches it */
#define TOKEN       "eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0"

struct world;

struct guest {
	struct world *world;
	struct ws_conn *conn;
	bool closed;
	size_t heard; /* frames that were handled */
};

struct peer {
	struct ws_client *client;
	struct buf frame; /* the last one */
	size_t opened, frames, closed, rtts;
	enum ws_end end;
	unsigned code;
	char reason[200];
};

/* A socket and what came over it. */
struct stranger {
	int fd;
	struct watch *watch;
	struct buf in;
	bool ended;
};

struct world {
	struct loop *loop;
	struct timer *deadline;
	struct ws_server *server;
	struct tls_identity identity;
	bool tls;
	bool (*until)(struct world *world);
	size_t want;

	int refuse; /* admit() answers it */
	const char *why;
	bool echo;
	struct guest guests[PEERS_MAX];
	size_t admitted, opened, closed, frames, rtts;
	unsigned goodbye; /* of the last that closed */
	bool in_send;     /* a call of ours is on the stack: closed() must not be */
	struct buf last;
	size_t takes;    /* bytes of a frame that are handled at once; 0: all */
	bool one_a_turn; /* and of all frames one in a turn */
	size_t turns, told_turn, told, most_told; /* frames told in one turn */
	size_t overtook; /* how often one's was away while the crowd's waited */
	char token[TOKEN_MAX_BYTES + 1], path[200], from[64];
	bool has_codec;
	enum codec codec;

	size_t failures;
	int failure; /* the status of the last */
	char failed_from[64];

	struct peer peers[PEERS_MAX];
	struct stranger stranger;
	const char *awaited;
	size_t awaited_len;
};

/* --- the server's side ------------------------------------------------------------------------------------------- */

static int admit(void *ctx, const struct ws_request *request, void **session)
{
	struct world *w = ctx;
	snprintf(w->token, sizeof(w->token), "%s", request->token);
	snprintf(w->path, sizeof(w->path), "%s", request->path);
	snprintf(w->from, sizeof(w->from), "%s", request->peer);
	w->has_codec = request->has_codec;
	w->codec = request->codec;
	if (!request->has_codec)
		return 426;
	*request->why = w->why;
	if (w->refuse)
		return w->refuse;
	assert_true(w->admitted < PEERS_MAX);
	struct guest *guest = &w->guests[w->admitted++];
	*guest = (struct guest){.world = w};
	*session = guest;
	return 0;
}

static void guest_opened(void *session, struct ws_conn *conn)
{
	struct guest *guest = session;
	guest->conn = conn;
	guest->world->opened++;
}

static size_t guest_frame(void *session, const char *at, size_t len)
{
	struct guest *guest = session;
	struct world *w = guest->world;
	if (w->one_a_turn && w->told_turn == w->turns)
		return 0;
	w->frames++;
	guest->heard++;
	w->told = w->told_turn == w->turns ? w->told + 1 : 1;
	w->told_turn = w->turns;
	w->most_told = w->told > w->most_told ? w->told : w->most_told;
	if (w->takes && len > w->takes)
		return w->takes;
	buf_clear(&w->last);
	buf_add(&w->last, at, len);
	w->in_send = true;
	if (w->echo)
		ws_send(guest->conn, at, len);
	w->in_send = false;
	return len;
}

static void guest_closed(void *session, unsigned code)
{
	struct guest *guest = session;
	assert_false(guest->closed);
	assert_false(guest->world->in_send);
	guest->closed = true;
	guest->world->goodbye = code;
	guest->world->closed++;
}

static void guest_rtt(void *session, unsigned ms)
{
	assert_true(ms > 0);
	((struct guest *)session)->world->rtts++;
}

static void failed(void *ctx, const char *peer, int status)
{
	struct world *w = ctx;
	w->failures++;
	w->failure = status;
	snprintf(w->failed_from, sizeof(w->failed_from), "%s", peer);
}

static int get(void *ctx, const struct ws_request *request, struct buf *body)
{
	(void)ctx;
	if (strcmp(request->path, "/healthz") != 0)
		return 404;
	buf_add_str(body, "ok\n");
	return 200;
}

static const struct ws_server_handler handler = {
	.admit = admit,
	.opened = guest_opened,
	.frame = guest_frame,
	.closed = guest_closed,
	.rtt = guest_rtt,
	.failed = failed,
	.get = get,
};

/* --- the client's side ------------------------------------------------------------------------------------------- */

static void peer_opened(void *ctx)
{
	((struct peer *)ctx)->opened++;
}

static void peer_frame(void *ctx, const char *at, size_t len)
{
	struct peer *peer = ctx;
	buf_clear(&peer->frame);
	buf_add(&peer->frame, at, len);
	peer->frames++;
}

static void peer_closed(void *ctx, enum ws_end end, unsigned code, const char *reason)
{
	struct peer *peer = ctx;
	peer->closed++;
	peer->end = end;
	peer->code = code;
	snprintf(peer->reason, sizeof(peer->reason), "%s", reason);
}

static void peer_rtt(void *ctx, unsigned ms)
{
	assert_true(ms > 0);
	((struct peer *)ctx)->rtts++;
}

static const struct ws_client_handler client_handler = {
	.opened = peer_opened,
	.frame = peer_frame,
	.closed = peer_closed,
	.rtt = peer_rtt,
};

/* --- running ----------------------------------------------------------------------------------------------------- */

static void on_deadline(void *ctx)
{
	(void)ctx;
	fail_msg("what was waited for did not come");
}

static void on_turn(void *ctx)
{
	struct world *w = ctx;
	w->turns++;
	if (w->until && w->until(w))
		loop_stop(w->loop);
}

static void run_until(struct world *w, bool (*until)(struct world *))
{
	w->until = until;
	timer_set(w->deadline, DEADLINE_MS, 0);
	if (!until(w))
		loop_run(w->loop);
	timer_stop(w->deadline);
	w->until = NULL;
	assert_true(until(w));
}

static struct world *world_open(bool tls, struct ws_server_options options)
{
	struct world *w = mem_alloc(sizeof(*w));
	const char *why = NULL;
	w->tls = tls;
	w->echo = true;
	w->loop = loop_create();
	w->deadline = timer_make(w->loop, on_deadline, w);
	loop_on_turn(w->loop, on_turn, w);
	if (tls)
		assert_true(tls_identity_make(&w->identity));
	options.address = options.address ? options.address : "127.0.0.1";
	options.identity = tls ? &w->identity : NULL;
	options.max_connections = options.max_connections ? options.max_connections : PEERS_MAX;
	w->server = ws_server_create(w->loop, &options, &handler, w, &why);
	if (!w->server)
		fail_msg("%s", why);
	assert_true(ws_server_port(w->server) > 0);
	return w;
}

static void world_close(struct world *w)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		ws_client_destroy(w->peers[i].client);
		buf_fini(&w->peers[i].frame);
	}
	ws_server_destroy(w->server);
	assert_int_equal(w->closed, w->admitted);
	loop_off_turn(w->loop, on_turn, w);
	timer_destroy(w->deadline);
	loop_destroy(w->loop);
	tls_identity_fini(&w->identity);
	buf_fini(&w->last);
	free(w);
}

static struct url url_of(const struct world *w)
{
	struct url url = {.tls = w->tls, .host = "127.0.0.1", .room = "otter", .token = TOKEN};
	url.port = ws_server_port(w->server);
	if (w->tls)
		memcpy(url.pin, w->identity.pin, sizeof(url.pin));
	return url;
}

static struct peer *connect_to(struct world *w, size_t i, const struct url *url, enum codec codec)
{
	struct peer *peer = &w->peers[i];
	if (!peer->client)
		peer->client = ws_client_create(w->loop, &client_handler, peer);
	ws_client_connect(peer->client, url, codec);
	return peer;
}

static struct peer *connect_peer(struct world *w, size_t i, enum codec codec)
{
	struct url url = url_of(w);
	return connect_to(w, i, &url, codec);
}

static bool both_opened(struct world *w)
{
	return w->opened >= w->want && w->peers[w->want - 1].opened;
}

static bool first_closed(struct world *w)
{
	return w->peers[0].closed > 0;
}

static bool first_decided(struct world *w)
{
	return w->peers[0].opened || w->peers[0].closed;
}

static bool ended(struct world *w)
{
	return w->peers[0].closed > 0 && w->closed == w->admitted;
}

static bool first_got_frame(struct world *w)
{
	return w->peers[0].frames >= w->want || w->peers[0].closed;
}

static struct peer *open_one(struct world *w, enum codec codec)
{
	struct peer *peer = connect_peer(w, 0, codec);
	w->want = 1;
	run_until(w, both_opened);
	return peer;
}

/* --- echo -------------------------------------------------------------------------------------------------------- */

/* Text that is valid in both encodings, different at every place. */
static char *text_of(size_t len)
{
	char *text = mem_alloc(len + 1);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('!' + (i * 7 + i / 94) % 94);
	return text;
}

static void echo(bool tls, enum codec codec)
{
	static const size_t sizes[] = {
		1, 2, 125, 126, 127, 4096, 65535, 65536, 65537, MESSAGE_MAX_BYTES};
	struct world *w = world_open(tls, (struct ws_server_options){0});
	struct peer *peer = open_one(w, codec);
	assert_int_equal(ws_codec(w->guests[0].conn), codec);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = text_of(sizes[i]);
		ws_client_send(peer->client, text, sizes[i]);
		w->want = i + 1;
		run_until(w, first_got_frame);
		assert_int_equal(peer->frames, i + 1);
		assert_int_equal(peer->frame.len, sizes[i]);
		assert_memory_equal(peer->frame.at, text, sizes[i]);
		free(text);
	}
	assert_int_equal(ws_client_queued(peer->client), 0);
	assert_string_equal(w->token, TOKEN);
	assert_string_equal(w->path, "/otter");
	assert_string_equal(w->from, "127.0.0.1");
	assert_int_equal(w->codec, codec);
	world_close(w);
}

static void echoes_binary(void **state)
{
	(void)state;
	echo(false, CODEC_BIN);
}

static void echoes_binary_over_tls(void **state)
{
	(void)state;
	echo(true, CODEC_BIN);
}

static void echoes_text(void **state)
{
	(void)state;
	echo(false, CODEC_JSON);
}

static void echoes_text_over_tls(void **state)
{
	(void)state;
	echo(true, CODEC_JSON);
}

static void keeps_order(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	for (unsigned i = 0; i < 1000; i++)
		ws_client_send(peer->client, (const char *)&i, sizeof(i));
	w->want = 1000;
	run_until(w, first_got_frame);
	unsigned last;
	assert_int_equal(peer->frame.len, sizeof(last));
	memcpy(&last, peer->frame.at, sizeof(last));
	assert_int_equal(last, 999);
	assert_int_equal(peer->frames, 1000);
	world_close(w);
}

static bool both_measured(struct world *w)
{
	return w->rtts && w->peers[0].rtts;
}

static void measures_round_trips(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	open_one(w, CODEC_BIN);
	run_until(w, both_measured);
	world_close(w);
}

/* --- keys -------------------------------------------------------------------------------------------------------- */

static void refuses_another_key(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct url url = url_of(w);
	struct tls_identity other = {0};
	assert_true(tls_identity_make(&other));
	memcpy(url.pin, other.pin, sizeof(url.pin));
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_PIN);
	assert_int_equal(peer->opened, 0);
	assert_string_equal(w->token, ""); /* admit() was never asked: the token stayed at home */
	assert_string_equal(w->path, "");
	/* and the same client may try again, with the right key */
	connect_peer(w, 0, CODEC_BIN);
	w->want = 1;
	run_until(w, both_opened);
	assert_string_equal(w->token, TOKEN);
	tls_identity_fini(&other);
	world_close(w);
}

static void refuses_a_stranger_without_pin(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct url url = url_of(w);
	url.pin[0] = '\0';
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_PIN);
	assert_string_equal(w->path, "");
	world_close(w);
}

/* A certificate that the system is told to trust, for the names given. */
static void make_trusted(struct tls_identity *out, const char *names, const char *file)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
		(const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	X509_add_ext(cert, san, -1);
	X509_EXTENSION_free(san);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	FILE *at = fopen(file, "w");
	assert_non_null(at);
	PEM_write_X509(at, cert);
	fclose(at);
	BIO *c = BIO_new(BIO_s_mem()), *k = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(c, cert);
	PEM_write_bio_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL);
	BIO_write(c, "", 1);
	BIO_write(k, "", 1);
	char *cert_pem, *key_pem;
	BIO_get_mem_data(c, &cert_pem);
	BIO_get_mem_data(k, &key_pem);
	assert_true(tls_identity_read(out, cert_pem, key_pem));
	BIO_free(c);
	BIO_free(k);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* What becomes of a client without pin that asks for `host`, when the system trusts a certificate for `names`. */
static struct peer ask_trusted(const char *names, const char *host)
{
	char file[] = "/tmp/ws-test-XXXXXX";
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	close(fd);
	struct world *w = world_open(false, (struct ws_server_options){0});
	ws_server_destroy(w->server);
	make_trusted(&w->identity, names, file);
	setenv("SSL_CERT_FILE", file, 1);
	w->tls = true;
	const char *why;
	w->server = ws_server_create(w->loop,
		&(struct ws_server_options){
			.address = "127.0.0.1", .identity = &w->identity, .max_connections = 9},
		&handler, w, &why);
	assert_non_null(w->server);
	struct url url = url_of(w);
	url.pin[0] = '\0';
	snprintf(url.host, sizeof(url.host), "%s", host);
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_decided);
	struct peer result = *peer;
	result.client = NULL;
	result.frame = (struct buf){0};
	world_close(w);
	unsetenv("SSL_CERT_FILE");
	unlink(file);
	return result;
}

static void trusts_the_system_and_the_name(void **state)
{
	(void)state;
	struct peer right = ask_trusted("DNS:localhost", "localhost");
	assert_int_equal(right.opened, 1);
	struct peer address = ask_trusted("IP:127.0.0.1", "127.0.0.1");
	assert_int_equal(address.opened, 1);
	struct peer wrong = ask_trusted("DNS:elsewhere.example", "localhost");
	assert_int_equal(wrong.opened, 0);
	assert_int_equal(wrong.end, WS_END_PIN);
	struct peer wrong_address = ask_trusted("IP:127.0.0.2,DNS:localhost", "127.0.0.1");
	assert_int_equal(wrong_address.opened, 0);
	assert_int_equal(wrong_address.end, WS_END_PIN);
}

/* --- being refused ----------------------------------------------------------------------------------------------- */

static void tells_why_it_refuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *why, *word;
	} refusals[] = {
		{401, NULL, ""},
		{401, "expired\n", "expired"},
		{403, "other-room\n", "other-room"},
		{404, NULL, ""},
		{426, NULL, ""},
		{429, NULL, ""},
		{503, NULL, ""},
	};
	for (int tls = 0; tls < 2; tls++)
		for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
			struct world *w = world_open(tls, (struct ws_server_options){0});
			w->refuse = refusals[i].status;
			w->why = refusals[i].why;
			struct peer *peer = connect_peer(w, 0, CODEC_BIN);
			run_until(w, first_closed);
			assert_int_equal(peer->end, WS_END_REFUSED);
			assert_int_equal(peer->code, refusals[i].status);
			assert_string_equal(peer->reason, refusals[i].word);
			assert_int_equal(peer->opened, 0);
			assert_int_equal(peer->closed, 1);
			world_close(w);
		}
}

static void is_full(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){.max_connections = 1});
	open_one(w, CODEC_BIN);
	assert_int_equal(ws_server_connections(w->server), 1);
	/* the refused one in place 0, so that first_closed() sees it */
	struct peer inside = w->peers[0];
	w->peers[0] = (struct peer){0};
	struct peer *peer = connect_peer(w, 0, CODEC_BIN);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_REFUSED);
	assert_int_equal(peer->code, 503);
	assert_int_equal(w->admitted, 1);
	ws_client_destroy(inside.client);
	buf_fini(&inside.frame);
	world_close(w);
}

static void finds_nobody(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct url url = url_of(w);
	ws_server_stop_listening(w->server);
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_LOST);
	assert_int_equal(peer->opened, 0);
	world_close(w);
}

static void knows_no_such_name(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct url url = url_of(w);
	memset(url.host, 'x', 70); /* a label longer than DNS has */
	url.host[70] = '\0';
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_NAME);
	world_close(w);
}

static void tries_each_address(void **state)
{
	(void)state;
	/* "localhost" is ::1 and 127.0.0.1, in this order, on most systems; only one of them listens */
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct url url = url_of(w);
	snprintf(url.host, sizeof(url.host), "localhost");
	struct peer *peer = connect_to(w, 0, &url, CODEC_BIN);
	run_until(w, first_decided);
	assert_int_equal(peer->opened, 1);
	world_close(w);
}

/* --- parting ----------------------------------------------------------------------------------------------------- */

static void server_says_goodbye(bool tls)
{
	struct world *w = world_open(tls, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	w->in_send = true;
	ws_send(w->guests[0].conn, "last", 4);
	ws_close(w->guests[0].conn, 4001, "so long");
	ws_send(w->guests[0].conn, "dropped", 7);
	w->in_send = false;
	run_until(w, ended);
	assert_int_equal(peer->frames, 1);
	assert_memory_equal(peer->frame.at, "last", 4);
	assert_int_equal(peer->end, WS_END_CLOSED);
	assert_int_equal(peer->code, 4001);
	assert_string_equal(peer->reason, "so long");
	assert_int_equal(ws_server_connections(w->server), 0);
	world_close(w);
}

static void client_says_goodbye(bool tls)
{
	struct world *w = world_open(tls, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	ws_client_send(peer->client, "last", 4);
	ws_client_close(peer->client, 1000, "bye");
	ws_client_send(peer->client, "dropped", 7);
	run_until(w, ended);
	assert_int_equal(w->frames, 1);
	assert_memory_equal(w->last.at, "last", 4);
	assert_int_equal(peer->end, WS_END_CLOSED);
	assert_int_equal(peer->code, 1000);
	assert_string_equal(peer->reason, "bye");
	assert_int_equal(peer->closed, 1);
	assert_int_equal(w->goodbye, 1000);
	world_close(w);
}

static void says_goodbye(void **state)
{
	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		server_says_goodbye(tls);
		client_says_goodbye(tls);
	}
}

static void gives_up_connecting(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = connect_peer(w, 0, CODEC_BIN);
	ws_client_close(peer->client, 1000, "changed my mind");
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_CLOSED);
	assert_int_equal(peer->opened, 0);
	assert_int_equal(peer->closed, 1);
	world_close(w);
}

static void refuses_a_frame_too_large(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	char *text = text_of(MESSAGE_MAX_BYTES + 1);
	ws_client_send(peer->client, text, MESSAGE_MAX_BYTES + 1);
	run_until(w, ended);
	assert_int_equal(peer->end, WS_END_CLOSED);
	assert_int_equal(peer->code, 1009);
	assert_int_equal(w->frames, 0);
	free(text);
	world_close(w);
}

static void client_refuses_a_frame_too_large(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	char *text = text_of(MESSAGE_MAX_BYTES + 1);
	ws_client_limit(peer->client, MESSAGE_MAX_BYTES);
	ws_send(w->guests[0].conn, text, MESSAGE_MAX_BYTES + 1);
	run_until(w, ended);
	assert_int_equal(peer->frames, 0);
	assert_int_equal(peer->end, WS_END_LOST);
	assert_int_equal(peer->code, 1009);
	free(text);
	world_close(w);
}

/* An edit of 1 MiB is longer once it has been transformed: whoever cut the connection then would do so again for ever. */
static void client_takes_an_edit_that_grew(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	char *text = text_of(3 * MESSAGE_MAX_BYTES);
	ws_send(w->guests[0].conn, text, 3 * MESSAGE_MAX_BYTES);
	w->want = 1;
	run_until(w, first_got_frame);
	assert_int_equal(peer->closed, 0);
	assert_int_equal(peer->frame.len, 3 * MESSAGE_MAX_BYTES);
	assert_memory_equal(peer->frame.at, text, 3 * MESSAGE_MAX_BYTES);
	free(text);
	world_close(w);
}

static void is_lost_with_its_server(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	ws_server_destroy(w->server);
	w->server = NULL;
	assert_int_equal(w->closed, 1);
	run_until(w, first_closed);
	assert_int_equal(peer->end, WS_END_LOST);
	world_close(w);
}

static bool nobody_left(struct world *w)
{
	return w->closed == w->admitted;
}

static void notices_a_client_that_vanished(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct peer *peer = open_one(w, CODEC_BIN);
	ws_client_destroy(peer->client);
	peer->client = NULL;
	run_until(w, nobody_left);
	assert_int_equal(w->goodbye, WS_CODE_LOST);
	world_close(w);
}

static bool measured_often_or_closed(struct world *w)
{
	return w->rtts >= 20 || w->closed || w->peers[0].closed;
}

/* A round trip is measured once in the time of silence, so twenty of them are longer than the handshake's second. */
static void outlives_the_limit_of_the_handshake(void **state)
{
	(void)state;
	struct world *w =
		world_open(true, (struct ws_server_options){.silence_ms = 60, .handshake_ms = 500});
	open_one(w, CODEC_BIN);
	run_until(w, measured_often_or_closed);
	assert_int_equal(w->closed, 0);
	assert_int_equal(w->peers[0].closed, 0);
	world_close(w);
}

/* --- many -------------------------------------------------------------------------------------------------------- */

static bool all_opened(struct world *w)
{
	size_t opened = 0;
	for (size_t i = 0; i < w->want; i++)
		opened += w->peers[i].opened;
	return opened == w->want && w->opened == w->want;
}

static bool all_closed(struct world *w)
{
	size_t closed = 0;
	for (size_t i = 0; i < w->want; i++)
		closed += w->peers[i].closed;
	return closed == w->want && w->closed == w->want;
}

static void holds_many(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	w->want = 50;
	for (size_t i = 0; i < w->want; i++)
		connect_peer(w, i, i % 2 ? CODEC_BIN : CODEC_JSON);
	run_until(w, all_opened);
	assert_int_equal(ws_server_connections(w->server), 50);
	for (size_t i = 0; i < w->want; i++)
		ws_close(w->guests[i].conn, 1001, "away");
	run_until(w, all_closed);
	for (size_t i = 0; i < w->want; i++)
		assert_int_equal(w->peers[i].code, 1001);
	assert_int_equal(ws_server_connections(w->server), 0);
	world_close(w);
}

static void ends_with_many(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	w->want = 10;
	for (size_t i = 0; i < w->want; i++)
		connect_peer(w, i, CODEC_BIN);
	run_until(w, all_opened);
	world_close(w);
}

static void ends_in_the_middle_of_handshakes(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	w->want = 1;
	for (size_t i = 0; i < 10; i++)
		connect_peer(w, i, CODEC_BIN);
	run_until(w, both_opened);
	world_close(w);
}

/* --- peers that are no library ----------------------------------------------------------------------------------- */

static void on_stranger(void *ctx, bool readable, bool writable)
{
	struct stranger *stranger = ctx;
	char bytes[65536];
	(void)readable, (void)writable;
	ssize_t len = recv(stranger->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (len > 0)
		buf_add(&stranger->in, bytes, (size_t)len);
	else if (len == 0 || errno != EAGAIN)
		stranger->ended = true;
	watch_set(stranger->watch, !stranger->ended, false);
}

static void stranger_connect(struct world *w)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct stranger *stranger = &w->stranger;
	address.sin_port = htons((uint16_t)ws_server_port(w->server));
	stranger->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(stranger->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	stranger->watch = watch_create(w->loop, stranger->fd, on_stranger, stranger);
	stranger->ended = false;
	watch_set(stranger->watch, true, false);
}

static void stranger_close(struct world *w)
{
	watch_destroy(w->stranger.watch);
	close(w->stranger.fd);
	buf_fini(&w->stranger.in);
	w->stranger = (struct stranger){0};
}

static void say(struct world *w, const char *at, size_t len)
{
	assert_int_equal(send(w->stranger.fd, at, len, MSG_NOSIGNAL), len);
}

static bool stranger_ended(struct world *w)
{
	return w->stranger.ended;
}

static bool stranger_got(struct world *w)
{
	const struct buf *in = &w->stranger.in;
	return in->len && memmem(in->at, in->len, w->awaited, w->awaited_len);
}

static void await(struct world *w, const char *at, size_t len)
{
	w->awaited = at;
	w->awaited_len = len;
	run_until(w, stranger_got);
}

/* The whole answer to what is said, until the server ends the connection. */
static const char *ask(struct world *w, const char *text)
{
	stranger_connect(w);
	say(w, text, strlen(text));
	run_until(w, stranger_ended);
	buf_add(&w->stranger.in, "", 1);
	return w->stranger.in.at;
}

static void assert_answer(struct world *w, const char *text, const char *first_line)
{
	const char *answer = ask(w, text);
	if (strncmp(answer, first_line, strlen(first_line)) != 0)
		fail_msg("to\n%swas answered\n%s", text, answer);
	stranger_close(w);
}

/* The request of RFC 6455, 1.2, with what is given instead of its subprotocols. */
#define REQUEST(more)                                                                                      \
	"GET /otter HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" more "\r\n"
#define OFFER(list) "Sec-WebSocket-Protocol: " list "\r\n"

static void enter_as_stranger(struct world *w, const char *request)
{
	stranger_connect(w);
	say(w, request, strlen(request));
	await(w, "\r\n\r\n", 4);
	buf_add(&w->stranger.in, "", 1);
	w->stranger.in.len--;
	assert_int_equal(strncmp(w->stranger.in.at, "HTTP/1.1 101 ", 13), 0);
	assert_non_null(strstr(
		w->stranger.in.at, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
}

static void answers_http(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	const char *answer = ask(w, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\nok\n");
	stranger_close(w);
	assert_answer(w, "GET /healthz?verbose HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ");
	assert_answer(w, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ");
	assert_answer(w, "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
		"HTTP/1.1 405 ");
	assert_answer(w, "nonsense\r\n\r\n", "HTTP/1.1 400 ");
	assert_answer(w, "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ");
	assert_int_equal(ws_server_connections(w->server), 0);
	world_close(w);
}

static void bounds_heads(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	static const char start[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
	char *text = text_of(20000); /* ends never */
	memcpy(text, start, strlen(start));
	assert_answer(w, text, "HTTP/1.1 431 ");
	memcpy(text + 9000, "\r\n\r\n", 5); /* ends too late */
	assert_answer(w, text, "HTTP/1.1 431 ");
	free(text);
	world_close(w);
}

static void wants_a_subprotocol(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	assert_answer(w, REQUEST(""), "HTTP/1.1 426 ");
	assert_false(w->has_codec);
	assert_answer(w, REQUEST(OFFER("chat, superchat")), "HTTP/1.1 426 ");
	assert_answer(w, REQUEST(OFFER("codecollab.v1.binx")), "HTTP/1.1 426 ");
	assert_answer(w, REQUEST(OFFER("CODECOLLAB.V1.BIN")), "HTTP/1.1 426 ");
	assert_answer(w, REQUEST(OFFER("bearer." TOKEN)), "HTTP/1.1 426 ");
	assert_string_equal(w->token, TOKEN);
	assert_int_equal(w->admitted, 0);
	world_close(w);
}

static void prefers_binary_and_hides_the_token(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	/* longer than any buffer a list of names would be given */
	char request[4096], token[1501];
	memset(token, 't', 1500);
	token[1500] = '\0';
	snprintf(request, sizeof(request), "%s%s%s",
		"GET /otter?x HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"
		"Connection: keep-alive, upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: codecollab.v1.json,bearer.",
		token, "\r\nSec-WebSocket-Protocol: chat, codecollab.v1.bin\r\n\r\n");
	enter_as_stranger(w, request);
	assert_non_null(
		strstr(w->stranger.in.at, "\r\nSec-WebSocket-Protocol: codecollab.v1.bin\r\n"));
	assert_null(strstr(w->stranger.in.at, "ttt"));
	assert_string_equal(w->token, token);
	assert_string_equal(w->path, "/otter");
	stranger_close(w);
	world_close(w);
}

static void reads_the_authorization(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	w->refuse = 401;
	assert_answer(w, REQUEST(OFFER("codecollab.v1.bin") "Authorization: bEARER abc\r\n"),
		"HTTP/1.1 401 ");
	assert_string_equal(w->token, "abc");
	assert_answer(w, REQUEST(OFFER("codecollab.v1.bin") "Authorization: Basic abc\r\n"),
		"HTTP/1.1 401 ");
	assert_string_equal(w->token, "");
	assert_answer(w,
		REQUEST(OFFER("codecollab.v1.bin, bearer.x") "Authorization: Bearer y\r\n"),
		"HTTP/1.1 401 ");
	assert_string_equal(w->token, "y");
	assert_answer(w,
		REQUEST(OFFER(
			"codecollab.v1.bin") "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
		"HTTP/1.1 401 ");
	assert_string_equal(w->token, "");
	world_close(w);
}

static void refuses_broken_upgrades(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: close\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: c2hvcnQ=\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n",
	};
	struct world *w = world_open(false, (struct ws_server_options){0});
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_answer(w, wrong[i], "HTTP/1.1 400 ");
	assert_answer(w,
		"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"HTTP/1.1 405 ");
	const char *answer = ask(w,
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n");
	assert_int_equal(strncmp(answer, "HTTP/1.1 426 ", 13), 0);
	assert_non_null(strstr(answer, "\r\nSec-WebSocket-Version: 13\r\n"));
	stranger_close(w);
	assert_string_equal(w->path, ""); /* nobody was asked */
	world_close(w);
}

/* Frames under the mask 0, which leaves them readable. */
#define MASK "\0\0\0\0"

static void assert_closes_with(const char *frame, size_t len, const char *offer, unsigned code)
{
	struct world *w = world_open(false, (struct ws_server_options){0});
	char head[4] = {(char)0x88, 0, (char)(code >> 8), (char)code};
	enter_as_stranger(w, offer);
	buf_clear(&w->stranger.in);
	say(w, frame, len);
	run_until(w, stranger_ended);
	const struct buf *in = &w->stranger.in;
	const char *found = memmem(in->at, in->len, head + 2, 2);
	assert_non_null(found);
	assert_true(found - in->at >= 2);
	assert_int_equal((unsigned char)found[-2], 0x88);
	assert_int_equal(w->frames, 0);
	stranger_close(w);
	run_until(w, nobody_left);
	world_close(w);
}

static void closes_with_the_right_code(void **state)
{
	(void)state;
	static const char binary[] = REQUEST(OFFER("codecollab.v1.bin"));
	static const char text[] = REQUEST(OFFER("codecollab.v1.json"));
	assert_closes_with("\x81\x82" MASK "hi", 8, binary, 1003);
	assert_closes_with("\x82\x82" MASK "hi", 8, text, 1003);
	assert_closes_with("\x82\x02hi", 4, binary, 1002);
	assert_closes_with("\xc2\x82" MASK "hi", 8, binary, 1002);
	assert_closes_with("\x81\x82" MASK "\xff\xff", 8, text, 1007);
	assert_closes_with("\x82\xff\0\0\0\0\0\x20\0\0" MASK, 14, binary, 1009);
	assert_closes_with("\x88\x82" MASK "\x0f\xa1", 8, binary, 4001); /* echoed */
}

static void takes_frames_that_come_with_the_request(void **state)
{
	(void)state;
	static const char all[] =
		REQUEST(OFFER("codecollab.v1.bin")) "\x82\x82" MASK "hi\x89\x81" MASK "?";
	struct world *w = world_open(false, (struct ws_server_options){0});
	stranger_connect(w);
	say(w, all, sizeof(all) - 1);
	await(w, "\x82\x02hi\x8a\x01?", 7);
	assert_int_equal(w->frames, 1);
	stranger_close(w);
	world_close(w);
}

static void takes_a_request_byte_by_byte(void **state)
{
	(void)state;
	static const char all[] = REQUEST(OFFER("codecollab.v1.bin")) "\x82\x82" MASK "hi";
	struct world *w = world_open(false, (struct ws_server_options){0});
	stranger_connect(w);
	setsockopt(w->stranger.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	for (size_t i = 0; i + 1 < sizeof(all); i++)
		say(w, all + i, 1);
	await(w, "\x82\x02hi", 4);
	stranger_close(w);
	world_close(w);
}

/* --- time and room ----------------------------------------------------------------------------------------------- */

static void pings_the_silent_and_gives_them_up(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){.silence_ms = 40});
	enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
	await(w, "\x89\x08", 2);
	run_until(w, stranger_ended);
	/* one at the opening, and one before giving up */
	const struct buf *in = &w->stranger.in;
	const char *first = memmem(in->at, in->len, "\x89\x08", 2);
	size_t behind = (size_t)(in->at + in->len - first) - 2;
	assert_non_null(memmem(first + 2, behind, "\x89\x08", 2));
	run_until(w, nobody_left);
	stranger_close(w);
	world_close(w);
}

static bool has_waited(struct world *w)
{
	return loop_now_ms(w->loop) >= w->want;
}

/* Both ends answer pings, so silence alone ends nothing. */
static void keeps_the_quiet(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){.silence_ms = 40});
	struct peer *peer = open_one(w, CODEC_BIN);
	struct timer *tick = timer_make(w->loop, on_turn, w);
	timer_set(tick, 10, 10);
	w->want = (size_t)loop_now_ms(w->loop) + 800; /* ten times what a dead peer is given */
	run_until(w, has_waited);
	assert_int_equal(peer->closed, 0);
	assert_int_equal(w->closed, 0);
	assert_true(w->rtts > 1);
	timer_destroy(tick);
	world_close(w);
}

static void gives_up_unfinished_heads(void **state)
{
	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		struct world *w = world_open(tls, (struct ws_server_options){.handshake_ms = 40});
		stranger_connect(w);
		say(w, "GET / HT", 8);
		run_until(w, stranger_ended);
		stranger_close(w);
		world_close(w);
	}
}

/* A door that lets in, and says nothing more. */
static int open_silent_door(unsigned *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void client_gives_up_the_silent(void **state)
{
	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		struct world *w = world_open(tls, (struct ws_server_options){0});
		struct url url = url_of(w);
		int door = open_silent_door(&url.port);
		struct peer *peer = &w->peers[0];
		peer->client = ws_client_create(w->loop, &client_handler, peer);
		ws_client_patience(peer->client, 0, 40);
		connect_to(w, 0, &url, CODEC_BIN);
		run_until(w, first_closed);
		assert_int_equal(peer->end, WS_END_LOST);
		assert_int_equal(peer->opened, 0);
		close(door);
		world_close(w);
	}
}

static bool guest_ended(struct world *w)
{
	return w->guests[0].closed;
}

static void feed(void *ctx)
{
	struct world *w = ctx;
	static char bytes[65536];
	if (w->guests[0].closed)
		return;
	w->in_send = true;
	ws_send(w->guests[0].conn, bytes, sizeof(bytes));
	w->in_send = false;
	assert_true(ws_queued(w->guests[0].conn) <= WS_QUEUE_BYTES + sizeof(bytes) + 16);
	loop_again(w->loop);
}

/* One who does not read must not cost more than the queue, nor slow the others. */
static void cuts_off_the_slow(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = world_open(false, (struct ws_server_options){0});
		enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
		watch_set(w->stranger.watch, false, false);
		struct peer *peer = connect_peer(w, 0, CODEC_BIN);
		loop_on_turn(w->loop, feed, w);
		run_until(w, guest_ended);
		loop_off_turn(w->loop, feed, w);
		ws_client_send(peer->client, "still here", 10);
		w->want = 1;
		if (!peer->opened)
			run_until(w, first_decided);
		ws_client_send(peer->client, "still here", 10);
		run_until(w, first_got_frame);
		assert_memory_equal(peer->frame.at, "still here", 10);
		stranger_close(w);
		world_close(w);
	}
}

#define SPOONFULS 100

static size_t spoons;

static void feed_by_spoon(void *ctx)
{
	struct world *w = ctx;
	static char bytes[1024];
	if (spoons == SPOONFULS || ws_queued(w->guests[0].conn))
		return;
	w->in_send = true;
	ws_send(w->guests[0].conn, bytes, sizeof(bytes));
	ws_await(w->guests[0].conn);
	w->in_send = false;
	spoons++;
}

static bool fed(struct world *w)
{
	(void)w;
	return spoons == SPOONFULS;
}

/* Who does not read makes nothing happen, and the kernel takes it all the same: each next one is asked for at once. */
static void asks_for_more(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
	watch_set(w->stranger.watch, false, false);
	spoons = 0;
	loop_on_turn(w->loop, feed_by_spoon, w);
	loop_again(w->loop);
	run_until(w, fed);
	loop_off_turn(w->loop, feed_by_spoon, w);
	stranger_close(w);
	world_close(w);
}

static bool second_opened(struct world *w)
{
	return w->opened >= 2;
}

/* With no descriptor left the door waits, and opens again when there is one. */
static void survives_a_full_table(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	struct rlimit before, full;
	enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
	int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int next = dup(late);
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	full = before;
	full.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	address.sin_port = htons((uint16_t)ws_server_port(w->server));
	assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof(address)), 0);
	static const char request[] = REQUEST(OFFER("codecollab.v1.bin"));
	assert_int_equal(
		send(late, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
	/* the one inside is served meanwhile */
	say(w, "\x82\x82" MASK "hi", 8);
	await(w, "\x82\x02hi", 4);
	assert_int_equal(w->opened, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	run_until(w, second_opened);
	close(late);
	stranger_close(w);
	world_close(w);
}

static void listens_where_it_is_told(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){.address = "::"});
	open_one(w, CODEC_BIN); /* over IPv4 */
	assert_string_equal(w->from, "127.0.0.1");
	world_close(w);
	const char *why = NULL;
	struct loop *loop = loop_create();
	struct ws_server_options everywhere = {.address = "0.0.0.0", .max_connections = 1};
	assert_null(ws_server_create(loop, &everywhere, &handler, NULL, &why)); /* no TLS */
	assert_non_null(why);
	struct ws_server_options nowhere = {.address = "localhost", .max_connections = 1};
	why = NULL;
	assert_null(ws_server_create(loop, &nowhere, &handler, NULL, &why));
	assert_non_null(why);
	struct ws_server_options here = {.address = "127.0.0.1", .max_connections = 1};
	struct ws_server *first = ws_server_create(loop, &here, &handler, NULL, &why);
	assert_non_null(first);
	here.port = ws_server_port(first);
	why = NULL;
	assert_null(ws_server_create(loop, &here, &handler, NULL, &why));
	assert_string_equal(why, strerror(EADDRINUSE));
	ws_server_destroy(first);
	loop_destroy(loop);
}

/* --- operations -------------------------------------------------------------------------------------------------- */

#define FLOOD_FRAMES 128
#define FLOOD_BYTES  65536

static bool second_was_answered(struct world *w)
{
	return w->peers[1].frames >= w->want;
}

static bool flood_arrived(struct world *w)
{
	return w->frames >= w->want;
}

/* Frames of a paused peer wait in its own queue, and come in order when it is read again; another is served meanwhile. */
static void pause_and_go_on(bool tls)
{
	struct world *w = world_open(tls, (struct ws_server_options){0});
	w->echo = false;
	struct peer *flooder = open_one(w, CODEC_BIN);
	connect_peer(w, 1, CODEC_BIN);
	w->want = 2;
	run_until(w, both_opened);
	ws_pause(w->guests[0].conn);
	char *text = text_of(FLOOD_BYTES);
	for (size_t i = 0; i < FLOOD_FRAMES; i++) {
		text[0] = (char)i;
		ws_client_send(flooder->client, text, FLOOD_BYTES);
	}
	w->echo = true;
	for (w->want = 1; w->want <= 50;
		w->want++) { /* many turns in which nothing of the other is read */
		ws_client_send(w->peers[1].client, "hi", 2);
		run_until(w, second_was_answered);
	}
	assert_int_equal(w->frames, 50);
	assert_true(ws_client_queued(flooder->client) > FLOOD_BYTES);
	w->echo = false;
	w->want = 50 + FLOOD_FRAMES;
	ws_resume(w->guests[0].conn);
	run_until(w, flood_arrived);
	assert_int_equal(w->last.len, FLOOD_BYTES);
	assert_int_equal((unsigned char)w->last.at[0], FLOOD_FRAMES - 1);
	assert_int_equal(ws_client_queued(flooder->client), 0);
	free(text);
	world_close(w);
}

static bool told_enough(struct world *w)
{
	return w->frames >= w->want;
}

/* However many frames come at once, the others get their turn between them. */
static void takes_turns(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	struct buf frames = {0};
	w->echo = false;
	enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
	for (int i = 0; i < 1000; i++)
		buf_add(&frames, "\x82\x81" MASK "x", 7);
	say(w, frames.at, frames.len);
	w->want = 1000;
	run_until(w, told_enough);
	assert_int_equal(w->frames, 1000);
	assert_in_range(w->most_told, 1, 64);
	buf_fini(&frames);
	stranger_close(w);
	world_close(w);
}

static bool first_was_heard(struct world *w)
{
	return w->guests[0].heard >= w->want;
}

/* Where the handler takes only so much in a turn, those who had nothing of it come first in the next. */
static void waits_in_line(void **state)
{
	(void)state;
	enum { MANY = 8, FRAMES = 60 };
	struct world *w = world_open(false, (struct ws_server_options){0});
	w->echo = false;
	for (size_t i = 0; i < MANY; i++)
		connect_peer(w, i, CODEC_BIN);
	w->want = MANY;
	run_until(w, all_opened);
	w->one_a_turn = true;
	for (size_t i = 0; i < MANY * FRAMES; i++)
		ws_client_send(w->peers[i % MANY].client, "x", 1);
	w->want = FRAMES;
	run_until(w, first_was_heard);
	for (size_t i = 0; i < MANY; i++)
		assert_in_range(w->guests[i].heard, FRAMES / 2, FRAMES);
	w->want = MANY * FRAMES;
	run_until(w, told_enough);
	world_close(w);
}

enum { CROWD_COUNT = 64, CROWD_ROUNDS = 20 };

/*
 * In one turn something for each of the crowd, in the next for who is not of it: in the third that one's has left, and theirs waits. Not
 * always: who speaks just when the crowd's rest is over leaves with it, and is of it for a while.
 */
static bool crowd_was_told(struct world *w)
{
	struct ws_conn *alone = w->guests[CROWD_COUNT].conn;
	if (w->overtook == CROWD_ROUNDS)
		return true;
	loop_again(w->loop);
	switch (w->want++ % 3) {
	case 0:
		for (size_t i = 0; i < CROWD_COUNT; i++)
			ws_send(w->guests[i].conn, "all", 3);
		break;
	case 1: ws_send(alone, "one", 3); break;
	case 2: w->overtook += !ws_queued(alone) && ws_queued(w->guests[0].conn); break;
	}
	return false;
}

static bool any_was_told(struct world *w)
{
	for (size_t i = 0; i <= CROWD_COUNT; i++)
		if (w->peers[i].frames)
			return true;
	return false;
}

static void does_not_wait_for_a_crowd(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	for (size_t i = 0; i <= CROWD_COUNT; i++)
		connect_peer(w, i, CODEC_BIN);
	w->want = CROWD_COUNT + 1;
	run_until(w, all_opened);
	ws_send(w->guests[CROWD_COUNT].conn, "one", 3); /* they were a crowd when they came */
	run_until(w, any_was_told);
	w->want = 0;
	run_until(w, crowd_was_told);
	world_close(w);
}

/* What the handler leaves of a frame comes again, one turn later, and the next frame behind it. */
static void takes_a_frame_in_parts(void **state)
{
	(void)state;
	struct world *w = world_open(false, (struct ws_server_options){0});
	w->echo = false;
	w->takes = 1;
	enter_as_stranger(w, REQUEST(OFFER("codecollab.v1.bin")));
	say(w, "\x82\x85" MASK "hello\x82\x81" MASK "!", 18);
	w->want = 6;
	run_until(w, told_enough);
	assert_int_equal(w->frames, 6);
	assert_in_range(w->most_told, 1, 2); /* the last part, and what is behind it */
	assert_int_equal(w->last.len, 1);
	stranger_close(w);
	world_close(w);
}

/* Half a ClientHello never comes in, and is not waited for without end. */
static void leaves_half_a_hello_outside(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){.handshake_ms = 40});
	stranger_connect(w);
	say(w, "\x16\x03\x01\x02\x00\x01", 6);
	run_until(w, stranger_ended);
	assert_int_equal(w->failures, 1);
	assert_int_equal(w->failure, 408);
	stranger_close(w);
	world_close(w);
}

static void pauses(void **state)
{
	(void)state;
	pause_and_go_on(false);
}

static void pauses_over_tls(void **state)
{
	(void)state;
	pause_and_go_on(true);
}

static bool third_opened(struct world *w)
{
	return w->peers[2].opened > 0;
}

static bool second_closed(struct world *w)
{
	return w->peers[1].closed > 0;
}

/* --- many records in one packet ---------------------------------------------------------------------------------- */

#define RECORDS 300

struct hasty {
	unsigned port;
	int fd;
	SSL_CTX *context;
	SSL *tls;
};

static const char hasty_request[] =
	"GET /otter HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	"Sec-WebSocket-Protocol: codecollab.v1.bin\r\nAuthorization: Bearer " TOKEN "\r\n\r\n";

static void hasty_ask(struct hasty *h)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)h->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char answer[2000];
	size_t len = 0;
	h->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(h->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	h->context = SSL_CTX_new(TLS_client_method());
	h->tls = SSL_new(h->context);
	SSL_set_fd(h->tls, h->fd);
	assert_int_equal(SSL_connect(h->tls), 1);
	assert_true(SSL_write(h->tls, hasty_request, sizeof(hasty_request) - 1) > 0);
	do {
		int n = SSL_read(h->tls, answer + len, (int)(sizeof(answer) - len));
		assert_true(n > 0);
		len += (size_t)n;
	} while (!memmem(answer, len, "\r\n\r\n", 4));
}

/* One frame a record, and all of them in one write. The last of them comes in two. */
static void *hasty_main(void *arg)
{
	struct hasty *h = arg;
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes;
	hasty_ask(h);
	SSL_set0_wbio(h->tls, memory);
	for (int i = 0; i < RECORDS; i++)
		assert_true(SSL_write(h->tls, "\x82\x81\0\0\0\0x", 7) == 7);
	long len = BIO_get_mem_data(memory, &bytes);
	assert_int_equal(write(h->fd, bytes, (size_t)len - 5), len - 5);
	assert_int_equal(write(h->fd, bytes + len - 5, 5), 5);
	return NULL;
}

static bool heard_records(struct world *w)
{
	return w->frames == RECORDS;
}

static void hears_records_that_come_together(bool one_a_turn)
{
	struct world *w = world_open(true, (struct ws_server_options){.max_message = 100});
	struct hasty h = {.port = ws_server_port(w->server)};
	pthread_t thread;
	w->echo = false;
	w->one_a_turn = one_a_turn;
	assert_int_equal(pthread_create(&thread, NULL, hasty_main, &h), 0);
	run_until(w, heard_records);
	assert_true(w->most_told == (one_a_turn ? 1 : 64)); /* as many as a turn has room for */
	pthread_join(thread, NULL);
	SSL_free(h.tls);
	SSL_CTX_free(h.context);
	close(h.fd);
	world_close(w);
}

static void hears_all_records_of_a_packet(void **state)
{
	(void)state;
	hears_records_that_come_together(false);
}

static void hears_them_one_after_the_other(void **state)
{
	(void)state;
	hears_records_that_come_together(true);
}

static void takes_another_certificate(void **state)
{
	(void)state;
	struct world *w = world_open(true, (struct ws_server_options){0});
	struct tls_identity fresh, mixed;
	struct url before = url_of(w), after = before;
	struct peer *old = open_one(w, CODEC_BIN);
	assert_true(tls_identity_make(&fresh));
	mixed = fresh;
	mixed.key_pem = w->identity.key_pem;
	assert_false(ws_server_set_identity(w->server, &mixed));
	assert_true(ws_server_set_identity(w->server, &fresh));
	connect_to(w, 1, &before, CODEC_BIN);
	run_until(w, second_closed);
	assert_int_equal(w->peers[1].end, WS_END_PIN);
	memcpy(after.pin, fresh.pin, sizeof(after.pin));
	connect_to(w, 2, &after, CODEC_BIN);
	w->want = 3;
	run_until(w, third_opened);
	ws_client_send(old->client, "hi", 2); /* who was in stays in */
	w->want = 1;
	run_until(w, first_got_frame);
	assert_int_equal(old->frames, 1);
	tls_identity_fini(&fresh);
	world_close(w);
}

static bool has_failed(struct world *w)
{
	return w->failures >= w->want;
}

static void tells_who_failed(void **state)
{
	static const struct {
		const char *request;
		int refuse, status;
	} cases[] = {
		{REQUEST(OFFER("codecollab.v1.bin")), 403, 403},
		{REQUEST(OFFER("chat")), 0, 426},
		{"GET / HTTP/1.1\r\n\r\n", 0, 400},
		{"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 0, 0}, /* not an attempt to come in */
		{"G", 0, 408},
	};
	struct world *w = world_open(false, (struct ws_server_options){.handshake_ms = 100});
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->refuse = cases[i].refuse;
		stranger_connect(w);
		say(w, cases[i].request, strlen(cases[i].request));
		w->want = w->failures + (cases[i].status != 0);
		run_until(w, stranger_ended);
		run_until(w, has_failed);
		assert_int_equal(w->failures, w->want);
		if (cases[i].status)
			assert_int_equal(w->failure, cases[i].status);
		stranger_close(w);
	}
	assert_string_equal(w->failed_from, "127.0.0.1");
	stranger_connect(w);
	stranger_close(w); /* gone without a word */
	w->want = w->failures + 1;
	run_until(w, has_failed);
	assert_int_equal(w->failure, 0);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_binary),
		cmocka_unit_test(echoes_binary_over_tls),
		cmocka_unit_test(echoes_text),
		cmocka_unit_test(echoes_text_over_tls),
		cmocka_unit_test(keeps_order),
		cmocka_unit_test(measures_round_trips),
		cmocka_unit_test(refuses_another_key),
		cmocka_unit_test(refuses_a_stranger_without_pin),
		cmocka_unit_test(trusts_the_system_and_the_name),
		cmocka_unit_test(tells_why_it_refuses),
		cmocka_unit_test(is_full),
		cmocka_unit_test(finds_nobody),
		cmocka_unit_test(knows_no_such_name),
		cmocka_unit_test(tries_each_address),
		cmocka_unit_test(says_goodbye),
		cmocka_unit_test(gives_up_connecting),
		cmocka_unit_test(refuses_a_frame_too_large),
		cmocka_unit_test(client_refuses_a_frame_too_large),
		cmocka_unit_test(client_takes_an_edit_that_grew),
		cmocka_unit_test(is_lost_with_its_server),
		cmocka_unit_test(notices_a_client_that_vanished),
		cmocka_unit_test(outlives_the_limit_of_the_handshake),
		cmocka_unit_test(holds_many),
		cmocka_unit_test(ends_with_many),
		cmocka_unit_test(ends_in_the_middle_of_handshakes),
		cmocka_unit_test(answers_http),
		cmocka_unit_test(bounds_heads),
		cmocka_unit_test(wants_a_subprotocol),
		cmocka_unit_test(prefers_binary_and_hides_the_token),
		cmocka_unit_test(reads_the_authorization),
		cmocka_unit_test(refuses_broken_upgrades),
		cmocka_unit_test(closes_with_the_right_code),
		cmocka_unit_test(takes_frames_that_come_with_the_request),
		cmocka_unit_test(takes_a_request_byte_by_byte),
		cmocka_unit_test(pings_the_silent_and_gives_them_up),
		cmocka_unit_test(keeps_the_quiet),
		cmocka_unit_test(gives_up_unfinished_heads),
		cmocka_unit_test(client_gives_up_the_silent),
		cmocka_unit_test(cuts_off_the_slow),
		cmocka_unit_test(asks_for_more),
		cmocka_unit_test(survives_a_full_table),
		cmocka_unit_test(listens_where_it_is_told),
		cmocka_unit_test(takes_turns),
		cmocka_unit_test(waits_in_line),
		cmocka_unit_test(does_not_wait_for_a_crowd),
		cmocka_unit_test(takes_a_frame_in_parts),
		cmocka_unit_test(leaves_half_a_hello_outside),
		cmocka_unit_test(pauses),
		cmocka_unit_test(pauses_over_tls),
		cmocka_unit_test(hears_all_records_of_a_packet),
		cmocka_unit_test(hears_them_one_after_the_other),
		cmocka_unit_test(takes_another_certificate),
		cmocka_unit_test(tells_who_failed),
	};
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be asked */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
