// JSON, checksums and text forms beside their peers: Foundation, and the C functions called directly.

import Bytes
import CIsal
import Measure
import Wire

@main
enum BenchEncodings {
  static func main() throws {
    compareChecksums()
    try compareJSON()
    compareText()
  }

  // MARK: Checksums

  private static func compareChecksums() {
    for (name, size) in [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)] {
      let bytes = ByteBuffer((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      let operations = (256 << 20) / size
      bytes.withReadableBytes { bytes in
        Comparison(
          "CRC-32C, \(name)", operations: operations, runs: 15,
          ours: {
            for _ in 0..<operations { keep(CRC32C.checksum(of: bytes)) }
          },
          peer: {
            for _ in 0..<operations { keep(direct(bytes)) }
          }
        ).report(peerName: "crc32_iscsi called directly", goal: "time at most 1.05x")
      }
      bytes.withReadableBytes { bytes in
        Comparison(
          "CRC-32, \(name)", operations: operations / 4,
          ours: {
            for _ in 0..<operations / 4 { keep(CRC32.checksum(of: bytes)) }
          },
          peer: {
            for turn in 0..<operations / 4 { keep(XXHash64.hash(bytes, seed: UInt64(turn))) }
          }
        ).report(peerName: "our xxHash64", goal: "to know")
      }
    }
  }

  private static func direct(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let start = UnsafeMutablePointer(mutating: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
    return ~crc32_iscsi(start, Int32(bytes.count), ~0)
  }

  // MARK: Text

  private static func compareText() {
    for size in [32, 4096] {
      let bytes = ByteBuffer((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      let foundation = FoundationPeer(bytes: bytes)
      let operations = (1 << 22) / size
      var target = ByteBuffer(capacity: size * 2)
      Comparison(
        "base64 encode, \(size) bytes", operations: operations,
        ours: {
          for _ in 0..<operations {
            target.clear()
            Base64.standard.encode(bytes.readable, into: &target)
          }
        },
        peer: { for _ in 0..<operations { foundation.encodeBase64() } }
      ).report(peerName: "Data.base64EncodedData", goal: "to know")
      var text = ByteBuffer()
      Base64.standard.encode(bytes.readable, into: &text)
      Comparison(
        "base64 decode, \(size) bytes", operations: operations,
        ours: {
          for _ in 0..<operations {
            target.clear()
            try? Base64.standard.decode(text.readable, into: &target)
          }
        },
        peer: { for _ in 0..<operations { foundation.decodeBase64() } }
      ).report(peerName: "Data(base64Encoded:)", goal: "to know")
    }
  }
}
