/*
 * redis_tls.h: TLS to a Redis, as its URL asks for it. Only redis_line.c and redis.c include this.
 *
 *	why = redis_tls_fault(&options)			-- can its files be used?
 *	SSL_CTX *tls = redis_tls_make(&options);
 *	SSL *ssl = redis_tls_begin(tls, fd, "10.0.0.5");	-- NULL: it cannot be
 */
#ifndef NET_REDIS_TLS_H
#define NET_REDIS_TLS_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "net/redis.h"

SSL_CTX *redis_tls_make(const struct redis_options *options); /* owned; files that cannot be read are left out */
SSL *redis_tls_begin(SSL_CTX *tls, int fd, const char *host); /* the certificate must be that host's */

#endif
