// What answers the calls of one method. The four kinds differ in what they are handed; below, all of them read and write
// messages of a call.

import Wire

/// A method with what answers it.
public struct GRPCHandler: Sendable {
  /// Which method.
  public let path: GRPCPath
  /// How often each side speaks.
  public let kind: GRPCMethodKind
  package let answer: @Sendable (GRPCCall) async throws(GRPCStatus) -> Void

  private init(
    _ path: GRPCPath, _ kind: GRPCMethodKind, _ expected: GRPCMethodKind,
    _ answer: @escaping @Sendable (GRPCCall) async throws(GRPCStatus) -> Void
  ) {
    precondition(kind == expected, "\(path.path) is \(kind), and is answered as if it were \(expected)")
    self.path = path
    self.kind = kind
    self.answer = answer
  }

  /// One request, one response.
  public static func unary<Request, Response>(
    _ method: GRPCMethod<Request, Response>,
    _ body: @escaping @Sendable (Request, GRPCCall) async throws(GRPCStatus) -> Response
  ) -> GRPCHandler {
    GRPCHandler(method.path, method.kind, .unary) { call throws(GRPCStatus) in
      let request = try await GRPCRequests<Request>(call: call).only()
      let response = try await body(request, call)
      try await GRPCResponses(call: call).send(response)
    }
  }

  /// Any number of requests, one response.
  public static func clientStreaming<Request, Response>(
    _ method: GRPCMethod<Request, Response>,
    _ body: @escaping @Sendable (GRPCRequests<Request>, GRPCCall) async throws(GRPCStatus) -> Response
  ) -> GRPCHandler {
    GRPCHandler(method.path, method.kind, .clientStreaming) { call throws(GRPCStatus) in
      let response = try await body(GRPCRequests(call: call), call)
      try await GRPCResponses(call: call).send(response)
    }
  }

  /// One request, any number of responses.
  public static func serverStreaming<Request, Response>(
    _ method: GRPCMethod<Request, Response>,
    _ body:
      @escaping @Sendable (Request, GRPCResponses<Response>, GRPCCall) async throws(GRPCStatus) -> Void
  ) -> GRPCHandler {
    GRPCHandler(method.path, method.kind, .serverStreaming) { call throws(GRPCStatus) in
      let request = try await GRPCRequests<Request>(call: call).only()
      try await body(request, GRPCResponses(call: call), call)
    }
  }

  /// Any number of each, in whatever order.
  public static func bidirectional<Request, Response>(
    _ method: GRPCMethod<Request, Response>,
    _ body:
      @escaping @Sendable (
        GRPCRequests<Request>, GRPCResponses<Response>, GRPCCall
      ) async throws(GRPCStatus) -> Void
  ) -> GRPCHandler {
    GRPCHandler(method.path, method.kind, .bidirectional) { call throws(GRPCStatus) in
      try await body(GRPCRequests(call: call), GRPCResponses(call: call), call)
    }
  }
}

/// A service with what answers its methods. Generated code makes them.
public struct GRPCService: Sendable {
  /// With its package.
  public let name: String
  /// What answers each method.
  public let handlers: [GRPCHandler]
  /// Its file and what that imports, for reflection: a FileDescriptorSet in Base64; empty when there is none.
  public let descriptors: String

  /// A service.
  public init(name: String, handlers: [GRPCHandler], descriptors: String = "") {
    precondition(handlers.allSatisfy { $0.path.service == name }, "methods belong to their service")
    precondition(
      Set(handlers.map(\.path)).count == handlers.count, "a method of \(name) is answered twice")
    self.name = name
    self.handlers = handlers
    self.descriptors = descriptors
  }
}
