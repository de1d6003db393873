// A method of a service, as both ends know it: its name, its messages, and which of them are streamed.

public import Wire

/// A method whose messages are known when a program is compiled. Generated code declares them.
public struct GRPCMethod<Request: Message, Response: Message>: Hashable, Sendable {
  /// Its full name.
  public let path: GRPCPath
  /// How often each side speaks.
  public let kind: GRPCMethodKind

  /// A method.
  public init(_ path: GRPCPath, _ kind: GRPCMethodKind) {
    self.path = path
    self.kind = kind
  }
}

/// How often each side of a call speaks.
public enum GRPCMethodKind: Hashable, Sendable {
  /// One request, one response.
  case unary
  /// Any number of requests, one response.
  case clientStreaming
  /// One request, any number of responses.
  case serverStreaming
  /// Any number of each, in whatever order the two sides agree on.
  case bidirectional

  /// Whether there may be another number of requests than one.
  public var streamsRequests: Bool { self == .clientStreaming || self == .bidirectional }
  /// Whether there may be another number of responses than one.
  public var streamsResponses: Bool { self == .serverStreaming || self == .bidirectional }
}
