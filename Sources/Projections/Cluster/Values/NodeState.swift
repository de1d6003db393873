// How a node is, in one word.

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
