#include "tui/xterm.h"

int xterm_rgb(int color)
{
	static const int base[16] = {0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
		0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF,
		0x00FFFF, 0xFFFFFF};
	static const int step[6] = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};

	if (color < 16)
		return base[color];
	if (color >= 232)
		return 0x010101 * (8 + 10 * (color - 232));
	color -= 16;
	return step[color / 36] << 16 | step[color / 6 % 6] << 8 | step[color % 6];
}

static int distance(int a, int b)
{
	int red = (a >> 16) - (b >> 16), green = (a >> 8 & 255) - (b >> 8 & 255);
	int blue = (a & 255) - (b & 255);

	return 3 * red * red + 4 * green * green + 2 * blue * blue;
}

int xterm_nearest(int color, int count)
{
	int best = 0;

	for (int i = 1; i < count; i++)
		if (distance(xterm_rgb(i), xterm_rgb(color)) <
			distance(xterm_rgb(best), xterm_rgb(color)))
			best = i;
	return best;
}
