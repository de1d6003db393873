// Turns the drafts of an arena into batches as they are stored: compresses them when the topic says so, and
// fills in lengths and checksums. Batches that would not become smaller stay as they are.

import Records

/// Seals batches; keeps its buffers and contexts. Confined to the writer thread.
struct BatchCompressor: ~Copyable {
  private var context: CompressionContext?
  private var output: UnsafeMutableRawBufferPointer?

  deinit { output?.deallocate() }

  /// Batches that stand one after the other in memory that the arena or the compressor owns.
  struct Sealed {
    let batches: ContiguousArray<RecordBatchHeader>
    let memory: UnsafeRawPointer

    /// The bytes of some batches.
    func bytes(of run: Range<Int>) -> UnsafeRawBufferPointer {
      let start = batches[..<run.lowerBound].reduce(0) { $0 + $1.totalBytes }
      let count = batches[run].reduce(0) { $0 + $1.totalBytes }
      return UnsafeRawBufferPointer(start: memory + start, count: count)
    }
  }

  /// Seals every batch of the arena.
  mutating func seal(_ arena: inout BatchArena, compression: Compression) -> Sealed {
    if compression == .none { return sealInPlace(&arena) }
    let header = RecordBatchHeader.byteCount
    let bound = arena.drafts.reduce(0) {
      $0 + header + max($1.recordBytes, BatchSealing.bound(compression, recordBytes: $1.recordBytes))
    }
    let room = makeRoom(bound)
    let context = makeContext()
    var batches: ContiguousArray<RecordBatchHeader> = []
    var target = room
    for draft in arena.drafts {
      var sealed = draft.header
      let records = UnsafeRawBufferPointer(
        start: arena.memory + draft.start + header, count: draft.recordBytes)
      let body = UnsafeMutableRawBufferPointer(
        start: target + header, count: BatchSealing.bound(compression, recordBytes: draft.recordBytes))
      let bytes: Int
      if let compressed = compress(compression, records, into: body, context) {
        sealed.attributes = BatchAttributes(compression: compression)
        bytes = compressed
      } else {
        (target + header).copyMemory(from: arena.memory + draft.start + header, byteCount: draft.recordBytes)
        bytes = draft.recordBytes
      }
      BatchSealing.seal(&sealed, recordBytes: bytes, at: target)
      batches.append(sealed)
      target += header + bytes
    }
    return Sealed(batches: batches, memory: UnsafeRawPointer(room))
  }

  /// The compressed records; nil when they would not be smaller, or the library would not.
  private func compress(
    _ compression: Compression, _ records: UnsafeRawBufferPointer, into body: UnsafeMutableRawBufferPointer,
    _ context: CompressionContext
  ) -> Int? {
    do throws(RecordError) {
      return try BatchSealing.compress(compression, records: records, into: body, context: context)
    } catch {
      // Compression is an economy: records that cannot be compressed are stored as they are.
      return nil
    }
  }

  private func sealInPlace(_ arena: inout BatchArena) -> Sealed {
    var batches: ContiguousArray<RecordBatchHeader> = []
    batches.reserveCapacity(arena.drafts.count)
    for draft in arena.drafts {
      var sealed = draft.header
      BatchSealing.seal(&sealed, recordBytes: draft.recordBytes, at: arena.memory + draft.start)
      batches.append(sealed)
    }
    return Sealed(batches: batches, memory: UnsafeRawPointer(arena.memory))
  }

  private mutating func makeRoom(_ bytes: Int) -> UnsafeMutableRawPointer {
    if let output, output.count >= bytes, let base = output.baseAddress { return base }
    output?.deallocate()
    let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes, 64 << 10), alignment: 64)
    output = fresh
    guard let base = fresh.baseAddress else { preconditionFailure("memory was allocated") }
    return base
  }

  private mutating func makeContext() -> CompressionContext {
    if let context { return context }
    let fresh = CompressionContext()
    context = fresh
    return fresh
  }
}
