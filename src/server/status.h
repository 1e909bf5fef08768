/*
 * status.h: what a server tells its owners of itself, as JSON: GET /status, with an owner's token.
 *
 *	{"version":"0.1.0","uptime":3600.5,"connections":12,"people":11,"rooms":5,"documents":9,"edits":5120,
 *	 "queued_bytes":0,"unstored_bytes":0,"draining":false,"cpu_seconds":4.25,"memory_bytes":41943040,
 *	 "pulse":[0,0,3,...],				edits in each of the last 60 seconds, the oldest first
 *	 "commit":{"bounds":[0.00025,...],"counts":[3,...]},	how long storing took: each bucket alone, one more than bounds
 *	 "list":[{"room":"demo","files":3,"locked":false,"stored":true,"edits":120,"pulse":[...],"here":2,
 *	   "people":[{"user":1,"name":"Ada","color":"#ff8700","role":"owner","state":"typing","file":"a.c","rtt":12}]}],
 *	 "more":0}					rooms in memory that are not in the list
 *
 * The busiest rooms come first, STATUS_ROOMS at most, with STATUS_PEOPLE of the people in each. An owner of one room is told of that
 * one alone; one of all rooms ("*") of all.
 */
#ifndef SERVER_STATUS_H
#define SERVER_STATUS_H

#include "ot/buf.h"
#include "src/server/house.h"

#define STATUS_ROOMS  200
#define STATUS_PEOPLE 50

/* room: the one to tell of; NULL: all. connections: those of the server. */
void status_print(const struct house *house, const char *room, size_t connections, bool draining, struct buf *out);

#endif
