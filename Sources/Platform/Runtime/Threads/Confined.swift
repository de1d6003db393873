// For what is not safe to share, shared on a promise.

/// Something that only one thread at a time uses.
///
/// `@unchecked Sendable`: whoever makes one keeps the promise, and says beside it how.
public final class Confined<Value>: @unchecked Sendable {
  /// What is used by one thread at a time.
  public let value: Value

  /// - Parameter value: what is to be confined.
  public init(_ value: Value) { self.value = value }
}
