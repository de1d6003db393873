// How a value that a person types is read and printed: the one description that configuration keys and
// command-line options share, so "64 MiB" means the same in a file, in the environment and in a flag.
// The notations themselves are in ValueNotation+Scalars.swift and ValueNotation+Text.swift; the types
// they produce (ByteSize, HostPort, ListenAddress, Secret) have a file each.

/// How values of one type are written by people: what is accepted, how it is read, how it is printed.
public struct ValueNotation<Value: Sendable>: Sendable {
  /// What kind of value this is, in a word or two: `integer`, `duration`.
  public let name: String
  /// What is accepted, as it reads after "accepted:": `an integer from 1 to 65535`.
  public let accepted: String
  /// What stands for the value in a usage line: `N`, `DURATION`.
  public let placeholder: String
  /// Every accepted spelling, if they are few and fixed; otherwise empty.
  public let choices: [String]
  /// What the value is besides its type.
  public let role: NotationRole
  /// Reads a value from its text.
  public let read: @Sendable (String) throws(NotationError) -> Value
  /// Prints a value so that `read` yields it again.
  public let write: @Sendable (Value) -> String

  /// A notation made of its two directions.
  ///
  /// - Parameters:
  ///   - name: the kind of value in a word or two.
  ///   - accepted: what is accepted, as it reads after "accepted:".
  ///   - placeholder: what stands for the value in a usage line.
  ///   - choices: every accepted spelling, if they are few and fixed.
  ///   - role: what the value is besides its type.
  ///   - read: reads a value from its text.
  ///   - write: prints a value so that `read` yields it again.
  public init(
    name: String, accepted: String, placeholder: String, choices: [String] = [], role: NotationRole = .text,
    read: @escaping @Sendable (String) throws(NotationError) -> Value,
    write: @escaping @Sendable (Value) -> String
  ) {
    self.name = name
    self.accepted = accepted
    self.placeholder = placeholder
    self.choices = choices
    self.role = role
    self.read = read
    self.write = write
  }

  /// The same notation with another placeholder in usage lines.
  public func placeholder(_ text: String) -> ValueNotation {
    ValueNotation(
      name: name, accepted: accepted, placeholder: text, choices: choices, role: role, read: read,
      write: write)
  }

  /// A notation of another type, by a pair of conversions; `nil` from `convert` refuses the value.
  public func map<Other: Sendable>(
    accepted: String? = nil,
    _ convert: @escaping @Sendable (Value) -> Other?, back: @escaping @Sendable (Other) -> Value
  ) -> ValueNotation<Other> {
    let (read, write, name) = (read, write, name)
    return ValueNotation<Other>(
      name: name, accepted: accepted ?? self.accepted, placeholder: placeholder, choices: choices, role: role,
      read: { text throws(NotationError) in
        guard let other = convert(try read(text)) else { throw .malformed("is not an accepted \(name)") }
        return other
      },
      write: { write(back($0)) })
  }
}

/// What a value is besides its type; decides quoting in YAML and JSON, masking and completion.
public enum NotationRole: Sendable, Hashable {
  /// A number or a boolean: unquoted in YAML and JSON.
  case bare
  /// Any text.
  case text
  /// Text that is never shown.
  case secret
  /// The path of a file or anything else in the file system.
  case path
  /// The path of a directory.
  case directory
}
