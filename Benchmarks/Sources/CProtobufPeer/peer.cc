#include "include/protobuf_peer.h"

#include <memory>

#if !__has_include("generated/benchmark.pb.h")
#error "run Benchmarks/prepare first: it generates the C++ code of the peer"
#endif
#include "generated/benchmark.pb.h"
// The generated source is compiled here, so that SwiftPM need not find a file that is not in the tree.
#include "generated/benchmark.pb.cc"

using varve::testing::benchmark::Record;

uint64_t protobuf_peer_decode(const uint8_t *bytes, size_t count, uint64_t times) {
  uint64_t decoded = 0;
  for (uint64_t turn = 0; turn < times; turn++) {
    Record record;
    decoded += record.ParseFromArray(bytes, static_cast<int>(count)) ? 1 : 0;
  }
  return decoded;
}

uint64_t protobuf_peer_decode_arena(const uint8_t *bytes, size_t count, uint64_t times) {
  uint64_t decoded = 0;
  for (uint64_t turn = 0; turn < times; turn++) {
    google::protobuf::Arena arena;
    Record *record = google::protobuf::Arena::CreateMessage<Record>(&arena);
    decoded += record->ParseFromArray(bytes, static_cast<int>(count)) ? 1 : 0;
  }
  return decoded;
}

uint64_t protobuf_peer_encode(const uint8_t *bytes, size_t count, uint64_t times) {
  Record record;
  if (!record.ParseFromArray(bytes, static_cast<int>(count))) return 0;
  uint64_t written = 0;
  for (uint64_t turn = 0; turn < times; turn++) {
    size_t size = record.ByteSizeLong();
    std::unique_ptr<uint8_t[]> output(new uint8_t[size]);
    record.SerializeWithCachedSizesToArray(output.get());
    written += size;
  }
  return written;
}
