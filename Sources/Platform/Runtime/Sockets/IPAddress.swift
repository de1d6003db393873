// An address of the internet protocol, of either version, without a port.

import CLinux
import Glibc

/// An internet address.
public enum IPAddress: Hashable, Sendable {
  /// Version 4, most significant byte first.
  case v4(UInt32)
  /// Version 6: the upper and lower half, and the interface number of a link-local address (otherwise 0).
  case v6(UInt64, UInt64, scope: UInt32)

  /// Every address of version 4: what a server listens on to be reached from anywhere.
  public static let anyV4 = IPAddress.v4(0)
  /// Every address of version 6, and on Linux of version 4 too.
  public static let anyV6 = IPAddress.v6(0, 0, scope: 0)
  /// This machine, version 4.
  public static let loopbackV4 = IPAddress.v4(0x7f00_0001)
  /// This machine, version 6.
  public static let loopbackV6 = IPAddress.v6(0, 1, scope: 0)

  /// Parses "192.0.2.1", "2001:db8::1" or "fe80::1%2"; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    // inet_pton would stop at a NUL and accept what stands before it.
    guard let address = parts.first.map({ String($0) }), !address.utf8.contains(0) else { return nil }
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET6, address, &six) == 1 {
      var scope: UInt32 = 0
      if parts.count == 2 {
        guard parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt32(parts[1]) else {
          return nil
        }
        scope = number
      }
      self.init(six, scope: scope)
    } else if parts.count == 1 && inet_pton(AF_INET, address, &four) == 1 {
      self = .v4(UInt32(bigEndian: four.s_addr))
    } else {
      return nil
    }
  }

  init(_ address: in6_addr, scope: UInt32) {
    self = withUnsafeBytes(of: address) { bytes in
      .v6(
        UInt64(bigEndian: bytes.load(as: UInt64.self)),
        UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self)), scope: scope)
    }
  }

  /// The same address, with version 4 written in version 6 (::ffff:192.0.2.1) turned back into version 4:
  /// how a listener on both versions sees its peers.
  public var canonical: IPAddress {
    guard case .v6(0, let low, _) = self, low >> 32 == 0xffff else { return self }
    return .v4(UInt32(truncatingIfNeeded: low))
  }

  var inAddress: in6_addr {
    var address = in6_addr()
    if case .v6(let high, let low, _) = self {
      withUnsafeMutableBytes(of: &address) { bytes in
        bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
    }
    return address
  }
}

extension IPAddress: CustomStringConvertible {
  /// The shortest usual form: "192.0.2.1", "2001:db8::1", "fe80::1%2".
  public var description: String {
    switch self {
    case .v4(let bits):
      return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    case .v6(_, _, let scope):
      var address = inAddress
      let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { room in
        inet_ntop(AF_INET6, &address, room.baseAddress, socklen_t(room.count)).map { String(cString: $0) }
      }
      guard let text else { preconditionFailure("the room fits every address") }
      return scope == 0 ? text : "\(text)%\(scope)"
    }
  }
}
