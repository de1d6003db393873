// Walking a segment: whole batches, cut ones, room never written, and damage.

import Bytes
import Records
import Testing

@Suite("Batch scanner") struct BatchScannerTests {
  /// What a walk over a segment that is shown `visible` bytes at a time, or all of it, finds.
  static func walk(
    _ segment: ByteBuffer, expectedOffset: Int64? = 0, bytesMaximum: Int = 1 << 20, checksums: Bool = true,
    visible: Int = .max
  ) -> (batches: [RecordBatchHeader], position: Int, end: BatchScanner.Finding?) {
    var scanner = BatchScanner(
      expectedOffset: expectedOffset, batchBytesMaximum: bytesMaximum, checksums: checksums)
    var batches: [RecordBatchHeader] = []
    var position = 0
    var wanted = visible
    while position < segment.count {
      let count = min(wanted, segment.count - position)
      let finding = segment.slice(from: position, count: count).withReadableBytes {
        scanner.next($0, atEnd: position + count == segment.count)
      }
      switch finding {
      case .batch(let header, let byteCount):
        batches.append(header)
        position += byteCount
        wanted = visible
      case .needBytes(let more):
        #expect(more > count, "it asked for what it had")
        wanted = more
      case .zeros, .invalid: return (batches, position, finding)
      }
    }
    return (batches, position, nil)
  }

  static func segment(_ count: Int, compression: Compression = .none) throws -> (
    ByteBuffer, [RecordBatchHeader]
  ) {
    var bytes = ByteBuffer()
    var headers: [RecordBatchHeader] = []
    for index in 0..<count {
      let records = (0...index).map { Record("key \($0)", String(repeating: "v", count: 40 * index + 40)) }
      let batch = try makeBatch(records, baseOffset: headers.last?.nextOffset ?? 0, compression: compression)
      bytes.append(batch.bytes)
      headers.append(batch.header)
    }
    return (bytes, headers)
  }

  @Test(
    "A whole segment is walked, however little is shown at once",
    arguments: [1, 12, 61, 62, 100, 1_000, .max])
  func whole(visible: Int) throws {
    let (segment, headers) = try Self.segment(8)
    let walk = Self.walk(segment, visible: visible)
    #expect(walk.batches == headers)
    #expect(walk.position == segment.count)
    #expect(walk.end == nil)
  }

  @Test func aTornTailIsFoundAtTheLastWholeBatchWhereverItTore() throws {
    let (segment, headers) = try Self.segment(3)
    let last = segment.count - headers[2].totalBytes
    for count in (last + 1)..<segment.count {
      let walk = Self.walk(segment.slice(from: 0, count: count))
      #expect(walk.batches == Array(headers[..<2]))
      #expect(walk.position == last)
      // The high bytes of an offset are zeros like those of room that was made: no batch either way.
      let torn = count - last
      let needed = torn < 61 ? 61 : headers[2].totalBytes
      #expect(walk.end == (torn <= 7 ? .zeros : .invalid(.truncated(needed: needed, got: torn))))
    }
  }

  @Test("Room that was never written is no damage", arguments: [1, 60, 61, 62, 5_000])
  func zeros(count: Int) throws {
    let (batches, headers) = try Self.segment(2)
    var segment = batches
    let end = segment.count
    segment.append(repeating: 0, count: count)
    let walk = Self.walk(segment)
    #expect(walk.batches == headers)
    #expect(walk.position == end)
    #expect(walk.end == .zeros)
    #expect(
      segment.slice(from: end, count: count).withReadableBytes { BatchScanner.leadingZeros($0) } == count)
  }

  @Test func aFewZerosMayBecomeABatch() {
    var scanner = BatchScanner(expectedOffset: 0, batchBytesMaximum: 1_000)
    let zeros = ByteBuffer(Array(repeating: 0, count: 60))
    #expect(zeros.withReadableBytes { scanner.next($0, atEnd: false) } == .needBytes(61))
  }

  @Test func nothingAtTheEndIsAnIncompleteBatch() {
    var scanner = BatchScanner(expectedOffset: 0, batchBytesMaximum: 1_000)
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(scanner.next(nothing, atEnd: true) == .invalid(.truncated(needed: 61, got: 0)))
    #expect(scanner.next(nothing, atEnd: false) == .needBytes(61))
  }

  @Test("Leading zeros are counted to the byte", arguments: [0, 1, 7, 8, 9, 63, 64, 100])
  func leadingZeros(count: Int) {
    var bytes = ByteBuffer(Array(repeating: 0, count: count))
    #expect(bytes.withReadableBytes { BatchScanner.leadingZeros($0) } == count)
    bytes.append(1)
    bytes.append(repeating: 0, count: 20)
    #expect(bytes.withReadableBytes { BatchScanner.leadingZeros($0) } == count)
  }

  @Test func offsetsMayJumpButNotFallBack() throws {
    let first = try makeBatch([Record("a", "1"), Record("b", "2")], baseOffset: 10)
    for (next, isGood) in [(12, true), (900, true), (11, false), (10, false), (0, false)] as [(Int64, Bool)] {
      var segment = first.bytes
      segment.append(try makeBatch([Record("c", "3")], baseOffset: next).bytes)
      let walk = Self.walk(segment, expectedOffset: 10)
      #expect(walk.batches.count == (isGood ? 2 : 1))
      #expect(walk.end == (isGood ? nil : .invalid(.offsetOutOfOrder(expected: 12, found: next))))
    }
    #expect(Self.walk(first.bytes, expectedOffset: nil).end == nil)
    #expect(
      Self.walk(first.bytes, expectedOffset: 11).end == .invalid(.offsetOutOfOrder(expected: 11, found: 10)))
  }

  @Test func aLengthBeyondTheLimitIsRefusedBeforeItsBytesAreAskedFor() throws {
    let batch = try makeBatch([Record(nil, String(repeating: "x", count: 500))])
    var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: batch.bytes.count - 1)
    let header = batch.bytes.slice(from: 0, count: 61)
    #expect(
      header.withReadableBytes { scanner.next($0, atEnd: false) }
        == .invalid(.lengthOutOfRange(batch.header.batchLength)))
  }

  @Test func damageStopsTheWalkAndChecksumsCanBeLeftOut() throws {
    let (batches, headers) = try Self.segment(3)
    var segment = batches
    let second = headers[0].totalBytes
    segment.withMutableReadableBytes { $0[second + 80] ^= 4 }
    let walk = Self.walk(segment)
    #expect(walk.position == second)
    guard case .invalid(.checksumMismatch(let expected, _))? = walk.end else {
      Issue.record("found \(String(describing: walk.end))")
      return
    }
    #expect(expected == headers[1].crc)
    #expect(Self.walk(segment, checksums: false).batches == headers)
  }

  @Test(
    "Any damage to a segment is seen, or is in a field no checksum covers", arguments: 0..<6 as Range<UInt64>)
  func randomDamage(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (segment, headers) = try Self.segment(5, compression: .lz4)
    let starts = headers.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.totalBytes) }
    for _ in 0..<200 {
      var damaged = segment
      let place = Int.random(in: 0..<segment.count, using: &random)
      damaged.withMutableReadableBytes { $0[place] ^= UInt8.random(in: 1...255, using: &random) }
      let walk = Self.walk(damaged)
      let index = try #require(starts.lastIndex { $0 <= place })
      #expect(walk.batches.count >= index)
      #expect(Array(walk.batches.prefix(index)) == Array(headers.prefix(index)))
      let field = place - starts[index]
      if !(field < 8 || (12..<16).contains(field)) {
        #expect(walk.batches.count == index && walk.end != nil)
      }
    }
  }
}
