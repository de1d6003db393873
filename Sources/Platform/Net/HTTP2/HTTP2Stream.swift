// One stream: what was received on it and not yet taken, what is to be sent and not yet gone, and who waits for
// either. The session fills and empties it; nothing here knows how bytes move.

import Bytes
public import HTTP
public import Runtime

/// A request and its answer on an HTTP/2 connection.
///
/// `@unchecked Sendable`: used on the connection's loop only, like its session.
public final class HTTP2Stream: @unchecked Sendable {
  /// Why a message was not taken in.
  public enum Refusal: Hashable, Sendable {
    /// Its fields are too large.
    case fieldsTooLarge
    /// It has too many fields.
    case tooManyFields
  }

  /// Its number on the connection.
  public let id: Int32
  private let role: HTTP2Role

  // MARK: Receiving

  /// The request; a server's stream only.
  public internal(set) var request = HTTPRequestHead()
  /// The answer; a client's stream only, and nil until it has come.
  public internal(set) var response: HTTPResponseHead?
  /// What came before the answer proper (1xx).
  public internal(set) var informational: [HTTPResponseHead] = []
  /// Set instead of the message when it measured more than it may.
  public internal(set) var refusal: Refusal?
  /// What the peer said of the length of its body.
  public internal(set) var contentLength: Int?
  /// Whether the client waits for 100 (Continue) before it sends its body.
  public var expectsContinue = false
  /// Whether the peer's last byte has come.
  public internal(set) var hasEnded = false
  /// The fields that followed the body.
  public internal(set) var trailers = HTTPFields()
  /// What has arrived and was not taken.
  var inbound = ByteBuffer()
  /// What of it, and of what was taken, the peer's window has not got back.
  var unconsumed = 0

  // MARK: Sending

  var outbound = HTTP2OutboundQueue()
  /// Whether nothing will be written any more.
  var hasFinished = false
  /// Fields to follow the body.
  var trailersToSend: HTTP2FieldBlock?
  /// Whether the library has asked for bytes when there were none.
  var isDeferred = false

  /// Whether our last byte has gone out.
  var hasSentEnd = false
  /// Whether nobody will take what still comes.
  var isDisregarded = false
  /// How much of it may still come.
  var disregardedBytesLeft = 0

  // MARK: The end

  /// Whether the stream is over.
  public internal(set) var isClosed = false
  /// How it ended; nil while it has not.
  public internal(set) var closeCode: HTTP2ErrorCode?
  /// Whether this side ended it for want of progress.
  public internal(set) var hasTimedOut = false

  /// Called once when the stream is over before both sides have said everything.
  package var whenLost: (() -> Void)?
  /// Whether the connection ended under it.
  public internal(set) var wasAbandoned = false
  /// Whether this side has reset it: because it was told to, or because the peer broke a rule.
  public internal(set) var wasResetHere = false
  /// Whether our head has gone out: before that the peer cannot have acted on it.
  public internal(set) var hasSentHead = false

  // MARK: Waiting

  /// Woken when something has come, and at the end: for drivers that wait by themselves.
  public var readSignal: LoopSignal?
  /// Woken when no more than `writeMark` bytes are left to be sent, and at the end.
  public var writeSignal: LoopSignal?
  var reader: Waiter<Bool>?
  var readDeadline = UInt64.max
  var writer: Waiter<Bool>?
  /// The writer waits until no more than this is left.
  public var writeMark = 0
  /// Until when what was written has to be gone; also without a waiter.
  var writeDeadline = UInt64.max

  init(_ id: Int32, _ role: HTTP2Role) {
    self.id = id
    self.role = role
  }

  /// How many bytes wait to be sent.
  public var outboundCount: Int { outbound.count }

  /// Whether it ended before both sides had said everything.
  public var wasReset: Bool {
    // A server that has answered need not hear the request to its end.
    isClosed && (closeCode != .noError || !hasEnded || (role == .server && !hasFinished))
  }

  // MARK: Waiting

  /// Waits until something has come that was not there: bytes, the end, an answer, or a reset.
  ///
  /// - Returns: whether something came before `deadline`.
  public func waitToRead(until deadline: MonotonicInstant) async -> Bool {
    precondition(reader == nil, "one task reads a stream")
    if isClosed || hasEnded || !inbound.isEmpty { return true }
    readDeadline = deadline.nanoseconds
    return await suspend { reader = $0 }
  }

  /// Waits until no more than `mark` bytes are left to be sent, or the stream is over.
  ///
  /// - Returns: whether that was so before `deadline`.
  public func waitToWrite(below mark: Int, until deadline: MonotonicInstant) async -> Bool {
    precondition(writer == nil, "one task writes a stream")
    if isClosed || outbound.count <= mark { return true }
    writeMark = mark
    writeDeadline = deadline.nanoseconds
    return await suspend { writer = $0 }
  }

  /// Has the session give up, with CANCEL, unless everything is sent by `deadline`.
  public func expectSent(by deadline: MonotonicInstant) { writeDeadline = deadline.nanoseconds }

  /// Has those who wait look again.
  package func wake() {
    resumeReader()
    resumeWriter()
  }

  func resumeReader(_ outcome: Bool = true) {
    readDeadline = .max
    readSignal?.wake()
    guard let waiter = reader else { return }
    reader = nil
    waiter.resume(returning: outcome)
  }

  func resumeWriter(_ outcome: Bool = true) {
    writeSignal?.wake()
    guard let waiter = writer else { return }
    writeDeadline = .max
    writer = nil
    waiter.resume(returning: outcome)
  }

  /// The stream is over.
  func close(_ code: HTTP2ErrorCode) {
    isClosed = true
    closeCode = code
    outbound.removeAll()
    trailersToSend = nil
    unconsumed = 0
    writeDeadline = .max
    if wasReset { inbound = ByteBuffer() }
    wake()
    let whenLost = whenLost
    self.whenLost = nil
    if wasReset { whenLost?() }
  }
}
