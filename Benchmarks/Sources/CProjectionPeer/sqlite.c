#include "measure.h"
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static int failed(sqlite3 *connection, const char *what) {
  projection_peer_fail("%s: %s", what, sqlite3_errmsg(connection));
  sqlite3_close(connection);
  return -1;
}

static int insert_all(
    sqlite3 *connection, sqlite3_stmt *statement, int64_t rows, int64_t rows_per_transaction) {
  for (int64_t row = 0; row < rows;) {
    if (sqlite3_exec(connection, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return -1;
    for (int64_t end = row + rows_per_transaction; row < end && row < rows; row++) {
      struct projection_entry entry = projection_peer_entry(row);
      sqlite3_bind_int64(statement, 1, 0);
      sqlite3_bind_int64(statement, 2, row);
      sqlite3_bind_text(statement, 3, entry.account, (int)strlen(entry.account), SQLITE_STATIC);
      sqlite3_bind_int64(statement, 4, entry.cents);
      sqlite3_bind_text(statement, 5, entry.memo, (int)strlen(entry.memo), SQLITE_STATIC);
      sqlite3_bind_int64(statement, 6, 1700000000000 + row);
      if (sqlite3_step(statement) != SQLITE_DONE) return -1;
      sqlite3_reset(statement);
    }
    if (sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) return -1;
  }
  return 0;
}

int projection_peer_sqlite(
    const char *path, const char *table, const char *insert, int64_t rows, int64_t rows_per_transaction,
    struct projection_load *load) {
  sqlite3 *connection;
  unlink(path);
  if (sqlite3_open_v2(
          path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    return failed(connection, path);
  }
  const char *settings =
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;"
      "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768; PRAGMA foreign_keys = ON";
  if (sqlite3_exec(connection, settings, NULL, NULL, NULL) != SQLITE_OK) return failed(connection, "settings");
  if (sqlite3_exec(connection, table, NULL, NULL, NULL) != SQLITE_OK) return failed(connection, table);
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v3(connection, insert, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
    return failed(connection, insert);
  }
  projection_peer_begin(load);
  int outcome = insert_all(connection, statement, rows, rows_per_transaction);
  sqlite3_finalize(statement);
  if (outcome != 0) return failed(connection, insert);
  // Closing copies what is left of the write-ahead log into the file and syncs it: part of having the rows.
  if (sqlite3_close(connection) != SQLITE_OK) return projection_peer_fail("%s could not be closed", path);
  projection_peer_end(load);
  return 0;
}
