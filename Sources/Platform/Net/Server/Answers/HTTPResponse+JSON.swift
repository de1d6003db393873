// Answers in JSON, and bodies that are.

import Bytes
public import HTTP
public import Wire

extension HTTPResponse {
  /// An answer in JSON that `write` writes.
  public static func json(_ status: HTTPStatus = 200, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
    var writer = JSONWriter()
    write(&writer)
    return HTTPResponse(status, contentType: "application/json", body: writer.finish())
  }

  /// An answer in JSON.
  public static func json(_ status: HTTPStatus = 200, _ value: JSONValue) -> HTTPResponse {
    json(status) { $0.value(value) }
  }
}

extension Exchange {
  /// Answers in JSON that `write` writes.
  public mutating func respondJSON(
    _ status: HTTPStatus = 200, _ write: (inout JSONWriter) -> Void
  ) async throws(HTTPError) {
    try await respond(.json(status, write))
  }

  /// Answers in JSON.
  public mutating func respondJSON(_ status: HTTPStatus = 200, _ value: JSONValue) async throws(HTTPError) {
    try await respond(.json(status, value))
  }

  /// The body, which has to be one JSON document.
  ///
  /// - Throws: 415 for another type, 400 for what is no JSON, 413 over `limit` decoded bytes.
  public mutating func jsonBody(limit: Int) async throws(HTTPError) -> JSONValue {
    let type = request.fields["content-type"].flatMap { MediaType($0) }
    guard let type, type.essence == "application/json" || type.essence.hasSuffix("+json") else {
      throw HTTPError(415, code: "unsupported_media_type", "the body has to be application/json")
    }
    let body = try await decodedBody(limit: limit)
    do throws(JSONError) {
      return try JSONValue(parsing: body.readable)
    } catch {
      throw .badRequest(code: "malformed_json", "the body is no JSON: \(error)")
    }
  }
}
