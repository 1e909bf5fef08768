/*
 * local.h: sockets of this machine alone (unix(7)), and who is at their other end.
 *
 *	int fd = local_listen("/run/user/1000/codecollab", "quiet-otter", &access, &lock, &why);
 *	int fd = local_connect("/run/user/1000/codecollab/quiet-otter.sock");
 *	if (local_peer(fd, &peer) && peer.uid == ...)		-- the kernel vouches for it
 *
 * A name belongs to who holds its lock, a file beside the socket: the kernel lets go of it when that process ends, however it
 * ends. So the socket of a killed process is known as stale and replaced, and that of a living one is never taken. A socket appears under its
 * name when it listens, with the access it is to have.
 *
 * The folder may be as deep as it likes: sun_path's 107 bytes hold only "/proc/self/fd/N/NAME.sock".
 *
 * Sockets do not block (local_connect's does while it connects) and close on exec.
 */
#ifndef NET_LOCAL_H
#define NET_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LOCAL_SUFFIX     ".sock"
#define LOCAL_NAME_BYTES 96  /* of a socket's file or its lock's, with suffix and NUL */
#define LOCAL_PATH_BYTES 108 /* of a path that the kernel takes, with NUL */

struct local_access {
	bool shared; /* a group may connect too (0660, else 0600) */
	gid_t group;
};

struct local_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

/* dir is there. -1: *why is a clause in static memory. *lock is kept until local_remove(). */
int local_listen(const char *dir, const char *name, const struct local_access *access, int *lock, const char **why);
/* Only the name: what was left under it is removed, and somebody else is to listen there. -1: likewise. */
int local_claim(const char *dir, const char *name, const char **why);
/* The socket's file and its lock go; the descriptor of the socket is the caller's. */
void local_remove(const char *dir, const char *name, int lock);
/* All sockets in a folder whose processes are dead; nothing else is touched. */
void local_sweep(const char *dir);

/* Waits for at most wait_ms. -1 and errno: ECONNREFUSED when nobody listens there. */
int local_connect(const char *path, unsigned wait_ms);
/*
 * A path for the kernel to the same file, as long as the returned descriptor of its folder is open (-1 and errno: there is no such folder, or
 * the name is too long).
 */
int local_reach(const char *path, char out[LOCAL_PATH_BYTES]);

/* Who connected, or, at a connected socket, who listens. */
bool local_peer(int fd, struct local_peer *out);
bool local_peer_in(int fd, gid_t group); /* is it one of the peer's groups? */

#endif
