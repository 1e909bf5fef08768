#include "net/tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "net/base64url.h"

#define LIFETIME_SECONDS (30L * 365 * 24 * 3600)
#define BACKDATE_SECONDS (24L * 3600) /* so that a peer whose clock is a bit behind takes it */
#define SERIAL_BITS      127          /* RFC 5280, 4.1.2.2: positive, at most 20 bytes */

/* ---- pins ---- */

bool tls_pin_valid(const char *pin, size_t len)
{
	struct buf hash = {0};
	bool valid = len == TLS_PIN_BYTES && base64url_decode(pin, len, &hash);

	buf_fini(&hash);
	return valid;
}

void tls_pin_of_spki(const unsigned char *der, size_t len, char out[TLS_PIN_BYTES + 1])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct buf text = {0};

	SHA256(der, len, hash);
	base64url_encode(hash, sizeof(hash), &text);
	memcpy(out, text.at, TLS_PIN_BYTES);
	out[TLS_PIN_BYTES] = '\0';
	buf_fini(&text);
}

static bool pin_of(X509 *cert, char out[TLS_PIN_BYTES + 1])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	if (len <= 0)
		return false;
	tls_pin_of_spki(der, (size_t)len, out);
	OPENSSL_free(der);
	return true;
}

/* ---- making ---- */

static bool set_serial(X509 *cert)
{
	BIGNUM *serial = BN_new();
	bool ok = serial && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert));

	BN_free(serial);
	return ok;
}

static bool set_name(X509 *cert)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_txt(
		       name, "CN", MBSTRING_ASC, (const unsigned char *)"codecollab", -1, -1, 0) &&
	       X509_set_issuer_name(cert, name);
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = extension && X509_add_ext(cert, extension, -1);

	X509_EXTENSION_free(extension);
	return ok;
}

static bool fill(X509 *cert, EVP_PKEY *key)
{
	return X509_set_version(cert, X509_VERSION_3) && set_serial(cert) && set_name(cert) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE_SECONDS) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), LIFETIME_SECONDS) &&
	       X509_set_pubkey(cert, key) &&
	       add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(cert, NID_ext_key_usage, "serverAuth") &&
	       add_extension(cert, NID_subject_alt_name, "DNS:localhost") &&
	       X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Takes what was written to bio, and a NUL behind it. */
static void take_pem(BIO *bio, struct buf *out)
{
	char *at;
	long len = BIO_get_mem_data(bio, &at);

	buf_add(out, at, (size_t)len);
	*buf_room(out, 1) = '\0';
}

/* Secret memory: what the BIO held is wiped when it is freed. */
static bool write_pem(struct tls_identity *out, X509 *cert, EVP_PKEY *key)
{
	BIO *cert_bio = BIO_new(BIO_s_mem());
	BIO *key_bio = BIO_new(BIO_s_secmem());
	bool ok = cert_bio && key_bio && PEM_write_bio_X509(cert_bio, cert) &&
		  PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL);

	if (ok) {
		take_pem(cert_bio, &out->cert_pem);
		take_pem(key_bio, &out->key_pem);
	}
	BIO_free(cert_bio);
	BIO_free(key_bio);
	return ok;
}

bool tls_identity_make(struct tls_identity *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	struct tls_identity made = {0};
	bool ok = key && cert && fill(cert, key) && pin_of(cert, made.pin) &&
		  write_pem(&made, cert, key);

	if (ok)
		*out = made;
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error(); /* libraries that share this thread's queue must not find ours */
	return ok;
}

/* ---- reading ---- */

/* A key that wants a password is refused; without this OpenSSL would ask for one on the terminal. */
static int no_password(char *at, int len, int writing, void *ctx)
{
	(void)at;
	(void)len;
	(void)writing;
	(void)ctx;
	return -1;
}

static X509 *read_cert(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return cert;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static void copy_pem(struct buf *out, const char *pem)
{
	buf_add(out, pem, strlen(pem));
	*buf_room(out, 1) = '\0';
}

bool tls_identity_read(struct tls_identity *out, const char *cert_pem, const char *key_pem)
{
	X509 *cert = read_cert(cert_pem);
	EVP_PKEY *key = read_key(key_pem);
	struct tls_identity read = {0};
	bool ok = cert && key && X509_check_private_key(cert, key) == 1 && pin_of(cert, read.pin);

	if (ok) {
		copy_pem(&read.cert_pem, cert_pem);
		copy_pem(&read.key_pem, key_pem);
		*out = read;
	}
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}

/* ---- using ---- */

/* Certificates behind the first: who vouches for it. */
static void add_chain(SSL_CTX *tls, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	X509_free(cert);
	SSL_CTX_clear_extra_chain_certs(tls);
	while (cert && (cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
		if (!SSL_CTX_add_extra_chain_cert(tls, cert))
			X509_free(cert);
	BIO_free(bio);
}

bool tls_identity_use(const struct tls_identity *id, SSL_CTX *tls)
{
	X509 *cert = read_cert(id->cert_pem.at);
	EVP_PKEY *key = read_key(id->key_pem.at);
	bool taken = cert && key && X509_check_private_key(cert, key) == 1 &&
		     SSL_CTX_use_cert_and_key(tls, cert, key, NULL, 1) == 1;

	if (taken)
		add_chain(tls, id->cert_pem.at);
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return taken;
}

void tls_identity_fini(struct tls_identity *id)
{
	if (!id)
		return;
	if (id->key_pem.at)
		OPENSSL_cleanse(id->key_pem.at, id->key_pem.cap);
	buf_fini(&id->key_pem);
	buf_fini(&id->cert_pem);
	memset(id->pin, 0, sizeof(id->pin));
}
