// `varve cluster disk add|update|retire`: what changes disks. What shows them is in DiskListCommand.swift.

import Cluster
import CommandLine
import Configuration

/// `varve cluster disk add`.
struct DiskAddCommand: ClusterTask {
  static let about = CommandDescription(
    "add", "Give a node one more disk.",
    purpose: "Needs the data directory's lock.",
    examples: [
      CommandExample(
        "varve cluster disk add alpha main /srv/main --total '4 TiB' --free '4 TiB'", "A new, empty disk.")
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var id: DiskID?
  var total = ByteSize(bytes: 0)
  var free = ByteSize(bytes: 0)
  var minFree = ByteSize(bytes: NewDisk.minFreeBytesStandard)
  var isJSON = false
  var node = ""
  var name = ""
  var path = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("id", \.id, .clusterID, "Its id; else a new one.")
    arguments.option("total", \.total, .diskSize, "Its size; 0: not known yet.")
    arguments.option("free", \.free, .diskSize, "What of it is free.")
    arguments.option("min-free", \.minFree, .diskSize, "What is to stay free.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "The node's name or id.")
    arguments.argument("NAME", \.name, .clusterName, "The disk's name.")
    arguments.argument("PATH", \.path, .directory, "Where it is on its node.")
  }

  func perform(_ console: Console) async throws {
    let disk = NewDisk(
      id: id, name: name, path: path, totalBytes: total.bytes, freeBytes: free.bytes,
      minFreeBytes: minFree.bytes)
    let reply = try await WritableCluster.with(place, console) { cluster in
      try await cluster.submit(.addDisk(try await cluster.node(node).id, disk))
    }
    try console.report(reply, isJSON: isJSON) {
      "disk \(name) added to \(node): \(reply.diskIds.first.flatMap { DiskID(bytes: $0) }?.description ?? "")"
    }
  }
}

/// `varve cluster disk update`.
struct DiskUpdateCommand: ClusterTask {
  /// The states that a disk in use may have.
  enum State: String, CaseIterable, Sendable {
    case online, suspect, offline

    var diskState: DiskState {
      switch self {
      case .online: .online
      case .suspect: .suspect
      case .offline: .offline
      }
    }
  }

  static let about = CommandDescription(
    "update", "Note how a disk is: its room, its state, its error.",
    purpose: "Only what is named changes. Needs the data directory's lock.",
    examples: [
      CommandExample("varve cluster disk update alpha main --free '1 TiB'", "It fills up."),
      CommandExample(
        "varve cluster disk update alpha main --state offline --error 'I/O error'", "It has failed."),
      CommandExample("varve cluster disk update alpha main --state online --error ''", "It works again."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var total: ByteSize?
  var free: ByteSize?
  var minFree: ByteSize?
  var state: State?
  var error: String?
  var isJSON = false
  var node = ""
  var disk = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("total", \.total, .diskSize, "Its size.")
    arguments.option("free", \.free, .diskSize, "What of it is free.")
    arguments.option("min-free", \.minFree, .diskSize, "What is to stay free.")
    arguments.option("state", \.state, .choice, "How it is.")
    arguments.option("error", \.error, .reason, "What is wrong with it; empty: nothing.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "The node's name or id.")
    arguments.argument("DISK", \.disk, .clusterName, "The disk's name or id.")
    arguments.rule("update needs something to change") {
      $0.total != nil || $0.free != nil || $0.minFree != nil || $0.state != nil || $0.error != nil
    }
  }

  func perform(_ console: Console) async throws {
    let change = DiskChange(
      totalBytes: total?.bytes, freeBytes: free?.bytes, minFreeBytes: minFree?.bytes, state: state?.diskState,
      error: error)
    let reply = try await WritableCluster.with(place, console) { cluster in
      let node = try await cluster.node(self.node)
      return try await cluster.submit(
        .updateDisk(node.id, try await cluster.disk(disk, of: node).id, change))
    }
    try console.report(reply, isJSON: isJSON) { "disk \(disk) of \(node) updated" }
  }
}

/// `varve cluster disk retire`.
struct DiskRetireCommand: ClusterTask {
  static let about = CommandDescription(
    "retire", "Use a disk no more.",
    purpose:
      "Its id never comes back; its name and its path are free again. Needs the data directory's lock.",
    examples: [CommandExample("varve cluster disk retire alpha main --reason 'bad sectors'", "It goes.")],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var reason = ""
  var isJSON = false
  var node = ""
  var disk = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("reason", \.reason, .reason, "Why, for those who ask later.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "The node's name or id.")
    arguments.argument("DISK", \.disk, .clusterName, "The disk's name or id.")
  }

  func perform(_ console: Console) async throws {
    let reply = try await WritableCluster.with(place, console) { cluster in
      let node = try await cluster.node(self.node)
      return try await cluster.submit(
        .retireDisk(node.id, try await cluster.disk(disk, of: node).id, reason: reason))
    }
    try console.report(reply, isJSON: isJSON) { "disk \(disk) of \(node) retired" }
  }
}
