// What stands between the server and the endpoints: it may answer itself, change the request's context, or change the
// answer.

public import HTTP

/// Answers requests of one route: by returning the answer, or by writing it to the exchange and returning nil.
///
/// An `HTTPError` that it throws, or an error that is `HTTPErrorConvertible`, becomes the answer; any other is a failure
/// inside, 500.
public typealias Endpoint = @Sendable (inout Exchange, RouteContext) async throws -> HTTPResponse?

/// A part of the way to an endpoint.
public protocol Middleware: Sendable {
  /// Answers a request, most often by asking what comes next.
  ///
  /// - Returns: the answer; nil when it was written to the exchange.
  func respond(
    to exchange: inout Exchange, in context: inout RouteContext, next: Next
  ) async throws(HTTPError) -> HTTPResponse?
}

/// What comes after a middleware.
public struct Next: Sendable {
  /// What comes last.
  enum Destination: Sendable {
    case router(RouterCore)
    case endpoint(Endpoint)
  }

  private let middleware: [any Middleware]
  private let index: Int
  private let destination: Destination

  init(_ middleware: [any Middleware], _ index: Int = 0, then destination: Destination) {
    self.middleware = middleware
    self.index = index
    self.destination = destination
  }

  /// Goes on.
  ///
  /// - Returns: the answer; nil when it was written to the exchange.
  public func respond(
    to exchange: inout Exchange, in context: inout RouteContext
  ) async throws(HTTPError) -> HTTPResponse? {
    if index < middleware.count {
      let next = Next(middleware, index + 1, then: destination)
      return try await middleware[index].respond(to: &exchange, in: &context, next: next)
    }
    switch destination {
    case .router(let core): return try await core.dispatch(&exchange, &context)
    case .endpoint(let endpoint):
      do {
        return try await endpoint(&exchange, context)
      } catch {
        throw HTTPError(explaining: error)
      }
    }
  }
}
