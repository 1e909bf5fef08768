/*
 * manner.h: how a document's file wants to be written, told to everybody who has it open, and obeyed when it is saved.
 *
 *	manner_look(room, doc);			-- somebody opens it, or saves it
 *	manner_tell(room, person, doc);		-- `style`, behind `opened`
 *	manner_form(doc, &file, text);		-- before it is written
 *
 * What the file asks for is read where it is (room_handler.asks), no more often than every MANNER_LOOK_MS; when it is not what it was,
 * everybody who has the document open hears of it. The text is never changed here: blanks at line ends and a missing last newline are
 * mended by whoever asks for a save, as an edit of theirs. Line ends and the byte order mark are not of the text: they are given to the
 * file by the next save, whoever it is by. A room's files stay UTF-8.
 */
#ifndef SERVER_MANNER_H
#define SERVER_MANNER_H

#include "src/server/room.h"
#include "src/server/workspace.h"

#define MANNER_LOOK_MS 2000

void manner_look(struct room *room, struct doc *doc);
void manner_tell(struct room *room, struct person *person, const struct doc *doc); /* nothing, if nothing is asked for */
bool manner_crlf(const struct doc *doc); /* do its lines end so in the file, or will they after the next save? */
/* Line ends that are mixed in the text stay as they are until somebody has tidied them. */
void manner_form(const struct doc *doc, struct workspace_file *file, const struct text *text);

#endif
