// `varve cluster node join|update`: what describes nodes. What lets them go is in NodeStandingCommands.swift.

import Cluster
import CommandLine
import Configuration

/// `varve cluster node join`.
struct NodeJoinCommand: ClusterTask {
  static let about = CommandDescription(
    "join", "Make a node a member.",
    purpose: """
      The id is made unless it is given. Asked again with the same id and the same description, nothing happens; \
      the id of a node that was removed is refused for ever. Needs the data directory's lock.
      """,
    examples: [
      CommandExample(
        "varve cluster node join alpha --address /ip4/10.0.0.1/tcp/4001 --disk main=/srv/main",
        "A node with one disk."),
      CommandExample(
        "varve cluster node join beta --address /dns4/beta/tcp/4001 --failure-domain rack2",
        "Another, in another rack; its disks come by `varve cluster disk add`."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var id: NodeID?
  var addresses: [String] = []
  var failureDomain = ""
  var release = ""
  var disks: [NewDisk] = []
  var minFree = ByteSize(bytes: NewDisk.minFreeBytesStandard)
  var isJSON = false
  var name = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("id", \.id, .clusterID, "Its id; else a new one.")
    arguments.repeatedOption(
      "address", short: "a", \.addresses, .address, "Where it is reached; the best first. May be repeated.")
    arguments.option(
      "failure-domain", \.failureDomain, .string(bytes: 0...ClusterLimits.failureDomainBytesMaximum),
      "What fails together with it: a rack, a room.")
    arguments.option(
      "release", \.release, .string(bytes: 0...ClusterLimits.releaseBytesMaximum),
      "The release of the program that it runs.")
    arguments.repeatedOption("disk", \.disks, .newDisk, "A disk and where it is. May be repeated.")
    arguments.option("min-free", \.minFree, .diskSize, "What is to stay free on each of the disks.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NAME", \.name, .clusterName, "Its name.")
    arguments.rule("a node needs at least one --address") { !$0.addresses.isEmpty }
  }

  func perform(_ console: Console) async throws {
    let disks = disks.map { disk in
      var disk = disk
      disk.minFreeBytes = minFree.bytes
      return disk
    }
    let command = ClusterCommand.join(
      JoinNode(
        id: id, name: name, addresses: addresses, failureDomain: failureDomain, softwareRelease: release,
        disks: disks))
    try command.check()
    let reply = try await WritableCluster.with(place, console) { try await $0.submit(command) }
    try console.report(reply, isJSON: isJSON) {
      "node \(name) joined: \(NodeID(bytes: reply.nodeID)?.description ?? "")"
    }
  }
}

/// `varve cluster node update`.
struct NodeUpdateCommand: ClusterTask {
  static let about = CommandDescription(
    "update", "Describe a node otherwise.",
    purpose: "Only what is named changes; the addresses are all replaced. Needs the data directory's lock.",
    examples: [
      CommandExample("varve cluster node update alpha --address /ip4/10.0.0.9/tcp/4001", "It has moved."),
      CommandExample("varve cluster node update alpha --name gamma", "It is called otherwise."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var place = ConfigurationOptions()
  var name: String?
  var addresses: [String] = []
  var failureDomain: String?
  var release: String?
  var isJSON = false
  var node = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.option("name", \.name, .clusterName, "Its new name.")
    arguments.repeatedOption(
      "address", short: "a", \.addresses, .address, "Where it is reached now. May be repeated.")
    arguments.option(
      "failure-domain", \.failureDomain, .string(bytes: 0...ClusterLimits.failureDomainBytesMaximum),
      "What fails together with it; empty: nothing else.")
    arguments.option(
      "release", \.release, .string(bytes: 0...ClusterLimits.releaseBytesMaximum), "The release that it runs."
    )
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
    arguments.argument("NODE", \.node, .clusterName, "Its name or id.")
    arguments.rule("update needs something to change") {
      $0.name != nil || !$0.addresses.isEmpty || $0.failureDomain != nil || $0.release != nil
    }
  }

  func perform(_ console: Console) async throws {
    let change = NodeChange(
      name: name, addresses: addresses.isEmpty ? nil : addresses, failureDomain: failureDomain,
      softwareRelease: release)
    let reply = try await WritableCluster.with(place, console) { cluster in
      try await cluster.submit(.updateNode(try await cluster.node(node).id, change))
    }
    try console.report(reply, isJSON: isJSON) { "node \(node) updated" }
  }
}

extension ValueNotation where Value == String {
  /// Where a node is reached.
  static var address: ValueNotation {
    .string(bytes: 1...ClusterLimits.addressBytesMaximum).placeholder("ADDRESS")
  }
}

extension ValueNotation {
  /// An id, as UUIDs are written.
  static func identifier<Kind>() -> ValueNotation<Identifier<Kind>> where Value == Identifier<Kind> {
    ValueNotation<Identifier<Kind>>(
      name: "id", accepted: "a UUID with hyphens", placeholder: "UUID",
      read: { text throws(NotationError) in
        guard let id = Identifier<Kind>(text) else { throw .malformed("is no UUID") }
        return id
      },
      write: \.description)
  }
}

extension ValueNotation where Value == NodeID {
  static var clusterID: ValueNotation { .identifier() }
}

extension ValueNotation where Value == DiskID {
  static var clusterID: ValueNotation { .identifier() }
}

extension ValueNotation where Value == ByteSize {
  /// The size of a disk, or of a part of one.
  static var diskSize: ValueNotation { .byteSize(.bytes(0) ... .bytes(ClusterLimits.diskBytesMaximum)) }
}

extension ValueNotation where Value == NewDisk {
  /// A disk's name, an equals sign, and its path.
  static var newDisk: ValueNotation {
    ValueNotation(
      name: "disk", accepted: "a name, = and an absolute path", placeholder: "NAME=PATH",
      read: { text throws(NotationError) in
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
          throw .malformed("has no name and =")
        }
        return NewDisk(name: String(text[..<equals]), path: String(text[text.index(after: equals)...]))
      },
      write: { "\($0.name)=\($0.path)" })
  }
}
