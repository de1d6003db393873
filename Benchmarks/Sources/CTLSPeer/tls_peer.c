#define _GNU_SOURCE
#include "tls_peer.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { record_bytes = 16 << 10 };

struct tls_peer {
  SSL_CTX *context;
  int listener, file, core;
  long file_bytes;
  uint16_t port;
  pthread_t thread;
};

static void bind_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void serve(struct tls_peer *peer, int socket) {
  SSL *ssl = SSL_new(peer->context);
  SSL_set_fd(ssl, socket);
  char byte, *bytes = malloc(record_bytes);
  if (SSL_accept(ssl) == 1) {
    while (SSL_read(ssl, &byte, 1) == 1) {
      for (long done = 0; done < peer->file_bytes;) {
        ssize_t count = pread(peer->file, bytes, record_bytes, done);
        if (count <= 0 || SSL_write(ssl, bytes, (int)count) != count) break;
        done += count;
      }
    }
  }
  free(bytes);
  SSL_free(ssl);
  close(socket);
}

static void *run(void *argument) {
  struct tls_peer *peer = argument;
  bind_to(peer->core);
  for (;;) {
    int socket = accept(peer->listener, NULL, NULL);
    if (socket < 0) return NULL;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    serve(peer, socket);
  }
}

struct tls_peer *tls_peer_start(const char *certificate, const char *key, const char *file, int core) {
  struct tls_peer *peer = calloc(1, sizeof *peer);
  struct stat status;
  peer->core = core;
  peer->context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_ciphersuites(peer->context, "TLS_AES_128_GCM_SHA256");
  if (SSL_CTX_use_certificate_chain_file(peer->context, certificate) != 1) return NULL;
  if (SSL_CTX_use_PrivateKey_file(peer->context, key, SSL_FILETYPE_PEM) != 1) return NULL;
  peer->file = open(file, O_RDONLY);
  if (peer->file < 0 || fstat(peer->file, &status) != 0) return NULL;
  peer->file_bytes = status.st_size;
  peer->listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(peer->listener, (struct sockaddr *)&address, length) != 0 || listen(peer->listener, 16) != 0) return NULL;
  getsockname(peer->listener, (struct sockaddr *)&address, &length);
  peer->port = ntohs(address.sin_port);
  return pthread_create(&peer->thread, NULL, run, peer) == 0 ? peer : NULL;
}

uint16_t tls_peer_port(const struct tls_peer *peer) { return peer->port; }

clockid_t tls_peer_clock(const struct tls_peer *peer) {
  clockid_t clock;
  pthread_getcpuclockid(peer->thread, &clock);
  return clock;
}

int tls_load(uint16_t port, long requests, long bytes, int core) {
  bind_to(core);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  SSL *ssl = SSL_new(context);
  char *room = malloc(record_bytes);
  int result = connect(socket_, (struct sockaddr *)&address, sizeof address);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  SSL_set_fd(ssl, socket_);
  if (result == 0 && SSL_connect(ssl) != 1) result = -1;
  for (long request = 0; request < requests && result == 0; request++) {
    if (SSL_write(ssl, "?", 1) != 1) result = -1;
    for (long left = bytes; left > 0 && result == 0;) {
      int count = SSL_read(ssl, room, record_bytes);
      if (count <= 0) result = -1;
      left -= count;
    }
  }
  free(room);
  SSL_free(ssl);
  close(socket_);
  SSL_CTX_free(context);
  return result;
}
