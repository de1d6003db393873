// The ids of the cluster's things: each a UUID, and each a type of its own, so that a disk is never taken for a node.

public import Bytes
public import Database
public import Wire

/// The id of a `Kind` of thing.
public struct Identifier<Kind>: Hashable, Sendable {
  /// The 16 bytes.
  public let uuid: UUID

  /// An id of these bits.
  public init(_ uuid: UUID) { self.uuid = uuid }

  /// The id of these 16 bytes, from a reply; nil when there are not 16.
  public init?(bytes: ByteBuffer) {
    guard let uuid = UUID(bytes: bytes.readable) else { return nil }
    self.uuid = uuid
  }

  /// The id in an event, which must have 16 bytes.
  init(stored bytes: ByteBuffer) throws(DatabaseError) {
    guard let uuid = UUID(bytes: bytes.readable) else {
      throw .inconsistent(reason: "an id of \(bytes.count) bytes stands where 16 bytes are expected")
    }
    self.uuid = uuid
  }

  /// The 16 bytes, for an event or a reply.
  public var bytes: ByteBuffer {
    var bytes = ByteBuffer(capacity: 16)
    uuid.append(to: &bytes)
    return bytes
  }
}

/// Names the ids of clusters.
public enum ClusterKind {}
/// Names the ids of nodes.
public enum NodeKind {}
/// Names the ids of disks.
public enum DiskKind {}
/// Names the ids of policies.
public enum PolicyKind {}

/// A cluster's id.
public typealias ClusterID = Identifier<ClusterKind>
/// A node's id.
public typealias NodeID = Identifier<NodeKind>
/// A disk's id.
public typealias DiskID = Identifier<DiskKind>
/// A policy's id.
public typealias PolicyID = Identifier<PolicyKind>

extension Identifier: SQLConvertible {
  /// The 16 bytes.
  public var sqlValue: SQLValue { uuid.sqlValue }

  /// The id of 16 bytes.
  public init?(sqlValue: SQLValue) {
    guard let uuid = UUID(sqlValue: sqlValue) else { return nil }
    self.uuid = uuid
  }
}

extension Identifier: LosslessStringConvertible {
  /// The id as UUIDs are written, with hyphens.
  public init?(_ description: String) {
    guard let uuid = UUID(description) else { return nil }
    self.uuid = uuid
  }

  /// With hyphens, in lower case.
  public var description: String { uuid.description }
}

extension Identifier: Comparable {
  /// By the bytes; ids that the engine made, by the time they were made.
  public static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}
