// Swift's Decodable types from CBOR. The message is taken in whole first (CBORTape.swift), with every check;
// then the type's own `init(from:)` picks what it wants from it.

public import Bytes

/// Decodes values of `Decodable` types.
///
/// Structs and classes are maps keyed by text, or, with `usesIntegerKeys`, by `CodingKey.intValue`; keys
/// that a type does not ask for are ignored. `ByteBuffer` is a byte string, `CBORValue` any item at all. Null
/// and undefined are nil. Tags are passed over, save in a `CBORValue`. Numbers decode to any type that holds
/// them: integers exactly, floats to the nearest `Float`, and integers to floats where nothing is lost.
public struct CBORDecoder: Sendable {
  /// What is accepted. Duplicate keys, where they are not refused, mean their last value.
  public var options: CBORReadingOptions
  /// Whether keys that have an `intValue` are looked for as integers first, and only then as text.
  public var usesIntegerKeys: Bool
  /// What `Decoder.userInfo` has for the types' `init(from:)`.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  /// A decoder with these options.
  public init(
    options: CBORReadingOptions = CBORReadingOptions(), usesIntegerKeys: Bool = false,
    userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) {
    self.options = options
    self.usesIntegerKeys = usesIntegerKeys
    self.userInfo = userInfo
  }

  /// The value in `message`. Every error is a `DecodingError`; where the message itself is at fault, it is
  /// `dataCorrupted` with the `CBORError` as its underlying error.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from message: ByteBuffer
  ) throws -> Value {
    let tape: CBORTape
    do throws(CBORError) {
      tape = try CBORTape(message, for: self)
    } catch {
      throw DecodingError.malformed(error, [])
    }
    return try CBORItem(tape: tape, index: 0, path: nil).decode(type)
  }

  /// The value in `message`, of which a copy is taken.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from message: RawSpan
  ) throws -> Value {
    try decode(type, from: ByteBuffer(copying: message))
  }
}

extension DecodingError {
  static func malformed(_ error: CBORError, _ path: [any CodingKey]) -> DecodingError {
    .dataCorrupted(Context(codingPath: path, debugDescription: error.description, underlyingError: error))
  }
}
