// Deciding commands about nodes.

import Bytes
import Database
import LogEvents
import Projections

extension ClusterDeciding {
  /// One event about a node.
  private func accepted(_ event: ClusterEvent, about node: NodeID) -> Decision<ClusterDomain> {
    .accepted([Fact(event, about: EventKey.node(node))], reply: reply(node))
  }

  /// The answer to a command about a node.
  func reply(_ node: NodeID) -> Reply {
    var reply = Reply()
    reply.nodeID = node.bytes
    return reply
  }

  /// What became of looking for a member.
  enum Membership {
    case member(ClusterNode)
    case refused(ClusterRefusal)
  }

  /// The member of that id.
  func member(_ id: NodeID) async throws(DatabaseError) -> Membership {
    guard let node = try await view.node(id) else { return .refused(.unknownNode(id)) }
    return node.standing == .removed ? .refused(.nodeRemoved(id)) : .member(node)
  }

  // MARK: Joining

  func join(_ joining: JoinNode) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if let id = joining.id, let node = try await view.node(id) { return try await joinAgain(joining, node) }
    if let other = try await view.member(named: joining.name) {
      return .refused(.nodeNameTaken(joining.name, by: other))
    }
    let maximum = ClusterLimits.nodesMaximum
    if try await view.memberCount() >= maximum { return .refused(.full(what: "nodes", maximum: maximum)) }
    let id = joining.id ?? newID(NodeKind.self)
    var event = Varve_Cluster_V1_NodeJoined()
    event.nodeID = id.bytes
    event.name = joining.name
    event.addresses = joining.addresses
    event.failureDomain = joining.failureDomain
    event.softwareRelease = joining.softwareRelease
    for disk in joining.disks {
      let (message, refusal) = try await message(of: disk)
      if let refusal { return .refused(refusal) }
      event.disks.append(message)
    }
    var reply = reply(id)
    reply.diskIds = event.disks.map(\.diskID)
    return .accepted([Fact(.joined(event), about: EventKey.node(id))], reply: reply)
  }

  /// A node that says again what it said: nothing happens, unless it says something else.
  private func joinAgain(
    _ joining: JoinNode, _ node: ClusterNode
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if node.standing == .removed { return .refused(.nodeRemoved(node.id)) }
    var different: [String] = []
    if joining.name != node.name { different.append("name") }
    if joining.addresses != node.addresses { different.append("addresses") }
    if joining.failureDomain != node.failureDomain { different.append("failure domain") }
    if joining.softwareRelease != node.softwareRelease { different.append("release") }
    // Free space and the like change by themselves; which disks there are does not.
    let disks = Dictionary(
      uniqueKeysWithValues: try await view.disks(of: node.id).map { ($0.name, $0) })
    let isSame =
      disks.count == joining.disks.count
      && joining.disks.allSatisfy { disk in
        guard let there = disks[disk.name] else { return false }
        return there.path == disk.path && (disk.id == nil || disk.id == there.id)
      }
    if !isSame { different.append("disks") }
    if !different.isEmpty { return .refused(.nodeDiffers(node.id, in: different)) }
    var reply = reply(node.id)
    reply.diskIds = joining.disks.compactMap { disks[$0.name]?.id.bytes }
    return unchanged(reply)
  }

  // MARK: Changing

  func update(_ id: NodeID, _ change: NodeChange) async throws(DatabaseError) -> Decision<ClusterDomain> {
    let node: ClusterNode
    switch try await member(id) {
    case .refused(let refusal): return .refused(refusal)
    case .member(let member): node = member
    }
    if let name = change.name, let other = try await view.member(named: name), other != id {
      return .refused(.nodeNameTaken(name, by: other))
    }
    var event = Varve_Cluster_V1_NodeUpdated()
    event.nodeID = id.bytes
    event.name = change.name ?? node.name
    event.addresses = change.addresses ?? node.addresses
    event.failureDomain = change.failureDomain ?? node.failureDomain
    event.softwareRelease = change.softwareRelease ?? node.softwareRelease
    if event.name == node.name && event.addresses == node.addresses
      && event.failureDomain == node.failureDomain && event.softwareRelease == node.softwareRelease
    {
      return unchanged(reply(id))
    }
    return accepted(.updated(event), about: id)
  }

  func report(_ report: LivenessReport) async throws(DatabaseError) -> Decision<ClusterDomain> {
    switch try await member(report.node) {
    case .refused(let refusal): return .refused(refusal)
    case .member(let node) where node.liveness == report.liveness: return unchanged(reply(node.id))
    case .member: break
    }
    if let detector = report.detector, case .refused(let refusal) = try await member(detector) {
      return .refused(refusal)
    }
    var event = Varve_Cluster_V1_NodeLivenessChanged()
    event.nodeID = report.node.bytes
    event.liveness = report.liveness.message
    event.sinceMs = report.since ?? context.now
    if let detector = report.detector { event.detectorID = detector.bytes }
    return accepted(.livenessChanged(event), about: report.node)
  }

  // MARK: Leaving

  func drain(_ id: NodeID, _ reason: String) async throws(DatabaseError) -> Decision<ClusterDomain> {
    switch try await member(id) {
    case .refused(let refusal): return .refused(refusal)
    case .member(let node) where node.standing == .draining: return unchanged(reply(id))
    case .member: break
    }
    var event = Varve_Cluster_V1_NodeDraining()
    event.nodeID = id.bytes
    event.reason = reason
    return accepted(.draining(event), about: id)
  }

  func reactivate(_ id: NodeID) async throws(DatabaseError) -> Decision<ClusterDomain> {
    switch try await member(id) {
    case .refused(let refusal): return .refused(refusal)
    case .member(let node) where node.standing == .active: return unchanged(reply(id))
    case .member: break
    }
    var event = Varve_Cluster_V1_NodeReactivated()
    event.nodeID = id.bytes
    return accepted(.reactivated(event), about: id)
  }

  func remove(
    _ id: NodeID, _ reason: String, _ isForced: Bool
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    guard let node = try await view.node(id) else { return .refused(.unknownNode(id)) }
    if node.standing == .removed { return unchanged(reply(id)) }
    // Not even by force: there would be nobody left to belong to.
    if try await view.memberCount() == 1 { return .refused(.lastNode(id)) }
    let isDrained = node.standing == .draining
    if !isDrained && !isForced { return .refused(.notDrained(id)) }
    var event = Varve_Cluster_V1_NodeRemoved()
    event.nodeID = id.bytes
    event.reason = reason
    event.forced = !isDrained
    return accepted(.removed(event), about: id)
  }
}
