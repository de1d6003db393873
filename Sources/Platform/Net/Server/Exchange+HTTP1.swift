// The life of an HTTP/1.1 connection: receives, has the parser find requests, has the handler answer them, in order,
// until the client or the server has had enough.

import Bytes
import HTTP
import HTTP1
import Runtime
import TLS
import Telemetry

/// What comes after a request.
private enum Sequel {
  /// Nothing for the moment: the client rests.
  case rest
  /// The next request.
  case next
  /// The end, once the client has taken note.
  case lingering
  /// The end at once: the client must not take what it has for a whole answer.
  case cut
  /// Another protocol.
  case takeover
  /// HTTP/2, which the client spoke from its first byte.
  case http2
}

extension Exchange {
  /// After so long without a request a client is at rest.
  private static let restNanoseconds: UInt64 = 200_000_000

  /// Serves a connection that begins with HTTP/1.1, and for all that is known may turn out to speak HTTP/2.
  static func serve(_ connection: consuming Transport, _ context: HTTPServerContext) async {
    let http1 = UnsafeMutablePointer<HTTP1Carrier>.allocate(capacity: 1)
    http1.initialize(to: HTTP1Carrier(connection, context))
    // One task at a time uses it: this one, or the one that it waits for.
    nonisolated(unsafe) let shared = http1
    var (sequel, id) = (Sequel.rest, RequestID?.none)
    while case .rest = sequel {
      if let end = await rest(http1, isFirst: id == nil) {
        sequel = end
        break
      }
      // A task keeps the memory of its deepest call for as long as it lives. Requests are answered by a task that ends
      // when its client rests, so that a thousand clients at rest cost little (docs/network.md).
      (sequel, id) = await withTaskGroup(of: (Sequel, RequestID?).self) { group in
        group.addTask {
          await shared.pointee.loop.coveringCancellation { await serveUntilRest(shared) }
        }
        return await group.next() ?? (.cut, nil)
      }
    }
    await conclude(sequel, http1, id)
  }

  /// Hands the connection over to whoever it is for now. Not part of `serve`, whose memory lasts as long as a client rests.
  @inline(never) private static func conclude(
    _ sequel: Sequel, _ http1: UnsafeMutablePointer<HTTP1Carrier>, _ id: RequestID?
  ) async {
    let carrier = http1.move()
    http1.deallocate()
    switch sequel {
    case .takeover: await handOver(carrier, id)
    case .http2:
      let context = carrier.context
      await HTTP2Connection.serve(carrier.transport, context)
    case .next, .rest, .lingering, .cut: break
    }
  }

  @inline(never) private static func serveUntilRest(
    _ http1: UnsafeMutablePointer<HTTP1Carrier>
  ) async -> (Sequel, RequestID?) {
    var exchange = Exchange(.http1(http1), id: http1.pointee.context.ids.next())
    let sequel = await LogContext.with(http1.pointee.current) { await exchange.serveRequests() }
    return (sequel, exchange.id)
  }

  /// Waits until the client says something.
  ///
  /// - Parameter isFirst: whether it has only just connected; otherwise it was waited for already.
  /// - Returns: how the connection ended, if it did.
  private static func rest(_ http1: UnsafeMutablePointer<HTTP1Carrier>, isFirst: Bool) async -> Sequel? {
    let (context, loop) = (http1.pointee.context, http1.pointee.loop)
    let waited = isFirst ? 0 : min(restNanoseconds, context.idleNanoseconds)
    let deadline = loop.now.advanced(nanoseconds: context.idleNanoseconds - waited)
    do throws(NetworkError) {
      do throws(NetworkError) {
        if try await http1.pointee.transport.receive(until: deadline, yieldsToDraining: true) > 0 {
          return nil
        }
      } catch .timedOut {
        // It is let go as if it had finished.
      }
      try await lingerUntilClosed(http1)
      return .lingering
    } catch {
      return cut(by: error, context)
    }
  }

  /// How connections end is the client's business; only what the kernel refuses is ours.
  private static func cut(by error: NetworkError, _ context: HTTPServerContext) -> Sequel {
    if case .system(let cause) = error {
      context.logger.warning("connection failed", ["cause": .error(cause)])
    } else {
      context.logger.debug("connection ended", ["cause": .error(error)])
    }
    return .cut
  }

  /// The connection; only an exchange of HTTP/1.1 is asked for it. Whoever changes something in it takes the pointer
  /// into a constant first: Swift 6.3 cannot compile an access through a property of ours under ThreadSanitizer.
  private var http1: UnsafeMutablePointer<HTTP1Carrier> {
    guard case .http1(let carrier) = carrier else { preconditionFailure("this exchange is of HTTP/1.1") }
    return carrier
  }

  /// Serves one request after another; what ended it is dealt with but for a takeover.
  private mutating func serveRequests() async -> Sequel {
    let http1 = http1
    let context = http1.pointee.context
    do throws(NetworkError) {
      while true {
        let sequel = try await serveNext()
        switch sequel {
        case .next: continue
        case .rest, .cut, .takeover, .http2: return sequel
        case .lingering:
          try await Self.lingerUntilClosed(http1)
          return sequel
        }
      }
    } catch {
      return Self.cut(by: error, context)
    }
  }

  private static func handOver(_ carrier: consuming HTTP1Carrier, _ id: RequestID?) async {
    guard let takeover = carrier.takeover, let id else {
      preconditionFailure("an upgrade names its successor")
    }
    // A box, because a closure cannot consume what it captures.
    var transport: Transport? = carrier.transport
    await LogContext.with(requestID: id) {
      if let transport = transport.take() { await takeover(transport) }
    }
  }

  /// Serves one request.
  private mutating func serveNext() async throws(NetworkError) -> Sequel {
    let http1 = http1
    switch try await receiveHead() {
    case .ended: return .lingering
    case .nothing: return .rest
    case .http2: return .http2
    case .refused(let error, let began): return await refuse(error, began)
    case .request(let framing, let began):
      http1.pointee.begin(framing)
      return await answer(began)
    }
  }

  // MARK: Receiving

  private enum Arrival {
    case request(HTTP1Framing, MonotonicInstant)
    case refused(HTTPError, MonotonicInstant)
    case ended
    case nothing
    case http2
  }

  /// Waits for the next request's head.
  private mutating func receiveHead() async throws(NetworkError) -> Arrival {
    let http1 = http1
    let context = http1.pointee.context
    var began = http1.pointee.loop.now
    let patience = min(Self.restNanoseconds, context.idleNanoseconds)
    var (deadline, hasBegun) = (began.advanced(nanoseconds: patience), false)
    while true {
      let opening = openingOfConnection
      if opening == .complete { return .http2 }
      do throws(HTTP1Error) {
        if opening == .none,
          let framing = try http1.pointee.parser.next(from: &http1.pointee.transport.input, into: &request)
        {
          return .request(framing, began)
        }
      } catch {
        return .refused(error.asHTTPError, began)
      }
      // What is there now is more than an empty line: a request has begun.
      if !hasBegun && !http1.pointee.transport.input.isEmpty {
        hasBegun = true
        began = http1.pointee.loop.now
        deadline = began.advanced(nanoseconds: context.headNanoseconds)
      }
      do throws(NetworkError) {
        if try await http1.pointee.transport.receive(until: deadline, yieldsToDraining: !hasBegun) == 0 {
          return hasBegun ? .refused(HTTP1Error.truncated.asHTTPError, began) : .ended
        }
      } catch .timedOut {
        return hasBegun ? .refused(Self.headTimedOut, began) : .nothing
      }
      if !hasBegun { began = http1.pointee.loop.now }
    }
  }

  /// How far what has arrived is the preface of HTTP/2, with which a connection may begin.
  private var openingOfConnection: HTTP2Opening {
    guard http1.pointee.requests == 0, http1.pointee.context.configuration.http2 != nil else { return .none }
    return HTTP2Opening(http1.pointee.transport.input)
  }

  private static var headTimedOut: HTTPError {
    HTTPError(408, code: "head_timeout", "the request did not arrive in time", consequence: .closing)
  }

  // MARK: Answering

  private mutating func answer(_ began: MonotonicInstant) async -> Sequel {
    let http1 = http1
    let context = http1.pointee.context
    id = acceptedID ?? context.ids.next()
    http1.pointee.current.id = id
    noteForwarding()
    context.metrics.requestsInFlight.increment()
    var failure: HTTPError?
    do throws(HTTPError) {
      try await context.handler.respond(to: &self)
      if status == nil { throw .internalFailure(HandlerFault.didNotAnswer) }
      if !http1.pointee.hasFinished { try await http1.pointee.finish(trailers: nil) }
    } catch {
      failure = error
      await settle(error)
    }
    if http1.pointee.keepsAlive && !http1.pointee.hasReadBody { await discardBody() }
    context.metrics.requestsInFlight.decrement()
    record(began, failure)
    return ending()
  }

  /// Answers what was no request.
  private mutating func refuse(_ error: HTTPError, _ began: MonotonicInstant) async -> Sequel {
    let http1 = http1
    // What the parser had filled in before it gave up is not to be relied on.
    request = HTTPRequestHead()
    http1.pointee.begin(HTTP1Framing())
    id = http1.pointee.context.ids.next()
    http1.pointee.context.metrics.refused(error.code)
    await settle(error)
    record(began, error)
    return ending()
  }

  /// Reads what the handler left of the body, so that the next request can be found behind it.
  private mutating func discardBody() async {
    let http1 = http1
    var left = http1.pointee.context.configuration.unreadBodyBytesMaximum
    do throws(HTTPError) {
      while let piece = try await http1.pointee.nextChunk(hasAnswered: true) {
        left -= piece.count
        if left < 0 { break }
      }
    } catch {
      // The answer is sent: the client learns nothing from this but the connection's end.
      http1.pointee.context.logger.debug("unread body broke off", ["cause": .error(error)])
    }
  }

  /// What comes next; forgets the request.
  private mutating func ending() -> Sequel {
    let http1 = http1
    let sequel: Sequel =
      if http1.pointee.takeover != nil {
        .takeover
      } else if http1.pointee.hasFinished {
        http1.pointee.keepsAlive && http1.pointee.hasReadBody ? .next : .lingering
      } else {
        .cut
      }
    // The request's bytes lie in the receive buffer: let go of it, and it is used again.
    request.fields.removeAll()
    fields.removeAll()
    forwarded = nil
    route = nil
    status = nil
    return sequel
  }

  /// Closing while the client still sends would reset the connection, and the reset can overtake the answer: say
  /// that nothing follows, and read what comes until the client closes too.
  @inline(never) private static func lingerUntilClosed(
    _ http1: UnsafeMutablePointer<HTTP1Carrier>
  ) async throws(NetworkError) {
    let deadline = http1.pointee.loop.deadline(in: http1.pointee.context.configuration.timeouts.linger)
    try await http1.pointee.transport.finishWriting(until: deadline)
    http1.pointee.transport.input.clear()
    while try await http1.pointee.transport.receive(until: deadline, yieldsToDraining: true) > 0 {
      http1.pointee.transport.input.clear()
    }
  }
}
