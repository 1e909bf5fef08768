#include "net/redis_tls.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include <openssl/x509v3.h>

static bool is_numeric(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* NULL, or which of the files cannot be used. */
static const char *use_files(SSL_CTX *tls, const struct redis_options *options)
{
	if (!*options->ca)
		SSL_CTX_set_default_verify_paths(tls);
	else if (!SSL_CTX_load_verify_locations(tls, options->ca, NULL))
		return "the file behind ca= cannot be read, or has no certificate in it";
	if (!*options->cert)
		return NULL;
	if (SSL_CTX_use_certificate_chain_file(tls, options->cert) != 1)
		return "the file behind cert= cannot be read, or has no certificate in it";
	if (SSL_CTX_use_PrivateKey_file(tls, options->key, SSL_FILETYPE_PEM) != 1)
		return "the file behind key= cannot be read, or is not the key of cert=";
	return NULL;
}

static SSL_CTX *make(const struct redis_options *options, const char **fault)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (!tls)
		abort();
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	*fault = use_files(tls, options);
	return tls;
}

SSL_CTX *redis_tls_make(const struct redis_options *options)
{
	const char *fault;

	return make(options, &fault);
}

const char *redis_tls_fault(const struct redis_options *options)
{
	const char *fault = NULL;

	if (options->tls)
		SSL_CTX_free(make(options, &fault));
	return fault;
}

SSL *redis_tls_begin(SSL_CTX *tls, int fd, const char *host)
{
	SSL *ssl = SSL_new(tls);
	bool named = ssl && SSL_set_fd(ssl, fd);

	if (named && is_numeric(host))
		named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	else if (named)
		named = SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
	if (!named) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}
