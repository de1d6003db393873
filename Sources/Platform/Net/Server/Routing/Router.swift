// Finds the endpoint of a request and has it answer. What fits no route is 404; what fits one, but for its method, 405.

public import Bytes
public import HTTP
public import Telemetry

/// Routes put to work.
public struct Router: HTTPHandler {
  /// What becomes of a path that would fit a route with, or without, a slash at its end.
  public enum TrailingSlash: Sendable {
    /// It is another path: 404.
    case matters
    /// The client is told the right one, with 308.
    case redirects
    /// It is as good as the right one.
    case ignored
  }

  /// Choices that concern all routes.
  public struct Options: Sendable {
    /// What a slash too many or too few means.
    public var trailingSlash = TrailingSlash.matters
    /// Whether OPTIONS is answered, with the methods that a path takes.
    public var answersOptions = true

    /// The usual choices.
    public init() {}
  }

  private let core: RouterCore
  private let entrance: Next

  /// A router of `routes`.
  ///
  /// Two routes for the same method and paths are a programmer's error.
  ///
  /// - Parameters:
  ///   - routes: what was declared.
  ///   - server: what the routes' metrics call the server.
  ///   - metrics: where they are counted.
  ///   - options: choices that concern all routes.
  public init(_ routes: Routes, server: String, metrics: MetricRegistry, options: Options = Options()) {
    core = RouterCore(routes, server: server, metrics: metrics, options: options)
    entrance = Next(routes.middleware, then: .router(core))
  }

  /// The routes' OpenAPI document; nil unless it is served.
  public var openAPIDocument: ByteBuffer? { core.document }

  /// Answers a request by its route.
  public func respond(to exchange: inout Exchange) async throws(HTTPError) {
    var context = RouteContext()
    guard let response = try await entrance.respond(to: &exchange, in: &context) else {
      // An endpoint that wrote nothing and returned nothing is found out by the server.
      return
    }
    try await exchange.respond(response)
  }
}

/// What the copies of a router share.
final class RouterCore: Sendable {
  /// One method of a resource.
  private struct Action: Sendable {
    let route: HTTPRoute
    let way: Next
  }

  /// The routes of one pattern.
  private struct Resource: Sendable {
    let pattern: RoutePattern
    var actions: [(method: HTTPMethod, action: Action)] = []

    func action(for method: HTTPMethod) -> Action? {
      let exact = actions.first { $0.method == method }?.action
      return exact ?? (method == .head ? actions.first { $0.method == .get }?.action : nil)
    }
  }

  private let tree: RouteTree
  private let resources: [Resource]
  private let options: Router.Options
  let document: ByteBuffer?

  init(_ routes: Routes, server: String, metrics: MetricRegistry, options: Router.Options) {
    var (tree, resources) = (RouteTree(), [Resource]())
    func add(_ route: Routes.Route) {
      let index = tree.insert(route.pattern, resources.count)
      if index == resources.count { resources.append(Resource(pattern: route.pattern)) }
      precondition(
        resources[index].pattern == route.pattern,
        "\(route.pattern) and \(resources[index].pattern) are the same paths under two names")
      precondition(
        !resources[index].actions.contains { $0.method == route.method },
        "\(route.method) \(route.pattern) is declared twice")
      let counted = HTTPRoute("\(route.method) \(route.pattern)", server: server, registry: metrics)
      let way = Next(route.middleware, then: .endpoint(route.endpoint))
      resources[index].actions.append((route.method, Action(route: counted, way: way)))
    }
    for route in routes.declared { add(route) }
    document = routes.description.map { OpenAPIDocument(routes.declared, $0.information).json }
    if let description = routes.description, let document {
      // Made once: each answer shares its bytes.
      let response = HTTPResponse(contentType: "application/json", body: document)
      add(
        Routes.Route(
          method: .get, pattern: description.path, operation: Operation(), middleware: [],
          endpoint: { _, _ in response }))
    }
    self.tree = tree
    self.resources = resources
    self.options = options
  }

  /// Has the endpoint of the request's route answer.
  func dispatch(
    _ exchange: inout Exchange, _ context: inout RouteContext
  ) async throws(HTTPError) -> HTTPResponse? {
    // Most paths need no decoding.
    if let index = exchange.request.withPath({ tree.value(plain: $0) }) {
      return try await perform(resources[index], [], &exchange, &context)
    }
    guard exchange.request.withPath({ $0.first == UInt8(ascii: "/") }) else {
      return try withoutPath(exchange.request)
    }
    let segments = try exchange.request.pathSegments()
    if let index = tree.value(segments) {
      return try await perform(resources[index], segments, &exchange, &context)
    }
    if options.trailingSlash != .matters {
      let other = segments.last == "" ? segments.dropLast() : segments + [""]
      if let index = tree.value(Array(other)) {
        if options.trailingSlash == .redirects { return redirect(exchange.request, to: other) }
        return try await perform(resources[index], Array(other), &exchange, &context)
      }
    }
    throw .notFound()
  }

  private func perform(
    _ resource: Resource, _ segments: [String], _ exchange: inout Exchange, _ context: inout RouteContext
  ) async throws(HTTPError) -> HTTPResponse? {
    let method = exchange.request.method
    guard let action = resource.action(for: method) else {
      let allowed = methods(of: [resource])
      guard method == .options && options.answersOptions else { throw .methodNotAllowed(allowed) }
      return HTTPResponse(204, fields: ["Allow": Self.list(allowed)])
    }
    exchange.route = action.route
    context.matched(resource.pattern, segments)
    return try await action.way.respond(to: &exchange, in: &context)
  }

  /// `OPTIONS *` asks what the server can do at all; CONNECT is for proxies.
  private func withoutPath(_ request: HTTPRequestHead) throws(HTTPError) -> HTTPResponse {
    let allowed = methods(of: resources)
    guard request.method == .options && options.answersOptions else { throw .methodNotAllowed(allowed) }
    return HTTPResponse(204, fields: ["Allow": Self.list(allowed)])
  }

  private func methods(of resources: [Resource]) -> [HTTPMethod] {
    var methods: [HTTPMethod] = []
    func add(_ method: HTTPMethod) {
      if !methods.contains(method) { methods.append(method) }
    }
    for resource in resources {
      for (method, _) in resource.actions {
        add(method)
        if method == .get { add(.head) }
      }
    }
    if options.answersOptions { add(.options) }
    return methods
  }

  private static func list(_ methods: [HTTPMethod]) -> String { methods.map(\.name).joined(separator: ", ") }

  /// The segments are escaped anew: as they were sent, a backslash among them could lead to another host.
  private func redirect(_ request: HTTPRequestHead, to segments: [String]) -> HTTPResponse {
    let path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
    let location = request.query.map { "\(path)?\($0)" } ?? path
    return HTTPResponse(308, fields: ["Location": location])
  }
}
