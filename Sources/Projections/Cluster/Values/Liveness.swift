// What is noticed of nodes: in events, and as numbers in the tables.

public import Database
import LogEvents

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

extension Liveness: SQLConvertible {}

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
