// What a request of ours carries: nothing, bytes that are there, or what something produces while it is sent.

public import Bytes
public import HTTP

/// The body of a request.
public enum HTTPRequestBody: Sendable {
  /// None.
  case none
  /// These bytes.
  case bytes(ByteBuffer)
  /// What a producer writes.
  case producer(HTTPBodyProducer)

  /// Whether it can be sent a second time.
  var isReplayable: Bool {
    if case .producer(let producer) = self { producer.isReplayable } else { true }
  }
}

/// Something that writes a body piece by piece.
public struct HTTPBodyProducer: Sendable {
  /// How many bytes it writes; nil when that is not known.
  public var length: Int?
  /// Whether it can be called again, should the request have to be sent a second time.
  public var isReplayable: Bool
  /// Writes the body. Called on the client's loop; it must not block.
  ///
  /// What it returns are the trailers; nil for none.
  public var produce: @Sendable (HTTPBodySink) async throws -> HTTPFields?

  /// A producer.
  public init(
    length: Int? = nil, isReplayable: Bool = false,
    _ produce: @escaping @Sendable (HTTPBodySink) async throws -> HTTPFields?
  ) {
    self.length = length
    self.isReplayable = isReplayable
    self.produce = produce
  }
}

/// How a producer broke its word.
public enum HTTPBodyFault: Error, Hashable, Sendable {
  /// It wrote more than it had said.
  case wroteTooMuch
  /// It wrote less.
  case wroteTooLittle(bytesMissing: Int)
}
