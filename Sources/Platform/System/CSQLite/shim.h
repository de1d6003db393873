// SQLite: the embedded store of read models.
#pragma once
#include <sqlite3.h>

// Macros with casts that Swift does not import: how a bound text or blob is kept.
static inline sqlite3_destructor_type csqlite_static(void) { return SQLITE_STATIC; }
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

// Sets a switch of one connection; the call itself has variable arguments, which Swift cannot pass.
static inline int csqlite_set(sqlite3 *database, int option, int value) {
  return sqlite3_db_config(database, option, value, (int *)0);
}

// Has the library, for the whole process, not count the memory it uses: the count is behind a lock that every
// allocation takes. To be called before the first connection; afterwards it changes nothing.
static inline int csqlite_uncount_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
