/*
 * The log's lines, in its file; and what the service manager is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/notify.h"
#include "src/report.h"
#include "src/server/audit.h"

static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/codecollab-audit-%ld", (long)getpid());
	unlink(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

/* What the file's only line says behind its date; the file is moved away. */
static char *only_line(char out[1000])
{
	FILE *file = fopen(path, "r");
	char *why = NULL, *space;
	size_t len;

	assert_non_null(file);
	len = fread(out, 1, 999, file);
	out[len] = '\0';
	fclose(file);
	assert_ptr_equal(strchr(out, '\n'), out + len - 1);
	out[len - 1] = '\0';
	space = strchr(out, ' ');
	assert_int_equal(space - out, strlen("2026-01-02T03:04:05+0000"));
	unlink(path);
	assert_true(report_reopen(&why));
	return space + 1;
}

static void lines_cannot_be_forged(void **state)
{
	static const struct {
		const char *name, *quoted;
	} cases[] = {
		{"Ada", "Ada"},
		{"Ada\" role=\"owner", "Ada\\\" role=\\\"owner"},
		{"a\\", "a\\\\"},
		{"x\nevent=join", "x\\x0aevent=join"},
		{"\033[2J", "\\x1b[2J"},
		{"J\xc3\xb6rg", "J\xc3\xb6rg"},
		{"J\xf6rg", "J\\xf6rg"},
		{"", ""},
	};
	char line[1000], want[200], *why = NULL;
	struct stat st;

	(void)state;
	assert_true(report_to(path, &why));
	report_quiet(true);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct person person = {.user = 18446744073709551615U, .role = ROLE_VIEWER};
		struct audit audit;
		snprintf(person.name, sizeof(person.name), "%s", cases[i].name);
		snprintf(person.session, sizeof(person.session), "secret");
		audit_begin(&audit, "join");
		audit_person(&audit, &person);
		audit_end(&audit);
		snprintf(want, sizeof(want),
			"event=join user=18446744073709551615 name=\"%s\" role=viewer",
			cases[i].quoted);
		assert_string_equal(only_line(line), want);
	}
}

static void a_log_that_cannot_be(void **state)
{
	char *why = NULL;

	(void)state;
	assert_false(report_to("/nowhere/at/all", &why));
	assert_non_null(strstr(why, "/nowhere/at/all"));
	free(why);
}

static void hear(int fd, const char *want)
{
	char heard[100];
	ssize_t len = recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT);

	assert_true(len > 0);
	heard[len] = '\0';
	assert_string_equal(heard, want);
}

static void the_manager_hears(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	size_t len;
	char name[60];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_false(notify_send("READY=1"));
	setenv("NOTIFY_SOCKET", path, 1);
	assert_false(notify_send("READY=1")); /* nobody there */
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(notify_send("READY=1"));
	hear(fd, "READY=1");
	close(fd);

	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(name, sizeof(name), "@codecollab-%ld", (long)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	memset(address.sun_path, 0, sizeof(address.sun_path));
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	len = offsetof(struct sockaddr_un, sun_path) + strlen(name);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)len), 0);
	assert_true(notify_send("STOPPING=1"));
	hear(fd, "STOPPING=1");
	close(fd);
}

static void the_watchdog_is_fed_in_time(void **state)
{
	static const struct {
		const char *us;
		unsigned ms;
	} cases[] = {{"30000000", 15000}, {"1000", 1}, {"0", 0}, {"", 0}, {"many", 0}};
	char pid[24];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_ms(), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("WATCHDOG_USEC", cases[i].us, 1);
		assert_int_equal(notify_watchdog_ms(), cases[i].ms);
	}
	setenv("WATCHDOG_USEC", "2000000", 1);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_ms(), 1000);
	setenv("WATCHDOG_PID", "1", 1); /* another's */
	assert_int_equal(notify_watchdog_ms(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_cannot_be_forged, setup, teardown),
		cmocka_unit_test(a_log_that_cannot_be),
		cmocka_unit_test_setup_teardown(the_manager_hears, setup, teardown),
		cmocka_unit_test(the_watchdog_is_fed_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
