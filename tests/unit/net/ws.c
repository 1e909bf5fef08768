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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/loop.h"
#include "net/ws_client.h"
#include "net/ws_server.h"
#include "ot/mem.h"

#define PEERS_MAX   64
#define DEADLINE_MS 30000 /* only a hang reaches it */
#define TOKEN       "eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0"

struct world;

struct guest {
	struct world *world;
	struct ws_conn *conn;
	bool closed;
};

struct peer {
	struct ws_client *client;
	struct buf frame; /* the last one */
	size_t opened, frames, closed, rtts;
	enum ws_end end;
	unsigned code;
	char reason[200];
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
	bool echo;
	struct guest guests[PEERS_MAX];
	size_t admitted, opened, closed, frames, rtts;
	bool in_send; /* a call of ours is on the stack: closed() must not be */
	struct buf last;
	char token[TOKEN_MAX_BYTES + 1], path[200], from[64];
	bool has_codec;
	enum codec codec;

	struct peer peers[PEERS_MAX];
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

static void guest_frame(void *session, const char *at, size_t len)
{
	struct guest *guest = session;
	struct world *w = guest->world;
	w->frames++;
	buf_clear(&w->last);
	buf_add(&w->last, at, len);
	w->in_send = true;
	if (w->echo)
		ws_send(guest->conn, at, len);
	w->in_send = false;
}

static void guest_closed(void *session)
{
	struct guest *guest = session;
	assert_false(guest->closed);
	assert_false(guest->world->in_send);
	guest->closed = true;
	guest->world->closed++;
}

static void guest_rtt(void *session, unsigned ms)
{
	assert_true(ms > 0);
	((struct guest *)session)->world->rtts++;
}

static int get(void *ctx, const char *path, struct buf *body)
{
	(void)ctx;
	if (strcmp(path, "/healthz") != 0)
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
	static const int statuses[] = {401, 403, 404, 426, 429, 503};
	for (int tls = 0; tls < 2; tls++)
		for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
			struct world *w = world_open(tls, (struct ws_server_options){0});
			w->refuse = statuses[i];
			struct peer *peer = connect_peer(w, 0, CODEC_BIN);
			run_until(w, first_closed);
			assert_int_equal(peer->end, WS_END_REFUSED);
			assert_int_equal(peer->code, statuses[i]);
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
	ws_send(w->guests[0].conn, text, MESSAGE_MAX_BYTES + 1);
	run_until(w, ended);
	assert_int_equal(peer->frames, 0);
	assert_int_equal(peer->end, WS_END_LOST);
	assert_int_equal(peer->code, 1009);
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
	world_close(w);
}

static bool measured_often_or_closed(struct world *w)
{
	return w->rtts >= 20 || w->closed || w->peers[0].closed;
}

/* A pong comes every 200 ms at most, so the handshake's second is long over. */
static void outlives_the_limit_of_the_handshake(void **state)
{
	(void)state;
	struct world *w = world_open(
		true, (struct ws_server_options){.silence_ms = 200, .handshake_ms = 500});
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
		cmocka_unit_test(is_lost_with_its_server),
		cmocka_unit_test(notices_a_client_that_vanished),
		cmocka_unit_test(outlives_the_limit_of_the_handshake),
		cmocka_unit_test(holds_many),
		cmocka_unit_test(ends_with_many),
		cmocka_unit_test(ends_in_the_middle_of_handshakes),
	};
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be asked */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
