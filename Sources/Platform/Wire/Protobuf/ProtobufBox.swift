/// Keeps a message out of line, with value semantics: generated code stores a nested message in a box when it
/// is large or (directly or not) contains itself.
public struct ProtobufBox<Value: Message>: Hashable, Sendable {
  /// `@unchecked Sendable`: `value` is written only through a box that holds the only reference.
  @usableFromInline
  final class Storage: @unchecked Sendable {
    @usableFromInline var value: Value

    @usableFromInline
    init(_ value: consuming Value) { self.value = value }
  }

  @usableFromInline var storage: Storage

  /// A box holding `value`.
  @inlinable
  public init(_ value: consuming Value) { storage = Storage(value) }

  /// The message.
  @inlinable
  public var value: Value {
    get { storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
      yield &storage.value
    }
  }

  /// Equal when the messages are.
  public static func == (left: Self, right: Self) -> Bool {
    left.storage === right.storage || left.storage.value == right.storage.value
  }

  /// Hashes the message.
  public func hash(into hasher: inout Hasher) { hasher.combine(storage.value) }
}
