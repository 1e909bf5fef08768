/* The laws of ops: tests/laws/gaps.h. */
#include "tests/laws/gaps.h"

int main(void)
{
	return laws_run(20000, gaps_law);
}
