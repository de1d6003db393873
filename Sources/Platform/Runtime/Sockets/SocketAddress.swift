// Where a socket is: an internet address and port, or a path. Parsing and printing are here; the kernel's
// form of it is SocketAddress+Kernel.swift.

/// Where a socket listens or connects to.
public enum SocketAddress: Hashable, Sendable {
  /// An internet address and a port; port 0 lets the kernel choose when listening.
  case ip(IPAddress, port: UInt16)
  /// A socket in the file system; a leading "@" names one in Linux's abstract space, which has no file.
  case unix(path: String)
  /// The unnamed end of a Unix socket.
  case unnamed

  /// The longest path that the kernel takes, in bytes.
  public static let pathBytesMaximum = 107

  /// Parses "192.0.2.1:80", "[2001:db8::1]:80" or "unix:/run/varve.sock".
  public init(_ text: String) throws(NetworkError) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard Self.isValid(path: path) else { throw .malformedAddress(text) }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
      throw .malformedAddress(text)
    }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
    if isBracketed { host = host.dropFirst().dropLast() }
    guard let address = IPAddress(host) else { throw .malformedAddress(text) }
    // Version 6 is full of colons: without brackets nobody can tell where the port begins.
    if case .v6 = address, !isBracketed { throw .malformedAddress(text) }
    if case .v4 = address, isBracketed { throw .malformedAddress(text) }
    self = .ip(address, port: port)
  }

  static func isValid(path: String) -> Bool {
    !path.isEmpty && path.utf8.count <= pathBytesMaximum && !path.utf8.contains(0)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard !text.isEmpty, text.utf8.count <= 5, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
      return nil
    }
    return UInt16(text)
  }

  /// The port; nil for Unix sockets.
  public var port: UInt16? {
    if case .ip(_, let port) = self { return port }
    return nil
  }

  /// The internet address, with version 4 always as version 4; nil for Unix sockets.
  public var ip: IPAddress? {
    if case .ip(let address, _) = self { return address.canonical }
    return nil
  }
}

extension SocketAddress: CustomStringConvertible {
  /// What `init` parses; "unix:" for the unnamed end of a Unix socket.
  public var description: String {
    switch self {
    case .ip(let address, let port):
      if case .v6 = address { return "[\(address)]:\(port)" }
      return "\(address):\(port)"
    case .unix(let path): return "unix:\(path)"
    case .unnamed: return "unix:"
    }
  }
}
