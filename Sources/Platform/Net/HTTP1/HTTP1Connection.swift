// Drives one HTTP/1.1 connection: receives, has the parser find requests, has the responder answer them, in
// order, until the client or the server has had enough. Requests with bodies are refused: the responders of
// today take none, and a server that reads what nobody wants is a server to be kept busy.

import Bytes
import Runtime
import Telemetry

/// How long a connection may take.
public struct HTTPTimeouts: Equatable, Sendable {
  /// Between two requests.
  public var idle = Duration.seconds(60)
  /// From a request's first byte to the last byte of its answer, the responder's own time apart.
  public var request = Duration.seconds(10)
  /// For the client to take note that the connection ends, after an answer that closes it.
  public var linger = Duration.seconds(2)

  /// The usual times.
  public init() {}
}

/// What the connections of one server share.
struct HTTP1Context: Sendable {
  let limits: HTTPLimits
  let timeouts: HTTPTimeouts
  let time: any TimeSource
  let responder: any HTTPResponder
  let ids: RequestIDSource
  let metrics: HTTPServerMetrics
  let logger: Logger
}

/// One connection being served.
struct HTTP1Connection: ~Copyable {
  private var connection: Connection
  private var parser: HTTP1RequestParser
  private let context: HTTP1Context

  init(_ connection: consuming Connection, _ context: HTTP1Context) {
    self.connection = connection
    parser = HTTP1RequestParser(limits: context.limits)
    self.context = context
  }

  /// Serves until the connection ends.
  consuming func serve() async {
    do throws(NetworkError) {
      while try await serveNext() {}
      try await lingerUntilClosed()
    } catch {
      // How connections end is the client's business; only what the kernel refuses is ours.
      if case .system(let cause) = error {
        context.logger.warning("connection failed", ["cause": .error(cause)])
      } else {
        context.logger.debug("connection ended", ["cause": .error(error)])
      }
    }
  }

  /// Serves one request.
  ///
  /// - Returns: false when it was the last one.
  private mutating func serveNext() async throws(NetworkError) -> Bool {
    if connection.input.isEmpty {
      let idle = context.time.monotonic.advanced(by: context.timeouts.idle)
      if try await connection.receive(until: idle, yieldsToDraining: true) == 0 { return false }
    }
    let began = context.time.monotonic
    let deadline = began.advanced(by: context.timeouts.request)
    switch try await receiveHead(until: deadline) {
    case .none:
      return false
    case .failure(let error):
      try await refuse(error, began)
      return false
    case .success(let head):
      guard head.body == .none else {
        try await refuse(.bodyTooLarge(limit: 0), began)
        return false
      }
      return try await answer(head, began)
    }
  }

  /// The next request head, or why it is none; nil when the client has closed without one.
  private mutating func receiveHead(
    until deadline: MonotonicInstant
  ) async throws(NetworkError) -> Result<HTTPRequestHead, HTTPError>? {
    while true {
      do throws(HTTPError) {
        if let head = try parser.next(from: &connection.input) { return .success(head) }
      } catch {
        return .failure(error)
      }
      do throws(NetworkError) {
        if try await connection.receive(until: deadline) == 0 {
          return connection.input.isEmpty ? nil : .failure(.malformed("the request ends in the middle"))
        }
      } catch .timedOut {
        return .failure(.timedOut)
      }
    }
  }

  private mutating func answer(
    _ head: HTTPRequestHead, _ began: MonotonicInstant
  ) async throws(NetworkError) -> Bool {
    let id = head.value(of: "x-request-id").flatMap { RequestID(accepting: $0) } ?? context.ids.next()
    let request = HTTPRequest(head: head, id: id, peer: connection.peerAddress)
    let responder = context.responder
    var response = await LogContext.with(requestID: id) { await responder.respond(to: request) }
    response.headers.append(("X-Request-Id", id.description))
    let keepsAlive = head.keepsAlive && !connection.isDraining
    response.write(
      to: &connection.output, includingBody: head.method != "HEAD", keepingAlive: keepsAlive)
    let deadline = context.time.monotonic.advanced(by: context.timeouts.request)
    try await connection.flush(until: deadline)
    let took = context.time.monotonic.since(began)
    context.metrics.answered(status: response.status, in: took)
    context.logger.with(requestID: id).debug(
      "request",
      [
        "method": .string(head.method), "target": .string(head.target),
        "status": .int(Int64(response.status)),
        "took": .duration(took), "bytes": .int(Int64(response.body.count)),
      ])
    return keepsAlive
  }

  private mutating func refuse(
    _ error: HTTPError, _ began: MonotonicInstant
  ) async throws(NetworkError) {
    HTTPResponse(refusing: error).write(to: &connection.output, includingBody: true, keepingAlive: false)
    try await connection.flush(until: context.time.monotonic.advanced(by: context.timeouts.linger))
    context.metrics.answered(status: error.status, in: context.time.monotonic.since(began))
    context.logger.debug("request refused", ["cause": .string(error.explanation)])
  }

  /// Closing while the client still sends would reset the connection, and the reset can overtake the answer:
  /// say that nothing follows, and read what comes until the client closes too.
  private mutating func lingerUntilClosed() async throws(NetworkError) {
    let deadline = context.time.monotonic.advanced(by: context.timeouts.linger)
    try await connection.finishWriting(until: deadline)
    while try await connection.receive(until: deadline, yieldsToDraining: true) > 0 {
      connection.input.clear()
    }
  }
}
