// The last steps of writing a batch: compress its records, fill in the length and the checksum. The caller
// owns the memory, so that a writer can build batches in place.

public import Wire

/// How encoded records become a batch.
public enum BatchSealing {
  /// Fills in `batchLength` and `crc` for a batch whose `recordBytes` bytes of records, compressed or not as
  /// the attributes say, stand at `memory` + 61, and stores the header at `memory`.
  @inlinable
  public static func seal(
    _ header: inout RecordBatchHeader, recordBytes: Int, at memory: UnsafeMutableRawPointer
  ) {
    let total = RecordBatchHeader.byteCount + recordBytes
    precondition(
      recordBytes >= 0 && total <= RecordLimits.batchBytesMaximum, "a batch outside the limit was built")
    header.batchLength = Int32(truncatingIfNeeded: total - 12)
    header.crc = 0
    header.store(to: memory)
    header.crc = CRC32C.checksum(
      of: UnsafeRawBufferPointer(
        start: memory + RecordBatchHeader.checksummedFrom, count: total - RecordBatchHeader.checksummedFrom))
    memory.store(bigEndian: header.crc, at: 17)
  }

  /// How much room `compress` must be given for `recordBytes` bytes.
  public static func bound(_ compression: Compression, recordBytes: Int) -> Int {
    switch compression {
    case .none: recordBytes
    case .lz4: CompressionContext.lz4Bound(recordBytes)
    case .zstd: CompressionContext.zstdBound(recordBytes)
    }
  }

  /// Compresses encoded records from `records` into `target`, which has the room `bound` asks for.
  ///
  /// - Returns: how many bytes were written; nil when they would not be fewer than before, so that the batch
  ///   is better stored uncompressed. What `target` holds then is of no use.
  public static func compress(
    _ compression: Compression, records: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
    context: CompressionContext
  ) throws(RecordError) -> Int? {
    precondition(target.count >= bound(compression, recordBytes: records.count), "too little room")
    let written: Int
    switch compression {
    case .none: return nil
    case .lz4: written = try context.lz4(records, into: target)
    case .zstd: written = try context.zstd(records, into: target)
    }
    return written < records.count ? written : nil
  }
}
