// What the projection engine is compared with: the same SQL with the same values, by the C libraries alone. Functions
// answer 0, or -1 with a message in projection_peer_error().
#pragma once
#include <stdint.h>

// The reason of the last failure on this thread.
const char *projection_peer_error(void);

// What a run took, from before the first BEGIN to after the last COMMIT; for SQLite, to after the file is closed.
struct projection_load {
  double seconds;
  double processor_seconds;
};

// The values of an entry: an account out of a thousand, a note, an amount. The same for every program.
struct projection_entry {
  const char *account;
  const char *memo;
  int64_t cents;
};

struct projection_entry projection_peer_entry(int64_t index);

// Inserts entries into a new SQLite file with the settings that ours has, so many in a transaction.
int projection_peer_sqlite(
    const char *path, const char *table, const char *insert, int64_t rows, int64_t rows_per_transaction,
    struct projection_load *load);

// Inserts entries into a new table of a PostgreSQL server, in pipeline mode, so many in a transaction.
int projection_peer_postgres(
    const char *address, const char *table, const char *insert, int64_t rows, int64_t rows_per_transaction,
    struct projection_load *load);
