/*
 * seal.h: a sum in every row of a table, so that a bit that flips anywhere in it is found.
 *
 *	seal_install(db);
 *	INSERT INTO chat VALUES (?1, ?2, ?3, seal(?1, ?2, ?3))
 *	UPDATE chat SET sum = reseal(sum, 3, text, ?1), text = ?1	-- its third column is another one
 *	SELECT id FROM chat WHERE sum IS NOT seal(id, user, text)	-- the damaged ones
 *
 * A column's hash is text_hash_bytes() of its bytes (a number has eight, the lowest first), going on from the column's place, counted
 * from 1, and mixed as splitmix64 does it; a row's sum is that of its columns' hashes, mod 2^64. Values of one length that
 * differ in one byte never have one hash, since the first is mod a prime and the second can be undone; others as good as never.
 * Who changes a column takes the hash of what was there out of the sum and puts the new one's in: so a row that was damaged before
 * stays so, and is not sealed as it is.
 *
 * Source: Steele, Lea & Flood 2014 (splitmix64).
 *
 * It is no signature: who can write to the file can write sums, too.
 */
#ifndef SERVER_SEAL_H
#define SERVER_SEAL_H

#include <stdbool.h>

#include <sqlite3.h>

bool seal_install(sqlite3 *db); /* the two functions, for this connection */

#endif
