// What the exchanges of every protocol have in common besides the handler: the request's name, errors that become
// answers, and what is counted and logged at the end.

import Bytes
import HTTP
import Runtime
import Telemetry

extension Exchange {
  /// The client's own name for the request, when it is fit to be one.
  var acceptedID: RequestID? {
    let accepted = request.fields.withValue(of: "x-request-id") {
      RequestID(accepting: RawSpan(_unsafeBytes: $0))
    }
    return accepted ?? nil
  }

  /// Makes an error the answer if none has begun; otherwise what has begun is cut short.
  mutating func settle(_ error: HTTPError) async {
    guard status == nil, error.consequence != .lost else {
      if !carrier.hasFinished { carrier.breakOff() }
      return
    }
    if error.consequence == .closing { carrier.closeAfterwards() }
    fields.removeAll()
    do throws(HTTPError) {
      try await respond(HTTPResponse(refusing: error))
    } catch {
      carrier.breakOff()
    }
  }

  /// Looks for what trusted proxies say of the client.
  mutating func noteForwarding() {
    guard let proxies = carrier.context.configuration.proxies else { return }
    forwarded = proxies.client(peer: carrier.peer?.ip, request.fields)
  }

  // MARK: Recording

  /// Counts the request and leaves a line in the log.
  func record(_ began: MonotonicInstant, _ failure: HTTPError?) {
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
    if let forwarded, forwarded.scheme != nil || forwarded.address != carrier.peer?.ip {
      if let address = forwarded.address { line.append("client", .describing(address)) }
      line.append("scheme", .string(scheme.rawValue))
    }
    if let route { line.append("route", .string(route.name)) }
    if let agent = request.fields["user-agent"] { line.append("agent", .string(agent)) }
    if let failure { line.append("code", .string(failure.code)) }
    logger.with(requestID: id).log(level, "request", line)
  }
}
