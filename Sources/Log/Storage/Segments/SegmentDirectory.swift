// Where a partition's files are and what they are called.

import Files
import Records

/// One partition's directory.
struct SegmentDirectory: Sendable {
  let files: any FileSystem
  let path: FilePath
  let partition: PartitionID

  /// Kafka's file that says in which epoch which offset began.
  static let leaderEpochName = "leader-epoch-checkpoint"
  /// Kafka's file with the topic's id.
  static let metadataName = "partition.metadata"
  /// What says that the partition was closed, and how it then was.
  static let cleanShutdownName = "clean-shutdown"
  /// Up to where everything is durable, for other processes and for recovery.
  static let durableEndName = "durable-end"
  /// What repair and recovery take out of segments is moved here.
  static let asideName = "aside"

  func log(_ base: Int64) -> FilePath { file(base, ".log") }
  func index(_ base: Int64) -> FilePath { file(base, ".index") }
  func timeIndex(_ base: Int64) -> FilePath { file(base, ".timeindex") }
  func snapshot(_ offset: Int64) -> FilePath { file(offset, ".snapshot") }
  var cleanShutdown: FilePath { path / Self.cleanShutdownName }
  var durableEnd: FilePath { path / Self.durableEndName }

  private func file(_ base: Int64, _ suffix: String) -> FilePath {
    path / (SegmentFileName.base(base) + suffix)
  }
}

/// A segment: the offset it begins at, and how many bytes of batches it has.
struct SegmentInfo: Hashable, Sendable {
  let base: Int64
  var bytes: Int
}
