// The reading half of a transport.

public import Bytes
public import Runtime

/// What a peer sends, decrypted, as it arrives.
public struct TransportReader: ~Copyable {
  @usableFromInline var connection: ConnectionReader
  @usableFromInline let secure: TLSStream?

  init(_ connection: consuming ConnectionReader, secure: TLSStream?) {
    self.connection = connection
    self.secure = secure
  }

  /// Bytes received and not yet consumed.
  @inlinable
  public var input: ByteBuffer {
    _read {
      if let secure { yield secure.input } else { yield connection.input }
    }
    _modify {
      if let secure { yield &secure.input } else { yield &connection.input }
    }
  }

  /// The most unread bytes that `receive` adds to.
  public var inputBytesMaximum: Int {
    get { connection.inputBytesMaximum }
    set { connection.inputBytesMaximum = newValue }
  }

  /// Appends what has arrived to `input`, waiting until something has: see `Transport.receive`.
  ///
  /// What TLS itself has to say in answer (a key update, an alert) goes out with the writing half's next
  /// flush.
  public mutating func receive(
    until deadline: MonotonicInstant? = nil, yieldsToDraining: Bool = false
  ) async throws(NetworkError) -> Int {
    guard let secure else {
      return try await connection.receive(until: deadline, yieldsToDraining: yieldsToDraining)
    }
    return try await secure.receive(&connection, until: deadline, yieldsToDraining: yieldsToDraining)
  }

  /// Ends the connection in both directions at once: the other half finds it ended and stops waiting.
  public func abort() { connection.abort() }

  /// Whether the server that accepted this connection is draining.
  public var isDraining: Bool { connection.isDraining }

  /// The loop that the connection lives on.
  public var loop: EventLoop { connection.loop }
}
