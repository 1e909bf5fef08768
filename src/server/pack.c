#include "src/server/pack.h"

#include <stdlib.h>

#include <zstd.h>

#define LEVEL 3

void pack(struct str bytes, struct buf *out)
{
	size_t room = ZSTD_compressBound(bytes.len), len;
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (!context)
		abort();
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	len = ZSTD_compress2(
		context, buf_room(out, room), room, bytes.at ? bytes.at : "", bytes.len);
	ZSTD_freeCCtx(context);
	if (ZSTD_isError(len)) /* there is room enough by its own account: only memory can fail */
		abort();
	out->len += len;
}

/* The two ways to be no size at all (ZSTD_CONTENTSIZE_UNKNOWN, _ERROR) are the largest numbers there are. */
bool unpack(struct str packed, size_t most, struct buf *out)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed.at ? packed.at : "", packed.len);
	size_t len;

	if (size > most)
		return false;
	len = ZSTD_decompress(buf_room(out, (size_t)size + 1), (size_t)size, packed.at, packed.len);
	if (ZSTD_isError(len) || len != size)
		return false;
	out->len += len;
	return true;
}
