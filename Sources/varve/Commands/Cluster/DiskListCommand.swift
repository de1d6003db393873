// `varve cluster disk list`.

import Cluster
import CommandLine
import Database

/// `varve cluster disk list`.
struct DiskListCommand: ClusterTask {
  static let about = CommandDescription(
    "list", "List the disks of a node, or of all.",
    purpose: "Works beside a running node.",
    examples: [
      CommandExample("varve cluster disk list", "The disks in use."),
      CommandExample("varve cluster disk list alpha --all", "Those of one node, retired ones too."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var showsAll = false
  var isJSON = false
  var node: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("all", short: "a", \.showsAll, "Shows disks that were retired too.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each disk.")
    arguments.argument("NODE", \.node, .clusterName, "The node's name or id.")
  }

  func perform(_ console: Console) async throws {
    let showsAll = showsAll
    let (disks, names) = try await ReadableCluster.with(place, console) { cluster in
      try await cluster.requireCluster()
      let id: NodeID?
      if let node { id = try await cluster.node(node).id } else { id = nil }
      return try await cluster.view { view throws(DatabaseError) in
        let nodes = try await view.nodes(includingRemoved: true)
        return (
          try await view.disks(of: id, includingRetired: showsAll),
          Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0.name) })
        )
      }
    }
    if isJSON {
      for disk in disks { try console.printJSON { disk.write(to: &$0) } }
    } else {
      try console.print(ClusterDisk.table(disks, names: names))
    }
  }
}
