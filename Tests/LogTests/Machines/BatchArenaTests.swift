// Appends become batches: which ones share a batch, how many bytes they take, and that they read back the same.

import Bytes
import Records
import Runtime
import Testing

@testable import Log

@Suite("The batch arena")
struct BatchArenaTests {
  private func add(
    _ records: [Record], to arena: inout BatchArena, at offset: Int64, stamp: ProducerStamp? = nil,
    batchBytesMaximum: Int = 1 << 20
  ) -> BatchArena.Placement {
    records.withUnsafeBufferPointer { records in
      let placement = arena.placement(
        of: records, now: 5000, isStamped: stamp != nil, batchBytesMaximum: batchBytesMaximum)
      arena.add(records, placement: placement, at: offset, now: 5000, stamp: stamp, leaderEpoch: 0)
      return placement
    }
  }

  private func stored(_ arena: inout BatchArena, _ compression: Compression) throws -> [[StoredRecord]] {
    var compressor = BatchCompressor()
    let sealed = compressor.seal(&arena, compression: compression)
    let batches = try sealed.batches.indices.map { index in
      let bytes = ByteBuffer(sealed.bytes(of: index..<index + 1))
      return try RecordBatch(validating: bytes).records()
    }
    #expect(sealed.batches.map(\.recordCount) == batches.map { Int32($0.count) })
    return batches
  }

  @Test("appends share a batch up to its limit, and no append is split", arguments: Compression.allCases)
  func sharing(_ compression: Compression) throws {
    var arena = BatchArena(capacity: 64)
    let random = SeededRandom(seed: 3)
    var appends: [[Record]] = []
    var offset: Int64 = 0
    for number in 0..<200 {
      let records = (0...random.next(below: 4)).map { index in
        Record(
          "\(number)/\(index)" + String(repeating: "z", count: Int(random.next(below: 900))),
          key: random.next(below: 2) == 0 ? "k\(number)" : nil,
          timestamp: random.next(below: 3) == 0 ? Int64(random.next(below: 10_000)) : nil)
      }
      let before = arena.usedBytes
      let placement = add(records, to: &arena, at: offset)
      #expect(arena.usedBytes == before + placement.addedBytes)
      appends.append(records)
      offset += Int64(records.count)
    }
    #expect(arena.drafts.count > 3)
    let batches = try stored(&arena, compression)
    let all = batches.flatMap(\.self)
    #expect(all.map(\.offset) == Array(0..<offset))
    #expect(all.map(\.record.value) == appends.flatMap(\.self).map(\.value))
    #expect(all.map(\.record.key) == appends.flatMap(\.self).map(\.key))
    #expect(all.map(\.timestamp) == appends.flatMap(\.self).map { $0.timestamp ?? 5000 })
    var start: Int64 = 0
    let ends = Set(batches.map { ($0.last?.offset ?? -1) + 1 })
    for append in appends {
      let inside = start + 1..<start + Int64(append.count)
      #expect(ends.allSatisfy { !inside.contains($0) }, "an append in two batches")
      start += Int64(append.count)
    }
    for draft in arena.drafts { #expect(draft.recordBytes <= BatchArena.sharedBatchBytes) }
  }

  @Test("an append larger than a shared batch has one of its own")
  func large() throws {
    var arena = BatchArena(capacity: 64)
    #expect(!add([Record("a")], to: &arena, at: 0).sharesBatch)
    #expect(add([Record("b")], to: &arena, at: 1).sharesBatch)
    let large = [Record(String(repeating: "l", count: 100_000))]
    #expect(!add(large, to: &arena, at: 2).sharesBatch)
    #expect(!add([Record("c")], to: &arena, at: 3).sharesBatch, "the large one takes no more")
    #expect(arena.drafts.map(\.header.baseOffset) == [0, 2, 3])
    #expect(!add([Record("d")], to: &arena, at: 4, stamp: ProducerStamp(id: 1, sequence: 0)).sharesBatch)
    #expect(!add([Record("e")], to: &arena, at: 5).sharesBatch)
    #expect(try stored(&arena, .none).flatMap(\.self).map(\.offset) == Array(0..<6))
  }

  @Test("a batch never becomes larger than the topic takes")
  func limit() {
    var arena = BatchArena(capacity: 64)
    for offset in 0..<100 {
      _ = add(
        [Record(String(repeating: "m", count: 90))], to: &arena, at: Int64(offset), batchBytesMaximum: 500)
    }
    for draft in arena.drafts { #expect(draft.recordBytes + RecordBatchHeader.byteCount <= 500) }
    #expect(arena.drafts.count == 25)
  }

  @Test("memory is kept for the next round, and given back when it was much more than is needed")
  func memory() {
    var arena = BatchArena(capacity: BatchArena.usualBytes)
    _ = add([Record(String(repeating: "x", count: 500_000))], to: &arena, at: 0)
    let grown = arena.capacity
    #expect(grown >= 500_000)
    arena.clear()
    #expect(arena.isEmpty && arena.usedBytes == 0 && arena.capacity == grown)
    for _ in 0..<10 {
      _ = add([Record("small")], to: &arena, at: 0)
      arena.clear()
    }
    #expect(arena.capacity < grown && arena.capacity >= BatchArena.usualBytes / 2)
  }

  @Test("times before the first one and far apart are kept")
  func timestamps() throws {
    var arena = BatchArena(capacity: 64)
    let times: [Int64] = [1_700_000_000_000, 0, 1_700_000_000_000 - 5, 9_000_000_000_000_000, 1]
    _ = add(times.map { Record("t", timestamp: $0) }, to: &arena, at: 0)
    #expect(arena.drafts[0].header.maxTimestamp == 9_000_000_000_000_000)
    #expect(try stored(&arena, .none)[0].map(\.timestamp) == times)
  }
}
