// The questions that can be asked of the cluster's tables. Used inside of a read: `service.read { try await
// ClusterView($0).nodes() }`.

public import Database

/// The cluster as one snapshot of the tables shows it.
public struct ClusterView {
  private let tables: TableReader

  /// Asks these tables.
  public init(_ tables: TableReader) { self.tables = tables }

  // MARK: The cluster

  /// What the cluster is called; nil before it was created.
  func cluster() async throws(DatabaseError) -> (id: ClusterID, name: String, created: Int64)? {
    try await tables.first("SELECT cluster_id, name, created_ms FROM cluster WHERE single = 1") {
      row throws(DatabaseError) in (try row.take(), try row.take(), try row.take())
    }
  }

  /// The cluster in numbers; nil before it was created.
  public func summary() async throws(DatabaseError) -> ClusterSummary? {
    guard let cluster = try await cluster(), let root = try await policy(of: .root) else { return nil }
    let states = try await tables.rows("SELECT standing, liveness FROM nodes") { row throws(DatabaseError) in
      NodeState(try row.take(), try row.take())
    }
    let disks = try await tables.rows(
      """
      SELECT d.state, d.total_bytes, d.free_bytes, d.min_free_bytes, n.standing, n.liveness
      FROM disks d JOIN nodes n ON n.node_id = d.node_id
      """
    ) { row throws(DatabaseError) in
      DiskSpace(
        state: try row.take(), total: try row.take(), free: try row.take(), minFree: try row.take(),
        node: NodeState(try row.take(), try row.take()))
    }
    let used = disks.filter { $0.state != .retired }
    return ClusterSummary(
      id: cluster.id, name: cluster.name, created: cluster.created,
      nodes: states.reduce(into: [:]) { $0[$1, default: 0] += 1 },
      disks: disks.reduce(into: [:]) { $0[$1.state, default: 0] += 1 },
      totalBytes: used.reduce(0) { $0 + $1.total }, freeBytes: used.reduce(0) { $0 + $1.free },
      writableBytes: used.reduce(0) { $0 + $1.writable }, policies: try await policyCount(),
      policy: root.coding)
  }

  private struct DiskSpace {
    let state: DiskState
    let total: Int
    let free: Int
    let minFree: Int
    let node: NodeState

    var writable: Int { state == .online && node == .active ? max(0, free - minFree) : 0 }
  }

  // MARK: Nodes

  /// Every member, and on demand every node that was one, in order of their names.
  public func nodes(includingRemoved: Bool = false) async throws(DatabaseError) -> [ClusterNode] {
    let addresses = try await tables.rows(
      "SELECT node_id, address FROM node_addresses ORDER BY node_id, place"
    ) { row throws(DatabaseError) in (node: try row.take(NodeID.self), address: try row.take(String.self)) }
    let byNode = Dictionary(grouping: addresses) { $0.node }
    return try await tables.rows(
      """
      SELECT node_id, name, failure_domain, software_release, standing, standing_since_ms, standing_reason,
        is_forced, liveness, liveness_since_ms, joined_ms
      FROM nodes WHERE standing <= ?1 ORDER BY name, node_id
      """, includingRemoved ? NodeStanding.removed : .draining
    ) { row throws(DatabaseError) in
      let id = try row.take(NodeID.self)
      return try ClusterNode(id, byNode[id, default: []].map(\.address), &row)
    }
  }

  /// The node of that id, be it a member or not.
  public func node(_ id: NodeID) async throws(DatabaseError) -> ClusterNode? {
    let addresses = try await tables.rows(
      "SELECT address FROM node_addresses WHERE node_id = ?1 ORDER BY place", id
    ) { row throws(DatabaseError) in try row.take(String.self) }
    return try await tables.first(
      """
      SELECT name, failure_domain, software_release, standing, standing_since_ms, standing_reason, is_forced,
        liveness, liveness_since_ms, joined_ms
      FROM nodes WHERE node_id = ?1
      """, id
    ) { row throws(DatabaseError) in try ClusterNode(id, addresses, &row) }
  }

  /// The member of that name.
  public func member(named name: String) async throws(DatabaseError) -> NodeID? {
    try await tables.first("SELECT node_id FROM nodes WHERE name = ?1 AND standing < 2", name) {
      row throws(DatabaseError) in try row.take()
    }
  }

  /// How many members there are.
  func memberCount() async throws(DatabaseError) -> Int {
    try await tables.first("SELECT COUNT(*) FROM nodes WHERE standing < 2") {
      row throws(DatabaseError) in try row.take()
    } ?? 0
  }

  // MARK: Disks

  /// The disks in use, and on demand those that were, of one node or of all, in order of their names.
  public func disks(
    of node: NodeID? = nil, includingRetired: Bool = false
  ) async throws(DatabaseError) -> [ClusterDisk] {
    let highest = includingRetired ? DiskState.retired : .offline
    if let node {
      return try await tables.rows(
        """
        SELECT disk_id, node_id, name, path, total_bytes, free_bytes, min_free_bytes, state, error, added_ms,
          updated_ms
        FROM disks WHERE node_id = ?1 AND state <= ?2 ORDER BY name, disk_id
        """, node, highest
      ) { row throws(DatabaseError) in try ClusterDisk(&row) }
    }
    return try await tables.rows(
      """
      SELECT disk_id, node_id, name, path, total_bytes, free_bytes, min_free_bytes, state, error, added_ms,
        updated_ms
      FROM disks WHERE state <= ?1 ORDER BY node_id, name, disk_id
      """, highest
    ) { row throws(DatabaseError) in try ClusterDisk(&row) }
  }

  /// The disk of that id, in use or not.
  public func disk(_ id: DiskID) async throws(DatabaseError) -> ClusterDisk? {
    try await tables.first(
      """
      SELECT disk_id, node_id, name, path, total_bytes, free_bytes, min_free_bytes, state, error, added_ms,
        updated_ms
      FROM disks WHERE disk_id = ?1
      """, id
    ) { row throws(DatabaseError) in try ClusterDisk(&row) }
  }

  // MARK: Policies

  /// Every path with a policy of its own, in order.
  public func policies() async throws(DatabaseError) -> [ClusterPolicy] {
    try await tables.rows(
      """
      SELECT scope_path, policy_id, data_shards, parity_shards, stripe_bytes, set_ms
      FROM policies ORDER BY scope_path
      """
    ) { row throws(DatabaseError) in try ClusterPolicy(&row) }
  }

  /// The path's own policy.
  public func policy(of path: ScopePath) async throws(DatabaseError) -> ClusterPolicy? {
    try await tables.first(
      """
      SELECT scope_path, policy_id, data_shards, parity_shards, stripe_bytes, set_ms
      FROM policies WHERE scope_path = ?1
      """, path
    ) { row throws(DatabaseError) in try ClusterPolicy(&row) }
  }

  /// The policy that holds at a path: the nearest one at or above it. Nil only before the cluster was created.
  public func effectivePolicy(for path: ScopePath) async throws(DatabaseError) -> EffectivePolicy? {
    for scope in path.upwards {
      if let policy = try await policy(of: scope) { return EffectivePolicy(path: path, policy: policy) }
    }
    return nil
  }

  /// How many paths have a policy of their own.
  func policyCount() async throws(DatabaseError) -> Int {
    try await tables.first("SELECT COUNT(*) FROM policies") { row throws(DatabaseError) in try row.take() }
      ?? 0
  }
}

// MARK: Rows

extension ClusterNode {
  fileprivate init(_ id: NodeID, _ addresses: [String], _ row: inout SQLRow) throws(DatabaseError) {
    self.id = id
    self.addresses = addresses
    name = try row.take()
    failureDomain = try row.take()
    softwareRelease = try row.take()
    standing = try row.take()
    standingSince = try row.take()
    standingReason = try row.take()
    isForced = try row.take()
    liveness = try row.take()
    livenessSince = try row.take()
    joined = try row.take()
  }
}

extension ClusterDisk {
  fileprivate init(_ row: inout SQLRow) throws(DatabaseError) {
    id = try row.take()
    node = try row.take()
    name = try row.take()
    path = try row.take()
    totalBytes = try row.take()
    freeBytes = try row.take()
    minFreeBytes = try row.take()
    state = try row.take()
    error = try row.take()
    added = try row.take()
    updated = try row.take()
  }
}

extension ClusterPolicy {
  fileprivate init(_ row: inout SQLRow) throws(DatabaseError) {
    path = try row.take()
    id = try row.take()
    coding = ErasureCoding(
      dataShards: try row.take(), parityShards: try row.take(), stripeBytes: try row.take())
    set = try row.take()
  }
}
