// Another node whose log the cluster's tables are made of. It may not be there when this one starts: it is asked again until it
// is.

import Cluster
import Configuration
import GRPCClient
import Projections
import RemoteEvents
import RemoteLog
import Runtime

/// A node that is followed.
final class FollowedNode: Sendable {
  /// How long it is waited for before it is called unreachable.
  private static let patience = Duration.seconds(5)

  let at: HostPort
  let channel: GRPCChannel
  private let domain: ClusterDomain
  private let begun = Locked(false)

  /// Whether its log is followed.
  var hasBegun: Bool { begun.withLock { $0 } }

  init(at: HostPort, channel: GRPCChannel, domain: ClusterDomain) {
    self.at = at
    self.channel = channel
    self.domain = domain
  }

  /// Begins to follow, unless that has begun. What is lost later is found again without this.
  ///
  /// - Returns: whether it began now.
  func begin(_ engine: ProjectionEngine) async throws(EngineError) -> Bool {
    if hasBegun { return false }
    var log = RemoteLog(channel)
    log.patience = Self.patience
    _ = try await engine.follow(domain, from: RemoteEventSource(log))
    begun.withLock { $0 = true }
    return true
  }
}
