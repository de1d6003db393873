#include "measure.h"
#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

// How many statements may be unanswered, and after how many the server is asked to send its answers.
enum { due_maximum = 1000, due_relieved = 500, flush_interval = 250 };

struct session {
  PGconn *connection;
  int due;
  bool has_answer;
};

static int failed(struct session *session, const char *what) {
  projection_peer_fail("%s: %s", what, PQerrorMessage(session->connection));
  PQfinish(session->connection);
  return -1;
}

// Takes answers until no more than `down_to` are due.
static int settle(struct session *session, int down_to) {
  PGconn *connection = session->connection;
  for (;;) {
    int unsent = PQflush(connection);
    if (unsent < 0) return -1;
    while (session->due > 0 && !PQisBusy(connection)) {
      PGresult *result = PQgetResult(connection);
      if (result == NULL) {
        if (!session->has_answer) break;
        session->has_answer = false;
        session->due--;
        continue;
      }
      ExecStatusType status = PQresultStatus(result);
      PQclear(result);
      if (status == PGRES_PIPELINE_SYNC) {
        session->due--;
      } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        session->has_answer = true;
      } else {
        return -1;
      }
    }
    if (unsent == 0 && session->due <= down_to) return 0;
    struct pollfd wait = {PQsocket(connection), POLLIN | (unsent ? POLLOUT : 0), 0};
    poll(&wait, 1, -1);
    if (!PQconsumeInput(connection)) return -1;
  }
}

static int send_plain(struct session *session, const char *sql) {
  if (!PQsendQueryParams(session->connection, sql, 0, NULL, NULL, NULL, NULL, 1)) return -1;
  session->due++;
  return 0;
}

static int insert_all(struct session *session, int64_t rows, int64_t rows_per_transaction) {
  PGconn *connection = session->connection;
  int since = 0;
  for (int64_t row = 0; row < rows;) {
    if (send_plain(session, "BEGIN") != 0) return -1;
    for (int64_t end = row + rows_per_transaction; row < end && row < rows; row++) {
      if (session->due >= due_maximum) {
        if (!PQsendFlushRequest(connection) || settle(session, due_relieved) != 0) return -1;
      }
      struct projection_entry entry = projection_peer_entry(row);
      uint64_t numbers[4] = {0, htobe64(row), htobe64(entry.cents), htobe64(1700000000000 + row)};
      const char *values[] = {(char *)&numbers[0], (char *)&numbers[1], entry.account,
                              (char *)&numbers[2], entry.memo, (char *)&numbers[3]};
      int lengths[] = {8, 8, (int)strlen(entry.account), 8, (int)strlen(entry.memo), 8};
      int formats[] = {1, 1, 1, 1, 1, 1};
      if (!PQsendQueryPrepared(connection, "entry", 6, values, lengths, formats, 1)) return -1;
      session->due++;
      if (++since >= flush_interval) {
        PQsendFlushRequest(connection);
        since = 0;
      }
    }
    if (send_plain(session, "COMMIT") != 0 || !PQpipelineSync(connection)) return -1;
    session->due++;
    if (settle(session, 0) != 0) return -1;
  }
  return 0;
}

int projection_peer_postgres(
    const char *address, const char *table, const char *insert, int64_t rows, int64_t rows_per_transaction,
    struct projection_load *load) {
  struct session session = {PQconnectdb(address), 0, false};
  if (PQstatus(session.connection) != CONNECTION_OK) return failed(&session, address);
  PGresult *made = PQexec(session.connection, table);
  ExecStatusType status = PQresultStatus(made);
  PQclear(made);
  if (status != PGRES_COMMAND_OK) return failed(&session, table);
  PQsetnonblocking(session.connection, 1);
  PQenterPipelineMode(session.connection);
  Oid types[] = {20, 20, 25, 20, 25, 20};
  if (!PQsendPrepare(session.connection, "entry", insert, PROJECTION_PEER_PARAMETERS, types) ||
      !PQpipelineSync(session.connection)) {
    return failed(&session, insert);
  }
  session.due = 2;
  if (settle(&session, 0) != 0) return failed(&session, insert);
  projection_peer_begin(load);
  int outcome = insert_all(&session, rows, rows_per_transaction);
  projection_peer_end(load);
  if (outcome != 0) return failed(&session, insert);
  PQfinish(session.connection);
  return 0;
}
