// How disks may be: in events, and as numbers in the tables.

public import Database
import LogEvents

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

extension DiskState: SQLConvertible {}

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
