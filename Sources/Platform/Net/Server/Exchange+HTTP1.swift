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
  /// The next request.
  case next
  /// The end, once the client has taken note.
  case lingering
  /// The end at once: the client must not take what it has for a whole answer.
  case cut
  /// Another protocol.
  case takeover
}

extension Exchange {
  /// Serves a connection until it ends.
  static func serve(_ connection: consuming Transport, _ context: HTTPServerContext) async {
    context.metrics.connections.increment()
    defer { context.metrics.connections.decrement() }
    var exchange = Exchange(HTTP1Carrier(connection, context), id: context.ids.next())
    let sequel = await LogContext.with(exchange.carrier.current) { await exchange.serveRequests() }
    if case .takeover = sequel { await exchange.handOver() }
  }

  /// Serves one request after another; what ended it is dealt with but for a takeover.
  private mutating func serveRequests() async -> Sequel {
    let context = carrier.context
    do throws(NetworkError) {
      while true {
        let sequel = try await serveNext()
        switch sequel {
        case .next: continue
        case .cut, .takeover: return sequel
        case .lingering:
          try await lingerUntilClosed()
          return sequel
        }
      }
    } catch {
      // How connections end is the client's business; only what the kernel refuses is ours.
      if case .system(let cause) = error {
        context.logger.warning("connection failed", ["cause": .error(cause)])
      } else {
        context.logger.debug("connection ended", ["cause": .error(error)])
      }
      return .cut
    }
  }

  private consuming func handOver() async {
    guard let takeover = carrier.takeover else { preconditionFailure("an upgrade names its successor") }
    let id = id
    // A box, because a closure cannot consume what it captures.
    var transport: Transport? = carrier.transport
    await LogContext.with(requestID: id) {
      if let transport = transport.take() { await takeover(transport) }
    }
  }

  /// Serves one request.
  private mutating func serveNext() async throws(NetworkError) -> Sequel {
    switch try await receiveHead() {
    case .ended: return .lingering
    case .refused(let error, let began): return await refuse(error, began)
    case .request(let framing, let began):
      carrier.begin(framing)
      return await answer(began)
    }
  }

  // MARK: Receiving

  private enum Arrival {
    case request(HTTP1Framing, MonotonicInstant)
    case refused(HTTPError, MonotonicInstant)
    case ended
  }

  /// Waits for the next request's head.
  private mutating func receiveHead() async throws(NetworkError) -> Arrival {
    let context = carrier.context
    var began = carrier.loop.now
    var (deadline, hasBegun) = (began.advanced(nanoseconds: context.idleNanoseconds), false)
    while true {
      do throws(HTTP1Error) {
        if let framing = try carrier.parser.next(from: &carrier.transport.input, into: &request) {
          return .request(framing, began)
        }
      } catch {
        return .refused(error.asHTTPError, began)
      }
      // What is there now is more than an empty line: a request has begun.
      if !hasBegun && !carrier.transport.input.isEmpty {
        hasBegun = true
        began = carrier.loop.now
        deadline = began.advanced(nanoseconds: context.headNanoseconds)
      }
      do throws(NetworkError) {
        if try await carrier.transport.receive(until: deadline, yieldsToDraining: !hasBegun) == 0 {
          return hasBegun ? .refused(HTTP1Error.truncated.asHTTPError, began) : .ended
        }
      } catch .timedOut {
        return hasBegun ? .refused(Self.headTimedOut, began) : .ended
      }
      if !hasBegun { began = carrier.loop.now }
    }
  }

  private static var headTimedOut: HTTPError {
    HTTPError(408, code: "head_timeout", "the request did not arrive in time", consequence: .closing)
  }

  // MARK: Answering

  private mutating func answer(_ began: MonotonicInstant) async -> Sequel {
    let context = carrier.context
    id = acceptedID ?? context.ids.next()
    carrier.current.id = id
    context.metrics.requestsInFlight.increment()
    var failure: HTTPError?
    do throws(HTTPError) {
      try await context.handler.respond(to: &self)
      if status == nil { throw .internalFailure(HandlerFault.didNotAnswer) }
      if !carrier.hasFinished { try await carrier.finish(trailers: nil) }
    } catch {
      failure = error
      await settle(error)
    }
    if carrier.keepsAlive && !carrier.hasReadBody { await discardBody() }
    context.metrics.requestsInFlight.decrement()
    record(began, failure)
    return ending()
  }

  /// The client's own name for the request, when it is fit to be one.
  private var acceptedID: RequestID? {
    let accepted = request.fields.withValue(of: "x-request-id") {
      RequestID(accepting: RawSpan(_unsafeBytes: $0))
    }
    return accepted ?? nil
  }

  /// Makes an error the answer if none has begun; otherwise what has begun is cut short.
  private mutating func settle(_ error: HTTPError) async {
    guard status == nil, error.consequence != .lost else {
      if !carrier.hasFinished { carrier.writing = .broken }
      return
    }
    if error.consequence == .closing { carrier.framing.keepsAlive = false }
    fields.removeAll()
    do throws(HTTPError) {
      try await respond(HTTPResponse(refusing: error))
    } catch {
      carrier.writing = .broken
    }
  }

  /// Answers what was no request.
  private mutating func refuse(_ error: HTTPError, _ began: MonotonicInstant) async -> Sequel {
    // What the parser had filled in before it gave up is not to be relied on.
    request = HTTPRequestHead()
    carrier.begin(HTTP1Framing())
    id = carrier.context.ids.next()
    carrier.context.metrics.refused(error.code)
    await settle(error)
    record(began, error)
    return ending()
  }

  /// Reads what the handler left of the body, so that the next request can be found behind it.
  private mutating func discardBody() async {
    var left = carrier.context.configuration.unreadBodyBytesMaximum
    do throws(HTTPError) {
      while let piece = try await carrier.nextChunk(hasAnswered: true) {
        left -= piece.count
        if left < 0 { break }
      }
    } catch {
      // The answer is sent: the client learns nothing from this but the connection's end.
      carrier.context.logger.debug("unread body broke off", ["cause": .error(error)])
    }
  }

  /// What comes next; forgets the request.
  private mutating func ending() -> Sequel {
    let sequel: Sequel =
      if carrier.takeover != nil {
        .takeover
      } else if carrier.hasFinished {
        carrier.keepsAlive && carrier.hasReadBody ? .next : .lingering
      } else {
        .cut
      }
    // The request's bytes lie in the receive buffer: let go of it, and it is used again.
    request.fields.removeAll()
    fields.removeAll()
    route = nil
    status = nil
    return sequel
  }

  /// Closing while the client still sends would reset the connection, and the reset can overtake the answer: say
  /// that nothing follows, and read what comes until the client closes too.
  private mutating func lingerUntilClosed() async throws(NetworkError) {
    let deadline = carrier.loop.deadline(in: carrier.context.configuration.timeouts.linger)
    try await carrier.transport.finishWriting(until: deadline)
    carrier.transport.input.clear()
    while try await carrier.transport.receive(until: deadline, yieldsToDraining: true) > 0 {
      carrier.transport.input.clear()
    }
  }

  // MARK: Recording

  /// Counts the request and leaves a line in the log.
  private mutating func record(_ began: MonotonicInstant, _ failure: HTTPError?) {
    let context = carrier.context
    let now = context.time.monotonic.nanoseconds
    let took = now > began.nanoseconds ? now - began.nanoseconds : 0
    let status = status ?? failure?.status ?? 500
    // A handler may answer with any three digits.
    let category = min(status.category, 5)
    context.metrics.answered(category: category, in: took)
    route?.answered(category: category, in: took)
    if carrier.bodyBytesIn > 0 { context.metrics.bodyBytesIn.increment(by: UInt64(carrier.bodyBytesIn)) }
    if carrier.bodyBytesOut > 0 { context.metrics.bodyBytesOut.increment(by: UInt64(carrier.bodyBytesOut)) }
    let logger = context.logger
    if let failure, failure.status.category == 5 {
      logger.with(requestID: id).error(
        "request failed",
        [
          "method": .string(request.method.name), "target": .string(request.target),
          "code": .string(failure.code), "cause": .string(failure.description),
        ])
    }
    guard let level = context.configuration.accessLogLevel, logger.isEnabled(level) else { return }
    var line: LogFields = [
      "method": .string(request.method.name), "target": .string(request.target),
      "version": .string(request.version.rawValue), "status": .int(status.code),
      "took": .duration(.nanoseconds(Int64(clamping: took))), "received": .int(carrier.bodyBytesIn),
      "bytes": .int(carrier.bodyBytesOut),
    ]
    if let peer = carrier.peer { line.append("peer", .describing(peer)) }
    if let route { line.append("route", .string(route.name)) }
    if let agent = request.fields["user-agent"] { line.append("agent", .string(agent)) }
    if let failure { line.append("code", .string(failure.code)) }
    logger.with(requestID: id).log(level, "request", line)
  }
}
