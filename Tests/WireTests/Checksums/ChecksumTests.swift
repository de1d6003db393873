import Bytes
import Glibc
import Testing
import Wire

/// Bytes that repeat after 256 and touch every value.
private func pattern(_ count: Int) -> ByteBuffer {
  ByteBuffer((0..<count).map { UInt8(truncatingIfNeeded: $0 * 131 + 7) })
}

/// The definition, bit by bit.
private func reference(_ bytes: ByteBuffer, polynomial: UInt32) -> UInt32 {
  ~[UInt8](bytes).reduce(UInt32.max) { state, byte in
    (0..<8).reduce(state ^ UInt32(byte)) { state, _ in state & 1 == 1 ? state >> 1 ^ polynomial : state >> 1 }
  }
}

@Suite("Checksums") struct ChecksumTests {
  /// RFC 3720 appendix B.4, and the check value of the catalogue of CRCs.
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      ([UInt8](0..<32), 0x46dd_794e), ([UInt8](0..<32).reversed(), 0x113f_db5c),
      (
        [0x01, 0xc0] + [UInt8](repeating: 0, count: 14) + [0x14] + [UInt8](repeating: 0, count: 5)
          + [4, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28] + [UInt8](repeating: 0, count: 7) + [2]
          + [UInt8](repeating: 0, count: 7),
        0xd996_3a56
      ),
      (Array("123456789".utf8), 0xe306_9283), ([], 0), ([0x61], 0xc1d0_4330),
    ] as [([UInt8], UInt32)])
  func crc32cMatchesPublishedValues(bytes: [UInt8], value: UInt32) {
    let buffer = ByteBuffer(bytes)
    #expect(CRC32C.checksum(of: buffer.readable) == value)
  }

  /// The check value of the catalogue, and values that zlib computed.
  @Test(
    arguments: [
      (ByteBuffer("123456789"), 0xcbf4_3926), (pattern(0), 0), (pattern(1), 0x4c66_7a2e),
      (pattern(3), 0x45d3_c3eb),
      (pattern(8), 0xf792_1d46), (pattern(33), 0xd929_8305), (pattern(100), 0x9f5e_59ef),
      (pattern(1000), 0x1ed5_7bb9),
    ] as [(ByteBuffer, UInt32)])
  func crc32MatchesPublishedValues(buffer: ByteBuffer, value: UInt32) {
    #expect(CRC32.checksum(of: buffer.readable) == value)
  }

  @Test func bothMatchTheirDefinitionAtEveryLength() {
    for length in 0..<300 {
      let bytes = pattern(length)
      #expect(CRC32C.checksum(of: bytes.readable) == reference(bytes, polynomial: 0x82f6_3b78))
      #expect(CRC32.checksum(of: bytes.readable) == reference(bytes, polynomial: 0xedb8_8320))
    }
  }

  @Test func everySplitGivesTheSame() {
    let bytes = pattern(257)
    let castagnoli = CRC32C.checksum(of: bytes.readable)
    let ieee = CRC32.checksum(of: bytes.readable)
    let hash = XXHash64.hash(bytes.readable, seed: 9)
    for split in 0...257 {
      let first = bytes.slice(from: 0, count: split)
      let second = bytes.slice(from: split, count: 257 - split)
      var running = CRC32C()
      running.update(first.readable)
      running.update(second.readable)
      #expect(running.value == castagnoli)
      #expect(running == CRC32C(resuming: castagnoli))
      var other = CRC32()
      other.update(first.readable)
      var resumed = CRC32(resuming: other.value)
      resumed.update(second.readable)
      #expect(resumed.value == ieee)
      var hashing = XXHash64(seed: 9)
      hashing.update(first.readable)
      hashing.update(second.readable)
      #expect(hashing.value == hash)
      #expect(hashing.value == hash)  // asking changes nothing
      #expect(
        CRC32C.combine(
          CRC32C.checksum(of: first.readable), CRC32C.checksum(of: second.readable),
          secondByteCount: second.count) == castagnoli)
      #expect(
        CRC32.combine(
          CRC32.checksum(of: first.readable), CRC32.checksum(of: second.readable),
          secondByteCount: second.count) == ieee)
    }
  }

  @Test func bytesInManyPiecesGiveTheSame() {
    let bytes = pattern(5000)
    for step in [1, 3, 7, 31, 32, 33, 64, 100] {
      var castagnoli = CRC32C()
      var ieee = CRC32()
      var hash = XXHash64()
      var rest = bytes
      while !rest.isEmpty {
        let piece = rest.split(min(step, rest.count))
        castagnoli.update(piece.readable)
        ieee.update(piece.readable)
        hash.update(piece.readable)
      }
      #expect(castagnoli.value == CRC32C.checksum(of: bytes.readable))
      #expect(ieee.value == CRC32.checksum(of: bytes.readable))
      #expect(hash.value == XXHash64.hash(bytes.readable))
    }
  }

  /// ISA-L's CRC-32C counts in a C int; longer input goes in pieces. Zeros can be had without memory.
  @Test func crc32cTakesMoreThanTwoGibibytes() throws {
    let count = 1 << 31 + 4099
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let memory = try #require(mmap(nil, count, PROT_READ, flags, -1, 0))
    try #require(memory != MAP_FAILED)
    defer { munmap(memory, count) }
    madvise(memory, count, MADV_HUGEPAGE)
    // Zeros upon zeros: combine doubles the length at each step.
    let one = ByteBuffer([0])
    var expected: UInt32 = 0
    var length = 0
    for bit in (0..<32).reversed() {
      expected = CRC32C.combine(expected, expected, secondByteCount: length)
      length *= 2
      if count >> bit & 1 == 1 {
        expected = CRC32C.combine(expected, CRC32C.checksum(of: one.readable), secondByteCount: 1)
        length += 1
      }
    }
    #expect(length == count)
    #expect(CRC32C.checksum(of: UnsafeRawBufferPointer(start: memory, count: count)) == expected)
  }

  @Test func combiningKnowsVeryLongBlocks() {
    // Associativity, where no memory could hold the blocks.
    let long = 1 << 61
    let left = CRC32.combine(CRC32.combine(1, 2, secondByteCount: long), 3, secondByteCount: 12345)
    let right = CRC32.combine(1, CRC32.combine(2, 3, secondByteCount: 12345), secondByteCount: long + 12345)
    #expect(left == right)
    #expect(CRC32C.combine(7, 9, secondByteCount: 0) == 7 ^ 9)
    #expect(CRC32C.combine(0, 9, secondByteCount: 77) == 9)
  }

  /// Published values for short texts; the rest computed by the reference library (0.8.1).
  @Test(
    arguments: [
      (ByteBuffer(""), 0, 0xef46_db37_51d8_e999), (ByteBuffer("a"), 0, 0xd24e_c4f1_a98c_6e5b),
      (ByteBuffer("abc"), 0, 0x44bc_2cf5_ad77_0999), (pattern(0), 0x9e37_79b1, 0xac75_fda2_929b_17ef),
      (pattern(1), 0, 0xa96c_7f0c_e858_bbb7), (pattern(3), 0x9e37_79b1, 0x00b7_7b48_5431_ce5d),
      (pattern(4), 0, 0xfa21_2ae4_4b3b_b23d), (pattern(7), 0, 0x2744_460d_d675_d2c0),
      (pattern(8), 0x9e37_79b1, 0xf424_edeb_fea8_d23f), (pattern(11), 0, 0x97f0_78da_7a1a_590c),
      (pattern(12), 0x9e37_79b1, 0xddd8_9bdb_f8aa_26e0), (pattern(31), 0, 0x6711_d55e_306b_5d8f),
      (pattern(32), 0, 0x07f7_b8e3_bc5d_6e25), (pattern(33), 0x9e37_79b1, 0x3d80_5e87_12cb_4890),
      (pattern(63), 0, 0xb7c9_968c_066c_b6a5), (pattern(64), 0x9e37_79b1, 0x9466_7e10_d68b_3991),
      (pattern(65), 0, 0xd277_176b_ff86_3efc), (pattern(100), 0x9e37_79b1, 0x5766_be67_82b9_6389),
      (pattern(1000), 0, 0x0bf0_bdbc_c82e_b373), (pattern(1000), 0x9e37_79b1, 0xb43e_3585_5304_9780),
    ] as [(ByteBuffer, UInt64, UInt64)])
  func xxHash64MatchesTheReference(buffer: ByteBuffer, seed: UInt64, value: UInt64) {
    #expect(XXHash64.hash(buffer.readable, seed: seed) == value)
    var streamed = XXHash64(seed: seed)
    streamed.update(buffer.readable)
    #expect(streamed.value == value)
  }
}
