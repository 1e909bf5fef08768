/*
 * ssh_url.h: a room over ssh:  ssh://[USER@]HOST[:PORT]/[OWNER/]ROOM
 *
 * HOST is a name, also one that only the user's ssh configuration knows, an IPv4 address, or an IPv6 one in brackets. OWNER is who
 * hosts the room there, where several have one of that name.
 *
 * The parts become arguments of ssh(1), are put by it into commands of the user's configuration (%h, %r), and one goes through a shell on the other
 * machine. So only what means nothing to any of them is taken: letters, digits, and a few signs that are not the first.
 */
#ifndef CLIENT_SSH_URL_H
#define CLIENT_SSH_URL_H

#include <stdbool.h>

#include "net/token.h"

#define SSH_URL_USER_BYTES 65
#define SSH_URL_HOST_BYTES 254

struct ssh_url {
	char user[SSH_URL_USER_BYTES]; /* "": whom ssh takes */
	char host[SSH_URL_HOST_BYTES]; /* as it was written, without brackets */
	unsigned port;                 /* 0: the one ssh takes */
	char owner[SSH_URL_USER_BYTES]; /* "": whose it is does not matter */
	char room[ROOM_NAME_BYTES];
};

bool ssh_url_is(const char *text); /* begins with ssh:// */
char *ssh_url_format(const struct ssh_url *url); /* owned */
/* NULL when it parses, else what is wrong, a clause in static memory; *out is untouched then. */
const char *ssh_url_parse(const char *text, struct ssh_url *out);

#endif
