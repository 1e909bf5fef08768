/* The laws of ops (tests/laws/gaps.h), where the input makes the choices. */
#include "tests/laws/gaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choice c = choice_of_bytes(data, size);

	gaps_law(&c);
	return 0;
}
