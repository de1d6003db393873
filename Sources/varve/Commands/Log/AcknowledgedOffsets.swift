// What `varve log append --acks` wrote, and whether it is there.

import Bytes
import CommandLine
import Log
import LogTools
import Records

/// Acknowledged offsets by partition.
struct AcknowledgedOffsets {
  /// Those of one partition, rising.
  struct Offsets {
    fileprivate(set) var offsets: [Int64] = []

    var count: Int { offsets.count }

    /// Those at which the partition has no record.
    func missing(from partition: PartitionInspector) throws(LogError) -> [Int64] {
      guard let first = offsets.first else { return [] }
      let extent = try partition.extent()
      var wanted = offsets[...]
      var missing: [Int64] = []
      let start = min(max(LogOffset(first), extent.first), extent.end)
      var records = RecordReader(try partition.reader(from: .offset(start)), of: partition.id)
      while let last = wanted.last, let record = try records.next(), record.offset <= last {
        while let next = wanted.first, next < record.offset { missing.append(wanted.removeFirst()) }
        if wanted.first == record.offset { wanted.removeFirst() }
      }
      return missing + wanted
    }
  }

  private var byPartition: [Int: Offsets] = [:]
  private static let linesAtOnce = 4096

  /// Reads lines of `PARTITION OFFSET`. A last line that was cut off, by the kill of who wrote it, is left out.
  init(path: String) throws(CommandFailure) {
    var reader = try LineReader(path: path)
    var number = 0
    while let lines = try reader.next(Self.linesAtOnce) {
      for line in lines {
        number += 1
        if let (partition, offset) = Self.parse(line) {
          byPartition[partition, default: Offsets()].offsets.append(offset)
        } else if !reader.isLastLineOpen {
          throw CommandFailure(.data, "\(path): line \(number) is not a partition and an offset")
        }
      }
    }
    for partition in byPartition.keys { byPartition[partition]?.offsets.sort() }
  }

  /// The partitions that are left.
  var partitions: [Int] { byPartition.keys.sorted() }

  /// Takes those of one partition out.
  mutating func take(_ partition: Int) -> Offsets? { byPartition.removeValue(forKey: partition) }

  private static func parse(_ line: ByteBuffer) -> (partition: Int, offset: Int64)? {
    guard let text = String(validating: line) else { return nil }
    let parts = text.split(separator: " ")
    guard parts.count == 2, let partition = Int(parts[0]), let offset = Int64(parts[1]), partition >= 0,
      offset >= 0
    else { return nil }
    return (partition, offset)
  }
}
