// The fields after a chunked body. They are kept apart from the header's, and may not say what only a header may.

import Bytes
import HTTP

/// Collects trailer fields as their lines arrive.
struct TrailerSection: Sendable {
  private var scanner = LineScanner()
  private var fields = HTTPFields()

  /// The fields, once their last line is at the front of `input`; nil when more bytes are needed.
  mutating func next(
    from input: inout ByteBuffer, _ limits: HTTP1Limits
  ) throws(HTTP1Error) -> HTTPFields? {
    let length = try input.withReadableBytes { bytes throws(HTTP1Error) in try parse(bytes, limits) }
    guard let length else { return nil }
    if fields.isEmpty {
      input.consume(length)
    } else {
      fields.adopt(input.split(length))
    }
    return fields
  }

  private mutating func parse(
    _ bytes: UnsafeRawBufferPointer, _ limits: HTTP1Limits
  ) throws(HTTP1Error) -> Int? {
    while true {
      let left = limits.trailerBytesMaximum - scanner.lineStart
      guard
        let line = try scanner.next(
          in: bytes, maximum: max(left - 2, 0), tooLong: .fieldsTooLong(limit: limits.trailerBytesMaximum))
      else { return nil }
      if line.isEmpty { return scanner.lineStart }
      if fields.entries.count == limits.trailersMaximum {
        throw .tooManyFields(limit: limits.trailersMaximum)
      }
      let entry = try FieldLine.parse(bytes, line)
      guard !Self.isForbidden(entry.name.of(bytes)) else {
        throw .malformed("a trailer field frames the message")
      }
      fields.entries.append(entry)
    }
  }

  /// RFC 9110 section 6.5.1: a sender must not put fields here that frame or route the message; who merges such a
  /// trailer into the header reads another message than we do.
  private static func isForbidden(_ name: UnsafeRawBufferPointer) -> Bool {
    let forbidden: [StaticString] = ["host", "trailer", "connection", "content-length", "transfer-encoding"]
    return forbidden.contains { HTTPByte.equalIgnoringCase(name, $0) }
  }
}
