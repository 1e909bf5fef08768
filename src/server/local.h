/*
 * local.h: the door for this machine: a socket in the runtime folder, where the kernel says who comes.
 *
 *	local_open(&local, &door, chamber, loop, &options, &why)
 *	local_shut(&local)		-- nobody new
 *	local_close(&local)		-- before door_close()
 *
 * The same WebSocket and messages as at the door, without TLS and without a token: the user id that the kernel vouches for is
 * the token. The server's own user is an owner; with a group, its members come in with the role that is given here; nobody else, root neither,
 * whatever the modes of files and folders let through. A user of the group can be banned like a token, by the id "uid:UID".
 *
 * Plain HTTP here:  GET /rooms  ->  [{"room":"quiet-otter","file":"notes.txt","people":[{"name":"Ada","role":"owner"}]}]
 *
 * Of a folder of rooms, those that rest are among them, without a file and people.
 *
 * Memory: zeros are closed, and local_close() is fine on them. Door and chamber are borrowed until then.
 */
#ifndef SERVER_LOCAL_H
#define SERVER_LOCAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/role.h"
#include "src/server/door.h"

#define LOCAL_ROOMS_MAX 256 /* that are told of */

struct local_options {
	bool off;          /* no socket at all */
	const char *dir;   /* NULL: the default one (runtime.h) */
	const char *group; /* who else may come: a name; NULL: nobody */
	enum role role;    /* as what */
	bool guests;       /* who comes as one's own user is a guest with that role, sent by ssh; and no list shows it */
};

struct local {
	struct door *door;
	struct chamber *chamber; /* the only room; NULL: all of the house */
	struct ws_server *server;
	char *dir;
	char *name; /* of the socket: the only room's, or rooms-PID */
	int lock;   /* of local_listen(), while name is set */
	bool shared, guests;
	gid_t group;
	enum role role;
};

/*
 * false: *why (owned) is a sentence. What somebody asked for must work; without options it is only told of in the log that there is no
 * socket.
 */
bool local_open(struct local *local, struct door *door, struct chamber *chamber, struct loop *loop,
	const struct local_options *options, char **why);
char *local_path(const struct local *local); /* owned; NULL: there is none */
size_t local_connections(const struct local *local);
void local_shut(struct local *local);
void local_close(struct local *local);

#endif
