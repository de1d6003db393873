// Deciding commands about the cluster and its policies, and what deciding about nodes and disks needs too. Values have
// been checked before; here they meet the tables.

import Bytes
import Database
import LogEvents
import Projections

/// Decides one command.
struct ClusterDeciding {
  typealias Reply = ClusterDomain.Reply

  let view: ClusterView
  let context: DecisionContext

  /// A new id.
  func newID<Kind>(_: Kind.Type) -> Identifier<Kind> { Identifier(context.newIdentifier()) }

  /// All was so already.
  func unchanged(_ reply: Reply) -> Decision<ClusterDomain> {
    var reply = reply
    reply.unchanged = true
    return .accepted([], reply: reply)
  }

  // MARK: The cluster

  func create(_ name: String, _ policy: ErasureCoding) async throws(DatabaseError) -> Decision<ClusterDomain>
  {
    if let cluster = try await view.cluster() {
      return .refused(.clusterExists(cluster.id, name: cluster.name))
    }
    var event = Varve_Cluster_V1_ClusterCreated()
    event.clusterID = newID(ClusterKind.self).bytes
    event.name = name
    event.policyID = newID(PolicyKind.self).bytes
    event.policy = policy.message
    var reply = Reply()
    reply.clusterID = event.clusterID
    reply.policyID = event.policyID
    return .accepted([Fact(.created(event), about: EventKey.cluster)], reply: reply)
  }

  // MARK: Policies

  func setPolicy(
    _ path: ScopePath, _ coding: ErasureCoding
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    var reply = Reply()
    if let policy = try await view.policy(of: path) {
      if policy.coding == coding {
        reply.policyID = policy.id.bytes
        return unchanged(reply)
      }
    } else {
      let maximum = ClusterLimits.policiesMaximum
      if try await view.policyCount() >= maximum {
        return .refused(.full(what: "policies", maximum: maximum))
      }
    }
    var event = Varve_Cluster_V1_PolicySet()
    event.policyID = newID(PolicyKind.self).bytes
    event.scopePath = path.text
    event.policy = coding.message
    reply.policyID = event.policyID
    return .accepted([Fact(.policySet(event), about: EventKey.policy(path))], reply: reply)
  }

  func removePolicy(_ path: ScopePath) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if path == .root { return .refused(.rootPolicy) }
    guard let policy = try await view.policy(of: path) else { return .refused(.noPolicy(path)) }
    var event = Varve_Cluster_V1_PolicyRemoved()
    event.policyID = policy.id.bytes
    event.scopePath = path.text
    var reply = Reply()
    reply.policyID = event.policyID
    return .accepted([Fact(.policyRemoved(event), about: EventKey.policy(path))], reply: reply)
  }
}
