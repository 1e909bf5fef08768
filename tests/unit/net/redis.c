/*
 * A connection to a Redis that is not as one would like it: at another of its addresses, or beside somebody whose errors are not ours. The
 * server here says it is a master, to whatever is asked.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <openssl/err.h>

#include <cmocka.h>

#include "net/redis.h"
#include "net/redis_line.h"
#include "net/redis_place.h"
#include "net/tls.h"

#define WAIT_MS 60000

/* ---- names: the test's own, before the system's ---- */

static const char *addresses[4]; /* of every host, ended by NULL */

int getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo **end = out;

	(void)host;
	(void)service;
	(void)hints;
	*out = NULL;
	for (size_t i = 0; addresses[i]; i++) {
		struct addrinfo *one = calloc(1, sizeof(*one) + sizeof(struct sockaddr_in));
		struct sockaddr_in *at = (struct sockaddr_in *)(void *)(one + 1);
		at->sin_family = AF_INET;
		inet_pton(AF_INET, addresses[i], &at->sin_addr);
		one->ai_family = AF_INET;
		one->ai_addr = (struct sockaddr *)at;
		one->ai_addrlen = sizeof(*at);
		*end = one;
		end = &one->ai_next;
	}
	return *out ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;
		free(list);
		list = next;
	}
}

/* ---- a server ---- */

struct server {
	struct loop *loop;
	int listener, fd; /* -1: nobody came */
	unsigned port;
	struct watch *comes, *speaks;
	size_t visits;
};

static void on_speaks(void *ctx, bool readable, bool writable)
{
	static const char master[] = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
	struct server *server = ctx;
	char bytes[1000];

	(void)readable;
	(void)writable;
	if (recv(server->fd, bytes, sizeof(bytes), 0) > 0)
		assert_int_equal(
			send(server->fd, master, strlen(master), MSG_NOSIGNAL), strlen(master));
	else
		watch_set(server->speaks, false, false);
}

static void on_comes(void *ctx, bool readable, bool writable)
{
	struct server *server = ctx;

	(void)readable;
	(void)writable;
	server->fd = accept(server->listener, NULL, NULL);
	assert_true(server->fd >= 0);
	server->visits++;
	server->speaks = watch_create(server->loop, server->fd, on_speaks, server);
	watch_set(server->speaks, true, false);
}

static void listen_at(struct server *server, struct loop *loop, const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	*server = (struct server){.loop = loop, .fd = -1};
	inet_pton(AF_INET, address, &at.sin_addr);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(server->listener, 4), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	server->comes = watch_create(loop, server->listener, on_comes, server);
	watch_set(server->comes, true, false);
}

static void end(struct server *server)
{
	watch_destroy(server->comes);
	watch_destroy(server->speaks);
	close(server->listener);
	if (server->fd >= 0)
		close(server->fd);
}

/* ---- a client ---- */

struct client {
	size_t ups, downs;
	const char *why;
};

static void on_up(void *ctx)
{
	((struct client *)ctx)->ups++;
}

static void on_down(void *ctx, const char *why)
{
	((struct client *)ctx)->downs++;
	((struct client *)ctx)->why = why;
}

static const struct redis_handler handler = {.up = on_up, .down = on_down};

static bool is_undecided(void *ctx)
{
	const struct client *client = ctx;

	return !client->ups && !client->downs;
}

static struct redis *connect_to(struct loop *loop, unsigned port, struct client *client)
{
	struct redis_options options;
	char url[100];

	snprintf(url, sizeof(url), "redis://a-name.example:%u", port);
	assert_null(redis_url(url, &options));
	struct redis *redis = redis_create(loop, &options, &handler, client);
	loop_drain(loop, is_undecided, client, WAIT_MS);
	return redis;
}

static void all_addresses_of_a_name_are_tried(void **state)
{
	struct loop *loop = loop_create();
	struct client client = {0};
	struct server server;

	(void)state;
	listen_at(&server, loop, "127.0.0.3");
	memcpy(addresses, (const char *[4]){"127.0.0.1", "127.0.0.2", "127.0.0.3"},
		sizeof(addresses));
	struct redis *redis = connect_to(loop, server.port, &client);
	assert_int_equal(client.ups, 1);
	assert_int_equal(client.downs, 0); /* that two of them are wrong is nobody's business */
	assert_int_equal(server.visits, 1);
	assert_true(redis_is_up(redis));
	redis_destroy(redis);
	end(&server);
	loop_destroy(loop);
}

static void when_none_is_good_that_is_told_once(void **state)
{
	struct loop *loop = loop_create();
	struct client client = {0};
	struct server server;

	(void)state;
	listen_at(&server, loop, "127.0.0.3");
	memcpy(addresses, (const char *[4]){"127.0.0.1", "127.0.0.2"}, sizeof(addresses));
	struct redis *redis = connect_to(loop, server.port, &client);
	assert_int_equal(client.downs, 1);
	assert_non_null(strstr(client.why, "nobody takes"));
	redis_destroy(redis);
	addresses[0] = NULL;
	client = (struct client){0};
	redis = connect_to(loop, server.port, &client);
	assert_string_equal(client.why, "there is no such host");
	redis_destroy(redis);
	end(&server);
	loop_destroy(loop);
}

/* ---- TLS in a thread of others ---- */

/* Both ends of a connection whose handshake is done: a line, and who is at its other end. */
struct ends {
	struct tls_identity identity;
	SSL_CTX *here, *there;
	struct redis_line line;
	SSL *other;
	int fd;
};

static void shake_hands(struct ends *ends)
{
	int pair[2];

	assert_true(tls_identity_make(&ends->identity));
	ends->here = SSL_CTX_new(TLS_client_method());
	ends->there = SSL_CTX_new(TLS_server_method());
	assert_true(tls_identity_use(&ends->identity, ends->there));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	ends->line = (struct redis_line){.fd = pair[0], .ssl = SSL_new(ends->here)};
	ends->other = SSL_new(ends->there);
	ends->fd = pair[1];
	SSL_set_fd(ends->line.ssl, pair[0]);
	SSL_set_fd(ends->other, pair[1]);
	SSL_set_connect_state(ends->line.ssl);
	SSL_set_accept_state(ends->other);
	while (!SSL_is_init_finished(ends->line.ssl) || !SSL_is_init_finished(ends->other)) {
		SSL_do_handshake(ends->line.ssl);
		SSL_do_handshake(ends->other);
	}
}

static void part(struct ends *ends)
{
	redis_line_close(&ends->line);
	SSL_free(ends->other);
	close(ends->fd);
	SSL_CTX_free(ends->here);
	SSL_CTX_free(ends->there);
	tls_identity_fini(&ends->identity);
	ERR_clear_error();
}

static void errors_of_others_are_not_ours(void **state)
{
	struct ends ends = {0};
	char block[10000] = "", byte;
	ssize_t n;

	(void)state;
	shake_hands(&ends);
	ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR); /* a stranger's handshake went wrong */
	assert_true(redis_line_get(&ends.line, &byte, 1) < 0);
	assert_int_equal(errno, EAGAIN);
	do { /* until the socket takes no more */
		ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
		n = redis_line_put(&ends.line, block, sizeof(block));
	} while (n > 0);
	assert_int_equal(errno, EAGAIN);
	part(&ends);
}

/* ---- where it is ---- */

static void places_take_turns(void **state)
{
	static const char three[] = "a,b.example:26380,[::1]:7", two[] = "10.0.0.5,[fe80::1%eth0]";
	static const struct {
		const char *hosts;
		size_t turn;
		const char *host;
		unsigned port;
	} rows[] = {{three, 0, "a", 6379}, {three, 1, "b.example", 26380}, {three, 2, "::1", 7},
		{three, 3, "a", 6379}, {three, 3000001, "b.example", 26380},
		{two, 0, "10.0.0.5", 6379}, {two, 1, "fe80::1%eth0", 6379},
		{"h:65535", 9, "h", 65535}, {"a,b,c,d,e,f,g,h,i,j", 9, "j", 6379},
		{"a,b,c,d,e,f,g,h,i,j", 18, "i", 6379}};

	(void)state;
	assert_int_equal(redis_places(three), 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct redis_place place;
		assert_true(redis_place(rows[i].hosts, rows[i].turn, 6379, &place));
		assert_string_equal(place.host, rows[i].host);
		assert_int_equal(place.port, rows[i].port);
	}
}

static void what_is_no_place_is_refused(void **state)
{
	static const char *const hosts[] = {"", ":1", "h:", "h:0", "h:65536",
		"h:99999999999999999999", "h:6379x", "h:-1", "::1", "fe80::1:6379", "[]", "[]:1",
		"[::1", "[::1]6379", "[::1]:", "[::1]:x"};
	struct redis_place place;
	char longer[300];

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		assert_false(redis_place(hosts[i], 0, 6379, &place));
	assert_false(redis_place("a,,b", 1, 6379, &place));
	assert_false(redis_place("a,", 1, 6379, &place));
	memset(longer, 'h', sizeof(longer));
	longer[255] = '\0';
	assert_true(redis_place(longer, 0, 6379, &place));
	longer[255] = 'h';
	longer[256] = '\0';
	assert_false(redis_place(longer, 0, 6379, &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_addresses_of_a_name_are_tried),
		cmocka_unit_test(when_none_is_good_that_is_told_once),
		cmocka_unit_test(errors_of_others_are_not_ours),
		cmocka_unit_test(places_take_turns),
		cmocka_unit_test(what_is_no_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
