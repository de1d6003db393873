// The life of a stream of HTTP/2: its request is answered by the handler, in a task of its own.

import HTTP
import HTTP2
import Runtime
import Telemetry

extension Exchange {
  /// Answers the request of a stream.
  static func serve(_ carrier: HTTP2Carrier) async {
    var exchange = Exchange(.http2(carrier), id: carrier.connection.context.ids.next())
    exchange.request = carrier.stream.request
    if let id = exchange.acceptedID { exchange.id = id }
    exchange.noteForwarding()
    carrier.current.id = exchange.id
    await LogContext.with(carrier.current) { await exchange.answer(carrier) }
  }

  private mutating func answer(_ carrier: HTTP2Carrier) async {
    let context = carrier.connection.context
    context.metrics.requestsInFlight.increment()
    var failure: HTTPError?
    do throws(HTTPError) {
      if let refusal = carrier.refusal {
        context.metrics.refused(refusal.code)
        throw refusal
      }
      try await context.handler.respond(to: &self)
      if status == nil { throw .internalFailure(HandlerFault.didNotAnswer) }
      if !carrier.hasFinished { try await carrier.finish(trailers: nil) }
    } catch {
      failure = error
      await settle(error)
    }
    carrier.end()
    context.metrics.requestsInFlight.decrement()
    record(carrier.began, failure)
  }
}
