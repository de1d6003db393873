// What is wrong with a command whatever the cluster is like: names, addresses, sizes. It is looked at before any table.

extension ClusterCommand {
  /// Throws unless every value is one that the cluster takes.
  public func check() throws(InvalidValue) {
    switch self {
    case .create(let name, let policy):
      try TextRule.checkName(name, field: "cluster name")
      try policy.check()
    case .join(let node): try node.check()
    case .updateNode(_, let change): try change.check()
    case .reportLiveness(let report):
      if let since = report.since, since < 0 {
        throw InvalidValue("time", "\(since)", accepted: "milliseconds since 1970")
      }
    case .drain(_, let reason), .remove(_, let reason, _), .retireDisk(_, _, let reason):
      try TextRule.checkLine(reason, field: "reason", bytes: 0...ClusterLimits.reasonBytesMaximum)
    case .addDisk(_, let disk): try disk.check()
    case .updateDisk(_, _, let change): try change.check()
    case .setPolicy(_, let policy): try policy.check()
    case .reactivate, .removePolicy: break
    }
  }
}

extension JoinNode {
  fileprivate func check() throws(InvalidValue) {
    try TextRule.checkName(name, field: "node name")
    try NodeRule.checkAddresses(addresses)
    try NodeRule.checkFailureDomain(failureDomain)
    try NodeRule.checkRelease(softwareRelease)
    let maximum = ClusterLimits.disksPerNodeMaximum
    if disks.count > maximum {
      throw InvalidValue("number of disks", "\(disks.count)", accepted: "at most \(maximum)")
    }
    for (index, disk) in disks.enumerated() {
      try disk.check()
      for other in disks[..<index] {
        if other.name == disk.name {
          throw InvalidValue("disk name", disk.name, accepted: "different from the other disks'")
        }
        if other.path == disk.path {
          throw InvalidValue("disk path", disk.path, accepted: "different from the other disks'")
        }
        if let id = disk.id, id == other.id {
          throw InvalidValue("disk id", "\(id)", accepted: "different from the other disks'")
        }
      }
    }
  }
}

extension NodeChange {
  fileprivate func check() throws(InvalidValue) {
    if let name { try TextRule.checkName(name, field: "node name") }
    if let addresses { try NodeRule.checkAddresses(addresses) }
    if let failureDomain { try NodeRule.checkFailureDomain(failureDomain) }
    if let softwareRelease { try NodeRule.checkRelease(softwareRelease) }
  }
}

extension NewDisk {
  fileprivate func check() throws(InvalidValue) {
    try TextRule.checkName(name, field: "disk name")
    try TextRule.checkPath(path, field: "disk path")
    try TextRule.checkLine(path, field: "disk path", bytes: 1...ClusterLimits.pathBytesMaximum)
    try DiskRule.checkBytes(totalBytes, field: "total bytes")
    try DiskRule.checkBytes(freeBytes, field: "free bytes")
    try DiskRule.checkBytes(minFreeBytes, field: "minimum of free bytes")
    try DiskRule.checkFree(freeBytes, of: totalBytes)
  }
}

extension DiskChange {
  fileprivate func check() throws(InvalidValue) {
    if let totalBytes { try DiskRule.checkBytes(totalBytes, field: "total bytes") }
    if let freeBytes { try DiskRule.checkBytes(freeBytes, field: "free bytes") }
    if let minFreeBytes { try DiskRule.checkBytes(minFreeBytes, field: "minimum of free bytes") }
    if state == .retired {
      throw InvalidValue(
        "disk state", "retired", accepted: "online, suspect or offline; a disk is retired by itself")
    }
    if let error {
      try TextRule.checkLine(error, field: "error", bytes: 0...ClusterLimits.reasonBytesMaximum)
    }
  }
}

/// Rules for a node's description.
private enum NodeRule {
  static func checkAddresses(_ addresses: [String]) throws(InvalidValue) {
    let maximum = ClusterLimits.addressesPerNodeMaximum
    guard (1...maximum).contains(addresses.count) else {
      throw InvalidValue("number of addresses", "\(addresses.count)", accepted: "1 to \(maximum)")
    }
    for (index, address) in addresses.enumerated() {
      guard address.utf8.first == UInt8(ascii: "/") else {
        throw InvalidValue("address", address, accepted: "written like /ip4/10.0.0.7/tcp/4001")
      }
      try TextRule.checkWord(address, field: "address", bytes: 2...ClusterLimits.addressBytesMaximum)
      if addresses[..<index].contains(address) {
        throw InvalidValue("address", address, accepted: "different from the other addresses")
      }
    }
  }

  static func checkFailureDomain(_ label: String) throws(InvalidValue) {
    try TextRule.checkWord(label, field: "failure domain", bytes: 0...ClusterLimits.failureDomainBytesMaximum)
  }

  static func checkRelease(_ release: String) throws(InvalidValue) {
    try TextRule.checkWord(release, field: "release", bytes: 0...ClusterLimits.releaseBytesMaximum)
  }
}

/// Rules for a disk's numbers.
enum DiskRule {
  static func checkBytes(_ bytes: Int, field: String) throws(InvalidValue) {
    guard (0...ClusterLimits.diskBytesMaximum).contains(bytes) else {
      throw InvalidValue(field, "\(bytes)", accepted: "0 to \(ClusterLimits.diskBytesMaximum)")
    }
  }

  static func checkFree(_ free: Int, of total: Int) throws(InvalidValue) {
    if free > total {
      throw InvalidValue("free bytes", "\(free)", accepted: "at most the disk's \(total)")
    }
  }
}
