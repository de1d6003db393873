// What a dump shows: the parts of a file in the order they stand in it.

public import Bytes
public import Files
public import Records

/// One part of a file of a partition.
public enum DumpRow: Sendable {
  /// A file begins.
  case file(FilePath, bytes: Int)
  /// A batch: where it begins, its header, the header's bytes, and whether the checksum is right.
  case batch(position: Int, RecordBatchHeader, headerBytes: ByteBuffer, isChecksumRight: Bool)
  /// A record of the batch before.
  case record(StoredRecord)
  /// Room made ahead, which holds zeros.
  case zeros(position: Int, count: Int)
  /// Something that is no batch, or no record of the batch before; the rest of the file when it is no batch.
  case unreadable(position: Int, count: Int, reason: String)
  /// A row of an offset index.
  case offsetEntry(row: Int, offset: Int64, position: Int)
  /// A row of a time index.
  case timeEntry(row: Int, timestamp: Int64, offset: Int64)
  /// A producer in a snapshot.
  case producer(ProducerSnapshot.Entry)
  /// Up to where the partition is durable.
  case durableEnd(Int64)
  /// A line of a text file.
  case text(String)
}
