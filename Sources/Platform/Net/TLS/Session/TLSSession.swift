// One end of a TLS connection, without the connection: ciphertext that arrived goes into `incoming`,
// ciphertext to be sent appears in `outgoing`, and in between is OpenSSL. Nothing here does I/O; whoever moves
// the bytes is TLSStream.swift. How failures are told apart is in TLSSession+Failure.swift.

public import Bytes
import COpenSSL
public import Runtime

/// One end of a TLS connection.
///
/// Used by one thread at a time.
public struct TLSSession: ~Copyable {
  /// Which end it is.
  public enum Role: Sendable {
    /// The end that was connected to.
    case server
    /// The end that connected.
    case client
  }

  /// Which end it is.
  public let role: Role
  /// Whether the handshake is done.
  public private(set) var isEstablished = false
  /// Whether the peer has said that it will send nothing more.
  public private(set) var peerHasFinished = false
  /// Whether `read` stopped at its maximum, so that more may come without new ciphertext.
  public private(set) var mayHavePlaintext = true

  let ssl: OpaquePointer
  let state: UnsafeMutablePointer<TLSSessionState>
  /// What the callbacks look things up in; it must outlive the session.
  private let owner: any AnyObject & Sendable
  private let handshakeBytesMaximum: Int
  private var handshakeBytes = 0
  /// Why nothing more can be done.
  private var failure: TLSFailure?

  /// A session of `context`, whose callbacks use `owner`.
  init(
    _ context: OpaquePointer, role: Role, handshakeBytesMaximum: Int, owner: any AnyObject & Sendable
  ) {
    guard let ssl = SSL_new(context) else {
      preconditionFailure("out of memory for a TLS session: \(TLSErrorQueue.drain().text)")
    }
    self.ssl = ssl
    self.role = role
    self.owner = owner
    self.handshakeBytesMaximum = handshakeBytesMaximum
    state = .allocate(capacity: 1)
    state.initialize(to: TLSSessionState())
    precondition(SSL_set_ex_data(ssl, 0, state) == 1, "out of memory for a TLS session")
    let end = TLSBufferEnd.make(state)
    SSL_set_bio(ssl, end, end)
    SSL_set_info_callback(ssl, noteAlert)
    role == .server ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl)
  }

  deinit {
    // OpenSSL takes a session that was not shut down for one that was attacked, and does not let it be
    // resumed. Ours ends when its connection does; only one that failed must not be resumed.
    if failure == nil && isEstablished { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
    SSL_free(ssl)
    state.deinitialize(count: 1)
    state.deallocate()
  }

  // MARK: Ciphertext

  /// Ciphertext that arrived: append to it, then call `handshake` or `read`.
  public var incoming: ByteBuffer {
    _read { yield state.pointee.incoming }
    _modify {
      // Swift 6.3 cannot compile an access through a field of ours under ThreadSanitizer.
      let state = state
      yield &state.pointee.incoming
    }
  }

  /// Ciphertext to be sent, in order.
  public var outgoing: ByteBuffer {
    _read { yield state.pointee.outgoing }
    _modify {
      let state = state
      yield &state.pointee.outgoing
    }
  }

  // MARK: Handshake

  /// Goes on with the handshake as far as `incoming` takes it.
  ///
  /// - Returns: whether it is done. When it fails, `outgoing` may hold an alert that the peer should get.
  public mutating func handshake() throws(TLSFailure) -> Bool {
    if isEstablished { return true }
    if let failure { throw failure }
    let before = incoming.count
    TLSErrorQueue.clear()
    let result = SSL_do_handshake(ssl)
    handshakeBytes += before - incoming.count
    if result == 1 {
      isEstablished = true
      return true
    }
    guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw fail() }
    if handshakeBytes > handshakeBytesMaximum {
      let error = TLSFailure.handshakeLimit(bytes: handshakeBytesMaximum)
      failure = error
      throw error
    }
    return false
  }

  // MARK: Plaintext

  /// Decrypts what is in `incoming` and appends it to `buffer`, at most `maximum` bytes.
  ///
  /// - Returns: how many bytes were added: 0 when more ciphertext is needed, or `peerHasFinished`.
  public mutating func read(into buffer: inout ByteBuffer, maximum: Int) throws(TLSFailure) -> Int {
    precondition(isEstablished, "a session is read after its handshake")
    if let failure { throw failure }
    var total = 0
    mayHavePlaintext = false
    while !peerHasFinished && (!incoming.isEmpty || SSL_has_pending(ssl) == 1) {
      if total >= maximum {
        mayHavePlaintext = true
        break
      }
      let result = readRecord(into: &buffer, maximum: maximum - total)
      if result > 0 {
        total += result
        continue
      }
      switch SSL_get_error(ssl, 0) {
      case SSL_ERROR_WANT_READ: return total
      case SSL_ERROR_ZERO_RETURN: peerHasFinished = true
      default:
        let error = fail()
        // What came before it counts; the next call throws.
        if total == 0 { throw error }
        mayHavePlaintext = true
        return total
      }
    }
    return total
  }

  private mutating func readRecord(into buffer: inout ByteBuffer, maximum: Int) -> Int {
    let ssl = ssl
    TLSErrorQueue.clear()
    return buffer.withWritableBytes(minimum: min(maximum, Self.readBytesMinimum)) { room in
      var count = 0
      return SSL_read_ex(ssl, room.baseAddress, min(room.count, maximum), &count) == 1 ? count : 0
    }
  }

  /// The least room that a record, or the rest of one, is read into.
  private static var readBytesMinimum: Int { 4096 }

  /// Encrypts `bytes` into `outgoing`, in as few records as they fit in.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TLSFailure) {
    precondition(isEstablished, "a session is written after its handshake")
    if let failure { throw failure }
    guard !bytes.isEmpty else { return }
    TLSErrorQueue.clear()
    var count = 0
    guard SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count) == 1 else { throw fail() }
    precondition(count == bytes.count, "a buffer takes everything")
  }

  /// Tells the peer, in `outgoing`, that nothing more will come. Reading goes on.
  public mutating func finish() {
    guard isEstablished && failure == nil else { return }
    TLSErrorQueue.clear()
    // 0: said, and the peer has not said it yet; 1: both have.
    if SSL_shutdown(ssl) < 0 { _ = fail() }
  }

  /// The room that `count` bytes of plaintext need in `outgoing`, so that it grows once.
  static func ciphertextBytes(_ count: Int) -> Int {
    count + (count / recordBytesMaximum + 2) * recordOverheadMaximum
  }

  /// The most plaintext in a record.
  static var recordBytesMaximum: Int { 16 << 10 }
  private static var recordOverheadMaximum: Int { 64 }

  /// Remembers why the call that just failed did; nothing more can be done after it.
  private mutating func fail() -> TLSFailure {
    let error = Self.failure(TLSErrorQueue.drain(), state.pointee, isEstablished: isEstablished)
    failure = error
    return error
  }
}
