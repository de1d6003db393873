// The C side of bench-tls: a server that uses OpenSSL the plain way, on blocking sockets, and the load for both
// servers.
#pragma once
#include <stdint.h>
#include <time.h>

struct tls_peer;

// A server on one thread, bound to `core`, listening on a loopback port: each byte received is answered with the
// whole file. Null when it cannot be started.
struct tls_peer *tls_peer_start(const char *certificate, const char *key, const char *file, int core);
uint16_t tls_peer_port(const struct tls_peer *peer);
clockid_t tls_peer_clock(const struct tls_peer *peer);

// Asks `requests` times over one connection, from the calling thread, which it binds to `core`; each answer has
// `bytes`. Returns 0 when all of them came.
int tls_load(uint16_t port, long requests, long bytes, int core);
