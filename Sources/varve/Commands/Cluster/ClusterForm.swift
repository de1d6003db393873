// How nodes, disks and policies are printed: as lines of a table, as objects of JSON.

import Cluster
import CommandLine
import Configuration
import Runtime
import Wire

extension ClusterNode {
  static func table(_ nodes: [ClusterNode], disks: [ClusterDisk]) -> TextTable {
    var table = TextTable(
      .text("NAME"), .text("STATE"), .text("FAILURE DOMAIN"), .number("DISKS"), .number("FREE"),
      .text("ADDRESS"), .text("ID"))
    for node in nodes {
      let own = disks.filter { $0.node == node.id && $0.state != .retired }
      table.append(
        node.name, node.state.rawValue, node.failureDomain.isEmpty ? "-" : node.failureDomain,
        String(own.count), ByteSize(bytes: own.reduce(0) { $0 + $1.freeBytes }).approximate,
        node.addresses.first ?? "-", node.id.description)
    }
    return table
  }

  /// Everything there is to say about it, in lines.
  var text: String {
    var lines = [
      "node      \(name)", "id        \(id)",
      "state     \(state.rawValue)" + (standing == .active ? "" : ", \(liveness)"),
      "joined    \(RecordForm.time(joined))", "liveness  \(liveness) since \(RecordForm.time(livenessSince))",
    ]
    if standing != .active {
      let forced = isForced ? ", by force" : ""
      lines.append(
        "standing  \(standing) since \(RecordForm.time(standingSince))\(forced)"
          + (standingReason.isEmpty ? "" : ": \(standingReason)"))
    }
    if !failureDomain.isEmpty { lines.append("domain    \(failureDomain)") }
    if !softwareRelease.isEmpty { lines.append("release   \(softwareRelease)") }
    for address in addresses { lines.append("address   \(address)") }
    return lines.map { TerminalText.harmless($0) + "\n" }.joined()
  }

  /// The node as an object; with its disks when they are given.
  func write(to writer: inout JSONWriter, disks: [ClusterDisk]? = nil) {
    writer.beginObject()
    writer.member("id", id.description)
    writer.member("name", name)
    writer.member("state", state.rawValue)
    writer.member("standing", standing.description)
    writer.key("standing_since")
    writer.integer(standingSince)
    writer.member("standing_reason", standingReason)
    writer.key("forced")
    writer.bool(isForced)
    writer.member("liveness", liveness.description)
    writer.key("liveness_since")
    writer.integer(livenessSince)
    writer.key("joined_at")
    writer.integer(joined)
    writer.member("failure_domain", failureDomain)
    writer.member("release", softwareRelease)
    writer.key("addresses")
    writer.beginArray()
    for address in addresses { writer.string(address) }
    writer.endArray()
    if let disks {
      writer.key("disks")
      writer.beginArray()
      for disk in disks { disk.write(to: &writer) }
      writer.endArray()
    }
    writer.endObject()
  }
}

extension ClusterDisk {
  static func table(_ disks: [ClusterDisk], names: [NodeID: String]) -> TextTable {
    var table = TextTable(
      .text("NODE"), .text("DISK"), .text("STATE"), .number("TOTAL"), .number("FREE"), .number("MIN FREE"),
      .text("PATH"), .text("ID"), .text("ERROR"))
    for disk in disks {
      table.append(
        names[disk.node] ?? disk.node.description, disk.name, disk.state.description,
        disk.totalBytes == 0 ? "-" : ByteSize(bytes: disk.totalBytes).approximate,
        disk.totalBytes == 0 ? "-" : ByteSize(bytes: disk.freeBytes).approximate,
        ByteSize(bytes: disk.minFreeBytes).approximate, disk.path, disk.id.description, disk.error)
    }
    return table
  }

  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", id.description)
    writer.member("node", node.description)
    writer.member("name", name)
    writer.member("path", path)
    writer.member("state", state.description)
    writer.key("total_bytes")
    writer.integer(totalBytes)
    writer.key("free_bytes")
    writer.integer(freeBytes)
    writer.key("min_free_bytes")
    writer.integer(minFreeBytes)
    writer.member("error", error)
    writer.key("added_at")
    writer.integer(added)
    writer.key("updated_at")
    writer.integer(updated)
    writer.endObject()
  }
}

extension ClusterPolicy {
  static func table(_ policies: [ClusterPolicy]) -> TextTable {
    var table = TextTable(.text("PATH"), .text("SHARDS"), .text("STRIPE"), .text("SET"), .text("ID"))
    for policy in policies {
      table.append(
        policy.path.text, policy.coding.description, policy.coding.stripe, RecordForm.time(policy.set),
        policy.id.description)
    }
    return table
  }

  /// The members of an object.
  func writeMembers(to writer: inout JSONWriter) {
    writer.member("id", id.description)
    writer.key("data_shards")
    writer.integer(coding.dataShards)
    writer.key("parity_shards")
    writer.integer(coding.parityShards)
    writer.key("stripe_bytes")
    writer.integer(coding.stripeBytes)
    writer.key("set_at")
    writer.integer(set)
  }
}

extension ErasureCoding {
  /// The size of a stripe, as options take it.
  var stripe: String { ByteSize(bytes: stripeBytes).description }
}

extension JSONWriter {
  /// Writes a member whose value is text.
  mutating func member(_ name: String, _ text: String) {
    key(name)
    string(text)
  }
}
