#define _GNU_SOURCE
#include "echo_peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct echo_peer {
  int listener, epoll, core;
  uint16_t port;
  pthread_t thread;
};

struct session {
  int descriptor, length, sent;
  char bytes[16384];
};

static void die(const char *what) {
  perror(what);
  exit(1);
}

void echo_bind_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

clockid_t echo_thread_clock(void) {
  clockid_t clock;
  pthread_getcpuclockid(pthread_self(), &clock);
  return clock;
}

uint64_t echo_clock_nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void watch(int epoll, int descriptor, void *data) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = data};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

static void close_session(struct session *session) {
  close(session->descriptor);
  free(session);
}

// Echoes until the socket has nothing more; as an edge-triggered loop must.
static void serve(struct session *session) {
  for (;;) {
    while (session->sent < session->length) {
      ssize_t sent = send(session->descriptor, session->bytes + session->sent,
                          (size_t)(session->length - session->sent), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) return;
        return close_session(session);
      }
      session->sent += (int)sent;
    }
    ssize_t got = recv(session->descriptor, session->bytes, sizeof session->bytes, 0);
    if (got < 0) {
      if (errno == EAGAIN) return;
      return close_session(session);
    }
    if (got == 0) return close_session(session);
    session->length = (int)got;
    session->sent = 0;
    if (got < (ssize_t)sizeof session->bytes) {
      // A short read emptied the socket: answer, and wait for the next event without asking again.
      ssize_t sent = send(session->descriptor, session->bytes, (size_t)got, MSG_NOSIGNAL);
      if (sent == got) {
        session->sent = (int)sent;
        return;
      }
      if (sent > 0) session->sent = (int)sent;
    }
  }
}

static void *run(void *argument) {
  struct echo_peer *peer = argument;
  pthread_setname_np(pthread_self(), "c-echo");
  echo_bind_to(peer->core);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(peer->epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) {
        int accepted;
        while ((accepted = accept4(peer->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          int on = 1;
          setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          struct session *session = malloc(sizeof *session);
          session->descriptor = accepted;
          session->length = session->sent = 0;
          watch(peer->epoll, accepted, session);
        }
      } else if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        serve(events[i].data.ptr);
      } else {
        struct session *session = events[i].data.ptr;
        if (session->sent < session->length) serve(session);
      }
    }
  }
}

struct echo_peer *echo_peer_start(int core) {
  struct echo_peer *peer = calloc(1, sizeof *peer);
  peer->core = core;
  peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(peer->listener, (struct sockaddr *)&address, length) != 0 || listen(peer->listener, 1024) != 0)
    die("listen");
  getsockname(peer->listener, (struct sockaddr *)&address, &length);
  peer->port = ntohs(address.sin_port);
  peer->epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(peer->epoll, peer->listener, NULL);
  if (pthread_create(&peer->thread, NULL, run, peer) != 0) die("pthread_create");
  return peer;
}

uint16_t echo_peer_port(const struct echo_peer *peer) { return peer->port; }

clockid_t echo_peer_clock(const struct echo_peer *peer) {
  clockid_t clock;
  pthread_getcpuclockid(peer->thread, &clock);
  return clock;
}

struct caller {
  int descriptor, received;
};

int echo_load(uint16_t port, int connections, long requests, int core) {
  echo_bind_to(core);
  static char message[echo_message_bytes], answer[echo_message_bytes];
  memset(message, 'v', sizeof message);
  struct caller *callers = calloc((size_t)connections, sizeof *callers);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
  for (int i = 0; i < connections; i++) {
    callers[i].descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(callers[i].descriptor, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    int on = 1;
    setsockopt(callers[i].descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &callers[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, callers[i].descriptor, &event);
  }
  long started = 0, finished = 0;
  int result = 0;
  for (int i = 0; i < connections && started < requests; i++, started++)
    if (send(callers[i].descriptor, message, sizeof message, MSG_NOSIGNAL) != sizeof message) die("send");
  struct epoll_event events[256];
  while (finished < requests && result == 0) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct caller *caller = events[i].data.ptr;
      ssize_t got =
          recv(caller->descriptor, answer, (size_t)(echo_message_bytes - caller->received), MSG_DONTWAIT);
      if (got <= 0) {
        if (got < 0 && errno == EAGAIN) continue;
        result = 1;
        break;
      }
      caller->received += (int)got;
      if (caller->received < echo_message_bytes) continue;
      caller->received = 0;
      finished++;
      if (answer[0] != 'v') result = 1;
      if (started < requests) {
        started++;
        if (send(caller->descriptor, message, sizeof message, MSG_NOSIGNAL) != sizeof message) die("send");
      }
    }
  }
  for (int i = 0; i < connections; i++) close(callers[i].descriptor);
  close(epoll);
  free(callers);
  return result;
}

int echo_socket_pair(int sockets[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets);
}
