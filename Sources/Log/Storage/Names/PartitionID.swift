// Which partition of which topic.

/// One partition of a topic.
public struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The topic.
  public let topic: TopicName
  /// Its number, from 0.
  public let index: Int

  /// How many partitions a topic may have.
  public static let partitionsMaximum = 4096

  /// Partition `index` of `topic`.
  public init(_ topic: TopicName, _ index: Int) {
    precondition(index >= 0, "partitions are numbered from 0")
    self.topic = topic
    self.index = index
  }

  /// Reads what `description` writes, which is also the name of the partition's directory.
  public init?(directoryName: String) {
    guard let dash = directoryName.lastIndex(of: "-") else { return nil }
    let digits = directoryName[directoryName.index(after: dash)...]
    guard let index = Int(digits), index >= 0, String(index) == digits, index < Self.partitionsMaximum else {
      return nil
    }
    do throws(LogError) {
      topic = try TopicName(String(directoryName[..<dash]))
    } catch {
      return nil
    }
    self.index = index
  }

  /// The name of the partition's directory: `files-0`.
  public var directoryName: String { "\(topic)-\(index)" }

  /// The same.
  public var description: String { directoryName }

  /// By topic, then by number.
  public static func < (left: PartitionID, right: PartitionID) -> Bool {
    (left.topic, left.index) < (right.topic, right.index)
  }
}
