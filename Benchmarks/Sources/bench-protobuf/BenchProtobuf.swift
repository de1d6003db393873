// Protobuf beside Debian's C++ libprotobuf on the same bytes: a Record of twenty fields, small and large. Both
// sides make a fresh message for each decode and a fresh allocation for each encode.

import Bytes
import CProtobufPeer
import Measure
import Wire

@main
struct BenchProtobuf {
  typealias Record = Varve_Testing_Benchmark_Record

  static func main() throws(ProtobufError) {
    try compare("20 fields", record(extents: 2, shards: 6, pathSegments: 3))
    try compare("20 fields, large", record(extents: 64, shards: 400, pathSegments: 40))
  }

  /// Each kind of field as a service sends it: ids and times as long varints, short and long text, a digest.
  static func record(extents: Int, shards: Int, pathSegments: Int) -> Record {
    var record = Record()
    record.id = 0x1234_5678_9abc
    record.version = 3
    record.name = "report.pdf"
    record.path = "/archive/2024" + String(repeating: "/quarterly-results", count: pathSegments)
    record.state = .sealed
    record.deleted = true
    record.fingerprint = 0xdead_beef_0bad_cafe
    record.score = 0.75
    record.weight = 1.5
    record.delta = -70_000
    record.digest = ByteBuffer((0..<32).map { UInt8($0 * 7) })
    record.extent = extent(0)
    record.shards = (0..<shards).map { UInt32($0 * 37) }
    record.blocks = (0..<4).map { UInt64($0) << 40 }
    record.tags = ["blue", "finance", "keep-for-ten-years-please"]
    record.extents = (0..<extents).map(extent)
    record.createdNanoseconds = 1_700_000_000_000_000_000
    record.mode = 0o100644
    record.contentType = "application/pdf"
    record.expires = 1_900_000_000
    return record
  }

  static func extent(_ index: Int) -> Varve_Testing_Benchmark_Extent {
    var extent = Varve_Testing_Benchmark_Extent()
    extent.offset = UInt64(index) << 22
    extent.length = 4 << 20
    extent.checksum = 0x1234_5678
    return extent
  }

  static func compare(_ name: String, _ record: Record) throws(ProtobufError) {
    let bytes = try record.serializedBytes()
    let turns = max(1000, 40_000_000 / bytes.count)
    bytes.withReadableBytes { raw in
      let address = raw.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let decode = { decodeAll(bytes, turns: turns) }
      let size = "\(name), \(bytes.count) bytes"
      Comparison(
        "decode \(size)", operations: turns, ours: decode,
        peer: { check(protobuf_peer_decode(address, raw.count, UInt64(turns)), turns) }
      ).report(peerName: "C++, heap", goal: "time <= 1.0x")
      Comparison(
        "decode \(size)", operations: turns, ours: decode,
        peer: { check(protobuf_peer_decode_arena(address, raw.count, UInt64(turns)), turns) }
      ).report(peerName: "C++, fresh arena", goal: "none")
      Comparison(
        "encode \(size)", operations: turns, ours: { encodeAll(record, turns: turns) },
        peer: { check(protobuf_peer_encode(address, raw.count, UInt64(turns)), turns * raw.count) }
      ).report(peerName: "C++", goal: "none")
    }
  }

  @inline(never)
  static func decodeAll(_ bytes: ByteBuffer, turns: Int) {
    for _ in 0..<turns {
      do {
        keep(try Record(serializedBytes: bytes))
      } catch {
        preconditionFailure("our own bytes were refused: \(error)")
      }
    }
  }

  @inline(never)
  static func encodeAll(_ record: Record, turns: Int) {
    for _ in 0..<turns {
      do {
        keep(try record.serializedBytes())
      } catch {
        preconditionFailure("not encoded: \(error)")
      }
    }
  }

  static func check(_ done: UInt64, _ expected: Int) {
    precondition(done == UInt64(expected), "the peer refused our bytes")
  }
}
