/*
 * bridge.h: what `codecollab connect` says on its standard output when it has reached the room's socket. Behind it come the socket's
 * bytes. (codecollab-protocol(7), Local sockets.)
 */
#ifndef CLIENT_BRIDGE_H
#define CLIENT_BRIDGE_H

#define BRIDGE_READY "codecollab-connect 1 ready\n"

#endif
