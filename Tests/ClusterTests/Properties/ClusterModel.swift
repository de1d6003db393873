// The cluster as a few dictionaries: what the domain must answer, and what its tables must show, after any commands.

import Cluster
import Database

/// What is known of the cluster, in memory.
struct ClusterModel {
  struct Node: Equatable {
    var name: String
    var addresses: [String]
    var failureDomain: String
    var standing = NodeStanding.active
    var liveness = Liveness.online
  }

  struct Disk: Equatable {
    var node: NodeID
    var name: String
    var path: String
    var total: Int
    var free: Int
    var state = DiskState.online
  }

  /// What a command is answered.
  enum Answer: Equatable {
    case done
    case unchanged
    case refused(ClusterRefusal)
  }

  var nodes: [NodeID: Node] = [:]
  var disks: [DiskID: Disk] = [:]
  var policies: [ScopePath: ErasureCoding] = [.root: .standard]

  private var members: [NodeID: Node] { nodes.filter { $0.value.standing != .removed } }

  private func used(_ node: NodeID) -> [DiskID: Disk] {
    disks.filter { $0.value.node == node && $0.value.state != .retired }
  }

  /// Why a command about this node is refused whatever it says.
  private func refusal(_ id: NodeID) -> ClusterRefusal? {
    guard let node = nodes[id] else { return .unknownNode(id) }
    return node.standing == .removed ? .nodeRemoved(id) : nil
  }

  /// Does what the command says, and gives its answer. Commands name every id themselves.
  mutating func apply(_ command: ClusterCommand) -> Answer {
    switch command {
    case .join(let joining): return join(joining)
    case .updateNode(let id, let change): return update(id, change)
    case .reportLiveness(let report):
      if let refusal = refusal(report.node) { return .refused(refusal) }
      if nodes[report.node]?.liveness == report.liveness { return .unchanged }
      nodes[report.node]?.liveness = report.liveness
      return .done
    case .drain(let id, _): return stand(id, .draining)
    case .reactivate(let id): return stand(id, .active)
    case .remove(let id, _, let isForced): return remove(id, isForced)
    case .addDisk(let node, let disk): return add(disk, to: node)
    case .updateDisk(let node, let id, let change): return update(id, of: node, change)
    case .retireDisk(let node, let id, _):
      if let refusal = refusal(node) { return .refused(refusal) }
      guard disks[id]?.node == node else { return .refused(.unknownDisk(id, of: node)) }
      if disks[id]?.state == .retired { return .unchanged }
      disks[id]?.state = .retired
      return .done
    case .setPolicy(let path, let coding):
      if policies[path] == coding { return .unchanged }
      policies[path] = coding
      return .done
    case .removePolicy(let path):
      if path == .root { return .refused(.rootPolicy) }
      return policies.removeValue(forKey: path) == nil ? .refused(.noPolicy(path)) : .done
    case .create: return .refused(.noCluster)
    }
  }

  private mutating func join(_ joining: JoinNode) -> Answer {
    guard let id = joining.id else { return .done }
    if let node = nodes[id] {
      if node.standing == .removed { return .refused(.nodeRemoved(id)) }
      var different: [String] = []
      if node.name != joining.name { different.append("name") }
      if node.addresses != joining.addresses { different.append("addresses") }
      if node.failureDomain != joining.failureDomain { different.append("failure domain") }
      let there = Set(used(id).map { "\($0.key) \($0.value.name) \($0.value.path)" })
      if there != Set(joining.disks.compactMap { disk in disk.id.map { "\($0) \(disk.name) \(disk.path)" } })
      {
        different.append("disks")
      }
      return different.isEmpty ? .unchanged : .refused(.nodeDiffers(id, in: different))
    }
    if let other = members.first(where: { $0.value.name == joining.name }) {
      return .refused(.nodeNameTaken(joining.name, by: other.key))
    }
    for disk in joining.disks {
      if let id = disk.id, let other = disks[id] { return .refused(.diskExists(id, of: other.node)) }
    }
    nodes[id] = Node(
      name: joining.name, addresses: joining.addresses, failureDomain: joining.failureDomain)
    for disk in joining.disks { place(disk, on: id) }
    return .done
  }

  private mutating func place(_ disk: NewDisk, on node: NodeID) {
    guard let id = disk.id else { return }
    disks[id] = Disk(
      node: node, name: disk.name, path: disk.path, total: disk.totalBytes, free: disk.freeBytes)
  }

  private mutating func update(_ id: NodeID, _ change: NodeChange) -> Answer {
    if let refusal = refusal(id) { return .refused(refusal) }
    if let name = change.name,
      let other = members.first(where: { $0.key != id && $0.value.name == name })
    {
      return .refused(.nodeNameTaken(name, by: other.key))
    }
    let before = nodes[id]
    if let name = change.name { nodes[id]?.name = name }
    if let addresses = change.addresses { nodes[id]?.addresses = addresses }
    if let failureDomain = change.failureDomain { nodes[id]?.failureDomain = failureDomain }
    return nodes[id] == before ? .unchanged : .done
  }

  private mutating func stand(_ id: NodeID, _ standing: NodeStanding) -> Answer {
    if let refusal = refusal(id) { return .refused(refusal) }
    if nodes[id]?.standing == standing { return .unchanged }
    nodes[id]?.standing = standing
    return .done
  }

  private mutating func remove(_ id: NodeID, _ isForced: Bool) -> Answer {
    guard let node = nodes[id] else { return .refused(.unknownNode(id)) }
    if node.standing == .removed { return .unchanged }
    if members.count == 1 { return .refused(.lastNode(id)) }
    if node.standing != .draining && !isForced { return .refused(.notDrained(id)) }
    nodes[id]?.standing = .removed
    for disk in used(id).keys { disks[disk]?.state = .retired }
    return .done
  }

  private mutating func add(_ disk: NewDisk, to node: NodeID) -> Answer {
    if let refusal = refusal(node) { return .refused(refusal) }
    let there = used(node)
    if let id = disk.id, let same = there[id], same.name == disk.name, same.path == disk.path {
      return .unchanged
    }
    if let other = there.first(where: { $0.value.name == disk.name }) {
      return .refused(.diskNameTaken(disk.name, by: other.key))
    }
    if let other = there.first(where: { $0.value.path == disk.path }) {
      return .refused(.diskPathTaken(disk.path, by: other.key))
    }
    if let id = disk.id, let other = disks[id] { return .refused(.diskExists(id, of: other.node)) }
    place(disk, on: node)
    return .done
  }

  private mutating func update(_ id: DiskID, of node: NodeID, _ change: DiskChange) -> Answer {
    if let refusal = refusal(node) { return .refused(refusal) }
    guard var disk = disks[id], disk.node == node else { return .refused(.unknownDisk(id, of: node)) }
    if disk.state == .retired { return .refused(.diskRetired(id)) }
    let before = disk
    disk.total = change.totalBytes ?? disk.total
    disk.free = change.freeBytes ?? disk.free
    disk.state = change.state ?? disk.state
    if disk.free > disk.total {
      return .refused(
        .invalid(InvalidValue("free bytes", "\(disk.free)", accepted: "at most the disk's \(disk.total)")))
    }
    disks[id] = disk
    return disk == before ? .unchanged : .done
  }

  // MARK: What the tables must show

  /// The model that a view's answers make.
  init(_ view: ClusterView) async throws(DatabaseError) {
    for node in try await view.nodes(includingRemoved: true) {
      nodes[node.id] = Node(
        name: node.name, addresses: node.addresses, failureDomain: node.failureDomain,
        standing: node.standing, liveness: node.liveness)
    }
    for disk in try await view.disks(includingRetired: true) {
      disks[disk.id] = Disk(
        node: disk.node, name: disk.name, path: disk.path, total: disk.totalBytes, free: disk.freeBytes,
        state: disk.state)
    }
    policies = [:]
    for policy in try await view.policies() { policies[policy.path] = policy.coding }
  }

  init() {}

  /// The policy that holds at a path: that of the longest path which it is or is under.
  func effective(_ path: ScopePath) -> ScopePath? {
    policies.keys.filter { $0 == .root || $0 == path || path.text.hasPrefix($0.text + "/") }
      .max { $0.text.utf8.count < $1.text.utf8.count }
  }
}

extension ClusterModel: Equatable {}
