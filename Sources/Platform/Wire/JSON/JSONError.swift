// Why JSON was refused, and where. Positions are worked out only when something fails, so the happy path
// never counts lines.

/// A place in a JSON document.
public struct JSONPosition: Equatable, Sendable {
  /// Bytes from the start of the document, from 0.
  public let offset: Int
  /// The line, from 1; lines end with a line feed.
  public let line: Int
  /// The character (Unicode scalar) within the line, from 1.
  public let column: Int

  /// A position from its parts.
  public init(offset: Int, line: Int, column: Int) {
    self.offset = offset
    self.line = line
    self.column = column
  }

  /// The position of `offset` in `bytes`.
  init(of offset: Int, in bytes: UnsafeRawBufferPointer) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
    self.init(offset: offset, line: line, column: column)
  }
}

/// A refused document or value.
public struct JSONError: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Reason: Equatable, Sendable {
    /// The document ends inside a value.
    case unexpectedEnd
    /// Something else stands where a value must.
    case expectedValue
    /// Something else stands where an object's key must.
    case expectedKey
    /// Something else stands where the colon after a key must.
    case expectedColon
    /// Something else stands where a comma or the container's end must.
    case expectedCommaOrEnd
    /// A raw control character inside a string.
    case controlCharacter
    /// A backslash followed by something RFC 8259 does not list.
    case badEscape
    /// `\uD800` … `\uDFFF` that is not half of a pair.
    case loneSurrogate
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// Digits that do not make a JSON number.
    case badNumber
    /// A number the asked-for type cannot hold.
    case numberOutOfRange
    /// A number with a fraction or an exponent where an integer was asked for.
    case notAnInteger
    /// NaN or an infinity, which JSON cannot say.
    case notFinite
    /// Another kind of value than the one asked for.
    case wrongKind(expected: JSONKind, found: JSONKind)
    /// A key that the same object already has.
    case duplicateKey
    /// Something other than white space after the document.
    case trailingBytes
    /// More nested containers than `JSONLimits.depthMaximum`.
    case tooDeep
    /// A string of more bytes than `JSONLimits.stringBytesMaximum`.
    case stringTooLong
    /// A number of more bytes than `JSONLimits.numberBytesMaximum`.
    case numberTooLong
    /// More values than `JSONLimits.valuesMaximum`.
    case tooManyValues
    /// A document of more bytes than `JSONLimits.documentBytesMaximum`.
    case documentTooLong
  }

  /// What was wrong.
  public let reason: Reason
  /// Where: the first byte that could not be accepted, or the start of the value that was refused.
  public let position: JSONPosition

  /// An error from its parts.
  public init(_ reason: Reason, at position: JSONPosition) {
    self.reason = reason
    self.position = position
  }
}

extension JSONError: CustomStringConvertible {
  /// One line for a log or a command's user.
  public var description: String {
    "JSON refused at line \(position.line), column \(position.column) (byte \(position.offset)): \(reason)"
  }
}

/// The six kinds of JSON value.
public enum JSONKind: UInt8, Equatable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool
  /// A number.
  case number
  /// A string.
  case string
  /// An array.
  case array
  /// An object.
  case object
}
