#include <stdio.h>

int main(void)
{
	puts("codecollab " CODECOLLAB_VERSION);
	return 0;
}
