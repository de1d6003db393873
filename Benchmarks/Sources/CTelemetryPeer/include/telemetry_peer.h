// What telemetry is compared with: the same work in plain C.
#pragma once
#include <stdint.h>

// Relaxed atomic additions of one to one counter.
void peer_increment(uint64_t operations);

// A histogram of 21 doubling bounds: a binary search and two relaxed atomic additions.
void peer_observe(uint64_t operations);

// A level check, a relaxed load and a comparison, that fails each time.
void peer_disabled(uint64_t operations);

// A line of the same fields made by snprintf and given to stdio, which buffers it for /dev/null.
void peer_log(uint64_t operations);
