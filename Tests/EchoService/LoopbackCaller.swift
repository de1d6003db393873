// Calls that are answered in the same process: what generated code and services are tried with where the network is not
// what is tested.

import Bytes
public import GRPC
public import Runtime

/// Makes calls of services that it has. Calls are answered on a loop; they have no deadline.
public struct LoopbackCaller: GRPCCaller {
  private let handlers: [GRPCPath: GRPCHandler]
  private let loop: EventLoop

  /// A caller of these services.
  public init(_ services: [GRPCService], on loop: EventLoop) {
    let handlers = services.flatMap(\.handlers)
    self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.path, $0) })
    self.loop = loop
  }

  /// Runs `body` with a caller of these services, and with a loop that lives as long.
  public static func with<Result>(
    _ services: [GRPCService], _ body: (LoopbackCaller) async throws -> Result
  ) async throws -> Result {
    var configuration = EventLoopGroup.Configuration(loops: 1)
    configuration.poolThreads = 1
    let group = try EventLoopGroup(configuration)
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(LoopbackCaller(services, on: group.next())))
    } catch {
      result = .failure(error)
    }
    await group.shutdown()
    return try result.get()
  }

  /// Begins a call.
  public func open(
    _ path: GRPCPath, _ options: GRPCCallOptions
  ) async throws(GRPCStatus) -> any GRPCClientStream {
    guard let handler = handlers[path] else {
      throw GRPCStatus(.unimplemented, "nobody answers \(path.path)")
    }
    return CallingEnd(call: LoopbackCall(handler, options.metadata, on: loop))
  }
}

/// A call, between its ends.
private final class LoopbackCall: Sendable {
  /// What goes back besides messages.
  private struct Answer {
    var head: GRPCMetadata?
    var trailers = GRPCMetadata()
    var waiters: [Waiter<Void>] = []
    var call: GRPCCall?
    var task: Task<Void, Never>?
  }

  let requests = MessagePipe()
  let responses = MessagePipe()
  private let answer = Locked(Answer())

  init(_ handler: GRPCHandler, _ metadata: GRPCMetadata, on loop: EventLoop) {
    let call = GRPCCall(
      path: handler.path, metadata: metadata, peer: nil, deadline: nil, loop: loop,
      stream: ServingEnd(call: self))
    answer.withLock { answer in
      answer.call = call
      answer.task = loop.spawn {
        do throws(GRPCStatus) {
          try await handler.answer(call)
          self.end(call, nil)
        } catch {
          self.end(call, error)
        }
      }
    }
  }

  private func end(_ call: GRPCCall, _ status: GRPCStatus?) {
    sendHead()
    answer.withLock {
      $0.trailers = call.trailingMetadata
      ($0.call, $0.task) = (nil, nil)
    }
    requests.end(with: status ?? GRPCStatus(.unavailable, "the call has ended"))
    responses.end(with: status)
  }

  /// What precedes the responses goes with the first.
  func sendHead() {
    let waiters = answer.withLock { answer in
      if answer.head == nil { answer.head = answer.call?.beginAnswer() }
      defer { answer.waiters = [] }
      return answer.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func head() async -> GRPCMetadata {
    await suspend { waiter in
      let isHere = answer.withLock { answer in
        if answer.head == nil { answer.waiters.append(waiter) }
        return answer.head != nil
      }
      if isHere { waiter.resume() }
    }
    return answer.withLock { $0.head } ?? GRPCMetadata()
  }

  var trailers: GRPCMetadata { answer.withLock { $0.trailers } }

  func cancel() {
    let status = GRPCStatus(.cancelled, "the call was given up")
    requests.end(with: status)
    responses.end(with: status)
    answer.withLock { $0.task }?.cancel()
  }
}

/// The side that answers.
private final class ServingEnd: GRPCServerStream {
  private let call: LoopbackCall
  init(call: LoopbackCall) { self.call = call }

  var isDraining: Bool { false }

  func receive() async throws(GRPCStatus) -> ByteBuffer? { try await call.requests.receive() }

  func send(_ frame: ByteBuffer) async throws(GRPCStatus) {
    call.sendHead()
    try await call.responses.send(frame)
  }
}

/// The side that calls.
private final class CallingEnd: GRPCClientStream {
  private let call: LoopbackCall
  init(call: LoopbackCall) { self.call = call }

  func send(_ frame: ByteBuffer) async throws(GRPCStatus) { try await call.requests.send(frame) }
  func finish() async throws(GRPCStatus) { call.requests.end(with: nil) }
  func receive() async throws(GRPCStatus) -> ByteBuffer? { try await call.responses.receive() }
  func responseMetadata() async throws(GRPCStatus) -> GRPCMetadata { await call.head() }
  var trailingMetadata: GRPCMetadata { call.trailers }
  func cancel() { call.cancel() }
}
