// The C side of bench-runtime: an echo server on a plain epoll loop, the load for both servers, and a count
// of allocations.
#pragma once
#include <stdint.h>
#include <time.h>

struct echo_peer;

// An edge-triggered echo server on one thread, bound to `core`, listening on a loopback port.
struct echo_peer *echo_peer_start(int core);
uint16_t echo_peer_port(const struct echo_peer *peer);
clockid_t echo_peer_clock(const struct echo_peer *peer);

// Bytes of each request and each answer.
enum { echo_message_bytes = 1024 };

// Sends `requests` over `connections` at once, each waiting for its answer, from the calling thread, which it
// binds to `core`. Returns 0 when every answer was right.
int echo_load(uint16_t port, int connections, long requests, int core);

// Binds the calling thread to a core.
void echo_bind_to(int core);

// The CPU clock of the calling thread, readable from other threads.
clockid_t echo_thread_clock(void);
uint64_t echo_clock_nanoseconds(clockid_t clock);

// Allocations (malloc, calloc, realloc, aligned_alloc, posix_memalign) of the whole process so far: this
// target defines malloc and its kin in front of the C library's.
uint64_t echo_allocations(void);

// Bytes in use on the heap.
uint64_t echo_heap_bytes(void);

// Two connected sockets; non-blocking.
int echo_socket_pair(int sockets[2]);
