// What each event does to the tables. Nothing but the event and its place is known here, so that replaying gives the
// same rows.

import Bytes
public import Database
import LogEvents
public import Projections

extension ClusterDomain {
  /// Changes the tables as the event says.
  public func apply(
    _ event: ClusterEvent, at place: EventPlace, to tables: TableWriter
  ) throws(DatabaseError) {
    let writing = ClusterWriting(tables: tables, place: place)
    switch event {
    case .created(let event): try writing.create(event)
    case .joined(let event): try writing.join(event)
    case .updated(let event): try writing.update(event)
    case .livenessChanged(let event): try writing.changeLiveness(event)
    case .draining(let event):
      try writing.setStanding(.draining, of: try NodeID(stored: event.nodeID), reason: event.reason)
    case .reactivated(let event):
      try writing.setStanding(.active, of: try NodeID(stored: event.nodeID), reason: "")
    case .removed(let event): try writing.remove(event)
    case .diskAdded(let event): try writing.add(event.disk, to: try NodeID(stored: event.nodeID))
    case .diskUpdated(let event): try writing.update(event)
    case .diskRetired(let event): try writing.retire(event)
    case .policySet(let event):
      try writing.setPolicy(
        ScopePath(stored: event.scopePath), try PolicyID(stored: event.policyID),
        try ErasureCoding(stored: event.policy))
    case .policyRemoved(let event):
      try tables.write("DELETE FROM policies WHERE scope_path = ?1", event.scopePath)
    }
  }

  /// What changes for those who follow the cluster from outside.
  public func changes(of event: ClusterEvent, at place: EventPlace) -> [Change] {
    switch event {
    case .created: [Change(kind: "cluster", key: "cluster"), Change(kind: "policy", key: "/")]
    case .joined(let event): [Self.nodeChange(event.nodeID)]
    case .updated(let event): [Self.nodeChange(event.nodeID)]
    case .livenessChanged(let event): [Self.nodeChange(event.nodeID)]
    case .draining(let event): [Self.nodeChange(event.nodeID)]
    case .reactivated(let event): [Self.nodeChange(event.nodeID)]
    case .removed(let event): [Self.nodeChange(event.nodeID)]
    case .diskAdded(let event): [Self.nodeChange(event.nodeID)]
    case .diskUpdated(let event): [Self.nodeChange(event.nodeID)]
    case .diskRetired(let event): [Self.nodeChange(event.nodeID)]
    case .policySet(let event): [Change(kind: "policy", key: event.scopePath)]
    case .policyRemoved(let event): [Change(kind: "policy", key: event.scopePath)]
    }
  }

  private static func nodeChange(_ id: ByteBuffer) -> Change {
    Change(kind: "node", key: NodeID(sqlValue: .bytes(id))?.description ?? "")
  }
}

/// Writes the tables for one event.
private struct ClusterWriting {
  let tables: TableWriter
  let place: EventPlace

  // MARK: The cluster and its policies

  func create(_ event: Varve_Cluster_V1_ClusterCreated) throws(DatabaseError) {
    try tables.write(
      "INSERT INTO cluster (single, cluster_id, name, created_ms) VALUES (1, ?1, ?2, ?3)",
      try ClusterID(stored: event.clusterID), event.name, place.time)
    try setPolicy(.root, try PolicyID(stored: event.policyID), try ErasureCoding(stored: event.policy))
  }

  func setPolicy(_ path: ScopePath, _ id: PolicyID, _ coding: ErasureCoding) throws(DatabaseError) {
    try tables.write(
      """
      INSERT INTO policies (scope_path, policy_id, data_shards, parity_shards, stripe_bytes, set_ms, set_offset)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (scope_path) DO UPDATE
      SET policy_id = excluded.policy_id, data_shards = excluded.data_shards,
        parity_shards = excluded.parity_shards, stripe_bytes = excluded.stripe_bytes,
        set_ms = excluded.set_ms, set_offset = excluded.set_offset
      """, path, id, coding.dataShards, coding.parityShards, coding.stripeBytes, place.time, place.offset)
  }

  // MARK: Nodes

  func join(_ event: Varve_Cluster_V1_NodeJoined) throws(DatabaseError) {
    let node = try NodeID(stored: event.nodeID)
    try tables.write(
      """
      INSERT INTO nodes (
        node_id, name, failure_domain, software_release, standing, standing_since_ms, standing_reason,
        is_forced, liveness, liveness_since_ms, joined_ms, joined_offset)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', 0, ?7, ?6, ?6, ?8)
      """, node, event.name, event.failureDomain, event.softwareRelease, NodeStanding.active, place.time,
      Liveness.online, place.offset)
    try setAddresses(event.addresses, of: node)
    for disk in event.disks { try add(disk, to: node) }
  }

  func update(_ event: Varve_Cluster_V1_NodeUpdated) throws(DatabaseError) {
    let node = try NodeID(stored: event.nodeID)
    try tables.write(
      "UPDATE nodes SET name = ?2, failure_domain = ?3, software_release = ?4 WHERE node_id = ?1",
      node, event.name, event.failureDomain, event.softwareRelease)
    try tables.write("DELETE FROM node_addresses WHERE node_id = ?1", node)
    try setAddresses(event.addresses, of: node)
  }

  private func setAddresses(_ addresses: [String], of node: NodeID) throws(DatabaseError) {
    for (index, address) in addresses.enumerated() {
      try tables.write(
        "INSERT INTO node_addresses (node_id, place, address) VALUES (?1, ?2, ?3)", node, index, address)
    }
  }

  func changeLiveness(_ event: Varve_Cluster_V1_NodeLivenessChanged) throws(DatabaseError) {
    try tables.write(
      "UPDATE nodes SET liveness = ?2, liveness_since_ms = ?3 WHERE node_id = ?1",
      try NodeID(stored: event.nodeID), try Liveness(stored: event.liveness), event.sinceMs)
  }

  func setStanding(_ standing: NodeStanding, of node: NodeID, reason: String) throws(DatabaseError) {
    try tables.write(
      "UPDATE nodes SET standing = ?2, standing_since_ms = ?3, standing_reason = ?4 WHERE node_id = ?1",
      node, standing, place.time, reason)
  }

  func remove(_ event: Varve_Cluster_V1_NodeRemoved) throws(DatabaseError) {
    let node = try NodeID(stored: event.nodeID)
    try setStanding(.removed, of: node, reason: event.reason)
    if event.forced { try tables.write("UPDATE nodes SET is_forced = 1 WHERE node_id = ?1", node) }
    try tables.write(
      "UPDATE disks SET state = ?2, updated_ms = ?3 WHERE node_id = ?1 AND state < ?2", node,
      DiskState.retired, place.time)
  }

  // MARK: Disks

  func add(_ disk: Varve_Cluster_V1_NewDisk, to node: NodeID) throws(DatabaseError) {
    try tables.write(
      """
      INSERT INTO disks (
        disk_id, node_id, name, path, total_bytes, free_bytes, min_free_bytes, state, error, added_ms, updated_ms)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, ?9)
      """, try DiskID(stored: disk.diskID), node, disk.name, disk.path, try bytes(disk.totalBytes),
      try bytes(disk.freeBytes), try bytes(disk.minFreeBytes), DiskState.online, place.time)
  }

  func update(_ event: Varve_Cluster_V1_DiskUpdated) throws(DatabaseError) {
    try tables.write(
      """
      UPDATE disks SET total_bytes = ?2, free_bytes = ?3, min_free_bytes = ?4, state = ?5, error = ?6,
        updated_ms = ?7
      WHERE disk_id = ?1
      """, try DiskID(stored: event.diskID), try bytes(event.totalBytes), try bytes(event.freeBytes),
      try bytes(event.minFreeBytes), try DiskState(stored: event.state), event.error, place.time)
  }

  func retire(_ event: Varve_Cluster_V1_DiskRetired) throws(DatabaseError) {
    try tables.write(
      "UPDATE disks SET state = ?2, error = ?3, updated_ms = ?4 WHERE disk_id = ?1",
      try DiskID(stored: event.diskID), DiskState.retired, event.reason, place.time)
  }

  private func bytes(_ count: UInt64) throws(DatabaseError) -> Int {
    guard let bytes = Int(exactly: count) else {
      throw .inconsistent(reason: "\(count) bytes are more than a disk can have")
    }
    return bytes
  }
}
