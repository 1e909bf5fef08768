/* A log, its clients and a cruel network (tests/laws/cruel.h), where the input makes the choices. */
#include "tests/laws/cruel.h"

#define MOST_BYTES 4096 /* texts stay short, but the checks read all of each at every step */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choice c = choice_of_bytes(data, size < MOST_BYTES ? size : MOST_BYTES);
	size_t points = pick(&c, 30), clients = 2 + pick(&c, 4);
	struct cruel w = cruel_open(&c, points, clients);

	while (c.left) {
		struct cruel_client *one = &w.clients[pick(&c, w.count)];
		if (pick(&c, 8) == 7)
			cruel_twist(&w, one);
		else
			cruel_step(&w, one);
	}
	cruel_settle(&w);
	cruel_close(&w);
	return 0;
}
