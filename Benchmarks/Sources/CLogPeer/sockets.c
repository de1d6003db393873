// Clients of Redis and NATS: a connection a producer, one append outstanding on each, one epoll loop for all, so
// that as much of the machine as can be is left to the server.
#define _GNU_SOURCE
#include "log_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "failure.h"

enum { answer_bytes = 4096, producers_most = 1024, answer_seconds = 20 };

// What a server says, as far as it has been read: lines, and for NATS a body after a MSG line.
struct connection {
  int socket;
  size_t used;
  uint64_t sent_at;
  char answer[answer_bytes];
};

// Takes one whole answer from the front of what was read. 1: taken, 0: more is needed, -1: refused.
typedef int (*take_answer)(struct connection *connection);

static void drop(struct connection *connection, size_t count) {
  memmove(connection->answer, connection->answer + count, connection->used - count);
  connection->used -= count;
}

// The length of the first line with its end, 0 when it is not whole.
static size_t line_bytes(const struct connection *connection) {
  const char *end = memmem(connection->answer, connection->used, "\r\n", 2);
  return end ? (size_t)(end - connection->answer) + 2 : 0;
}

static int refused(const struct connection *connection, const char *server) {
  return log_peer_fail("%s: %.*s", server, (int)connection->used, connection->answer);
}

static int take_redis(struct connection *connection) {
  size_t line = line_bytes(connection);
  if (line == 0) return 0;
  errno = 0;
  switch (connection->answer[0]) {
    case '+': break;
    case '$': {
      long length = strtol(connection->answer + 1, NULL, 10);
      if (length < 0 || length > answer_bytes / 2) return refused(connection, "redis");
      line += (size_t)length + 2;
      if (connection->used < line) return 0;
      break;
    }
    default: return refused(connection, "redis");
  }
  drop(connection, line);
  return 1;
}

static int send_all(int socket, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return log_peer_fail("send");
    bytes += sent;
    count -= (size_t)sent;
  }
  return 0;
}

static int take_nats(struct connection *connection) {
  for (;;) {
    size_t line = line_bytes(connection);
    if (line == 0) return 0;
    errno = 0;
    if (memcmp(connection->answer, "MSG ", 4) == 0) {
      // MSG subject sid length: the answer to a request, {"stream":…,"seq":…} or {"error":…}.
      const char *last = memrchr(connection->answer, ' ', line);
      long length = strtol(last + 1, NULL, 10);
      if (length < 0 || line + (size_t)length + 2 > answer_bytes) return refused(connection, "nats");
      if (connection->used < line + (size_t)length + 2) return 0;
      if (memmem(connection->answer + line, (size_t)length, "\"error\"", 7)) return refused(connection, "nats");
      drop(connection, line + (size_t)length + 2);
      return 1;
    }
    if (memcmp(connection->answer, "PING", 4) == 0) {
      if (send_all(connection->socket, "PONG\r\n", 6) != 0) return -1;
    } else if (memcmp(connection->answer, "INFO", 4) != 0 && memcmp(connection->answer, "+OK", 3) != 0) {
      return refused(connection, "nats");
    }
    drop(connection, line);
  }
}

static int connect_to(uint16_t port) {
  int one = 1, client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0) return log_peer_fail("socket");
  // A server that stops answering ends the run, it does not hang it.
  struct timeval patience = {.tv_sec = answer_seconds};
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) {
    close(client);
    return log_peer_fail("connecting to port %u", port);
  }
  return client;
}

// Reads more of an answer; blocks until there is some.
static int receive(struct connection *connection) {
  if (connection->used == answer_bytes) return log_peer_fail("an answer of more than %d bytes", answer_bytes);
  ssize_t count =
      recv(connection->socket, connection->answer + connection->used, answer_bytes - connection->used, 0);
  if (count <= 0) return log_peer_fail(count == 0 ? "the server closed the connection" : "recv");
  connection->used += (size_t)count;
  return 0;
}

static int await_answer(struct connection *connection, take_answer take) {
  for (;;) {
    int taken = take(connection);
    if (taken != 0) return taken < 0 ? -1 : 0;
    if (receive(connection) != 0) return -1;
  }
}

// NATS greets, and wants to be told who calls and where answers go.
static int greet_nats(struct connection *connection, int number) {
  char greeting[256];
  int length = snprintf(
      greeting, sizeof greeting,
      "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}\r\n"
      "SUB inbox.%d 1\r\n",
      number);
  return send_all(connection->socket, greeting, (size_t)length);
}

// The same append for every producer of Redis; for NATS each names its own inbox.
static char *redis_append(size_t record_bytes, size_t *length) {
  char *text = malloc(record_bytes + 128);
  if (!text) return NULL;
  int head =
      sprintf(text, "*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\nv\r\n$%zu\r\n", record_bytes);
  memset(text + head, 'x', record_bytes);
  memcpy(text + head + record_bytes, "\r\n", 2);
  *length = (size_t)head + record_bytes + 2;
  return text;
}

static char *nats_append(size_t record_bytes, int number, size_t *length) {
  char *text = malloc(record_bytes + 128);
  if (!text) return NULL;
  int head = sprintf(text, "PUB bench inbox.%d %zu\r\n", number, record_bytes);
  memset(text + head, 'x', record_bytes);
  memcpy(text + head + record_bytes, "\r\n", 2);
  *length = (size_t)head + record_bytes + 2;
  return text;
}

struct append {
  char *text;
  size_t length;
};

// Sends on every connection, then answers each answer with the next append until the time is up, then waits for
// the answers still out.
static int drive(
    int epoll, struct connection *connections, struct append *appends, int producers, take_answer take,
    double seconds, struct log_load *load) {
  struct epoll_event ready[64];
  uint64_t count = 0, began = log_peer_now(), end = began + (uint64_t)(seconds * 1e9), now = began;
  int outstanding = producers;
  for (int i = 0; i < producers; i++) {
    connections[i].sent_at = log_peer_now();
    if (send_all(connections[i].socket, appends[i].text, appends[i].length) != 0) return -1;
  }
  while (outstanding > 0) {
    int events = epoll_wait(epoll, ready, 64, answer_seconds * 1000);
    if (events <= 0) return log_peer_fail("no answer within %d s", answer_seconds);
    for (int i = 0; i < events; i++) {
      int number = (int)ready[i].data.u32;
      struct connection *connection = &connections[number];
      if (receive(connection) != 0) return -1;
      int taken = take(connection);
      if (taken < 0) return -1;
      if (taken == 0) continue;
      now = log_peer_now();
      if (count < load->capacity) load->latencies[count] = now - connection->sent_at;
      count++;
      if (now >= end) {
        outstanding--;
        continue;
      }
      connection->sent_at = now;
      if (send_all(connection->socket, appends[number].text, appends[number].length) != 0) return -1;
    }
  }
  load->operations = count;
  load->nanoseconds = now - began;
  return 0;
}

static int run(
    uint16_t port, int producers, size_t record_bytes, int is_nats, double seconds, struct log_load *load) {
  if (producers < 1 || producers > producers_most) return log_peer_fail("%d producers", producers);
  struct connection *connections = calloc((size_t)producers, sizeof *connections);
  struct append *appends = calloc((size_t)producers, sizeof *appends);
  int epoll = epoll_create1(EPOLL_CLOEXEC), result = 0, opened = 0;
  if (!connections || !appends || epoll < 0) return log_peer_fail("epoll");
  for (; opened < producers && result == 0; opened++) {
    struct append *append = &appends[opened];
    struct connection *connection = &connections[opened];
    append->text = is_nats ? nats_append(record_bytes, opened, &append->length)
                           : redis_append(record_bytes, &append->length);
    connection->socket = connect_to(port);
    struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)opened};
    if (!append->text || connection->socket < 0 || (is_nats && greet_nats(connection, opened) != 0) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, connection->socket, &interest) != 0)
      result = -1;
  }
  if (result == 0)
    result = drive(epoll, connections, appends, producers, is_nats ? take_nats : take_redis, seconds, load);
  for (int i = 0; i < opened; i++) {
    if (connections[i].socket >= 0) close(connections[i].socket);
    free(appends[i].text);
  }
  close(epoll);
  free(connections);
  free(appends);
  return result;
}

int log_peer_redis(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load) {
  return run(port, producers, record_bytes, 0, seconds, load);
}

int log_peer_nats(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load) {
  return run(port, producers, record_bytes, 1, seconds, load);
}

int log_peer_redis_command(uint16_t port, const char *command) {
  struct connection connection = {.socket = connect_to(port)};
  if (connection.socket < 0) return -1;
  int result = send_all(connection.socket, command, strlen(command));
  if (result == 0) result = send_all(connection.socket, "\r\n", 2);
  if (result == 0) result = await_answer(&connection, take_redis);
  close(connection.socket);
  return result;
}

int log_peer_nats_request(uint16_t port, const char *subject, const char *body) {
  char request[1024];
  struct connection connection = {.socket = connect_to(port)};
  if (connection.socket < 0) return -1;
  int length =
      snprintf(request, sizeof request, "PUB %s inbox.0 %zu\r\n%s\r\n", subject, strlen(body), body);
  int result = (size_t)length < sizeof request ? 0 : log_peer_fail("a request of %d bytes", length);
  if (result == 0) result = greet_nats(&connection, 0);
  if (result == 0) result = send_all(connection.socket, request, (size_t)length);
  if (result == 0) result = await_answer(&connection, take_nats);
  close(connection.socket);
  return result;
}
