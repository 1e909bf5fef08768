/*
 * notify.h: words to the service manager that started us, if one did (sd_notify(3), without its library).
 *
 *	notify_send("READY=1");
 *	if (notify_watchdog_ms()) ...		-- call notify_send("WATCHDOG=1") that often, from the loop
 *
 * Source: sd_notify(3), sd_watchdog_enabled(3). Nothing is said, and nothing fails, without NOTIFY_SOCKET.
 */
#ifndef SRC_NOTIFY_H
#define SRC_NOTIFY_H

#include <stdbool.h>

bool notify_send(const char *state); /* false: nobody to tell */
unsigned notify_watchdog_ms(void);   /* half the time after which we count as stuck; 0: nobody watches */

#endif
