// Swift's Encodable types to CBOR. What a type encodes is collected first (CBOREncodingTree.swift), because
// a container's head says how many items follow and Swift's containers only know that when they are done.

public import Bytes

/// Encodes values of `Encodable` types.
///
/// Structs and classes become maps keyed by text, or, with `usesIntegerKeys`, by `CodingKey.intValue`;
/// `ByteBuffer` becomes a byte string, `CBORValue` the item it is. nil becomes null where a type encodes it
/// (what the compiler writes leaves it out). All lengths are definite.
public struct CBOREncoder: Sendable {
  /// How values are serialized.
  public var options: CBORWritingOptions
  /// Whether keys that have an `intValue` are written as integers.
  public var usesIntegerKeys: Bool
  /// What `Encoder.userInfo` has for the types' `encode(to:)`.
  public var userInfo: [CodingUserInfoKey: any Sendable]

  /// An encoder with these options.
  public init(
    options: CBORWritingOptions = CBORWritingOptions(), usesIntegerKeys: Bool = false,
    userInfo: [CodingUserInfoKey: any Sendable] = [:]
  ) {
    self.options = options
    self.usesIntegerKeys = usesIntegerKeys
    self.userInfo = userInfo
  }

  /// The message for `value`. A key that was encoded twice is an `EncodingError`, as is whatever the type
  /// itself throws.
  public func encode(_ value: some Encodable) throws -> ByteBuffer {
    var message = ByteBuffer()
    try encode(value, into: &message)
    return message
  }

  /// Appends the message for `value`; on an error `target` is as it was.
  public func encode(_ value: some Encodable, into target: inout ByteBuffer) throws {
    let state = CBOREncodingState(self)
    try CBOREncodingPlace(state: state, index: 0, path: nil).encode(value)
    try state.tree.write(into: &target, keyOrder: options.keyOrder)
  }
}
