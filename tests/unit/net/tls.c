/* The server's key and certificate, read back with OpenSSL; and the pin of a certificate that was made elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

/* Made with the openssl program; so is the pin. They guard nothing. */
static const char test_cert[] = "-----BEGIN CERTIFICATE-----\n"
				"MIIBdDCCARugAwIBAgIUFfvc1rgiWwJVwCZ/sboH8zLN+xAwCgYIKoZIzj0EAwIw\n"
				"DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjIwMzA0NTNaGA8yMTI2MTAyOTAzMDQ1\n"
				"M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPH+\n"
				"Rh+pzqOeQDMty1PzqnPef7XTy0+5gWH6gmJgVXIqqzqnGLM7ES75X7/UKtH7OUlB\n"
				"6Y0HvYnSImIb5AWzd+OjUzBRMB0GA1UdDgQWBBRJ0+IGRBZxNBA3e1FCpzDRFL9U\n"
				"MTAfBgNVHSMEGDAWgBRJ0+IGRBZxNBA3e1FCpzDRFL9UMTAPBgNVHRMBAf8EBTAD\n"
				"AQH/MAoGCCqGSM49BAMCA0cAMEQCIG7RB34y7/0D+6LqW66Lrm5pCM8UXv4C6Wb2\n"
				"p0ZNm4EDAiBQYxljhabXEyxpVwbo/V6+hJixRFngzB56NtLK3mJyIw==\n"
				"-----END CERTIFICATE-----\n";
static const char test_key[] = "-----BEGIN PRIVATE KEY-----\n"
			       "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9Sx+SF7uTL/tmoo8\n"
			       "1Kb5hI9YwdRX9CQx5BWf1QLXQXyhRANCAATx/kYfqc6jnkAzLctT86pz3n+108tP\n"
			       "uYFh+oJiYFVyKqs6pxizOxEu+V+/1CrR+zlJQemNB72J0iJiG+QFs3fj\n"
			       "-----END PRIVATE KEY-----\n";
static const char test_locked[] =
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjCrQkW3h5CxwICCAAw\n"
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKfZWzWCPxh2mwP2wjQTaKMEgZDa\n"
	"d3G1p7YaJhzRXqABD5YkPuXozO+mJ8aYCoDIkH+gE9FpDM9H7g/uJYci2jjJCw69\n"
	"zFGdLgbjljOORkXwupLq4Yhp+J7JYNhVR5eUOlnh9KZ3FwrX4xKzJ2gRjyow52Dr\n"
	"N5bGtrz2iIIxx+hTuwqRApjdccrSMI/blWtWj6CqDiYx6i/f6+P9iC0J2zFFy7o=\n"
	"-----END ENCRYPTED PRIVATE KEY-----\n";
static const char test_pin[] = "qyg_dNz-jnoToVuaJZccP3Zz2F9z_SjJwDDa9A71TxM";

static X509 *parse_cert(const struct tls_identity *id)
{
	BIO *bio = BIO_new_mem_buf(id->cert_pem.at, (int)id->cert_pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(cert);
	return cert;
}

static EVP_PKEY *parse_key(const struct tls_identity *id)
{
	BIO *bio = BIO_new_mem_buf(id->key_pem.at, (int)id->key_pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(key);
	return key;
}

static void assert_lasts(X509 *cert)
{
	time_t now = time(NULL), later = now + 29L * 365 * 24 * 3600;

	assert_int_equal(X509_cmp_time(X509_get0_notBefore(cert), &now), -1);
	assert_int_equal(X509_cmp_time(X509_get0_notAfter(cert), &later), 1);
}

static void a_new_identity_is_a_self_signed_p256_certificate(void **state)
{
	struct tls_identity id;
	char curve[32];

	(void)state;
	assert_true(tls_identity_make(&id));
	X509 *cert = parse_cert(&id);
	EVP_PKEY *key = parse_key(&id);
	assert_int_equal(X509_get_version(cert), 2); /* which is how v3 is written */
	assert_int_equal(X509_verify(cert, key), 1);
	assert_int_equal(X509_check_private_key(cert, key), 1);
	assert_int_equal(X509_get_signature_nid(cert), NID_ecdsa_with_SHA256);
	assert_true(EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL));
	assert_string_equal(curve, "prime256v1");
	assert_int_equal(X509_check_host(cert, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(cert, "example.org", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ca(cert), 0);
	assert_lasts(cert);
	X509_free(cert);
	EVP_PKEY_free(key);
	tls_identity_fini(&id);
}

static void identities_differ(void **state)
{
	struct tls_identity a, b;

	(void)state;
	assert_true(tls_identity_make(&a));
	assert_true(tls_identity_make(&b));
	assert_string_not_equal(a.pin, b.pin);
	X509 *ca = parse_cert(&a), *cb = parse_cert(&b);
	assert_int_not_equal(
		ASN1_INTEGER_cmp(X509_get0_serialNumber(ca), X509_get0_serialNumber(cb)), 0);
	X509_free(ca);
	X509_free(cb);
	tls_identity_fini(&a);
	tls_identity_fini(&b);
}

static void an_identity_is_read_back(void **state)
{
	struct tls_identity made, read;

	(void)state;
	assert_true(tls_identity_make(&made));
	assert_int_equal(strlen(made.cert_pem.at), made.cert_pem.len);
	assert_int_equal(strlen(made.key_pem.at), made.key_pem.len);
	assert_true(tls_identity_read(&read, made.cert_pem.at, made.key_pem.at));
	assert_string_equal(read.pin, made.pin);
	assert_string_equal(read.cert_pem.at, made.cert_pem.at);
	assert_string_equal(read.key_pem.at, made.key_pem.at);
	tls_identity_fini(&made);
	tls_identity_fini(&read);
}

static void the_pin_is_what_openssl_says(void **state)
{
	struct tls_identity id;

	(void)state;
	assert_true(tls_identity_read(&id, test_cert, test_key));
	assert_string_equal(id.pin, test_pin);
	tls_identity_fini(&id);
}

static void others_are_refused(void **state)
{
	struct tls_identity made, id = {.pin = "before"};

	(void)state;
	assert_true(tls_identity_make(&made));
	assert_false(tls_identity_read(&id, test_cert, made.key_pem.at));
	assert_false(tls_identity_read(&id, made.cert_pem.at, test_key));
	assert_false(tls_identity_read(&id, test_cert, test_locked));
	assert_false(tls_identity_read(&id, test_key, test_cert));
	assert_false(tls_identity_read(&id, "", ""));
	assert_false(tls_identity_read(&id, "-----BEGIN CERTIFICATE-----\n", test_key));
	assert_string_equal(id.pin, "before");
	assert_null(id.key_pem.at);
	assert_int_equal(ERR_peek_error(), 0);
	tls_identity_fini(&made);
}

/* FIPS 180-2, appendix B.1, in base64url. */
static void pins_are_sha256(void **state)
{
	char pin[TLS_PIN_BYTES + 1];

	(void)state;
	tls_pin_of_spki((const unsigned char *)"abc", 3, pin);
	assert_string_equal(pin, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

static void pins_have_one_form(void **state)
{
	(void)state;
	assert_true(tls_pin_valid(test_pin, strlen(test_pin)));
	assert_false(tls_pin_valid(test_pin, strlen(test_pin) - 1));
	assert_false(tls_pin_valid("qyg_dNz-jnoToVuaJZccP3Zz2F9z_SjJwDDa9A71TxMA", 44));
	assert_false(tls_pin_valid("qyg_dNz-jnoToVuaJZccP3Zz2F9z_SjJwDDa9A71TxN", 43));
	assert_false(tls_pin_valid("qyg/dNz+jnoToVuaJZccP3Zz2F9z/SjJwDDa9A71TxM", 43));
	assert_false(tls_pin_valid("", 0));
}

static void finishing_is_fine_on_nothing(void **state)
{
	struct tls_identity id = {0};

	(void)state;
	tls_identity_fini(NULL);
	tls_identity_fini(&id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_identity_is_a_self_signed_p256_certificate),
		cmocka_unit_test(identities_differ),
		cmocka_unit_test(an_identity_is_read_back),
		cmocka_unit_test(the_pin_is_what_openssl_says),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(pins_are_sha256),
		cmocka_unit_test(pins_have_one_form),
		cmocka_unit_test(finishing_is_fine_on_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
