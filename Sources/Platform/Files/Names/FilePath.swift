// Where a file is: a POSIX path as text, without repeated or trailing slashes. Nothing here touches a disk.

/// A path in a file system.
public struct FilePath: Hashable, Comparable, Sendable {
  /// The path as the operating system wants it.
  public let string: String

  /// The longest path Linux takes, in bytes (PATH_MAX without its final zero).
  public static let bytesMaximum = 4095
  /// The longest name of one entry, in bytes (NAME_MAX).
  public static let nameBytesMaximum = 255

  /// The path that `string` spells; repeated and trailing slashes are dropped.
  public init(_ string: String) {
    let utf8 = string.utf8
    if !utf8.isEmpty, utf8.last != UInt8(ascii: "/"), !Self.hasDoubledSlash(utf8) {
      self.string = string
      return
    }
    let parts = string.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
    self.string = utf8.first == UInt8(ascii: "/") ? "/" + parts : parts
  }

  private static func hasDoubledSlash(_ utf8: String.UTF8View) -> Bool {
    var previous: UInt8 = 0
    for byte in utf8 {
      if byte == UInt8(ascii: "/"), previous == byte { return true }
      previous = byte
    }
    return false
  }

  /// The names the path is made of, first to last.
  public var components: [Substring] { string.split(separator: "/") }

  /// The last name; empty for the root.
  public var name: String { components.last.map(String.init) ?? "" }

  /// The directory that holds the entry this path names: `.` for a bare name, the root for the root.
  public var parent: FilePath {
    guard let slash = string.lastIndex(of: "/") else { return FilePath(unchecked: ".") }
    if slash == string.startIndex { return FilePath(unchecked: "/") }
    return FilePath(unchecked: String(string[..<slash]))
  }

  /// The entry `name` in this directory.
  public func appending(_ name: String) -> FilePath {
    string.isEmpty ? FilePath(name) : FilePath(string + "/" + name)
  }

  /// The entry `name` in the directory `directory`.
  public static func / (directory: FilePath, name: String) -> FilePath { directory.appending(name) }

  /// Ordered as text.
  public static func < (left: FilePath, right: FilePath) -> Bool { left.string < right.string }

  private init(unchecked string: String) { self.string = string }
}

extension FilePath: ExpressibleByStringLiteral, CustomStringConvertible {
  /// The path the literal spells.
  public init(stringLiteral value: String) { self.init(value) }

  /// The path as text.
  public var description: String { string }
}
