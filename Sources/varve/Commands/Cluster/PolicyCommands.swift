// `varve cluster policy set|get|list|remove`.

import Cluster
import CommandLine
import Configuration
import Database
import Wire

/// `varve cluster policy set`.
struct PolicySetCommand: ClusterTask {
  static let about = CommandDescription(
    "set", "Give a path a storage policy of its own.",
    purpose: """
      It holds for what is written from then on at the path and under it, unless a path further down has its own; \
      what was written before stays as it is. Needs the data directory's lock.
      """,
    examples: [
      CommandExample("varve cluster policy set /photos -k 6 -m 3 --stripe '2 MiB'", "6+3 for photos."),
      CommandExample("varve cluster policy set / -k 4 -m 2", "For all that has no other."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var policy = CodingOptions()
  var isJSON = false
  var path = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.group(\.policy)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("PATH", \.path, .scopePath, "Where it holds, from the root of the cluster's files.")
  }

  func perform(_ console: Console) async throws {
    let scope = try ScopePath(path)
    let command = ClusterCommand.setPolicy(scope, policy.coding)
    try command.check()
    let reply = try await WritableCluster.with(place, console) { try await $0.submit(command) }
    let coding = policy.coding
    try console.report(reply, isJSON: isJSON) {
      "\(scope) is stored \(coding) with stripes of \(coding.stripe): \(PolicyID(bytes: reply.policyID)?.description ?? "")"
    }
  }
}

/// `varve cluster policy get`.
struct PolicyGetCommand: ClusterTask {
  static let about = CommandDescription(
    "get", "Show which policy holds at a path, and where it comes from.",
    purpose: "Works beside a running node. The nearest policy at or above the path holds.",
    examples: [CommandExample("varve cluster policy get /photos/2026", "That of /photos, if there is one.")],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var isJSON = false
  var path = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("PATH", \.path, .scopePath, "The path, from the root of the cluster's files.")
  }

  func perform(_ console: Console) async throws {
    let path = try ScopePath(path)
    let found = try await ReadableCluster.with(place, console) { cluster in
      try await cluster.view { view throws(DatabaseError) in try await view.effectivePolicy(for: path) }
    }
    guard let found else { throw ClusterRefusal.noCluster }
    if isJSON {
      return try console.printJSON { writer in
        writer.beginObject()
        writer.member("path", path.text)
        writer.member("from", found.policy.path.text)
        writer.key("inherited")
        writer.bool(found.isInherited)
        found.policy.writeMembers(to: &writer)
        writer.endObject()
      }
    }
    let coding = found.policy.coding
    try console.print(
      "\(path) is stored \(coding) with stripes of \(coding.stripe), by the policy of \(found.policy.path)")
  }
}

/// `varve cluster policy list`.
struct PolicyListCommand: ClusterTask {
  static let about = CommandDescription(
    "list", "List the paths that have a policy of their own.",
    purpose: "Works beside a running node.",
    examples: [CommandExample("varve cluster policy list --json", "A line of JSON for each policy.")],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each policy.")
  }

  func perform(_ console: Console) async throws {
    let policies = try await ReadableCluster.with(place, console) { cluster in
      try await cluster.requireCluster()
      return try await cluster.view { view throws(DatabaseError) in try await view.policies() }
    }
    if !isJSON { return try console.print(ClusterPolicy.table(policies)) }
    for policy in policies {
      try console.printJSON { writer in
        writer.beginObject()
        writer.member("path", policy.path.text)
        policy.writeMembers(to: &writer)
        writer.endObject()
      }
    }
  }
}

/// `varve cluster policy remove`.
struct PolicyRemoveCommand: ClusterTask {
  static let about = CommandDescription(
    "remove", "Take a path's own policy away: the nearest one above holds.",
    purpose: "The policy of / can be changed and not removed. Needs the data directory's lock.",
    examples: [
      CommandExample("varve cluster policy remove /photos", "Photos are stored like everything else.")
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var isJSON = false
  var path = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("PATH", \.path, .scopePath, "The path.")
  }

  func perform(_ console: Console) async throws {
    let path = try ScopePath(path)
    let reply = try await WritableCluster.with(place, console) { try await $0.submit(.removePolicy(path)) }
    try console.report(reply, isJSON: isJSON) { "\(path) has no policy of its own any more" }
  }
}

extension ValueNotation where Value == String {
  /// A path in the cluster's files.
  static var scopePath: ValueNotation { .string(bytes: 1...ClusterLimits.pathBytesMaximum) }
}
