// `varve cluster node drain|reactivate|remove`: what an operator decides about a node.

import Cluster
import CommandLine

/// `varve cluster node drain`.
struct NodeDrainCommand: ClusterTask {
  static let about = CommandDescription(
    "drain", "Have a node's data go elsewhere, and nothing more come to it.",
    purpose:
      "The first step of taking a node out; `reactivate` takes it back. Needs the data directory's lock.",
    examples: [
      CommandExample("varve cluster node drain alpha --reason 'new disks'", "It may be removed then.")
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var reason = ""
  var isJSON = false
  var node = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("reason", \.reason, .reason, "Why, for those who ask later.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "Its name or id.")
  }

  func perform(_ console: Console) async throws {
    let reply = try await WritableCluster.with(place, console) { cluster in
      try await cluster.submit(.drain(try await cluster.node(node).id, reason: reason))
    }
    try console.report(reply, isJSON: isJSON) { "node \(node) is draining" }
  }
}

/// `varve cluster node reactivate`.
struct NodeReactivateCommand: ClusterTask {
  static let about = CommandDescription(
    "reactivate", "Have a draining node take data again.",
    purpose: "Needs the data directory's lock.",
    examples: [CommandExample("varve cluster node reactivate alpha", "It is active again.")],
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
    let reply = try await WritableCluster.with(place, console) { cluster in
      try await cluster.submit(.reactivate(try await cluster.node(node).id))
    }
    try console.report(reply, isJSON: isJSON) { "node \(node) is active" }
  }
}

/// `varve cluster node remove`.
struct NodeRemoveCommand: ClusterTask {
  static let about = CommandDescription(
    "remove", "Make a node no member any more.",
    purpose: """
      Its disks are retired, and its id never comes back. A node that has not been drained is removed by --force \
      only; the last member of a cluster stays. Needs the data directory's lock.
      """,
    examples: [
      CommandExample("varve cluster node remove alpha", "After it was drained."),
      CommandExample(
        "varve cluster node remove alpha --force --reason 'burnt'", "It will never answer again."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var reason = ""
  var isForced = false
  var isJSON = false
  var node = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("reason", \.reason, .reason, "Why, for those who ask later.")
    arguments.flag("force", \.isForced, "Removes it though it has not been drained.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "Its name or id.")
  }

  func perform(_ console: Console) async throws {
    let reply = try await WritableCluster.with(place, console) { cluster in
      let id = try await cluster.node(node).id
      return try await cluster.submit(.remove(id, reason: reason, isForced: isForced))
    }
    try console.report(reply, isJSON: isJSON) { "node \(node) removed" }
  }
}
