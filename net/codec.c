#include "net/codec.h"

#include <assert.h>
#include <string.h>

#include "net/codec_bin.h"
#include "net/codec_json.h"

const char *const codec_subprotocol[] = {
	[CODEC_BIN] = "codecollab.v1.bin",
	[CODEC_JSON] = "codecollab.v1.json",
};

static const struct {
	void (*encode)(const struct message_row *row, const struct message *m, struct buf *out);
	enum err (*decode)(
		bool from_server, const char *at, size_t len, size_t *used, struct message *out);
} codecs[] = {
	[CODEC_BIN] = {codec_bin_encode, codec_bin_decode},
	[CODEC_JSON] = {codec_json_encode, codec_json_decode},
};

void codec_encode(enum codec codec, const struct message *m, struct buf *out)
{
	const struct message_row *row = message_row(m->type);

	assert(row);
	codecs[codec].encode(row, m, out);
}

enum err codec_decode(enum codec codec, bool from_server, const char *at, size_t len, size_t *used,
	struct message *out)
{
	memset(out, 0, sizeof(*out));
	*used = 0;
	if (len == 0)
		return ERR_FORM;
	enum err err = codecs[codec].decode(from_server, at, len, used, out);
	if (err)
		message_fini(out);
	return err;
}
