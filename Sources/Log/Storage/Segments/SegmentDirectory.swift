// Where a partition's files are and what they are called.

public import Files
import Records

/// One partition's directory.
public struct SegmentDirectory: Sendable {
  /// The file system it is on.
  public let files: any FileSystem
  /// Where it is.
  public let path: FilePath
  /// The partition whose it is.
  public let partition: PartitionID

  /// Kafka's file that says in which epoch which offset began.
  public static let leaderEpochName = "leader-epoch-checkpoint"
  /// Kafka's file with the topic's id.
  public static let metadataName = "partition.metadata"
  /// What says that the partition was closed, and how it then was.
  public static let cleanShutdownName = "clean-shutdown"
  /// Up to where everything is durable, for other processes and for recovery.
  public static let durableEndName = "durable-end"
  /// Which offsets are known to be missing.
  public static let acceptedGapsName = "accepted-gaps"
  /// What repair and recovery take out of segments is moved here.
  public static let asideName = "aside"

  /// The segment that begins at `base`.
  public func log(_ base: Int64) -> FilePath { file(base, ".log") }
  /// Its positions by offset.
  public func index(_ base: Int64) -> FilePath { file(base, ".index") }
  /// Its offsets by time.
  public func timeIndex(_ base: Int64) -> FilePath { file(base, ".timeindex") }
  /// The producers as they were before `offset`.
  public func snapshot(_ offset: Int64) -> FilePath { file(offset, ".snapshot") }
  /// The marker of a closed partition.
  public var cleanShutdown: FilePath { path / Self.cleanShutdownName }
  /// The file with the durable end.
  public var durableEnd: FilePath { path / Self.durableEndName }
  /// The file with the gaps that are known.
  public var acceptedGaps: FilePath { path / Self.acceptedGapsName }
  /// Where what repair takes out is kept.
  public var aside: FilePath { path / Self.asideName }
  func swap(_ base: Int64) -> FilePath { file(base, ".log" + SegmentSwaps.swapSuffix) }
  func cleaned(_ base: Int64) -> FilePath { file(base, ".log" + SegmentSwaps.cleanedSuffix) }
  func deleted(_ base: Int64) -> FilePath { file(base, ".log" + SegmentSwaps.deletedSuffix) }

  private func file(_ base: Int64, _ suffix: String) -> FilePath {
    path / (SegmentFileName.base(base) + suffix)
  }
}

/// A segment: the offset it begins at, and how many bytes of batches it has.
struct SegmentInfo: Hashable, Sendable {
  let base: Int64
  var bytes: Int
  /// Another number each time the segment's file becomes another one, so that a reader of the old file notices.
  var version = 0
  /// Whether its file still has the name of a swap: it takes the place of others that are being removed.
  var isSwap = false
}
