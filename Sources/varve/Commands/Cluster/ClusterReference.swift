// How nodes and disks are named on a command line: by name or by id.

import Cluster
import CommandLine
import Database

/// A name, or an id.
enum ClusterReference<Kind>: Hashable, Sendable {
  case name(String)
  case id(Identifier<Kind>)

  /// What `text` names. What looks like an id is one.
  init(_ text: String) {
    if let id = Identifier<Kind>(text) { self = .id(id) } else { self = .name(text) }
  }
}

/// A node on a command line.
typealias NodeReference = ClusterReference<NodeKind>
/// A disk on a command line.
typealias DiskReference = ClusterReference<DiskKind>

extension ClusterView {
  /// The node that is meant: a member by its name or id, or one that was by its id.
  func find(_ reference: NodeReference) async throws(DatabaseError) -> ClusterNode? {
    switch reference {
    case .id(let id): return try await node(id)
    case .name(let name):
      guard let id = try await member(named: name) else { return nil }
      return try await node(id)
    }
  }

  /// The node's disk that is meant: one in use by its name, or any by its id.
  func find(_ reference: DiskReference, of node: NodeID) async throws(DatabaseError) -> ClusterDisk? {
    switch reference {
    case .id(let id):
      guard let disk = try await disk(id), disk.node == node else { return nil }
      return disk
    case .name(let name): return try await disks(of: node).first { $0.name == name }
    }
  }
}

/// What names are looked up in.
protocol ClusterSource {
  func view<Output: Sendable>(
    _ body: @escaping @Sendable (ClusterView) async throws(DatabaseError) -> Output
  ) async throws -> Output
}

extension WritableCluster: ClusterSource {}
extension ReadableCluster: ClusterSource {}

extension ClusterSource {
  /// The node of that name or id, or an error that says there is none.
  func node(_ text: String) async throws -> ClusterNode {
    let reference = NodeReference(text)
    if let node = try await view({ view throws(DatabaseError) in try await view.find(reference) }) {
      return node
    }
    try await requireCluster()
    throw CommandFailure(
      .data, "there is no node \(TerminalText.harmless(text))",
      hint: "`varve cluster node list` shows the nodes")
  }

  /// The node's disk of that name or id, or an error that says there is none.
  func disk(_ text: String, of node: ClusterNode) async throws -> ClusterDisk {
    let reference = DiskReference(text)
    let found = try await view { view throws(DatabaseError) in try await view.find(reference, of: node.id) }
    guard let found else {
      throw CommandFailure(
        .data, "node \(node.name) has no disk \(TerminalText.harmless(text))",
        hint: "`varve cluster disk list \(node.name)` shows its disks")
    }
    return found
  }

  /// Throws before the cluster was created.
  func requireCluster() async throws {
    let summary = try await view { view throws(DatabaseError) in try await view.summary() }
    if summary == nil { throw ClusterRefusal.noCluster }
  }
}
