// One call of `execute`: attempts, retries and redirects, until there is an answer or none to be had.

import Bytes
import HTTP
import HTTP1
import Runtime
import Telemetry

/// A request on its way to an answer. On one loop.
struct RequestRun {
  private let part: LoopClient
  private let loop: EventLoop
  private let settings: ClientSettings
  private let began: MonotonicInstant
  private let deadline: MonotonicInstant
  private var request: HTTPClientRequest
  /// Whether the body was begun, so that it is there again only if it can be replayed.
  private var hasBegunBody = false

  private init(_ request: HTTPClientRequest, on part: LoopClient) {
    self.request = request
    self.part = part
    loop = part.loop
    settings = part.settings
    began = part.loop.now
    let timeout = request.timeout ?? part.settings.configuration.timeouts.request
    deadline = timeout.map { part.loop.deadline(in: $0) } ?? MonotonicInstant(nanoseconds: .max)
  }

  private var configuration: HTTPClient.Configuration { settings.configuration }
  private var canSendBody: Bool { !hasBegunBody || request.body.isReplayable }

  /// Sends the request until it is answered, or cannot be.
  static func run(
    _ request: HTTPClientRequest, on part: LoopClient
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    var run = RequestRun(request, on: part)
    do throws(HTTPClientError) {
      let response = try await run.follow()
      let took = part.loop.now.since(run.began).wholeNanoseconds
      part.settings.metrics?.answered(response.status, in: took)
      return response
    } catch {
      part.settings.metrics?.failed(error)
      throw error
    }
  }

  private mutating func follow() async throws(HTTPClientError) -> HTTPClientResponse {
    var redirects = 0
    while true {
      let response = try await retry()
      guard
        let next = try configuration.redirects.next(
          request, answered: response.head, canSendBody: canSendBody)
      else { return response }
      redirects += 1
      guard redirects <= configuration.redirects.maximum else {
        throw .limitExceeded(.redirects, limit: configuration.redirects.maximum)
      }
      await response.discard()
      request = next
    }
  }

  private mutating func retry() async throws(HTTPClientError) -> HTTPClientResponse {
    let policy = configuration.retries
    var attempt = 1
    while true {
      let pause: Duration
      do throws(HTTPClientError) {
        let response = try await send()
        let now = settings.time.wall.nanoseconds / 1_000_000_000
        guard
          let wanted = policy.pause(
            answered: response.head, request.method, attempt: attempt, canSendBody: canSendBody, now: now),
          loop.deadline(in: wanted) < deadline
        else { return response }
        pause = wanted
        await response.discard()
      } catch {
        guard policy.retries(error, request.method, attempt: attempt, canSendBody: canSendBody) else {
          throw error
        }
        pause = policy.pause(after: error, attempt: attempt, settings.random)
        if loop.deadline(in: pause) >= deadline { throw error }
      }
      settings.metrics?.retries.increment()
      attempt += 1
      do {
        try await loop.sleep(for: pause)
      } catch {
        throw .cancelled
      }
    }
  }

  // MARK: One attempt

  private mutating func send() async throws(HTTPClientError) -> HTTPClientResponse {
    if deadline <= loop.now { throw .timedOut(.request, mayHaveBeenProcessed: false) }
    let stream = try await open()
    var sending: BodySending?
    do throws(HTTPClientError) {
      sending = try sendBody(to: stream)
      let head = try await response(on: stream, sending)
      let limits = HTTPClientResponse.Limits(
        bodyBytesMaximum: configuration.limits.bodyBytesMaximum, patience: configuration.timeouts.body,
        deadline: deadline)
      return try HTTPClientResponse(
        head, from: request.url, stream, on: loop, sending: sending,
        hasBody: request.method != .head && !head.status.forbidsBody,
        isDecoded: configuration.decodesContent, limits: limits)
    } catch {
      stream.giveUp()
      throw sending?.failure ?? error
    }
  }

  private func open() async throws(HTTPClientError) -> any ClientStream {
    let pool = try part.pool(for: Origin(request.url))
    switch try await pool.acquire(until: deadline) {
    case .http1(let connection):
      return try connection.open(request.head(configuration, .http11), body: request.bodyLength)
    case .http2(let connection):
      return try connection.open(request.head(configuration, .http2), hasBody: request.hasBody)
    }
  }

  private mutating func sendBody(to stream: any ClientStream) throws(HTTPClientError) -> BodySending? {
    switch request.body {
    case .none: return nil
    case .bytes(let bytes):
      if !bytes.isEmpty { try stream.writeAll(bytes) }
      return nil
    case .producer(let producer):
      hasBegunBody = true
      let sink = HTTPBodySink(
        stream, on: loop, length: producer.length, patience: configuration.timeouts.sending,
        until: deadline)
      return BodySending(producer, to: sink, stream, on: loop)
    }
  }

  /// Waits for the head. Its time begins anew for as long as the body moves.
  private func response(
    on stream: any ClientStream, _ sending: BodySending?
  ) async throws(HTTPClientError) -> HTTPResponseHead {
    var unsent = stream.unsentCount
    while true {
      let patience = loop.deadline(in: configuration.timeouts.head)
      do throws(HTTPClientError) {
        return try await stream.response(until: min(patience, deadline))
      } catch {
        guard case .timedOut(_, let mayHaveBeenProcessed) = error else { throw error }
        if deadline <= loop.now { throw .timedOut(.request, mayHaveBeenProcessed: mayHaveBeenProcessed) }
        let isSending = sending.map { !$0.isDone } ?? false
        let left = stream.unsentCount
        guard isSending || left < unsent else { throw error }
        unsent = left
      }
    }
  }
}
