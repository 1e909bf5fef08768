/*
 * bridge.h: the lines that codecollab says to codecollab through ssh, whatever a login shell says before them.
 *
 *	connect ROOM		 -> BRIDGE_READY; then the room's bytes both ways (codecollab-protocol(7), Local sockets)
 *	connect --publish ROOM	 -> BRIDGE_PLACE PATH '\n'; the caller has sshd listen there
 *				 <- BRIDGE_THERE -> BRIDGE_READY; then nothing, until its input ends
 */
#ifndef CLIENT_BRIDGE_H
#define CLIENT_BRIDGE_H

#define BRIDGE_READY "codecollab-connect 1 ready\n"
#define BRIDGE_PLACE "codecollab-connect 1 listen "
#define BRIDGE_THERE "there\n"

#endif
