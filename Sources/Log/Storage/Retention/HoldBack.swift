// Who keeps old records from going.

/// What held retention or compaction back, although the settings would have let records go.
public struct HoldBack: Hashable, Sendable {
  /// The consumer, or the snapshot's projection.
  public let name: ConsumerName
  /// Which of the two it is.
  public let kind: ConsumerKind
  /// The offset of the first record it has not dealt with.
  public let position: LogOffset

  /// The holder of `position`.
  public init(_ position: ConsumerPosition) {
    name = position.name
    kind = position.kind
    self.position = position.position
  }
}

extension HoldBack: CustomStringConvertible {
  /// For a line of text: `consumer search at offset 40`.
  public var description: String { "\(kind.rawValue) \(name) at offset \(position)" }
}
