// The bytes of a configuration file or of a file that holds a secret, read once and with a limit. Plain
// blocking reads: this happens before the server starts.

internal import Glibc

/// A configuration file in memory.
public struct ConfigurationFile: Sendable {
  /// The path as errors name it.
  public let path: String
  /// What the file holds.
  public let bytes: [UInt8]

  /// A file that is in memory already.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// Reads the file at `path`, refusing one that is larger than ``ConfigurationLimits/fileBytesMaximum``.
  public static func read(_ path: String) throws(ConfigurationError) -> ConfigurationFile {
    ConfigurationFile(path: path, bytes: try bytes(of: path, maximum: ConfigurationLimits.fileBytesMaximum))
  }

  /// Reads the file of a secret.
  static func readSecret(_ path: String) throws(ConfigurationError) -> [UInt8] {
    try bytes(of: path, maximum: ConfigurationLimits.secretFileBytesMaximum)
  }

  private static func bytes(of path: String, maximum: Int) throws(ConfigurationError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
    // Closing a file that was only read has nothing to report.
    defer { close(descriptor) }
    // One byte more than is accepted shows that there is too much.
    var bytes = [UInt8](repeating: 0, count: maximum + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
      }
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw .unreadable(path: path, errno: errno)
      }
    }
    if filled > maximum { throw .tooLarge(path: path, bytesMaximum: maximum) }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}
