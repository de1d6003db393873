// A whole batch: its length, its checksum, and who may build one.

import Bytes
import Records
import Testing
import Wire

@Suite("Record batch") struct RecordBatchTests {
  @Test func theChecksumCoversEverythingFromTheAttributesOn() throws {
    let batch = try makeBatch([Record("k", "v")], baseOffset: 12)
    #expect(
      batch.header.crc
        == batch.bytes.withReadableBytes { CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: $0[21...])) })
    for index in 0..<batch.bytes.count {
      var bytes = batch.bytes
      bytes.withMutableReadableBytes { $0[index] ^= 1 }
      if index < 8 || (12..<16).contains(index) {
        // The offset and the leader's epoch are the broker's to set without a new checksum.
        #expect(throws: Never.self) { try RecordBatch(validating: bytes) }
      } else {
        #expect(throws: RecordError.self, "byte \(index)") { try RecordBatch(validating: bytes) }
      }
    }
  }

  @Test func aWrongChecksumNamesBoth() throws {
    let batch = try makeBatch([Record("k", "v")])
    var bytes = batch.bytes
    bytes.withMutableReadableBytes { $0[17] ^= 0xff }
    let expected = RecordError.checksumMismatch(
      expected: batch.header.crc ^ 0xff00_0000, computed: batch.header.crc)
    #expect(throws: expected) { try RecordBatch(validating: bytes) }
    #expect(expected.description.contains(String(batch.header.crc, radix: 16)))
    #expect(batch.bytes.withReadableBytes { RecordBatch.checksumIsRight(batch.header, $0) })
    let damaged = try RecordBatchHeader(parsing: bytes)
    #expect(!bytes.withReadableBytes { RecordBatch.checksumIsRight(damaged, $0) })
  }

  @Test func isExactlyOneBatch() throws {
    let bytes = try makeBatch([Record("k", "v")]).bytes
    for count in [61, bytes.count - 1] {
      #expect(throws: RecordError.truncated(needed: bytes.count, got: count)) {
        try RecordBatch(validating: bytes.slice(from: 0, count: count))
      }
    }
    var longer = bytes
    longer.append(0)
    #expect(throws: RecordError.malformedHeader("1 bytes follow the batch")) {
      try RecordBatch(validating: longer)
    }
  }

  @Test func everyErrorIsASentence() {
    let errors: [(RecordError, String)] = [
      (.truncated(needed: 61, got: 3), "61 bytes are needed and 3 are there"),
      (.wrongMagic(1), "the batch has format version 1; only version 2 is read"),
      (.lengthOutOfRange(-5), "the batch's length field says -5"),
      (
        .checksumMismatch(expected: 0x1f, computed: 0xdead_beef),
        "the stored checksum is 0000001f, the bytes have deadbeef"
      ),
      (
        .offsetOutOfOrder(expected: 10, found: 9),
        "the batch begins at offset 9, below 10, where it must not begin earlier"
      ),
      (.decompressedTooLarge(bytesMaximum: 9), "the records take more than 9 bytes uncompressed"),
      (
        .unsupportedCompression(1),
        "the records are compressed with gzip; none, lz4 and zstd are supported"
      ),
      (.malformedSideFile(file: "x", reason: "y"), "the x is malformed: y"),
    ]
    for (error, sentence) in errors { #expect(error.description == sentence) }
  }
}
