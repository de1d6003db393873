// What answers the calls of Echo: as Schemas/testing/echo.proto says, and nothing besides.

import Bytes
public import GRPC
import Runtime

/// Echo, answered.
public struct EchoAnswers: Varve_Testing_V1_EchoServiceProvider {
  /// What the answer is to be.
  public typealias Request = Varve_Testing_V1_EchoRequest
  /// What was asked for.
  public typealias Response = Varve_Testing_V1_EchoResponse

  /// How long one response may become.
  public static let responseBytesMaximum = 64 << 20

  /// Answers as requests say.
  public init() {}

  /// The payload and the text, so many times over.
  public func unary(_ request: Request, _ call: GRPCCall) async throws(GRPCStatus) -> Response {
    try await wait(request, call)
    try fail(request)
    var (response, times) = (Response(), Int(request.times))
    guard times <= Self.responseBytesMaximum / max(1, request.payload.count + request.text.utf8.count) else {
      throw GRPCStatus(.resourceExhausted, "a response of more than \(Self.responseBytesMaximum) bytes")
    }
    var payload = ByteBuffer(capacity: request.payload.count * times)
    for _ in 0..<times { payload.append(request.payload) }
    response.payload = payload
    response.text = String(repeating: request.text, count: times)
    return response
  }

  /// The payloads and texts of all requests, one after another.
  public func collect(
    _ requests: GRPCRequests<Request>, _ call: GRPCCall
  ) async throws(GRPCStatus) -> Response {
    var (response, payload) = (Response(), ByteBuffer())
    for try await request in requests {
      try await wait(request, call)
      try fail(request)
      guard payload.count + request.payload.count <= Self.responseBytesMaximum else {
        throw GRPCStatus(.resourceExhausted, "a response of more than \(Self.responseBytesMaximum) bytes")
      }
      payload.append(request.payload)
      response.text += request.text
      response.sequence += 1
    }
    response.payload = payload
    return response
  }

  /// So many responses.
  public func expand(
    _ request: Request, _ responses: GRPCResponses<Response>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    var sequence: UInt64 = 0
    try await answer(request, responses, call, &sequence)
  }

  /// So many responses to each request.
  public func chat(
    _ requests: GRPCRequests<Request>, _ responses: GRPCResponses<Response>, _ call: GRPCCall
  ) async throws(GRPCStatus) {
    var sequence: UInt64 = 0
    for try await request in requests { try await answer(request, responses, call, &sequence) }
  }

  // MARK: What requests ask for

  private func answer(
    _ request: Request, _ responses: GRPCResponses<Response>, _ call: GRPCCall, _ sequence: inout UInt64
  ) async throws(GRPCStatus) {
    for _ in 0..<request.times {
      try await wait(request, call)
      var response = Response()
      response.payload = request.payload
      response.text = request.text
      response.sequence = sequence
      sequence += 1
      try await responses.send(response)
    }
    try fail(request)
  }

  private func wait(_ request: Request, _ call: GRPCCall) async throws(GRPCStatus) {
    guard request.delayMs > 0 else { return }
    do throws(CancellationError) {
      try await call.loop.sleep(for: .milliseconds(request.delayMs))
    } catch {
      throw GRPCStatus(.cancelled, "the call was given up")
    }
  }

  private func fail(_ request: Request) throws(GRPCStatus) {
    guard request.failCode != 0 else { return }
    throw GRPCStatus(GRPCCode(rawValue: Int(request.failCode)) ?? .unknown, request.text)
  }
}

extension Varve_Testing_V1_EchoRequest {
  fileprivate var times: UInt32 { max(1, self.repeat) }
}
