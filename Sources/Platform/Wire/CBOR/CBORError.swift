// Everything that can be wrong with CBOR, each case with the position of the byte where it was seen.

/// Why CBOR could not be read (or, for `duplicateKey`, not be written in a sorted map).
///
/// `at` counts bytes from the beginning of the message: the first byte of the item at fault, unless a case
/// says otherwise.
public enum CBORError: Error, Equatable, Hashable, Sendable {
  // MARK: Not well-formed

  /// The message ends inside the item, or claims more elements than bytes are left.
  case truncated(at: Int)
  /// Additional information 28, 29 or 30, which RFC 8949 reserves.
  case reservedInformation(UInt8, at: Int)
  /// Indefinite length on a type that has none: an integer or a tag.
  case indefiniteWithoutLength(at: Int)
  /// A break where no indefinite-length container can end.
  case unexpectedBreak(at: Int)
  /// An indefinite-length map ended after a key.
  case missingMapValue(at: Int)
  /// A two-byte simple value below 32.
  case invalidSimple(UInt8, at: Int)
  /// A chunk of an indefinite-length string is of another type, or itself of indefinite length.
  case invalidChunk(at: Int)
  /// Bytes after the one item that was expected; `at` is the first of them.
  case trailingBytes(count: Int, at: Int)

  // MARK: Not valid

  /// Text, or one chunk of it, is not UTF-8.
  case invalidUTF8(at: Int)
  /// A map has this key twice; `at` is the second (in a large map: one of the later ones).
  case duplicateKey(at: Int)

  // MARK: Refused by the options

  /// A key is not greater than the key before it in the required order.
  case unorderedKey(at: Int)
  /// A shorter serialization of the same value exists.
  case notPreferred(at: Int)
  /// An indefinite-length item, where only definite lengths are accepted.
  case indefiniteRefused(at: Int)
  /// A tag that is not among the accepted ones.
  case tagRefused(UInt64, at: Int)

  // MARK: Over a limit

  /// Containers and tags are nested deeper than the limit.
  case depthExceeded(maximum: Int, at: Int)
  /// A string is longer than the limit.
  case stringTooLong(count: UInt64, maximum: Int, at: Int)
  /// An array or map has more elements or pairs than the limit.
  case containerTooLarge(count: UInt64, maximum: Int, at: Int)
  /// The message has more items than the limit.
  case tooManyItems(maximum: Int, at: Int)
  /// The message is longer than the limit.
  case messageTooLarge(count: Int, maximum: Int)

  // MARK: Not what the reader of the message expected

  /// The item is of another type than the one asked for.
  case typeMismatch(expected: CBORKind, found: CBORKind, at: Int)
  /// The number does not fit in the type asked for.
  case outOfRange(at: Int)
  /// An item was asked for where the container (or the message) has no more.
  case endOfContainer(at: Int)
  /// The message was declared finished while items of it were not read.
  case unreadItems(at: Int)
  /// The string is in chunks, so there is no one run of bytes to lend.
  case chunkedString(at: Int)
}

extension CBORError: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String {
    switch self {
    case .truncated(let at): "CBOR at byte \(at): the message ends inside this item"
    case .reservedInformation(let info, let at): "CBOR at byte \(at): reserved additional information \(info)"
    case .indefiniteWithoutLength(let at): "CBOR at byte \(at): this type cannot be of indefinite length"
    case .unexpectedBreak(let at): "CBOR at byte \(at): break outside an indefinite-length container"
    case .missingMapValue(let at): "CBOR at byte \(at): the map ends after a key"
    case .invalidSimple(let value, let at): "CBOR at byte \(at): simple value \(value) in two bytes"
    case .invalidChunk(let at): "CBOR at byte \(at): not a definite-length chunk of the string it is in"
    case .trailingBytes(let count, let at): "CBOR at byte \(at): \(count) bytes after the end of the item"
    case .invalidUTF8(let at): "CBOR at byte \(at): text is not UTF-8"
    case .duplicateKey(let at): "CBOR at byte \(at): the map has this key already"
    case .unorderedKey(let at): "CBOR at byte \(at): map keys are not in the required order"
    case .notPreferred(let at): "CBOR at byte \(at): not the shortest serialization"
    case .indefiniteRefused(let at): "CBOR at byte \(at): indefinite lengths are not accepted"
    case .tagRefused(let tag, let at): "CBOR at byte \(at): tag \(tag) is not accepted"
    case .depthExceeded(let maximum, let at): "CBOR at byte \(at): nested deeper than \(maximum)"
    case .stringTooLong(let count, let maximum, let at):
      "CBOR at byte \(at): a string of \(count) bytes, at most \(maximum) are accepted"
    case .containerTooLarge(let count, let maximum, let at):
      "CBOR at byte \(at): a container of \(count), at most \(maximum) are accepted"
    case .tooManyItems(let maximum, let at): "CBOR at byte \(at): more than \(maximum) items"
    case .messageTooLarge(let count, let maximum):
      "CBOR: a message of \(count) bytes, at most \(maximum) are accepted"
    case .typeMismatch(let expected, let found, let at):
      "CBOR at byte \(at): expected \(expected.rawValue), found \(found.rawValue)"
    case .outOfRange(let at): "CBOR at byte \(at): the number does not fit"
    case .endOfContainer(let at): "CBOR at byte \(at): no more items here"
    case .unreadItems(let at): "CBOR at byte \(at): items were left unread"
    case .chunkedString(let at): "CBOR at byte \(at): the string is in chunks"
    }
  }
}
