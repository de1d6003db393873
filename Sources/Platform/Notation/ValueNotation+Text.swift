// The notations of texts: plain, chosen from a set, secret, paths and addresses.

extension ValueNotation where Value == String {
  /// Text of so many bytes without control characters.
  public static func string(bytes: ClosedRange<Int> = 1...1024) -> ValueNotation {
    string(bytes: bytes, accepted: "text of \(bytes.lowerBound) to \(bytes.upperBound) bytes") { _ in true }
  }

  /// Text of so many bytes without control characters, which a predicate accepts.
  ///
  /// - Parameters:
  ///   - bytes: how many bytes of UTF-8.
  ///   - accepted: what is accepted, in words.
  ///   - predicate: whether the text is accepted.
  public static func string(
    bytes: ClosedRange<Int> = 1...1024, accepted: String,
    where predicate: @escaping @Sendable (String) -> Bool
  ) -> ValueNotation {
    ValueNotation(
      name: "text", accepted: accepted, placeholder: "TEXT",
      read: { text throws(NotationError) in
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
          throw .malformed("has control characters")
        }
        guard bytes.contains(text.utf8.count) else {
          throw .malformed(
            text.isEmpty ? "is empty" : "is not \(bytes.lowerBound) to \(bytes.upperBound) bytes long")
        }
        guard predicate(text) else { throw .malformed("is not accepted") }
        return text
      },
      write: { $0 })
  }

  /// The longest path, in bytes: what the kernel takes before its zero.
  public static var pathBytesMaximum: Int { 4095 }

  /// The path of a file or anything else in the file system.
  public static var path: ValueNotation { path(role: .path, accepted: "a path", placeholder: "PATH") }

  /// The path of a directory.
  public static var directory: ValueNotation {
    path(role: .directory, accepted: "a path of a directory", placeholder: "DIRECTORY")
  }

  private static func path(role: NotationRole, accepted: String, placeholder: String) -> ValueNotation {
    ValueNotation(
      name: role == .path ? "path" : "directory", accepted: accepted, placeholder: placeholder, role: role,
      read: { text throws(NotationError) in
        if text.isEmpty { throw .malformed("is empty") }
        if text.utf8.contains(0) { throw .malformed("has a zero byte") }
        if text.utf8.count > pathBytesMaximum { throw .malformed("is longer than \(pathBytesMaximum) bytes") }
        if text == "~" || text.hasPrefix("~/") {
          throw .malformed("starts with ~, which only a shell expands")
        }
        return text
      },
      write: { $0 })
  }
}

extension ValueNotation where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the cases of an enumeration, by its raw value.
  public static var choice: ValueNotation {
    let names = Value.allCases.map(\.rawValue)
    let listed = names.joined(separator: "|")
    return ValueNotation(
      name: "choice", accepted: "one of \(names.joined(separator: ", "))",
      placeholder: listed.utf8.count <= 20 ? listed : "CHOICE", choices: names,
      read: { text throws(NotationError) in
        guard let value = Value(rawValue: text) else {
          throw .unknownChoice(nearest: Spelling.nearest(to: text, among: names))
        }
        return value
      },
      write: \.rawValue)
  }
}

extension ValueNotation where Value == Secret {
  /// Text of so many bytes that is never shown. A zero byte is refused, everything else is taken.
  public static func secret(bytes: ClosedRange<Int> = 1...65_536) -> ValueNotation {
    ValueNotation(
      name: "secret", accepted: "text of \(bytes.lowerBound) to \(bytes.upperBound) bytes",
      placeholder: "SECRET",
      role: .secret,
      read: { text throws(NotationError) in
        if text.utf8.contains(0) { throw .malformed("has a zero byte") }
        guard bytes.contains(text.utf8.count) else {
          throw .malformed(
            text.isEmpty ? "is empty" : "is not \(bytes.lowerBound) to \(bytes.upperBound) bytes long")
        }
        return Secret(text)
      },
      write: { _ in Secret.mask })
  }
}

extension ValueNotation where Value == HostPort {
  /// A host and port to connect to; port zero is refused.
  public static var hostPort: ValueNotation {
    ValueNotation(
      name: "address", accepted: "host:port or [IPv6]:port", placeholder: "HOST:PORT",
      read: { text throws(NotationError) in
        let address = try HostPort(parsing: text)
        if address.port == 0 { throw .malformed("has port 0, which cannot be connected to") }
        return address
      },
      write: { $0.description })
  }
}

extension ValueNotation where Value == ListenAddress {
  /// Where a server listens: a host and port (zero lets the system choose) or a Unix socket.
  public static var listenAddress: ValueNotation {
    ValueNotation(
      name: "listen address", accepted: "host:port, [IPv6]:port or unix:/path", placeholder: "ADDRESS",
      read: { text throws(NotationError) in try ListenAddress(parsing: text) },
      write: { $0.description })
  }
}
