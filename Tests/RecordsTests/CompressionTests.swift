// Compressed batches: frames others may write, bombs, and frames that end too early.

import Bytes
import Records
import Testing

@Suite("Compression") struct CompressionTests {
  static let compressors: [Compression] = [.lz4, .zstd]

  @Test func namesAreKafkas() {
    #expect(Compression.allCases.map(\.description) == ["none", "lz4", "zstd"])
    #expect(Compression.allCases.map { Compression($0.description) } == Compression.allCases)
    #expect(Compression("gzip") == nil && Compression("LZ4") == nil)
  }

  @Test("One context compresses batch after batch", arguments: compressors)
  func reuse(compression: Compression) throws {
    let context = CompressionContext()
    for size in [100, 200_000, 20, 3_000_000, 70] {
      let record = Record("k", String(repeating: "abcdefgh", count: size))
      let batch = try makeBatch([record], compression: compression, context: context)
      #expect(batch.bytes.count < size * 8)
      #expect(try batch.records().map(\.record.value) == [record.value])
    }
  }

  @Test("What does not shrink is not worth compressing", arguments: Compression.allCases)
  func incompressible(compression: Compression) throws {
    var random = SeededGenerator(seed: 4)
    let noise = ByteBuffer((0..<500).map { _ in UInt8.random(in: 0...255, using: &random) })
    #expect(try compressed(noise, compression) == nil)
    #expect(try compressed(ByteBuffer(), compression) == nil)
  }

  @Test("A batch may be uncompressed to the limit and no further", arguments: compressors)
  func bomb(compression: Compression) throws {
    let zeros = ByteBuffer(Array(repeating: 0, count: 8 << 20))
    let batch = try stored(try #require(try compressed(zeros, compression)), compression)
    #expect(batch.bytes.count < 64 << 10)
    #expect(try batch.payload(bytesMaximum: 8 << 20).count == 8 << 20)
    for limit in [0, 1, 4_095, 4_096, 1 << 20, 8 << 20 - 1] {
      #expect(throws: RecordError.decompressedTooLarge(bytesMaximum: limit)) {
        try batch.payload(bytesMaximum: limit)
      }
    }
  }

  /// A zstd frame that does not say how much it holds: `blocks` times 128 KiB of one byte, in 4 bytes each.
  static func unsizedZstd(blocks: Int, windowDescriptor: UInt8 = 0x50) -> ByteBuffer {
    var frame = ByteBuffer([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor])
    for block in 0..<blocks {
      let header = UInt32(128 << 10) << 3 | 1 << 1 | (block == blocks - 1 ? 1 : 0)
      for shift in [0, 8, 16] as [UInt32] { frame.append(UInt8(header >> shift & 0xff)) }
      frame.append(0x61)
    }
    return frame
  }

  @Test func aBombThatHidesItsSizeIsFoundOut() throws {
    let batch = try stored(Self.unsizedZstd(blocks: 4_096), .zstd)
    #expect(throws: RecordError.decompressedTooLarge(bytesMaximum: 1 << 20)) {
      try batch.payload(bytesMaximum: 1 << 20)
    }
    #expect(throws: RecordError.decompressedTooLarge(bytesMaximum: RecordLimits.payloadBytesMaximum)) {
      try batch.payload()
    }
    let small = try stored(Self.unsizedZstd(blocks: 3), .zstd)
    #expect(try small.payload(bytesMaximum: 3 << 17).count == 3 << 17)
  }

  @Test func aWindowBeyondTheLimitIsRefused() throws {
    // Exponent 18: 2 to the 28; exponent 17: 2 to the 27.
    let large = try stored(Self.unsizedZstd(blocks: 1, windowDescriptor: 18 << 3), .zstd)
    #expect(throws: RecordError.compressionFailed("zstd: Frame requires too much memory for decoding")) {
      try large.payload()
    }
    let largest = try stored(Self.unsizedZstd(blocks: 1, windowDescriptor: 17 << 3), .zstd)
    #expect(try largest.payload().count == 1 << 17)
  }

  // "abc" in a stored block, independent blocks of at most 64 KiB.
  static let lz4 = "04224d18 60 40 82 03000080 616263 00000000"
  // "abc" in a raw block, of a frame that says it holds 3 bytes.
  static let zstd = "28b52ffd 20 03 190000 616263"

  // Linked blocks of at most 4 MiB, with content size and both checksums.
  static let checkedLz4 = "04224d18 7c 40 0300000000000000 74 03000080 616263 ff53d132 00000000 ff53d132"
  // Without content size, with a checksum.
  static let checkedZstd = "28b52ffd 04 00 190000 616263 990977ad"

  @Test(
    "Any valid frames are taken",
    arguments: [
      (Compression.lz4, lz4, "abc"), (.lz4, lz4 + lz4, "abcabc"),
      (.lz4, checkedLz4, "abc"), (.zstd, checkedZstd, "abc"),
      (.lz4, "502a4d18 02000000 ffff" + lz4, "abc"), (.lz4, "04224d18 60 40 82 00000000", ""),
      (.zstd, zstd, "abc"), (.zstd, zstd + zstd, "abcabc"), (.zstd, "502a4d18 02000000 ffff" + zstd, "abc"),
      (.zstd, zstd + "28b52ffd 00 50 190000 616263", "abcabc"), (.zstd, "28b52ffd 20 00 010000", ""),
    ])
  func frames(compression: Compression, hex: String, text: String) throws {
    #expect(try stored(ByteBuffer(hex: hex), compression).payload() == ByteBuffer(text))
  }

  @Test("A frame cut anywhere is refused", arguments: compressors)
  func truncation(compression: Compression) throws {
    let text = ByteBuffer((0..<2_000).map { "line \($0)\n" }.joined())
    let whole = try #require(try compressed(text, compression))
    for count in stride(from: 1, to: whole.count, by: 7) {
      let batch = try stored(whole.slice(from: 0, count: count), compression)
      let error = #expect(throws: RecordError.self) { try batch.payload() }
      guard case .compressionFailed? = error else {
        Issue.record("cut at \(count): \(String(describing: error))")
        return
      }
    }
  }

  @Test(
    "What is no frame is refused",
    arguments: [
      (Compression.lz4, "00"), (.lz4, "04224d18"), (.lz4, "04224d18 60 40 83 00000000"),
      (.lz4, "04224d18 20 40 00 00000000"), (.lz4, lz4 + "ff"), (.lz4, lz4 + "ffffffffffffff"), (.lz4, zstd),
      (.lz4, "04224d18 60 40 82 03000000 f0ffff 00000000"), (.lz4, "04224d18 60 40 82 ffffff7f 00"),
      (.zstd, "00"), (.zstd, "28b52ffd"), (.zstd, zstd + "ff"), (.zstd, zstd + "ffffffffff"), (.zstd, lz4),
      (.lz4, checkedLz4.replacing("616263", with: "616264")),
      (.zstd, checkedZstd.replacing("6263", with: "6264")),
      (.zstd, "28b52ffd 20 02 190000 616263"), (.zstd, "28b52ffd 20 04 190000 616263"),
      (.zstd, "28b52ffd 20 03 1f0000 616263"),
    ])
  func noFrame(compression: Compression, hex: String) throws {
    let batch = try stored(ByteBuffer(hex: hex), compression)
    let error = #expect(throws: RecordError.self) { try batch.payload() }
    guard case .compressionFailed? = error else {
      Issue.record("not refused as compression: \(String(describing: error))")
      return
    }
  }

  @Test(
    "Compressions that are not supported are refused by name",
    arguments: [(1, "gzip"), (2, "snappy"), (5, "code 5"), (7, "code 7")] as [(UInt8, String)])
  func unsupported(code: UInt8, name: String) throws {
    let batch = try stored(ByteBuffer("whatever"), .none) { $0.attributes.rawValue = UInt16(code) }
    let error = #expect(throws: RecordError.unsupportedCompression(code)) { try batch.payload() }
    #expect(error?.description.contains(name) == true)
  }

  @Test func anUncompressedPayloadIsASliceWhateverTheLimit() throws {
    let batch = try makeBatch([Record("k", "v")])
    #expect(try batch.payload(bytesMaximum: 0) == batch.bytes.slice(from: 61, count: batch.bytes.count - 61))
  }

  private func stored(
    _ payload: ByteBuffer, _ compression: Compression, _ change: (inout RecordBatchHeader) -> Void = { _ in }
  ) throws -> RecordBatch {
    var header = RecordBatchHeader(
      baseOffset: 0, attributes: BatchAttributes(compression: compression), lastOffsetDelta: 0,
      baseTimestamp: 0, maxTimestamp: 0, recordCount: 1)
    change(&header)
    return try sealed(header, payload: payload)
  }
}
