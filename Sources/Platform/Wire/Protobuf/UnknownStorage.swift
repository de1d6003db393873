/// The fields a message was decoded with but does not know, tags included, exactly as they came. They are
/// written back after the known fields.
public struct UnknownStorage: Hashable, Sendable {
  // An array, not a ByteBuffer: one word, and nothing to retain while it is empty, as it nearly always is.
  @usableFromInline var content: [UInt8]

  /// No unknown fields.
  @inlinable
  public init() { content = [] }

  /// The fields' bytes in the order they came.
  @inlinable public var bytes: [UInt8] { content }

  /// How many bytes the fields take.
  @inlinable public var count: Int { content.count }

  /// Whether there are none.
  @inlinable public var isEmpty: Bool { content.isEmpty }

  @usableFromInline
  mutating func append(_ bytes: UnsafeRawBufferPointer) { content.append(contentsOf: bytes) }

  /// Writes the fields as they came.
  @inlinable
  public func encode(into encoder: inout ProtobufEncoder) {
    if content.isEmpty { return }
    content.withUnsafeBytes { encoder.prepend($0) }
  }
}
