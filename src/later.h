/*
 * later.h: the libraries that only rooms need, loaded when there is to be a room: TLS, WebSocket, JSON, the store.
 *
 *	char *why;
 *	if (!later_load(&why))
 *		report_error("%s", why);
 *
 * To map and relocate them takes as long as all else that is done until an editor's first frame, and who edits a file of their own sees
 * the text before. cmake/later.cmake links the program so that the loader does not look for their functions at the start; each call finds
 * its function when it is first made, which must be after later_load().
 *
 * Where the program was linked otherwise (tests; cmake -DLATER=OFF) they are there, and all this does nothing.
 */
#ifndef SRC_LATER_H
#define SRC_LATER_H

#include <stdbool.h>

/*
 * First of all in main(). With LD_BIND_NOW the loader has bound every call already, those to what is not there yet to nothing: the program
 * is started once more without. Returns unless it is.
 */
void later_begin(char **argv);

/* Once it was true it is true at once. false: a library is not there or no good, and *why (owned) tells which. */
bool later_load(char **why);

#endif
