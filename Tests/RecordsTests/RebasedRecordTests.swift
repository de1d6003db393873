// Giving an encoded record another timestamp delta, and knowing where it stands.

import Bytes
import Testing

@testable import Records

@Suite("Encoded records with another timestamp delta")
struct RebasedRecordTests {
  private static let record = Record(
    key: ByteBuffer("key"), value: ByteBuffer(String(repeating: "v", count: 200)),
    headers: [RecordHeader(key: "a", value: nil), RecordHeader(key: "b", value: ByteBuffer("1"))])

  private static func encoded(_ delta: Int64) -> ByteBuffer {
    var bytes = ByteBuffer()
    let count = RecordEncoding.byteCount(record, timestampDelta: delta, offsetDelta: 77)
    bytes.withWritableBytes(minimum: count) { room in
      guard let start = room.baseAddress else { return 0 }
      return RecordEncoding.encode(record, timestampDelta: delta, offsetDelta: 77, to: start)
    }
    return bytes
  }

  @Test("the rest of the record stays byte for byte")
  func rebases() throws {
    let deltas: [Int64] = [0, 1, -1, 63, 64, -65, 1 << 20, -86_400_000, .max, .min]
    for old in deltas {
      for new in deltas {
        var bytes = ByteBuffer("before")
        try Self.encoded(old).withReadableBytes { record throws(RecordError) in
          try RecordEncoding.append(record, timestampDelta: new, to: &bytes)
        }
        bytes.consume(6)
        #expect(bytes == Self.encoded(new))
      }
    }
  }

  @Test("what is not one whole record is refused")
  func refuses() {
    let whole = Self.encoded(5)
    var cases = [
      ByteBuffer(), ByteBuffer([0]), ByteBuffer([2, 0]), ByteBuffer([1]), ByteBuffer([4, 0, 0x80]),
    ]
    cases.append(whole.slice(from: 0, count: whole.count - 1))
    var longer = whole
    longer.append(0 as UInt8)
    cases.append(longer)
    for bytes in cases {
      #expect(throws: RecordError.self) {
        var target = ByteBuffer()
        try bytes.withReadableBytes { record throws(RecordError) in
          try RecordEncoding.append(record, timestampDelta: 0, to: &target)
        }
      }
    }
  }

  @Test("the iterator says where each record ends")
  func positions() throws {
    var payload = ByteBuffer()
    var ends: [Int] = []
    for index in 0..<5 {
      let record = Record(key: nil, value: ByteBuffer(String(repeating: "v", count: index * 50)))
      let count = RecordEncoding.byteCount(record, timestampDelta: 0, offsetDelta: Int32(index))
      payload.withWritableBytes(minimum: count) { room in
        guard let start = room.baseAddress else { return 0 }
        return RecordEncoding.encode(record, timestampDelta: 0, offsetDelta: Int32(index), to: start)
      }
      ends.append(payload.count)
    }
    let header = RecordBatchHeader(
      baseOffset: 0, lastOffsetDelta: 4, baseTimestamp: 0, maxTimestamp: 0, recordCount: 5)
    var records = RecordIterator(header, payload: payload.readable)
    var found: [Int] = []
    let before = records.byteCount
    while try records.next() != nil { found.append(records.byteCount) }
    #expect(before == 0)
    #expect(found == ends)
  }
}
