// Errors as clients that are programs like them: problem details in JSON (RFC 9457), made in one place.

import Bytes
public import HTTP
import Telemetry
import Wire

/// Gives every error that passes a body of `application/problem+json`, with the error's stable code and the request's
/// identifier.
public struct ProblemAnswers: Middleware {
  /// The media type of problem details.
  public static let contentType = "application/problem+json"

  private let typePrefix: String?

  /// - Parameter typePrefix: a URI that becomes the problem's type with the code behind it; nil to have none.
  public init(typePrefix: String? = nil) { self.typePrefix = typePrefix }

  /// Goes on, and describes what is thrown unless somebody has.
  public func respond(
    to exchange: inout Exchange, in context: inout RouteContext, next: Next
  ) async throws(HTTPError) -> HTTPResponse? {
    do throws(HTTPError) {
      return try await next.respond(to: &exchange, in: &context)
    } catch {
      var error = error
      if error.representation == nil {
        error.representation = .init(
          contentType: Self.contentType, body: Self.body(error, exchange.id, typePrefix: typePrefix))
      }
      throw error
    }
  }

  private static func body(_ error: HTTPError, _ id: RequestID, typePrefix: String?) -> ByteBuffer {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("type")
    writer.string(typePrefix.map { $0 + error.code } ?? "about:blank")
    writer.key("title")
    writer.string(error.status.reason.description)
    writer.key("status")
    writer.integer(error.status.code)
    writer.key("detail")
    writer.string(error.explanation)
    writer.key("code")
    writer.string(error.code)
    writer.key("request_id")
    writer.string(id.description)
    writer.endObject()
    return writer.finish()
  }

  /// What such a body looks like.
  public static let schema = OpenAPISchema.named(
    "Problem",
    .object([
      .required("type", .string(format: "uri-reference")), .required("title", .string()),
      .required("status", .integer()), .required("detail", .string()),
      .required("code", .string(), "A word for programs, which does not change."),
      .required("request_id", .string(), "What the server's log calls the request."),
    ]))
}
