// A network as configuration writes it: `10.0.0.0/8`.

public import Runtime

/// Every address that begins with the same bits.
public struct NetworkPrefix: Hashable, Sendable {
  private let address: IPAddress
  private let bits: Int

  /// The network that `text` names, or the one address; nil for anything else, and when bits behind the prefix are set,
  /// which is a mistake more often than not.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]), address == address.canonical else { return nil }
    let width: Int
    switch address {
    case .v4: width = 32
    case .v6(_, _, let scope):
      guard scope == 0 else { return nil }
      width = 128
    }
    var bits = width
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy(HTTPByte.isDigit), let count = Int(parts[1]), count <= width else {
        return nil
      }
      bits = count
    }
    self.address = address
    self.bits = bits
    guard Self.masked(address, bits) == address else { return nil }
  }

  /// Whether `address` is in it. Version 4 written in version 6 is version 4.
  public func contains(_ address: IPAddress) -> Bool {
    Self.masked(address.canonical, bits) == self.address
  }

  private static func masked(_ address: IPAddress, _ bits: Int) -> IPAddress {
    switch address {
    case .v4(let all): .v4(bits == 0 ? 0 : all & ~UInt32(0) << UInt32(max(0, 32 - bits)))
    case .v6(let high, let low, _):
      .v6(
        bits >= 64 ? high : high & upper(bits), bits <= 64 ? 0 : low & upper(bits - 64), scope: 0)
    }
  }

  /// A word whose `bits` upper bits are set; fewer than 1 are none.
  private static func upper(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : ~UInt64(0) << UInt64(64 - bits) }
}

extension NetworkPrefix: CustomStringConvertible {
  /// As configuration writes it.
  public var description: String { "\(address)/\(bits)" }
}
