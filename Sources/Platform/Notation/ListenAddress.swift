// Where a server listens: a TCP host and port, or a socket in the file system.

/// Where a server listens.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A TCP port on a host; port zero lets the system choose.
  case tcp(HostPort)
  /// A Unix socket, by its absolute path.
  case unix(path: String)

  /// The longest path of a Unix socket, in bytes: what the kernel's address holds before its zero.
  public static let unixPathBytesMaximum = 107

  /// Reads `host:port`, `[IPv6]:port` or `unix:/path`.
  public init(parsing text: String) throws(NotationError) {
    guard text.hasPrefix("unix:") else {
      self = .tcp(try HostPort(parsing: text))
      return
    }
    let path = String(text.dropFirst(5))
    guard path.hasPrefix("/"), path.utf8.count > 1, !path.utf8.contains(0) else {
      throw .malformed("does not name a socket by its absolute path")
    }
    guard path.utf8.count <= Self.unixPathBytesMaximum else {
      throw .malformed("has a socket path longer than \(Self.unixPathBytesMaximum) bytes")
    }
    self = .unix(path: path)
  }

  /// As it is read.
  public var description: String {
    switch self {
    case .tcp(let address): address.description
    case .unix(let path): "unix:\(path)"
    }
  }
}
