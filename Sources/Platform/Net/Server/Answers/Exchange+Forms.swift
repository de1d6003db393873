// Forms as they are sent: short ones whole, those with files in pieces.

import Bytes
public import HTTP

extension Exchange {
  /// The fields of a form sent as application/x-www-form-urlencoded.
  ///
  /// - Throws: 415 for another type, 413 over `limit` decoded bytes, 400 for what is malformed.
  public mutating func form(limit: Int) async throws(HTTPError) -> HTTPQuery {
    let type = request.fields["content-type"].flatMap { MediaType($0) }
    guard type?.essence == "application/x-www-form-urlencoded" else {
      throw HTTPError(
        415, code: "unsupported_media_type", "the body has to be application/x-www-form-urlencoded")
    }
    let body = try await decodedBody(limit: limit)
    return try body.withReadableBytes { bytes throws(HTTPError) in try HTTPQuery(bytes) }
  }

  /// The parts of a form sent as multipart/form-data, to be pulled.
  ///
  /// - Parameters:
  ///   - limits: what a part may cost.
  ///   - limit: how many decoded bytes there may be in all: 413 above it.
  /// - Throws: 415 for another type, 400 when it names no boundary.
  public func multipart(
    limits: MultipartLimits = MultipartLimits(), limit: Int = .max
  ) throws(HTTPError) -> MultipartReader {
    MultipartReader(
      try MultipartParser(contentType: request.fields["content-type"] ?? "", limits: limits),
      try decodedChunks(limit: limit))
  }
}
