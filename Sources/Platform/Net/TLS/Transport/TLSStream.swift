// A TLS session on a connection: plaintext on one side, the connection's two halves on the other. The session
// encrypts into, and decrypts from, the connection's own buffers, which change places with the session's for
// the time of a call; nothing is copied on the way but by OpenSSL itself.

public import Bytes
import Glibc
import Runtime

/// What the two halves of an encrypted transport share.
///
/// `@unchecked Sendable`: used on the connection's loop only, like the connection; between two suspensions one
/// task has it to itself. One task reads and one writes, and of what changes they share only the session, which
/// no call leaves half-way.
@usableFromInline
final class TLSStream: @unchecked Sendable {
  /// The most plaintext that is encrypted before it is sent.
  static let batchBytesMaximum = 4 * TLSSession.recordBytesMaximum
  /// Buffers shorter than this are copied: a record of their own costs more.
  static let spliceBytesMinimum = 4096

  private var session: TLSSession
  private let loop: EventLoop
  private var queue = OutputQueue()
  /// Plaintext received and not yet consumed.
  @usableFromInline var input = ByteBuffer()
  /// What the handshake agreed on, put into words when somebody asks.
  lazy var info: TLSInfo? = session.info

  init(_ session: consuming TLSSession, on loop: EventLoop) {
    self.session = session
    self.loop = loop
  }

  /// Where plaintext to be sent is written.
  @usableFromInline var output: ByteBuffer {
    _read { yield queue.staging }
    _modify {
      if queue.staging.capacity == 0 { queue.staging = loop.takeBuffer() }
      yield &queue.staging
    }
  }

  /// How many bytes wait: plaintext, and what TLS itself has to say.
  var outputCount: Int { queue.count + session.outgoing.count }

  // MARK: Handshake

  /// Shakes hands over `connection`.
  func handshake(
    _ connection: inout Connection, until deadline: MonotonicInstant
  ) async throws(NetworkError) {
    while true {
      let (isDone, failure) = stepHandshake(&connection)
      do throws(NetworkError) {
        try await connection.writer.flush(until: deadline)
      } catch {
        // The peer need not have got the alert for us to know what went wrong.
        throw failure.map { .tls($0) } ?? error
      }
      if let failure { throw .tls(failure) }
      if isDone { return }
      if try await connection.reader.receive(until: deadline) == 0 {
        throw .tls(.handshake(reason: "the peer ended the connection", alert: nil))
      }
    }
  }

  private func stepHandshake(_ connection: inout Connection) -> (isDone: Bool, failure: TLSFailure?) {
    swap(&connection.reader.input, &session.incoming)
    beginSealing(&connection.writer)
    defer {
      swap(&connection.reader.input, &session.incoming)
      endSealing(&connection.writer)
    }
    do throws(TLSFailure) {
      return (try session.handshake(), nil)
    } catch {
      return (false, error)
    }
  }

  // MARK: Reading

  /// Appends what has arrived to `input`, waiting until something has.
  func receive(
    _ reader: inout ConnectionReader, until deadline: MonotonicInstant?, yieldsToDraining: Bool
  ) async throws(NetworkError) -> Int {
    let maximum = reader.inputBytesMaximum
    if input.count >= maximum { throw .inputLimit(bytes: maximum) }
    while true {
      if session.mayHavePlaintext || !reader.input.isEmpty {
        let count = try open(&reader, maximum: maximum - input.count)
        if count > 0 { return count }
      }
      if session.peerHasFinished { return 0 }
      if input.isEmpty { loop.giveBuffer(&input) }
      let count = try await reader.receive(until: deadline, yieldsToDraining: yieldsToDraining)
      if count == 0 {
        // Many a client just hangs up, and no request is the worse for it; but an answer that ends with the
        // connection can be cut short by anyone.
        if session.role == .server { return 0 }
        throw .tls(.truncated)
      }
    }
  }

  private func open(_ reader: inout ConnectionReader, maximum: Int) throws(NetworkError) -> Int {
    if input.capacity == 0 { input = loop.takeBuffer() }
    swap(&reader.input, &session.incoming)
    defer { swap(&reader.input, &session.incoming) }
    do throws(TLSFailure) {
      return try session.read(into: &input, maximum: maximum)
    } catch {
      throw .tls(error)
    }
  }

  // MARK: Writing

  /// Puts `buffer` behind what was written.
  func write(_ buffer: ByteBuffer) {
    if buffer.count < Self.spliceBytesMinimum {
      output.append(buffer)
    } else {
      queue.splice(buffer)
    }
  }

  /// Sends everything that waits.
  func flush(_ writer: inout ConnectionWriter, until deadline: MonotonicInstant?) async throws(NetworkError) {
    try await drain(&writer, until: deadline)
    if queue.staging.capacity > 0 { loop.giveBuffer(&queue.staging) }
  }

  /// Sends what TLS itself has to say, if anything.
  func sendPending(
    _ writer: inout ConnectionWriter, until deadline: MonotonicInstant?
  ) async throws(NetworkError) {
    if session.outgoing.isEmpty { return }
    beginSealing(&writer)
    endSealing(&writer)
    try await writer.flush(until: deadline)
  }

  private func drain(
    _ writer: inout ConnectionWriter, until deadline: MonotonicInstant?
  ) async throws(NetworkError) {
    repeat {
      if outputCount > 0 { try seal(&writer) }
      try await writer.flush(until: deadline)
    } while queue.count > 0
  }

  /// Encrypts the next batch of what waits into the connection's output.
  private func seal(_ writer: inout ConnectionWriter) throws(NetworkError) {
    beginSealing(&writer)
    defer { endSealing(&writer) }
    let batch = min(queue.count, Self.batchBytesMaximum)
    session.outgoing.reserve(TLSSession.ciphertextBytes(batch))
    var sealed = 0
    let failure: TLSFailure? = queue.withVectors { vectors in
      for vector in vectors where sealed < batch {
        let part = UnsafeRawBufferPointer(start: vector.iov_base, count: min(vector.iov_len, batch - sealed))
        do throws(TLSFailure) { try session.write(part) } catch { return error }
        sealed += part.count
      }
      return nil
    }
    queue.consume(sealed)
    if let failure { throw .tls(failure) }
  }

  /// Lets the session write where the connection sends from, behind what is there.
  private func beginSealing(_ writer: inout ConnectionWriter) {
    swap(&writer.output, &session.outgoing)
    if writer.output.isEmpty { return }
    // What TLS itself had to say waited in the session.
    session.outgoing.append(writer.output)
    writer.output.clear()
  }

  private func endSealing(_ writer: inout ConnectionWriter) {
    swap(&writer.output, &session.outgoing)
    if session.outgoing.capacity > 0 { loop.giveBuffer(&session.outgoing) }
  }

  /// Sends what waits and then part of a file, which is read in steps of a batch.
  func send(
    _ range: FileRange, _ writer: inout ConnectionWriter, until deadline: MonotonicInstant?
  ) async throws(NetworkError) {
    var (offset, left) = (range.offset, range.count)
    while left > 0 {
      let room = Self.batchBytesMaximum - queue.count
      if room <= 0 {
        try await drain(&writer, until: deadline)
        continue
      }
      let count = min(left, room)
      try await stage(FileRange(descriptor: range.descriptor, offset: offset, count: count), left: left)
      offset += Int64(count)
      left -= count
      if left > 0 { try await drain(&writer, until: deadline) }
    }
    try await flush(&writer, until: deadline)
  }

  /// Reads part of a file behind what waits.
  private func stage(_ part: FileRange, left: Int) async throws(NetworkError) {
    // Held by this task while it may be suspended in the read.
    var staging = ByteBuffer()
    swap(&staging, &output)
    defer { swap(&staging, &output) }
    do throws(NetworkError) {
      try await loop.read(part, into: &staging)
    } catch {
      guard case .fileTruncated(let missing) = error else { throw error }
      throw .fileTruncated(bytesMissing: left - part.count + missing)
    }
  }

  /// Sends what waits, then tells the peer that nothing will follow.
  func finish(_ writer: inout ConnectionWriter, until deadline: MonotonicInstant?) async throws(NetworkError)
  {
    try await flush(&writer, until: deadline)
    session.finish()
    try await sendPending(&writer, until: deadline)
    try await writer.finish(until: deadline)
  }
}
