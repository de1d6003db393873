// What operators decide about nodes, and the numbers that stand for it in the tables.

public import Database

/// What an operator has decided about a node.
public enum NodeStanding: Int, CaseIterable, Sendable {
  /// A member that takes data.
  case active = 0
  /// A member whose data goes elsewhere.
  case draining = 1
  /// No member any more.
  case removed = 2
}

extension NodeStanding: SQLConvertible {}

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
