// Where to connect to or listen on, as people write it: "name:port", "192.0.2.1:80", "[2001:db8::1]:80",
// and for listening also "unix:/path". Names are checked for shape, never resolved here.

internal import Glibc

/// A host, by name or by number, and a port.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
  /// The longest host name, without the dot that ends it.
  public static let hostBytesMaximum = 253

  /// A name, an IPv4 address, or an IPv6 address without brackets.
  public let host: String
  /// The port; zero, where it is accepted, lets the system choose.
  public let port: UInt16

  /// A host and a port that are known to be well formed.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `host:port` or `[IPv6]:port`.
  public init(parsing text: String) throws(NotationError) {
    let bytes = text.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw .malformed("has no port") }
    let hostText = text[..<colon]
    let portText = text[text.utf8.index(after: colon)...]
    guard !portText.isEmpty, portText.utf8.allSatisfy(Decimal.isDigit), let port = UInt16(portText) else {
      throw .malformed("does not end in a port from 0 to 65535")
    }
    if hostText.hasPrefix("["), hostText.hasSuffix("]") {
      let inner = String(hostText.dropFirst().dropLast())
      guard Self.isNumeric(inner, AF_INET6) else {
        throw .malformed("has no valid IPv6 address in its brackets")
      }
      host = inner
    } else {
      if hostText.utf8.contains(UInt8(ascii: ":")) {
        throw .malformed("has an IPv6 address without brackets: write [address]:port")
      }
      host = String(hostText)
      guard Self.isName(host) else { throw .malformed("has no valid host before its port") }
    }
    self.port = port
  }

  private static func isNumeric(_ text: String, _ family: Int32) -> Bool {
    var address = in6_addr()  // Large enough for either family.
    return inet_pton(family, text, &address) == 1
  }

  private static func isName(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= hostBytesMaximum else { return false }
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.last?.allSatisfy(Decimal.isDigit) == true { return isNumeric(text, AF_INET) }
    return labels.allSatisfy { label in
      !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-")
        && label.last != UInt8(ascii: "-")
        && label.allSatisfy { byte in
          Decimal.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
        }
    }
  }

  /// As it is read.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
