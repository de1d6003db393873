// libprotobuf's C++ code for Schemas/testing/benchmark.proto, behind C functions. Each does its work `times`
// times in a row, so that crossing from Swift costs nothing per message.
#ifndef PROTOBUF_PEER_H
#define PROTOBUF_PEER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Decodes a Record into a fresh message on the heap each time. Returns how many decodes succeeded.
uint64_t protobuf_peer_decode(const uint8_t *bytes, size_t count, uint64_t times);

// The same with a fresh arena each time.
uint64_t protobuf_peer_decode_arena(const uint8_t *bytes, size_t count, uint64_t times);

// Decodes a Record once and encodes it into a fresh, exactly sized allocation each time. Returns the bytes written.
uint64_t protobuf_peer_encode(const uint8_t *bytes, size_t count, uint64_t times);

#ifdef __cplusplus
}
#endif

#endif
