// The life of a call: its head is read, the method answers, the status ends it. Its task is cancelled when the caller has
// gone or its deadline has passed.

import Bytes
import GRPC
import HTTP
import HTTPServer
import Runtime
import Telemetry

/// One call and what becomes of it. On the connection's loop only.
final class GRPCAnswer: @unchecked Sendable {
  /// Why a call was ended before its method had answered.
  private enum Interruption {
    case callerLeft, deadline

    var status: GRPCStatus {
      switch self {
      case .callerLeft: GRPCStatus(.cancelled, "the caller has given up")
      case .deadline: GRPCStatus(.deadlineExceeded, "the call took longer than its caller waits")
      }
    }
  }

  let exchange: DuplexExchange
  let core: GRPCRouterCore
  private let head: HTTPRequestHead
  private let peer: SocketAddress?
  private var interruption: Interruption?
  private var task: UnsafeCurrentTask?

  init(_ exchange: DuplexExchange, _ core: GRPCRouterCore, _ head: HTTPRequestHead, peer: SocketAddress?) {
    self.exchange = exchange
    self.core = core
    self.head = head
    self.peer = peer
  }

  /// Answers the call.
  ///
  /// - Throws: when the caller could not be told how it ended.
  func run(_ method: GRPCRouterCore.Method?) async throws(HTTPError) {
    var stream: GRPCServerExchange?
    var metadata = GRPCMetadata()
    var status: GRPCStatus?
    do throws(GRPCStatus) {
      guard let method else { throw core.refusal(of: head.target) }
      let messages = try GRPCServerExchange(self, method.handler.kind, head.fields)
      stream = messages
      let call = try call(method.handler.path, messages)
      messages.call = call
      defer {
        metadata = call.trailingMetadata
        messages.call = nil
      }
      try await answer(method.handler, call)
    } catch {
      status = error
    }
    if status != nil {
      if let interruption {
        status = interruption.status
      } else if Task.isCancelled {
        // Nobody but the server itself ends a call whose caller waits: another one, or the next, may answer it.
        status = GRPCStatus(.unavailable, "the server is stopping")
      }
    }
    core.answered(method, status?.code ?? .ok)
    if interruption == .callerLeft { throw .connectionLost(.closed) }
    if let status { tell(status) }
    var trailers = HTTPFields()
    GRPCStatus.write(status, to: &trailers)
    metadata.write(to: &trailers)
    if let stream, stream.hasBegun || status == nil {
      try stream.begin()
      try await exchange.finish(trailers: trailers)
    } else {
      // Nothing was answered but how it ended: one frame tells.
      var fields = GRPCServerExchange.headFields
      fields.append(trailers)
      try exchange.start(fields, isAll: true)
      try await exchange.finish(trailers: nil)
    }
  }

  private func call(
    _ path: GRPCPath, _ messages: GRPCServerExchange
  ) throws(GRPCStatus) -> GRPCCall {
    GRPCCall(
      path: path, metadata: try GRPCMetadata(head.fields), peer: peer, deadline: try deadline(),
      loop: exchange.loop, stream: messages)
  }

  private func deadline() throws(GRPCStatus) -> MonotonicInstant? {
    var timeout = core.configuration.timeoutMaximum
    if let field = head.fields["grpc-timeout"] {
      guard let asked = GRPCTimeout.duration(field) else {
        throw GRPCStatus(.internal, "the grpc-timeout \"\(field)\" is none")
      }
      timeout = timeout.map { min($0, asked) } ?? asked
    }
    return timeout.map { exchange.loop.now.advanced(by: $0) }
  }

  // MARK: The method

  private func answer(_ handler: GRPCHandler, _ call: GRPCCall) async throws(GRPCStatus) {
    let outcome: Result<Void, GRPCStatus> = await withUnsafeCurrentTask { task in
      self.task = task
      defer { self.task = nil }
      exchange.whenLost { [weak self] in self?.interrupt(.callerLeft) }
      let alarm = call.deadline.map { deadline in
        exchange.loop.spawn { [weak self] in
          do throws(CancellationError) {
            try await EventLoop.current?.sleep(until: deadline)
            self?.interrupt(.deadline)
          } catch {
            // The call has ended in time.
          }
        }
      }
      defer { alarm?.cancel() }
      do throws(GRPCStatus) {
        for admission in core.configuration.admission { try await admission.admit(call) }
        try await handler.answer(call)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  private func interrupt(_ cause: Interruption) {
    guard interruption == nil, let task else { return }
    interruption = cause
    exchange.interrupt()
    task.cancel()
  }

  /// Failures that are ours go into the log; the rest are the caller's business.
  private func tell(_ status: GRPCStatus) {
    switch status.code {
    case .internal, .unknown, .dataLoss:
      core.logger.error(
        "call failed", ["method": .string(head.target), "cause": .error(status)])
    default: break
    }
  }
}
