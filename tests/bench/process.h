/* process.h: what another process has used so far, from /proc. All zero when it is gone. */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include <sys/types.h>

double process_cpu_s(pid_t pid);       /* of all its threads, in user and in system */
double process_wakes(pid_t pid); /* how often its threads went to sleep, and so were woken */
double process_resident_kb(pid_t pid);

#endif
