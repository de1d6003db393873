// `varve cluster status`.

import Cluster
import CommandLine
import Configuration
import Database
import Wire

/// `varve cluster status`.
struct ClusterStatusCommand: ClusterTask {
  static let about = CommandDescription(
    "status", "Show the cluster in numbers: nodes, disks, room.",
    purpose: """
      Works beside a running node. What may be written counts disks that are online on nodes that are active, \
      down to what is to stay free; the bytes of files are what fits there by the policy of /.
      """,
    examples: [
      CommandExample("varve cluster status --data ./data", "For people."),
      CommandExample("varve cluster status --json", "For programs."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
  }

  func perform(_ console: Console) async throws {
    let summary = try await ReadableCluster.with(place, console) { cluster in
      try await cluster.view { view throws(DatabaseError) in try await view.summary() }
    }
    guard let summary else { throw ClusterRefusal.noCluster }
    if isJSON { return try console.printJSON { Self.write(summary, to: &$0) } }
    try console.write(Self.text(summary))
  }

  private static func text(_ summary: ClusterSummary) -> String {
    func counts<State: Hashable>(_ states: [State], _ counts: [State: Int], _ name: (State) -> String)
      -> String
    {
      let parts = states.compactMap { state in counts[state].map { "\($0) \(name(state))" } }
      return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
    func size(_ bytes: Int) -> String { ByteSize(bytes: bytes).approximate }
    return """
      cluster   \(summary.name)
      id        \(summary.id)
      created   \(RecordForm.time(summary.created))
      nodes     \(counts(NodeState.allCases, summary.nodes, \.rawValue))
      disks     \(counts(DiskState.allCases, summary.disks, \.description))
      room      \(size(summary.totalBytes)), \(size(summary.freeBytes)) free
      writable  \(size(summary.writableBytes)): \(size(summary.writableDataBytes)) of files
      policies  \(summary.policies), that of / is \(summary.policy) with stripes of \(summary.policy.stripe)

      """
  }

  private static func write(_ summary: ClusterSummary, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", summary.id.description)
    writer.member("name", summary.name)
    writer.key("created_at")
    writer.integer(summary.created)
    writer.key("nodes")
    writer.beginObject()
    for state in NodeState.allCases {
      writer.key(state.rawValue)
      writer.integer(summary.nodes[state] ?? 0)
    }
    writer.endObject()
    writer.key("disks")
    writer.beginObject()
    for state in DiskState.allCases {
      writer.key(state.description)
      writer.integer(summary.disks[state] ?? 0)
    }
    writer.endObject()
    for (key, bytes) in [
      ("total_bytes", summary.totalBytes), ("free_bytes", summary.freeBytes),
      ("writable_bytes", summary.writableBytes), ("writable_data_bytes", summary.writableDataBytes),
      ("policies", summary.policies),
    ] {
      writer.key(key)
      writer.integer(bytes)
    }
    writer.endObject()
  }
}
