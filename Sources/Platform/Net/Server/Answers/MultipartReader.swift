// The parts of a form, pulled from an exchange.

import Bytes
public import HTTP

/// Reads one form:
///
///     var form = try exchange.multipart()
///     while let event = try await form.next(from: &exchange) { … }
public struct MultipartReader {
  private var parser: MultipartParser
  private var chunks: DecodedBody
  private var input = ByteBuffer()

  init(_ parser: MultipartParser, _ chunks: DecodedBody) {
    self.parser = parser
    self.chunks = chunks
  }

  /// What comes next; nil after the end, when the whole body was read.
  ///
  /// - Throws: 400 for what is malformed or cut short, 413 and 431 over a limit.
  public mutating func next(from exchange: inout Exchange) async throws(HTTPError) -> MultipartEvent? {
    while true {
      if let event = try parser.next(from: &input) { return event }
      guard let piece = try await chunks.next(from: &exchange) else {
        try parser.finish()
        return nil
      }
      if input.isEmpty { input = piece } else { input.append(piece) }
    }
  }
}
