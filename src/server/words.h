/*
 * words.h: short, friendly words that make the name of a room: how, who, does: "quiet-otter-jumps".
 *
 * 64 of each, so six random bits choose evenly; 262,144 names.
 */
#ifndef SERVER_WORDS_H
#define SERVER_WORDS_H

#define WORDS 64

extern const char *const words_how[WORDS];
extern const char *const words_who[WORDS];
extern const char *const words_does[WORDS];

#endif
