/*
 * secrecy.h: what this process knows stays in it.
 *
 * Tokens, keys and texts are in the memory of servers and editors alike. So neither leaves a core file, by whichever way the system
 * would take one, and no other process of the same user can attach to it or read its memory.
 */
#ifndef SRC_SECRECY_H
#define SRC_SECRECY_H

/* At the start, and again after a change of user, which the kernel answers by its own default. */
void secrecy_keep(void);
/* A join URL among the arguments, once it is parsed: who lists processes sees no token. */
void secrecy_hide(char *url);

#endif
