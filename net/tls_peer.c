#include "net/tls_peer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

static const char other_key[] = "the server's key is not the one the URL names";

static void meet(struct tls_peer *peer, X509 *cert)
{
	unsigned char *der = NULL;
	int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : -1;

	peer->met[0] = '\0';
	if (len > 0)
		tls_pin_of_spki(der, (size_t)len, peer->met);
	OPENSSL_free(der);
}

static bool pin_fits(struct tls_peer *peer, X509 *cert)
{
	meet(peer, cert);
	return peer->met[0] && strcmp(peer->met, peer->pin) == 0;
}

static int keep_verdict(int good, X509_STORE_CTX *store)
{
	(void)store;
	return good;
}

/* OpenSSL's own judgement, of the chain and of the name; the library's callback would be asked too, and is not. */
static bool authorities_vouch(const struct tls_peer *peer, X509_STORE_CTX *store)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);

	X509_STORE_CTX_set_verify_cb(store, keep_verdict);
	X509_VERIFY_PARAM_set1_host(param, NULL, 0); /* the library's guess, cut at a colon */
	if (!X509_VERIFY_PARAM_set1_ip_asc(param, peer->host))
		X509_VERIFY_PARAM_set1_host(param, peer->host, 0);
	return X509_verify_cert(store) == 1;
}

static bool judge_pin(struct tls_peer *peer, X509_STORE_CTX *store)
{
	bool good = pin_fits(peer, X509_STORE_CTX_get0_cert(store));

	X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	peer->wrong = good ? NULL : other_key;
	return good;
}

static bool judge_chain(struct tls_peer *peer, X509_STORE_CTX *store)
{
	meet(peer, X509_STORE_CTX_get0_cert(store));
	bool good = authorities_vouch(peer, store);
	peer->wrong = good ? NULL : X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
	return good;
}

/*
 * In place of OpenSSL's verification. (libwebsockets' way to ask finds its connection by a number that every new context
 * changes for all: a handshake that is under way then fails.)
 */
static int on_certificate(X509_STORE_CTX *store, void *ctx)
{
	struct tls_peer *peer = ctx;

	return *peer->pin ? judge_pin(peer, store) : judge_chain(peer, store);
}

SSL_CTX *tls_peer_context(struct tls_peer *peer, bool pinned)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (!tls)
		abort();
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_cert_verify_callback(tls, on_certificate, peer);
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	if (!pinned)
		SSL_CTX_set_default_verify_paths(tls);
	return tls;
}

bool tls_peer_is_right(struct tls_peer *peer, SSL *tls)
{
	bool good = false;

	if (tls && *peer->pin) {
		X509 *cert = SSL_get1_peer_certificate(tls);
		good = pin_fits(peer, cert);
		X509_free(cert);
	} else if (tls) {
		good = SSL_get_verify_result(tls) == X509_V_OK;
	}
	peer->wrong = good ? NULL : other_key;
	return good;
}
