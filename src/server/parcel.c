#include "src/server/parcel.h"

const struct buf *parcel_bytes(struct parcel *parcel, enum codec codec)
{
	struct buf *bytes = &parcel->bytes[codec];

	if (!bytes->len)
		codec_encode(codec, parcel->message, bytes);
	return bytes;
}

void parcel_fini(struct parcel *parcel)
{
	buf_fini(&parcel->bytes[CODEC_BIN]);
	buf_fini(&parcel->bytes[CODEC_JSON]);
}
