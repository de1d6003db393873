// What makes calls, without the bytes: generated clients call it, a connection answers.

public import Bytes
import Wire

/// Makes calls. GRPCClient has the one that goes over the network.
public protocol GRPCCaller: Sendable {
  /// Begins a call.
  ///
  /// - Throws: `unavailable` when nobody can be reached.
  func open(_ path: GRPCPath, _ options: GRPCCallOptions) async throws(GRPCStatus) -> any GRPCClientStream
}

/// The messages of a call that was made, from any task: one may send while another receives.
public protocol GRPCClientStream: AnyObject, Sendable {
  /// Sends a message; suspends while the server is too far behind.
  ///
  /// - Parameter frame: the message with its prefix, not compressed.
  /// - Throws: the status, when the call has ended.
  func send(_ frame: ByteBuffer) async throws(GRPCStatus)

  /// Says that there are no more requests.
  func finish() async throws(GRPCStatus)

  /// The next message, decompressed; nil after the last, when the call has succeeded.
  ///
  /// - Throws: the status, when the call has failed.
  func receive() async throws(GRPCStatus) -> ByteBuffer?

  /// What came before the first response; suspends until it has come.
  func responseMetadata() async throws(GRPCStatus) -> GRPCMetadata

  /// What came with the status; empty before `receive` has returned nil or thrown.
  var trailingMetadata: GRPCMetadata { get }

  /// Gives the call up.
  func cancel()
}

/// What a caller wants of one call.
public struct GRPCCallOptions: Sendable {
  /// What goes with it.
  public var metadata = GRPCMetadata()
  /// How long it may take, from its beginning; nil when it may take for ever.
  public var timeout: Duration?
  /// How requests are compressed.
  public var compression = GRPCCompression.identity
  /// How long messages may be.
  public var limits = GRPCLimits()
  /// Whether the call waits for a server that cannot be reached now, for as long as it may take.
  public var waitsForServer = false

  /// The usual call: without an end.
  public init() {}

  /// A call that may take so long.
  public init(timeout: Duration) { self.timeout = timeout }
}

extension GRPCCaller {
  /// One request, one response.
  public func unary<Request, Response>(
    _ method: GRPCMethod<Request, Response>, _ request: Request, _ options: GRPCCallOptions = .init()
  ) async throws(GRPCStatus) -> Response {
    let call = GRPCStreamingCall<Request, Response>(try await open(method.path, options))
    try await call.requests.send(request)
    try await call.requests.finish()
    return try await call.responses.only()
  }

  /// One request, any number of responses. The call is given up when nobody holds the responses any more.
  public func serverStreaming<Request, Response>(
    _ method: GRPCMethod<Request, Response>, _ request: Request, _ options: GRPCCallOptions = .init()
  ) async throws(GRPCStatus) -> GRPCReplies<Response> {
    let call = GRPCStreamingCall<Request, Response>(try await open(method.path, options))
    try await call.requests.send(request)
    try await call.requests.finish()
    return call.responses
  }

  /// Any number of requests, one response.
  ///
  /// - Parameter body: sends the requests; the last was sent when it returns.
  public func clientStreaming<Request, Response>(
    _ method: GRPCMethod<Request, Response>, _ options: GRPCCallOptions = .init(),
    _ body: (GRPCOutgoing<Request>) async throws(GRPCStatus) -> Void
  ) async throws(GRPCStatus) -> Response {
    let call = GRPCStreamingCall<Request, Response>(try await open(method.path, options))
    do throws(GRPCStatus) {
      try await body(call.requests)
      try await call.requests.finish()
    } catch {
      call.responses.cancel()
      throw error
    }
    return try await call.responses.only()
  }

  /// Any number of each. The call is given up when nobody holds the responses any more.
  public func bidirectional<Request, Response>(
    _ method: GRPCMethod<Request, Response>, _ options: GRPCCallOptions = .init()
  ) async throws(GRPCStatus) -> GRPCStreamingCall<Request, Response> {
    GRPCStreamingCall(try await open(method.path, options))
  }
}
