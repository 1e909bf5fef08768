#include "src/server/parcel.h"

#define KEEP_BYTES 4096 /* a longer message's memory is given back */

static struct buf take_paper(struct parcel_paper *paper, enum codec codec)
{
	struct buf sheet = {0};

	if (paper) {
		sheet = paper->bytes[codec];
		paper->bytes[codec] = (struct buf){0};
	}
	return sheet;
}

const struct buf *parcel_bytes(struct parcel *parcel, enum codec codec)
{
	struct buf *bytes = &parcel->bytes[codec];

	if (bytes->len)
		return bytes;
	*bytes = take_paper(parcel->paper, codec);
	codec_encode(codec, parcel->message, bytes);
	return bytes;
}

static void put_back(struct parcel_paper *paper, enum codec codec, struct buf *sheet)
{
	if (!paper || paper->bytes[codec].at || sheet->cap > KEEP_BYTES) {
		buf_fini(sheet);
		return;
	}
	buf_clear(sheet);
	paper->bytes[codec] = *sheet;
}

void parcel_fini(struct parcel *parcel)
{
	put_back(parcel->paper, CODEC_BIN, &parcel->bytes[CODEC_BIN]);
	put_back(parcel->paper, CODEC_JSON, &parcel->bytes[CODEC_JSON]);
}

void parcel_paper_fini(struct parcel_paper *paper)
{
	buf_fini(&paper->bytes[CODEC_BIN]);
	buf_fini(&paper->bytes[CODEC_JSON]);
}
