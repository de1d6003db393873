// `varve cluster node list|show`: what shows nodes. Neither needs a lock.

import Cluster
import CommandLine
import Database

/// `varve cluster node list`.
struct NodeListCommand: ClusterTask {
  static let about = CommandDescription(
    "list", "List the nodes.",
    purpose: "Works beside a running node.",
    examples: [
      CommandExample("varve cluster node list --data ./data", "The members."),
      CommandExample("varve cluster node list --all --json", "Those that were removed too, for programs."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var showsAll = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("all", short: "a", \.showsAll, "Shows nodes that were removed too.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each node.")
  }

  func perform(_ console: Console) async throws {
    let showsAll = showsAll
    let (nodes, disks) = try await ReadableCluster.with(place, console) { cluster in
      try await cluster.requireCluster()
      return try await cluster.view { view throws(DatabaseError) in
        (try await view.nodes(includingRemoved: showsAll), try await view.disks())
      }
    }
    if isJSON {
      for node in nodes { try console.printJSON { node.write(to: &$0) } }
    } else {
      try console.print(ClusterNode.table(nodes, disks: disks))
    }
  }
}

/// `varve cluster node show`.
struct NodeShowCommand: ClusterTask {
  static let about = CommandDescription(
    "show", "Show a node and its disks.",
    purpose: "Works beside a running node. A node that was removed is found by its id.",
    examples: [CommandExample("varve cluster node show alpha", "Everything there is to say about it.")],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var isJSON = false
  var node = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "Its name or id.")
  }

  func perform(_ console: Console) async throws {
    let (node, disks) = try await ReadableCluster.with(place, console) { cluster in
      let node = try await cluster.node(self.node)
      let disks = try await cluster.view { view throws(DatabaseError) in
        try await view.disks(of: node.id, includingRetired: true)
      }
      return (node, disks)
    }
    if isJSON { return try console.printJSON { node.write(to: &$0, disks: disks) } }
    try console.write(node.text)
    if disks.isEmpty { return }
    try console.write("\n")
    try console.print(ClusterDisk.table(disks, names: [node.id: node.name]))
  }
}

extension ValueNotation where Value == String {
  /// A name or an id.
  static var clusterName: ValueNotation { .string(bytes: 1...ClusterLimits.nameBytesMaximum) }
  /// Why something is done.
  static var reason: ValueNotation { .string(bytes: 0...ClusterLimits.reasonBytesMaximum) }
}
