/*
 * ws_server.h: WebSocket connections that come in (RFC 6455), and the HTTP around them.
 *
 * Who comes is received by ws_door.h, and handed to libwebsockets, which does TLS and readiness. The request's head and the
 * frames are read by ws_entry.h and ws_conn.h with http.h, ws_upgrade.h and ws_frame.h: the library's own reader keeps 126 bytes of the offered
 * subprotocols, so that a browser's bearer.TOKEN would never arrive, drops a client with an unknown one without an answer, and
 * lets unmasked frames pass.
 *
 * In one turn of the loop a few strangers come in (WS_DOOR_ENTER), and of each connection a bounded number of frames is handled
 * (WS_FRAMES_A_TURN): no crowd at the door and no busy peer makes the others wait for long.
 *
 * A connection lives from the admit() that returned 0 to its closed(), which is always called for it, from a turn of the loop,
 * never from inside ws_send or ws_close. Frames sent after ws_close are dropped; frames that come after it are not told.
 *
 * What is wrong with a frame closes the connection: 1002 (form), 1003 (text on the binary protocol or the other way round),
 * 1007 (not UTF-8), 1009 (above max_message). A queue above WS_QUEUE_BYTES ends it at once: a peer that does
 * not read cannot read a close frame either. After silence_ms without a byte the peer is pinged, after twice that it is gone.
 *
 * Limits:  HTTP_HEAD_MAX_BYTES, handshake_ms, max_connections (as many again may be in their handshake, and 64 more: then
 *          the one that takes longest is given up; WS_DOOR_WAITING wait outside). The soft limit of descriptors is raised to what
 *          these need, as far as the hard one allows.
 * Memory:  a conn is the server's; it may be used until its closed() returns.
 */
#ifndef NET_WS_SERVER_H
#define NET_WS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/codec.h"
#include "net/loop.h"
#include "net/networks.h"
#include "net/tls.h"
#include "net/ws_frame.h"
#include "ot/buf.h"

#define WS_QUEUE_BYTES  ((size_t)4 << 20) /* unsent bytes of one connection; beyond it: cut off */
#define WS_HANDSHAKE_MS 10000U

struct ws_server;
struct ws_conn;

/* What a client asked for, before any WebSocket exists. Strings are NUL-terminated and live during the call. */
struct ws_request {
	const char *path;  /* "/quiet-otter": begins with a slash, without query */
	const char *token; /* from Authorization: Bearer, or an offered subprotocol bearer.TOKEN; "" when absent */
	const char *peer;  /* numeric address, or local:UID */
	int fd;            /* its socket, for local_peer() */
	bool has_codec;    /* offered a subprotocol we speak; else admit() should answer 426 */
	enum codec codec;  /* the one it will get: binary if offered */
	const char **why;  /* admit() may set it, in static memory: the body of its refusal, with a line end */
};

struct ws_server_handler {
	/* Somebody came, and has said nothing yet: false sends them away. For sockets that know who comes (local.h). May be NULL. */
	bool (*knows)(void *ctx, int fd);
	/* 0: let it in, and *session is its context in the calls below. Else an HTTP status to refuse it with. */
	int (*admit)(void *ctx, const struct ws_request *request, void **session);
	void (*opened)(void *session, struct ws_conn *conn);
	/*
	 * One whole message. Gives how many bytes of it were handled: if fewer than len, the rest is told in a later turn of the loop,
	 * after the others had theirs, and nothing else of this connection meanwhile.
	 */
	size_t (*frame)(void *session, const char *at, size_t len);
	/* Also when it never opened. code is the one that the peer said goodbye with, WS_CODE_LOST when it did not. */
	void (*closed)(void *session, unsigned code);
	void (*rtt)(void *session, unsigned ms);                  /* from our pings; may be NULL */
	/*
	 * An attempt to come in failed: the HTTP status that it was refused with (admit()'s too), 408 when it took longer than
	 * handshake_ms, 0 when it was gone before (TLS that is none, or a peer that hung up). May be NULL.
	 */
	void (*failed)(void *ctx, const char *peer, int status);
	/* A plain GET, with path and token as in admit(): returns the status, and fills body (text/plain). */
	int (*get)(void *ctx, const struct ws_request *request, struct buf *body);
};

struct ws_server_options {
	const char *address; /* numeric, "::" for all with IPv4 */
	unsigned port;       /* 0: any free one */
	int listener;        /* a socket that listens already (listener.h), taken; 0: there is none */
	const struct tls_identity *identity; /* NULL: plain ws, on loopback and local sockets only */
	/*
	 * Balancers, who say for whom they come: with a header of the PROXY protocol before all else, which is then asked of each of them
	 * (ws_door.h), or with X-Forwarded-For in their requests. NULL: nobody is believed.
	 */
	const struct networks *proxies, *forwarders;
	size_t max_message;                  /* bytes, at most MESSAGE_MAX_BYTES; 0: that */
	size_t max_connections;              /* beyond it: 503 */
	size_t other_files;                  /* descriptors that the process needs for other things, 128 aside */
	unsigned silence_ms;                 /* 0: WS_SILENCE_MS */
	unsigned handshake_ms;               /* TLS and the request's head within it; 0: WS_HANDSHAKE_MS */
};

/* NULL on failure; *why then says what failed, in static memory or errno's words. Borrows handler for its life. */
struct ws_server *ws_server_create(struct loop *loop, const struct ws_server_options *options,
	const struct ws_server_handler *handler, void *ctx, const char **why);
unsigned ws_server_port(const struct ws_server *server);
size_t ws_server_connections(const struct ws_server *server); /* admitted and not yet closed() */
/* Another certificate and key, for those who come from now on. false: it cannot be used, and the old one stays. */
bool ws_server_set_identity(struct ws_server *server, const struct tls_identity *identity);
void ws_server_stop_listening(struct ws_server *server);
/*
 * Cuts all connections off, calling their closed(); not from inside a handler. To part in peace, first ws_close() them and wait
 * for ws_server_connections() to be 0. The loop must still run, or be destroyed, for the library to finish.
 */
void ws_server_destroy(struct ws_server *server);

/* Queue one frame (binary or text as the connection's codec wants); copies. It leaves at the end of the turn. */
void ws_send(struct ws_conn *conn, const char *at, size_t len);
size_t ws_queued(const struct ws_conn *conn); /* bytes not yet handed to the kernel */
void ws_await(struct ws_conn *conn); /* a turn of the loop is to come when there are none */
enum codec ws_codec(const struct ws_conn *conn);
const char *ws_peer(const struct ws_conn *conn); /* numeric address, or local:UID */
/*
 * Stop telling frames and reading from the peer, so that TCP holds it back, and go on. While paused its silence does not count,
 * and its death is noticed only by writing.
 */
void ws_pause(struct ws_conn *conn);
void ws_resume(struct ws_conn *conn);
/* Say goodbye with a status code (RFC 6455, 7.4) and a reason of at most 120 bytes (or NULL), after what is queued. */
void ws_close(struct ws_conn *conn, unsigned code, const char *reason);

#endif
