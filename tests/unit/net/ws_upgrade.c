/* What a request asks for, whatever was in the memory that the answer goes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/ws_upgrade.h"

#define UPGRADE                                                                                    \
	"GET /den?token=abc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"  \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void parse(struct http_head *head, const char *words)
{
	assert_true(http_parse(head, words, strlen(words)));
}

static void a_page_has_no_codec(void **state)
{
	struct http_head head;
	struct ws_offer offer;

	(void)state;
	parse(&head, "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t.o.k\r\n\r\n");
	memset(&offer, 0xc8, sizeof(offer));
	ws_offer_read(&head, &offer);
	assert_string_equal(offer.path, "/metrics");
	assert_string_equal(offer.token, "t.o.k");
	unsigned char is;
	memcpy(&is, &offer.has_codec, sizeof(is));
	assert_int_equal(is, 0);
	assert_int_equal(offer.codec, CODEC_BIN);
}

static void an_upgrade_has_the_codec_that_it_offers(void **state)
{
	struct http_head head;
	struct ws_offer offer;

	(void)state;
	memset(&offer, 0xc8, sizeof(offer));
	parse(&head, UPGRADE "\r\n");
	assert_int_equal(ws_upgrade_read(&head, &offer), 0);
	assert_string_equal(offer.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); /* RFC 6455, 1.3 */
	assert_false(offer.has_codec);
	memset(&offer, 0xc8, sizeof(offer));
	parse(&head, UPGRADE "Sec-WebSocket-Protocol: codecollab.v1.json\r\n\r\n");
	assert_int_equal(ws_upgrade_read(&head, &offer), 0);
	assert_true(offer.has_codec);
	assert_int_equal(offer.codec, CODEC_JSON);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_no_codec),
		cmocka_unit_test(an_upgrade_has_the_codec_that_it_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
