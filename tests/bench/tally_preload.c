/* codecollab-tally.so: between a program and its malloc, counting. See tally.h. */
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/bench/tally.h"

/* glibc's own names of what stands behind malloc and the others. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *at, size_t bytes);

static struct tally unread, *tally = &unread;
static uintptr_t program_from, program_to;
static __thread bool is_first __attribute__((tls_model("initial-exec")));

static void count(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;

	if (!is_first)
		tally->threads++;
	else if (from >= program_from && from < program_to)
		tally->ours++;
	else
		tally->libraries++;
}

void *malloc(size_t bytes)
{
	count(__builtin_return_address(0));
	return __libc_malloc(bytes);
}

void *calloc(size_t many, size_t bytes)
{
	count(__builtin_return_address(0));
	return __libc_calloc(many, bytes);
}

void *realloc(void *at, size_t bytes)
{
	count(__builtin_return_address(0));
	return __libc_realloc(at, bytes);
}

/* The first object that is loaded is the program. */
static int find_program(struct dl_phdr_info *object, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
			continue;
		program_from = object->dlpi_addr + part->p_vaddr;
		program_to = program_from + part->p_memsz;
	}
	return 1;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("CODECOLLAB_TALLY");
	struct tally *shared = path ? tally_read(path) : NULL;

	is_first = true;
	dl_iterate_phdr(find_program, NULL);
	if (shared)
		tally = shared;
}
