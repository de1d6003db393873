// What both peers need: clocks, and how they say what went wrong.
#pragma once
#include "projection_peer.h"

#define PROJECTION_PEER_PARAMETERS 6

// Keeps the message for projection_peer_error(); answers -1.
int projection_peer_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Starts and ends a measurement.
void projection_peer_begin(struct projection_load *load);
void projection_peer_end(struct projection_load *load);
