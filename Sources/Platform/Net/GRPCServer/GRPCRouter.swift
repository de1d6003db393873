// Finds what answers a call, and has it answer. A router is an HTTP handler: gRPC and everything else can share a port.

public import GRPC
public import HTTP
public import HTTPServer
import Runtime
public import Telemetry

/// Services behind an HTTP server that speaks HTTP/2.
public struct GRPCRouter: HTTPHandler {
  /// How calls are answered.
  public struct Configuration: Sendable {
    /// What metrics call the server.
    public var name: String
    /// How long messages may be.
    public var limits = GRPCLimits()
    /// How responses are compressed; nil when a response goes as its request came. Clients that cannot read it get
    /// theirs as they are.
    public var compression: GRPCCompression?
    /// How long a call may take whose caller sets no deadline, and at most; nil when it may take for ever.
    public var timeoutMaximum: Duration?
    /// Asked before each call is answered, in order.
    public var admission: [any GRPCAdmission] = []

    /// The usual answers.
    public init(name: String) { self.name = name }
  }

  private let core: GRPCRouterCore
  private let other: (any HTTPHandler)?

  /// A router of `services`.
  ///
  /// Two services of one name are a programmer's error.
  ///
  /// - Parameters:
  ///   - services: what is answered.
  ///   - configuration: how.
  ///   - metrics: where calls are counted.
  ///   - logger: where failures are told of that are ours.
  ///   - other: answers requests that are no calls; without it they are refused.
  public init(
    _ services: [GRPCService], _ configuration: Configuration, metrics: MetricRegistry, logger: Logger,
    otherwise other: (any HTTPHandler)? = nil
  ) {
    core = GRPCRouterCore(services, configuration, metrics, logger)
    self.other = other
  }

  /// Answers a call, or has the other handler answer what is none.
  public func respond(to exchange: inout Exchange) async throws(HTTPError) {
    let isCall = exchange.request.fields.withValue(of: "content-type", GRPCContentType.isOfCall) ?? false
    guard isCall else {
      if let other { return try await other.respond(to: &exchange) }
      throw HTTPError(
        415, code: "no_call", "only gRPC is spoken here, with messages of protobuf")
    }
    guard exchange.request.method == .post else {
      throw HTTPError(
        405, code: "method_not_allowed", "calls are made with POST", fields: ["Allow": "POST"])
    }
    let method = core.method(exchange.request.target)
    exchange.route = method?.route
    guard let duplex = exchange.duplex(answering: 200) else {
      throw HTTPError(
        505, code: "http2_required", "calls are made over HTTP/2",
        fields: ["Upgrade": "h2c", "Connection": "Upgrade"])
    }
    try await GRPCAnswer(duplex, core, exchange.request, peer: exchange.peer).run(method)
  }
}

/// Decides which calls are answered: who may call, how often, with what.
public protocol GRPCAdmission: Sendable {
  /// Lets a call through, or throws what it is answered.
  func admit(_ call: GRPCCall) async throws(GRPCStatus)
}

/// What the copies of a router share.
final class GRPCRouterCore: Sendable {
  /// A method with its metrics.
  struct Method: Sendable {
    let handler: GRPCHandler
    let route: HTTPRoute
    fileprivate let byCode: [Counter]
  }

  let configuration: GRPCRouter.Configuration
  let logger: Logger
  private let methods: [String: Method]
  private let services: Set<String>
  private let unknown: Counter

  init(
    _ services: [GRPCService], _ configuration: GRPCRouter.Configuration, _ metrics: MetricRegistry,
    _ logger: Logger
  ) {
    precondition(Set(services.map(\.name)).count == services.count, "a service is answered twice")
    self.configuration = configuration
    self.logger = logger
    let calls = metrics.counter(
      "varve_grpc_calls_total", help: "gRPC calls answered, by server, method and status code.",
      labels: ["server", "method", "code"], seriesMaximum: 16_384)
    var methods: [String: Method] = [:]
    for handler in services.flatMap(\.handlers) {
      let path = handler.path.path
      methods[path] = Method(
        handler: handler, route: HTTPRoute("POST \(path)", server: configuration.name, registry: metrics),
        byCode: GRPCCode.allCases.map { calls.with([configuration.name, path, $0.label]) })
    }
    self.methods = methods
    self.services = Set(services.map(\.name))
    unknown = calls.with([configuration.name, "unknown", GRPCCode.unimplemented.label])
  }

  /// The method that a path names; nil when there is none.
  func method(_ path: String) -> Method? { methods[path] }

  /// Why a path names no method.
  func refusal(of path: String) -> GRPCStatus {
    guard let named = GRPCPath(path: path) else {
      return GRPCStatus(.unimplemented, "\"\(path)\" is no method: they are called /package.Service/Method")
    }
    if services.contains(named.service) {
      return GRPCStatus(.unimplemented, "the service \(named.service) has no method \(named.method)")
    }
    return GRPCStatus(.unimplemented, "there is no service \(named.service) here")
  }

  func answered(_ method: Method?, _ code: GRPCCode) {
    (method?.byCode[code.rawValue] ?? unknown).increment()
  }
}

extension GRPCCode {
  /// What metrics and logs call it: `NOT_FOUND`.
  var label: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
