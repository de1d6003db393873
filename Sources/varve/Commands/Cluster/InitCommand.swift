// `varve cluster init`.

import Cluster
import CommandLine
import Configuration

/// `varve cluster init`.
struct ClusterInitCommand: ClusterTask {
  static let about = CommandDescription(
    "init", "Create the cluster.",
    purpose: """
      Makes the data directory and its log too where they are missing. The policy that is given holds for every \
      path that has no other. Needs the data directory's lock.
      """,
    examples: [
      CommandExample("varve cluster init lake --data ./data", "With 4+2 shards and stripes of 1 MiB."),
      CommandExample(
        "varve cluster init lake -k 8 -m 4 --stripe '4 MiB'", "Any 4 of 12 shards may be lost."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var policy = CodingOptions()
  var isJSON = false
  var name = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.group(\.policy)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NAME", \.name, .string(bytes: 1...ClusterLimits.nameBytesMaximum), "Its name.")
  }

  func perform(_ console: Console) async throws {
    let command = ClusterCommand.create(name: name, policy: policy.coding)
    // Before anything is made on the disk.
    try command.check()
    let reply = try await WritableCluster.with(place, console, mayCreate: true) { cluster in
      try await cluster.submit(command)
    }
    try console.report(reply, isJSON: isJSON) { "cluster \(name) created: \(Self.id(reply))" }
  }

  private static func id(_ reply: ClusterDomain.Reply) -> String {
    ClusterID(bytes: reply.clusterID)?.description ?? ""
  }
}
