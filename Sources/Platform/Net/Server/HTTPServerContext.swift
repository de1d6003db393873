// What the connections of one server share.

import HTTP
import HTTP1
import HTTP2
import Runtime
import TLS
import Telemetry

/// One server's settings and parts, behind one reference.
final class HTTPServerContext: Sendable {
  let configuration: HTTPServer.Configuration
  let time: any TimeSource
  let handler: any HTTPHandler
  let ids: RequestIDSource
  let metrics: HTTPServerMetrics
  let logger: Logger
  /// By the loop's index.
  private let dates: [DateLine]
  // In nanoseconds: a `Duration` is 128 bits wide, and these are added for every request.
  let headNanoseconds: UInt64
  let idleNanoseconds: UInt64
  let bodyNanoseconds: UInt64
  let answerNanoseconds: UInt64

  init(
    _ configuration: HTTPServer.Configuration, loops: Int, time: any TimeSource, handler: any HTTPHandler,
    metrics: MetricRegistry, logger: Logger
  ) {
    self.configuration = configuration
    self.time = time
    self.handler = handler
    self.logger = logger
    self.metrics = HTTPServerMetrics(server: configuration.name, registry: metrics)
    ids = RequestIDSource(time: time)
    dates = (0..<loops).map { _ in DateLine() }
    headNanoseconds = configuration.timeouts.head.wholeNanoseconds
    idleNanoseconds = configuration.timeouts.idle.wholeNanoseconds
    bodyNanoseconds = configuration.timeouts.body.wholeNanoseconds
    answerNanoseconds = configuration.timeouts.answer.wholeNanoseconds
  }

  /// Serves a connection until it ends, by the protocol that the client chose.
  func serve(_ transport: consuming Transport) async {
    metrics.connections.increment()
    defer { metrics.connections.decrement() }
    if configuration.http2 != nil, transport.security?.applicationProtocol == "h2" {
      await HTTP2Connection.serve(transport, self)
    } else {
      await Exchange.serve(transport, self)
    }
  }

  func dateLine(of loop: EventLoop) -> DateLine { dates[loop.index] }
}

extension MonotonicInstant {
  /// The instant `nanoseconds` later, or the last one there is.
  @inline(__always)
  func advanced(nanoseconds: UInt64) -> MonotonicInstant {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return MonotonicInstant(nanoseconds: overflow ? .max : sum)
  }
}
