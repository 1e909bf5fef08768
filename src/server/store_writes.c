#include "src/server/store_writes.h"

const struct sql store_writes[WRITES] = {
	[WRITE_META] = {"tt", "INSERT OR REPLACE INTO meta VALUES (?1, ?2, seal(?1, ?2))"},
	[WRITE_DOCUMENT] = {"iti",
		"INSERT INTO document VALUES (?1, ?2, 0, ?3, seal(?1, ?2, 0, ?3))"},
	[WRITE_EDITS] = {"iiitiiibib", "INSERT INTO edit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
				       " seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10), ?9, ?10)"},
	[WRITE_COUNTED] = {"iii",
		"INSERT OR REPLACE INTO counted VALUES (?1, ?2, ?3, seal(?1, ?2, ?3))"},
	[WRITE_SNAPSHOT] = {"iiz",
		"INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, 1, ?3, seal(?1, ?2, 1, ?3))"},
	[WRITE_THIN] = {"ii",
		"DELETE FROM snapshot WHERE doc = ?1 AND rev > 0 AND rev NOT IN"
		" (SELECT rev FROM snapshot WHERE doc = ?1 ORDER BY rev DESC LIMIT ?2)"},
	[WRITE_SAVED] = {"iii",
		"UPDATE document SET saved_rev = ?2, saved_hash = ?3,"
		" sum = reseal(reseal(sum, 3, saved_rev, ?2), 4, saved_hash, ?3) WHERE doc = ?1"},
	[WRITE_SESSION] = {"ititttitt",
		"INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
		" seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))"},
	[WRITE_TERMS] = {"ittt",
		"UPDATE session SET role = ?2, token = ?3, granted = ?4, sum = reseal(reseal("
		"reseal(sum, 6, role, ?2), 8, token, ?3), 9, granted, ?4) WHERE row = ?1"},
	[WRITE_END] = {"i", "UPDATE session SET id = '', sum = reseal(sum, 2, id, '')"
			    " WHERE row = ?"},
	[WRITE_SEEN] = {"ii",
		"UPDATE session SET at = ?2, sum = reseal(sum, 7, at, ?2) WHERE row = ?1"},
	/* not the newest: its number must not be given again, for edits that name it stay */
	[WRITE_FORGET] = {"i",
		"DELETE FROM session WHERE at < ? AND row < (SELECT max(row) FROM session)"},
	[WRITE_FORGET_COUNTED] = {"",
		"DELETE FROM counted WHERE session NOT IN (SELECT row FROM session)"},
	[WRITE_CHAT] = {"iitit",
		"INSERT INTO chat VALUES (?1, ?2, ?3, ?4, ?5, seal(?1, ?2, ?3, ?4, ?5))"},
	[WRITE_DROP_SNAPSHOTS] = {"ii", "DELETE FROM snapshot WHERE doc = ? AND rev < ?"},
	[WRITE_DROP_EDITS] = {"ii", "DELETE FROM edit WHERE doc = ? AND rev <= ?"},
	[WRITE_SHRINK] = {"", "PRAGMA incremental_vacuum(1024)"},
};
