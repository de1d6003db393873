// Deciding commands about disks.

import Bytes
import Database
import LogEvents
import Projections

extension ClusterDeciding {
  private func accepted(_ event: ClusterEvent, _ disk: DiskID, of node: NodeID) -> Decision<ClusterDomain> {
    .accepted([Fact(event, about: EventKey.node(node))], reply: reply(node, disk))
  }

  private func reply(_ node: NodeID, _ disk: DiskID) -> Reply {
    var reply = reply(node)
    reply.diskIds = [disk.bytes]
    return reply
  }

  /// A new disk as it stands in events, or why it cannot be.
  func message(
    of disk: NewDisk
  ) async throws(DatabaseError) -> (Varve_Cluster_V1_NewDisk, ClusterRefusal?) {
    var message = Varve_Cluster_V1_NewDisk()
    if let id = disk.id, let other = try await view.disk(id) {
      return (message, .diskExists(id, of: other.node))
    }
    message.diskID = (disk.id ?? newID(DiskKind.self)).bytes
    message.name = disk.name
    message.path = disk.path
    message.totalBytes = UInt64(disk.totalBytes)
    message.freeBytes = UInt64(disk.freeBytes)
    message.minFreeBytes = UInt64(disk.minFreeBytes)
    return (message, nil)
  }

  func add(_ disk: NewDisk, to node: NodeID) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if case .refused(let refusal) = try await member(node) { return .refused(refusal) }
    let disks = try await view.disks(of: node)
    // Asked again with the same id, all is as it was asked.
    if let id = disk.id,
      let same = disks.first(where: { $0.id == id && $0.name == disk.name && $0.path == disk.path })
    {
      return unchanged(reply(node, same.id))
    }
    let maximum = ClusterLimits.disksPerNodeMaximum
    if disks.count >= maximum { return .refused(.full(what: "disks of the node", maximum: maximum)) }
    if let other = disks.first(where: { $0.name == disk.name }) {
      return .refused(.diskNameTaken(disk.name, by: other.id))
    }
    if let other = disks.first(where: { $0.path == disk.path }) {
      return .refused(.diskPathTaken(disk.path, by: other.id))
    }
    let (message, refusal) = try await message(of: disk)
    if let refusal { return .refused(refusal) }
    var event = Varve_Cluster_V1_DiskAdded()
    event.nodeID = node.bytes
    event.disk = message
    return accepted(.diskAdded(event), try DiskID(stored: message.diskID), of: node)
  }

  func update(
    _ id: DiskID, of node: NodeID, _ change: DiskChange
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if case .refused(let refusal) = try await member(node) { return .refused(refusal) }
    guard let disk = try await view.disk(id), disk.node == node else {
      return .refused(.unknownDisk(id, of: node))
    }
    if disk.state == .retired { return .refused(.diskRetired(id)) }
    let (total, free) = (change.totalBytes ?? disk.totalBytes, change.freeBytes ?? disk.freeBytes)
    do throws(InvalidValue) {
      try DiskRule.checkFree(free, of: total)
    } catch {
      return .refused(.invalid(error))
    }
    let minFree = change.minFreeBytes ?? disk.minFreeBytes
    let (state, error) = (change.state ?? disk.state, change.error ?? disk.error)
    if total == disk.totalBytes && free == disk.freeBytes && minFree == disk.minFreeBytes
      && state == disk.state && error == disk.error
    {
      return unchanged(reply(node, id))
    }
    var event = Varve_Cluster_V1_DiskUpdated()
    event.nodeID = node.bytes
    event.diskID = id.bytes
    event.totalBytes = UInt64(total)
    event.freeBytes = UInt64(free)
    event.minFreeBytes = UInt64(minFree)
    event.state = state.message
    event.error = error
    return accepted(.diskUpdated(event), id, of: node)
  }

  func retire(
    _ id: DiskID, of node: NodeID, _ reason: String
  ) async throws(DatabaseError) -> Decision<ClusterDomain> {
    if case .refused(let refusal) = try await member(node) { return .refused(refusal) }
    guard let disk = try await view.disk(id), disk.node == node else {
      return .refused(.unknownDisk(id, of: node))
    }
    if disk.state == .retired { return unchanged(reply(node, id)) }
    var event = Varve_Cluster_V1_DiskRetired()
    event.nodeID = node.bytes
    event.diskID = id.bytes
    event.reason = reason
    return accepted(.diskRetired(event), id, of: node)
  }
}
