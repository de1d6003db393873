// A client's connection of HTTP/1.1: one request at a time, and between two of them it listens for its end.
// One task reads, one writes, both on its loop: HTTP1ClientConnection+Run.swift.

import Bytes
import HTTP
import HTTP1
import Runtime

/// One connection of HTTP/1.1, on one loop.
///
/// `@unchecked Sendable`: used on its loop only.
final class HTTP1ClientConnection: @unchecked Sendable {
  /// How long it is kept.
  struct Options {
    /// Without a request.
    var idle = Duration.seconds(60)
    /// While the server takes nothing of what is sent.
    var stallTimeout = Duration.seconds(60)
    /// Answers of 1xx before the answer proper.
    var informationalMaximum = 32
  }

  let loop: EventLoop
  let limits: HTTP1Limits
  let options: Options
  /// When it was made.
  let madeAt: MonotonicInstant
  private(set) var requestCount = 0
  var exchange: HTTP1Exchange?
  /// No more requests are taken; when there is none it ends.
  private(set) var isClosing = false
  private(set) var isLost = false
  var breaker: ConnectionBreaker?
  var idleSince: MonotonicInstant

  // MARK: What is to be sent

  private var pending: ContiguousArray<ByteBuffer> = []
  /// What was written and has not been handed to the kernel.
  var unsentCount = 0
  var writer: Waiter<Void>?
  /// Where the reader waits for room for more of an answer.
  let room: LoopSignal

  /// Called on the loop when a request is over and the next one may come.
  var onIdle: (@Sendable () -> Void)?
  /// Called on the loop when it will take no more.
  var onEnd: (@Sendable () -> Void)?

  init(loop: EventLoop, limits: HTTP1Limits, options: Options) {
    self.loop = loop
    self.limits = limits
    self.options = options
    madeAt = loop.now
    idleSince = loop.now
    room = LoopSignal(loop)
  }

  /// Whether a request can be sent.
  var isIdle: Bool { exchange == nil && !isClosing && !isLost }

  /// Puts a request on its way.
  ///
  /// - Parameters:
  ///   - head: what is asked.
  ///   - body: how its body is delimited.
  func open(_ head: HTTPRequestHead, body: HTTPBodyLength) throws(HTTPClientError) -> HTTP1ClientStream {
    precondition(loop.isCurrent, "a request is sent on its connection's loop")
    guard isIdle else { throw .connectionClosing }
    let exchange = HTTP1Exchange(head.method, loop, limits: limits, isOnUsedConnection: requestCount > 0)
    requestCount += 1
    self.exchange = exchange
    var bytes = ByteBuffer(capacity: 512)
    HTTP1Writer.append(head, body: body, to: &bytes)
    if body == .none || body == .exactly(0) { exchange.hasFinished = true }
    send(bytes)
    return HTTP1ClientStream(exchange, self, chunks: body == .unknown)
  }

  // MARK: Sending

  /// Puts bytes behind what was written.
  func send(_ bytes: ByteBuffer) {
    if bytes.isEmpty { return }
    pending.append(bytes)
    unsentCount += bytes.count
    wakeWriter()
  }

  /// What is to be sent next: at most `count` bytes.
  func takePending(upTo count: Int) -> ContiguousArray<ByteBuffer> {
    var (taken, left) = (ContiguousArray<ByteBuffer>(), count)
    var index = 0
    while index < pending.count && left > 0 {
      if pending[index].count <= left {
        left -= pending[index].count
        taken.append(pending[index])
        index += 1
      } else {
        taken.append(pending[index].split(left))
        left = 0
      }
    }
    pending.removeFirst(index)
    return taken
  }

  /// Nothing more can be sent. The server may have answered all the same.
  func becomeDeaf() {
    pending = []
    unsentCount = 0
    isClosing = true
    exchange?.isDeaf = true
    exchange?.writable.wake()
  }

  /// Has the writer look for something to send.
  func wakeWriter() {
    guard let waiter = writer else { return }
    writer = nil
    waiter.resume(returning: ())
  }

  // MARK: The end

  /// The answer is whole. What follows it in `input` was not asked for.
  func finishExchange(hasLeftovers: Bool) {
    guard let ended = exchange else { return }
    exchange = nil
    idleSince = loop.now
    // A request that is not all sent yet would be read as part of the next.
    let isClean = ended.keepsAlive && ended.hasFinished && unsentCount == 0 && !hasLeftovers
    if ended.isDeaf { return lose(.network(.closed)) }
    if isClean && !isClosing { onIdle?() } else { close() }
  }

  /// Takes no more requests, and ends after the one under way.
  func close() {
    if isClosing && exchange != nil { return }
    isClosing = true
    wakeWriter()
    onEnd?()
  }

  /// Ends at once.
  func lose(_ loss: HTTPClientError.Loss) {
    if isLost { return }
    isLost = true
    isClosing = true
    if let exchange {
      exchange.fail(.connectionLost(loss, mayHaveBeenProcessed: mayHaveBeenProcessed(exchange, loss)))
    }
    exchange = nil
    pending = []
    unsentCount = 0
    breaker?.abort()
    breaker = nil
    wakeWriter()
    room.wake()
    onEnd?()
  }

  /// A server may end a connection that it thinks idle while a request is on its way (RFC 9112 section 9.6).
  private func mayHaveBeenProcessed(_ exchange: HTTP1Exchange, _ loss: HTTPClientError.Loss) -> Bool {
    if !exchange.hasSent { return false }
    return exchange.hasBegun || !exchange.isOnUsedConnection || loss != .network(.closed)
  }

  /// What came is no answer.
  func fail(_ error: HTTPClientError) {
    exchange?.fail(error)
    lose(.aborted)
  }

  /// Whoever asked does not want the answer.
  func giveUp(_ exchange: HTTP1Exchange) {
    exchange.fail(.cancelled)
    if self.exchange === exchange { lose(.aborted) }
  }
}
