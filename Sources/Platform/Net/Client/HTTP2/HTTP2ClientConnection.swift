// A client's connection of HTTP/2: one task reads, one writes, both on its loop, and streams are opened by
// whoever asks for them there. The session between them knows the protocol. What the tasks do is
// HTTP2ClientConnection+Run.swift.

package import HTTP
package import HTTP2
package import Runtime

/// One connection of HTTP/2, on one loop.
///
/// `@unchecked Sendable`: used on its loop only.
package final class HTTP2ClientConnection: @unchecked Sendable {
  /// How far the connection is on its way to its end.
  enum Stage {
    case open
    /// There will be no new streams.
    case leaving
    /// The peer broke a rule: it is told so, and that is all.
    case ending
    /// It is gone.
    case lost
  }

  /// The loop that everything happens on.
  package let loop: EventLoop
  /// What the peer may do.
  package var limits: HTTP2Limits { session.limits }
  let options: HTTP2ClientOptions
  let session: HTTP2Session
  var stage = Stage.open
  /// How it ended; nil while it has not.
  package internal(set) var loss: HTTPClientError.Loss?
  /// What the peer gave as the reason for leaving; nil while it stays, or left for no reason.
  var goAway: HTTP2ErrorCode?
  /// To end the connection from outside its two tasks; nil before it has begun and after its end.
  var breaker: ConnectionBreaker?
  var writer: Waiter<Void>?
  var isRunning = false

  /// When the peer was last heard, or asked for a sign of life without need.
  var heardAt: MonotonicInstant
  /// Since when a sign of life is due; nil when none is.
  var pingedAt: MonotonicInstant?
  /// Since when there are no streams.
  var idleSince: MonotonicInstant
  private var lastSeen = (streams: 0, isOpen: true)

  /// Called on the loop when there may be room for new streams, or no more will be taken. It must not wait.
  package var onChange: (@Sendable () -> Void)?

  /// More streams than this a connection does not carry: their numbers end at 2^31, and are odd.
  static let streamsOpenedMaximum = 1 << 30
  /// The library encodes no larger header list.
  static let requestListBytesMaximum = 60 << 10

  /// A connection that is about to be run. On its loop only.
  ///
  /// - Parameters:
  ///   - loop: where it lives.
  ///   - limits: what the peer may do.
  ///   - options: its times.
  /// - Throws: `.connectionLost` when there is no memory.
  package init(
    loop: EventLoop, limits: HTTP2Limits = HTTP2Limits(), options: HTTP2ClientOptions = HTTP2ClientOptions()
  ) throws(HTTPClientError) {
    self.loop = loop
    self.options = options
    do throws(HTTP2Violation) {
      session = try HTTP2Session(.client, limits: limits)
    } catch {
      throw .connectionLost(.violation(error), mayHaveBeenProcessed: false)
    }
    heardAt = loop.now
    idleSince = loop.now
  }

  /// Whether the peer has shown that it speaks HTTP/2.
  package var hasBegun: Bool { session.hasBegun }

  // MARK: Streams

  /// Whether streams can be opened, as soon as there is room for one.
  package var isOpen: Bool {
    stage == .open && session.violation == nil && session.streamsOpened < Self.streamsOpenedMaximum
  }

  /// How many streams are open.
  package var streamCount: Int { session.streams.count }

  /// How many may be: what the peer says, and 100 until it has.
  package var streamsMaximum: Int { session.peerStreamsMaximum }

  /// Puts a request on its way.
  ///
  /// - Parameters:
  ///   - head: what is asked.
  ///   - hasBody: whether `write` and `finish` will follow.
  /// - Throws: `.connectionClosing`, `.tooManyStreams`, or `.limitExceeded` for larger fields than are sent.
  package func open(
    _ head: HTTPRequestHead, hasBody: Bool
  ) throws(HTTPClientError) -> HTTP2ClientStream {
    precondition(loop.isCurrent, "a stream is opened on its connection's loop")
    guard isOpen else { throw .connectionClosing }
    guard streamCount < streamsMaximum else { throw .tooManyStreams(limit: streamsMaximum) }
    var fields = HTTP2FieldBlock()
    fields.append(head)
    guard fields.listBytes <= Self.requestListBytesMaximum else {
      throw .limitExceeded(.requestFields, limit: Self.requestListBytesMaximum)
    }
    let stream: HTTP2Stream
    do throws(HTTP2Violation) {
      stream = try session.request(fields, hasBody: hasBody)
    } catch {
      fail(error)
      throw .connectionLost(.violation(error), mayHaveBeenProcessed: false)
    }
    idleSince = loop.now
    lastSeen.streams = streamCount
    wakeWriter()
    return HTTP2ClientStream(stream, self, hasBody: hasBody)
  }

  // MARK: The end

  /// Takes no new streams, lets those under way end, and then closes the connection.
  package func close() {
    guard stage == .open else { return }
    stage = .leaving
    do throws(HTTP2Violation) { try session.shutDown() } catch { fail(error) }
    wakeWriter()
    noteChange()
  }

  /// Ends the connection at once.
  package func abort() { lose(.aborted) }

  /// Whether it has ended.
  package var hasEnded: Bool { stage == .lost }

  /// What streams that the end of the connection cut off have to say.
  func lost(mayHaveBeenProcessed: Bool) -> HTTPClientError {
    .connectionLost(loss ?? .network(.closed), mayHaveBeenProcessed: mayHaveBeenProcessed)
  }

  /// The connection is gone: whoever waits for it stops waiting.
  func lose(_ reason: HTTPClientError.Loss) {
    if stage == .lost { return }
    stage = .lost
    loss = loss ?? goAway.map { .goneAway($0) } ?? reason
    session.abandon()
    breaker?.abort()
    breaker = nil
    wakeWriter()
    noteChange()
  }

  /// The peer broke a rule, or the library failed: GOAWAY is sent if it can be, and nothing else.
  func fail(_ violation: HTTP2Violation) {
    session.end(violation)
    guard stage != .ending && stage != .lost else { return }
    stage = .ending
    loss = .violation(session.violation ?? violation)
    session.abandon()
    wakeWriter()
    noteChange()
  }

  // MARK: Telling

  /// Has the writer look for something to send, once those that are ready to run have run.
  func wakeWriter() {
    guard let waiter = writer else { return }
    writer = nil
    waiter.resume(returning: ())
  }

  /// Tells whoever hands out streams when there are fewer, and when there will be no more.
  func noteChange() {
    let seen = (streams: streamCount, isOpen: isOpen)
    let isWorthTelling = seen.streams < lastSeen.streams || seen.isOpen != lastSeen.isOpen
    lastSeen = seen
    if isWorthTelling { onChange?() }
  }
}
