#include "tui/osc.h"

#include <stdint.h>
#include <string.h>

#include "ot/utf8.h"

#define TITLE_MAX 200 /* bytes */

void osc_title(struct buf *out, const char *title)
{
	size_t bytes = strnlen(title, TITLE_MAX);

	buf_add_str(out, "\033]2;");
	for (size_t i = 0, width; i < bytes; i += width) {
		uint32_t c = utf8_decode(title + i, &width);
		if (i + width <= bytes && c >= 0x20 && (c < 0x7F || c > 0x9F))
			buf_add(out, title + i, width);
	}
	buf_add_str(out, "\033\\");
}

static void add_base64(struct buf *out, const unsigned char *at, size_t bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes; i += 3) {
		unsigned two = i + 1 < bytes ? at[i + 1] : 0u,
			 three = i + 2 < bytes ? at[i + 2] : 0u;
		unsigned all = (unsigned)at[i] << 16 | two << 8 | three;
		buf_add_byte(out, (unsigned char)digits[all >> 18]);
		buf_add_byte(out, (unsigned char)digits[all >> 12 & 63]);
		buf_add_byte(out, i + 1 < bytes ? (unsigned char)digits[all >> 6 & 63] : '=');
		buf_add_byte(out, i + 2 < bytes ? (unsigned char)digits[all & 63] : '=');
	}
}

void osc_copy(struct buf *out, const char *text, size_t bytes)
{
	buf_add_str(out, "\033]52;c;");
	add_base64(out, (const unsigned char *)text, bytes);
	buf_add_str(out, "\033\\");
}
