// How a node and a disk may be, and the numbers that stand for it in the tables.

public import Database
import LogEvents

/// What an operator has decided about a node.
public enum NodeStanding: Int, CaseIterable, Sendable {
  /// A member that takes data.
  case active = 0
  /// A member whose data goes elsewhere.
  case draining = 1
  /// No member any more.
  case removed = 2
}

/// Whether a node is heard of.
public enum Liveness: Int, CaseIterable, Sendable {
  case online = 0
  case suspect = 1
  case offline = 2

  init(stored liveness: Varve_Cluster_V1_Liveness) throws(DatabaseError) {
    switch liveness {
    case .online: self = .online
    case .suspect: self = .suspect
    case .offline: self = .offline
    case .UNRECOGNIZED(let number): throw .inconsistent(reason: "liveness \(number) is not known here")
    }
  }

  var message: Varve_Cluster_V1_Liveness {
    switch self {
    case .online: .online
    case .suspect: .suspect
    case .offline: .offline
    }
  }
}

/// A node's standing and liveness in one word: what an operator decided comes before what was noticed.
public enum NodeState: String, CaseIterable, Sendable {
  case active, suspect, offline, draining, removed

  /// The one word.
  public init(_ standing: NodeStanding, _ liveness: Liveness) {
    switch (standing, liveness) {
    case (.removed, _): self = .removed
    case (.draining, _): self = .draining
    case (.active, .online): self = .active
    case (.active, .suspect): self = .suspect
    case (.active, .offline): self = .offline
    }
  }
}

/// How a disk is.
public enum DiskState: Int, CaseIterable, Sendable {
  case online = 0
  /// A call to it failed.
  case suspect = 1
  /// It failed too often in a row.
  case offline = 2
  /// It is used no more.
  case retired = 3

  init(stored state: Varve_Cluster_V1_DiskState) throws(DatabaseError) {
    switch state {
    case .online: self = .online
    case .suspect: self = .suspect
    case .offline: self = .offline
    case .UNRECOGNIZED(let number): throw .inconsistent(reason: "disk state \(number) is not known here")
    }
  }

  /// The state of a disk that is in use, as it stands in events.
  var message: Varve_Cluster_V1_DiskState {
    switch self {
    case .online: .online
    case .suspect: .suspect
    case .offline: .offline
    case .retired: preconditionFailure("a disk is retired by an event of its own")
    }
  }
}

extension NodeStanding: SQLConvertible {}
extension Liveness: SQLConvertible {}
extension DiskState: SQLConvertible {}

extension SQLConvertible where Self: RawRepresentable<Int> {
  /// Its number.
  public var sqlValue: SQLValue { rawValue.sqlValue }

  /// The one of that number.
  public init?(sqlValue: SQLValue) {
    guard let number = Int(sqlValue: sqlValue) else { return nil }
    self.init(rawValue: number)
  }
}

extension NodeStanding: CustomStringConvertible {
  /// Its name.
  public var description: String {
    switch self {
    case .active: "active"
    case .draining: "draining"
    case .removed: "removed"
    }
  }
}

extension Liveness: CustomStringConvertible {
  /// Its name.
  public var description: String {
    switch self {
    case .online: "online"
    case .suspect: "suspect"
    case .offline: "offline"
    }
  }
}

extension DiskState: CustomStringConvertible {
  /// Its name.
  public var description: String {
    switch self {
    case .online: "online"
    case .suspect: "suspect"
    case .offline: "offline"
    case .retired: "retired"
    }
  }
}
