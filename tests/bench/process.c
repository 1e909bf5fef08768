#include "tests/bench/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t read_proc(pid_t pid, const char *name, char *out, size_t room)
{
	char path[128];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "r");
	if (file) {
		len = fread(out, 1, room - 1, file);
		fclose(file);
	}
	out[len] = '\0';
	return len;
}

double process_cpu_s(pid_t pid)
{
	char stat[1024];
	unsigned long user = 0, system = 0;

	read_proc(pid, "stat", stat, sizeof(stat));
	const char *behind_name = strrchr(stat, ')');
	if (behind_name)
		sscanf(behind_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			&system);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double wakes_of(pid_t pid, const char *thread)
{
	static const char key[] = "\nvoluntary_ctxt_switches:";
	char name[64], status[4096];

	snprintf(name, sizeof(name), "task/%.20s/status", thread);
	read_proc(pid, name, status, sizeof(status));
	const char *at = strstr(status, key);
	return at ? strtod(at + sizeof(key) - 1, NULL) : 0;
}

double process_wakes(pid_t pid)
{
	char path[64];
	double sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *threads = opendir(path);
	for (const struct dirent *e; threads && (e = readdir(threads));)
		if (*e->d_name != '.')
			sum += wakes_of(pid, e->d_name);
	if (threads)
		closedir(threads);
	return sum;
}

double process_resident_kb(pid_t pid)
{
	char statm[256];
	unsigned long pages = 0;

	read_proc(pid, "statm", statm, sizeof(statm));
	sscanf(statm, "%*u %lu", &pages);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}
