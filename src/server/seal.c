#include "src/server/seal.h"

#include <stdint.h>

#include "ot/text.h"

/* The end of splitmix64. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static uint64_t hash_of_number(uint64_t place, uint64_t number)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(number >> 8 * i);
	return mix(text_hash_bytes(place, bytes, sizeof(bytes)));
}

static uint64_t hash_of(uint64_t place, sqlite3_value *value)
{
	if (sqlite3_value_type(value) == SQLITE_INTEGER)
		return hash_of_number(place, (uint64_t)sqlite3_value_int64(value));
	const void *at = sqlite3_value_blob(value);
	return mix(text_hash_bytes(place, at ? at : "", (size_t)sqlite3_value_bytes(value)));
}

static void seal(sqlite3_context *out, int count, sqlite3_value **columns)
{
	uint64_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += hash_of((uint64_t)i + 1, columns[i]);
	sqlite3_result_int64(out, (int64_t)sum);
}

/* Of sum, place, what was there, what is. */
static void reseal(sqlite3_context *out, int count, sqlite3_value **given)
{
	uint64_t sum = (uint64_t)sqlite3_value_int64(given[0]);
	uint64_t place = (uint64_t)sqlite3_value_int64(given[1]);

	(void)count;
	sum += hash_of(place, given[3]) - hash_of(place, given[2]);
	sqlite3_result_int64(out, (int64_t)sum);
}

static bool install(sqlite3 *db, const char *name, int count,
	void (*fn)(sqlite3_context *out, int count, sqlite3_value **values))
{
	return sqlite3_create_function(db, name, count, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
		       fn, NULL, NULL) == SQLITE_OK;
}

bool seal_install(sqlite3 *db)
{
	return install(db, "seal", -1, seal) && install(db, "reseal", 4, reseal);
}
