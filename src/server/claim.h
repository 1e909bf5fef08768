/*
 * claim.h: one server at a time for a file, or for a folder of files, whatever state folders they have.
 *
 *	if (!claim_take("/home/ada/main.c", &claim, &why)) ...	-- another process has it
 *	claim_drop(claim)
 *
 * Two servers that save one file in turn take each other's newest edits for changes from outside, and those that fall between for deleted.
 * The lock of a room (state.h) keeps that from happening within one state folder; this, within one machine.
 *
 * It is a local socket with a name and no file (unix(7), abstract), of the folder's device and inode and the name in it: nothing is written
 * anywhere, nothing stays behind, and the file's own locks are left to other programs. Any process may have that name: it is believed where
 * its user is root, this one, or the owner of file or folder. It keeps people from mistakes, not from each other. Servers in containers with networks of their own do
 * not see each other's; nor do those on two machines. Where such sockets are not to be had, everything is free.
 */
#ifndef SERVER_CLAIM_H
#define SERVER_CLAIM_H

#include <stdbool.h>

/* path: absolute, links resolved. false: *why (owned) says who has it. *claim: for claim_drop; -1 where there is none to have. */
bool claim_take(const char *path, int *claim, char **why);
void claim_drop(int claim); /* fine on -1. The end of the process does it, too */

#endif
