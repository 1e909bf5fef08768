/*
 * join_state.h: what a join is made of, for its modules: hearing.c, what the room says, on the screen; and join.c, what the person
 * does, to the room.
 */
#ifndef CLIENT_JOIN_STATE_H
#define CLIENT_JOIN_STATE_H

#include "ot/buf.h"
#include "src/client/console.h"
#include "src/client/join.h"
#include "src/client/remote.h"
#include "src/client/tidy.h"
#include "src/style.h"
#include "tui/editor.h"

struct join {
	struct loop *loop;
	struct remote *remote;
	struct console *console; /* open when the text is there */
	struct editor *editor;   /* the console's */
	const char *(*quit_question)(void *ctx);
	join_end_fn *end;
	void *ctx;
	bool ended, welcomed;
	bool lent;             /* the terminal, to ssh */
	uint64_t back_ms;      /* when it was given back; 0: it never was */
	struct tunnel *tunnel; /* NULL: none */
	uint64_t pointed_ms;   /* when the others were told of the caret */
	const char *warning;
	struct style style; /* what the file that is shown asks for */
	struct tidy tidy;   /* of that file */
	uint64_t read;   /* of the chat, and not told yet; 0: nothing */
	struct buf kept; /* what to print when the terminal is free again */
};

void join_end(struct join *join, const char *failed); /* once */
void join_tell_time(struct join *join);
bool join_take_terminal(struct join *join); /* false: it is not to be had, and the end was told */

extern const struct remote_handler hearing; /* of hearing.c; its ctx is the join */

#endif
