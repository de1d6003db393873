// Declaring routes. A `Routes` is filled while a program starts, and becomes a `Router`, which does not change.

public import HTTP

/// Routes being declared.
public struct Routes: Sendable {
  /// One declared route.
  struct Route: Sendable {
    let method: HTTPMethod
    let pattern: RoutePattern
    let operation: Operation
    let middleware: [any Middleware]
    let endpoint: Endpoint
  }

  /// Where the description of the routes is served, and what it is called.
  struct Description: Sendable {
    let path: RoutePattern
    let information: OpenAPIInformation
  }

  private(set) var declared: [Route] = []
  private(set) var description: Description?
  /// What every request passes, those without a route too, in order.
  private(set) var middleware: [any Middleware] = []

  /// No routes.
  public init() {}

  /// Has every request pass `middleware`, after those that were added before.
  public mutating func use(_ middleware: some Middleware) { self.middleware.append(middleware) }

  /// Declares a route.
  ///
  /// - Parameters:
  ///   - method: the method it answers. One for GET answers HEAD too, unless there is another for it.
  ///   - pattern: the paths it answers.
  ///   - operation: what to tell of it in the description of the routes.
  ///   - middleware: what its requests pass besides what all do.
  ///   - endpoint: returns the answer, or writes it to the exchange and returns nil.
  public mutating func on(
    _ method: HTTPMethod, _ pattern: RoutePattern, _ operation: Operation = Operation(),
    through middleware: [any Middleware] = [], answer endpoint: @escaping Endpoint
  ) {
    declared.append(
      Route(
        method: method, pattern: pattern, operation: operation, middleware: middleware, endpoint: endpoint))
  }

  /// Declares a route for GET and HEAD.
  public mutating func get(
    _ pattern: RoutePattern, _ operation: Operation = Operation(), answer endpoint: @escaping Endpoint
  ) {
    on(.get, pattern, operation, answer: endpoint)
  }

  /// Declares a route for POST.
  public mutating func post(
    _ pattern: RoutePattern, _ operation: Operation = Operation(), answer endpoint: @escaping Endpoint
  ) {
    on(.post, pattern, operation, answer: endpoint)
  }

  /// Declares a route for PUT.
  public mutating func put(
    _ pattern: RoutePattern, _ operation: Operation = Operation(), answer endpoint: @escaping Endpoint
  ) {
    on(.put, pattern, operation, answer: endpoint)
  }

  /// Declares a route for PATCH.
  public mutating func patch(
    _ pattern: RoutePattern, _ operation: Operation = Operation(), answer endpoint: @escaping Endpoint
  ) {
    on(.patch, pattern, operation, answer: endpoint)
  }

  /// Declares a route for DELETE.
  public mutating func delete(
    _ pattern: RoutePattern, _ operation: Operation = Operation(), answer endpoint: @escaping Endpoint
  ) {
    on(.delete, pattern, operation, answer: endpoint)
  }

  /// Declares the routes of `group` below a prefix.
  ///
  /// - Parameters:
  ///   - prefix: what their patterns begin with: `/v1`, or nothing.
  ///   - middleware: what their requests pass besides what all do.
  ///   - group: routes; what all of them pass comes after `middleware`.
  public mutating func group(
    _ prefix: String = "", through middleware: [any Middleware] = [], _ group: Routes
  ) {
    precondition(prefix.isEmpty || (prefix.hasPrefix("/") && !prefix.hasSuffix("/")), "a prefix is like /v1")
    precondition(group.description == nil, "the description is of all routes")
    for route in group.declared {
      declared.append(
        Route(
          method: route.method, pattern: route.pattern.prefixed(by: prefix), operation: route.operation,
          middleware: middleware + group.middleware + route.middleware, endpoint: route.endpoint))
    }
  }

  /// Serves the routes' description, an OpenAPI 3.1 document in JSON, at `path`.
  public mutating func describe(at path: RoutePattern = "/openapi.json", _ information: OpenAPIInformation) {
    precondition(description == nil && path.parameters.isEmpty, "there is one description, at one path")
    description = Description(path: path, information: information)
  }
}
