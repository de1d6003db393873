// Writes the parts of messages. What may break a message apart cannot get here: `HTTPFields` holds only names and
// values that are safe to write.

public import Bytes
public import HTTP

/// Appends parts of HTTP/1.1 messages to a buffer.
public enum HTTP1Writer {
  /// Appends a status line.
  public static func append(_ status: HTTPStatus, to output: inout ByteBuffer) {
    if status.code == 200 { return output.append("HTTP/1.1 200 OK\r\n") }
    output.append("HTTP/1.1 ")
    append(decimal: status.code, to: &output)
    output.append(" ")
    output.append(status.reason)
    output.append("\r\n")
  }

  /// Appends fields, each with its line end.
  public static func append(_ fields: HTTPFields, to output: inout ByteBuffer) {
    if fields.isWireForm {
      output.append(fields.bytes)
    } else {
      append(fields, to: &output, omitting: { _ in false })
    }
  }

  /// Appends the fields of an answer but those that frame the message, each with its line end.
  public static func append(answer fields: HTTPFields, to output: inout ByteBuffer) {
    if fields.isWireForm && !fields.framesMessage { return output.append(fields.bytes) }
    append(fields, to: &output, omitting: HTTPFields.framesMessage)
  }

  private static func append(
    _ fields: HTTPFields, to output: inout ByteBuffer, omitting isOmitted: (UnsafeRawBufferPointer) -> Bool
  ) {
    fields.bytes.withReadableBytes { all in
      for entry in fields.entries {
        let name = entry.name.of(all)
        if isOmitted(name) { continue }
        output.append(name)
        output.append(": ")
        output.append(entry.value.of(all))
        output.append("\r\n")
      }
    }
  }

  /// Appends `Content-Length` with its line end.
  public static func append(contentLength: Int, to output: inout ByteBuffer) {
    output.append("Content-Length: ")
    append(decimal: contentLength, to: &output)
    output.append("\r\n")
  }

  /// Appends the head of a request with its empty line. Host comes first, from the head's authority, and then what
  /// delimits the body; the head's own fields must have neither.
  public static func append(_ head: HTTPRequestHead, body: HTTPBodyLength, to output: inout ByteBuffer) {
    output.append(head.method.name)
    output.append(" ")
    output.append(head.target)
    output.append(" HTTP/1.1\r\nHost: ")
    output.append(head.authority ?? "")
    output.append("\r\n")
    switch body {
    case .none: break
    case .exactly(let length): append(contentLength: length, to: &output)
    case .unknown: output.append("Transfer-Encoding: chunked\r\n")
    }
    append(head.fields, to: &output)
    output.append("\r\n")
  }

  /// Appends the line before a chunk of `count` bytes; `chunkEnd` goes after them. A chunk is never empty: that is
  /// the end of the body.
  public static func append(chunkOf count: Int, to output: inout ByteBuffer) {
    precondition(count > 0, "an empty chunk ends the body")
    let digits: StaticString = "0123456789abcdef"
    var shift = (63 - count.leadingZeroBitCount) / 4 * 4
    while shift >= 0 {
      output.append(digits.utf8Start[count >> shift & 15])
      shift -= 4
    }
    output.append("\r\n")
  }

  /// Appends what follows the bytes of a chunk.
  public static func appendChunkEnd(to output: inout ByteBuffer) { output.append("\r\n") }

  /// Appends the end of a chunked body.
  public static func appendLastChunk(trailers: HTTPFields = HTTPFields(), to output: inout ByteBuffer) {
    output.append("0\r\n")
    append(trailers, to: &output)
    output.append("\r\n")
  }

  /// Appends a number that is not negative, in decimal.
  static func append(decimal value: Int, to output: inout ByteBuffer) {
    precondition(value >= 0, "no length is negative")
    if value < 10 { return output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var (first, rest) = (20, UInt(value))
    repeat {
      first -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    withUnsafeBytes(of: digits) { output.append(UnsafeRawBufferPointer(rebasing: $0[first...])) }
  }
}
