// Unwraps a chunked body (RFC 9112 section 7.1), without I/O. Data comes out as slices of what was received: nothing
// is copied, and nothing is held back until a chunk is complete.

public import Bytes
public import HTTP

/// The decoder of one chunked body.
public struct HTTP1ChunkedDecoder: Sendable {
  /// What the next bytes are.
  public enum Step: Equatable, Sendable {
    /// Part of the body, at least one byte.
    case data(ByteBuffer)
    /// More has to be received first.
    case needsMore
    /// The body is complete; these fields followed it.
    case end(trailers: HTTPFields)
  }

  private enum State: Sendable {
    case line(LineScanner)
    case data(left: Int)
    case dataEnd
    case trailers(TrailerSection)
    case ended
  }

  private let limits: HTTP1Limits
  private var state = State.line(LineScanner())
  private var extensionBytes = 0
  /// How many bytes of the body have been announced.
  public private(set) var bodyBytes = 0

  /// A decoder that refuses what exceeds `limits`.
  public init(limits: HTTP1Limits = HTTP1Limits()) { self.limits = limits }

  /// Takes the next piece off the front of `input`. After `.end`, what is left there is the next message's.
  public mutating func next(from input: inout ByteBuffer) throws(HTTP1Error) -> Step {
    while true {
      switch state {
      case .line(var scanner):
        let maximum = limits.chunkLineBytesMaximum
        let parsed = try input.withReadableBytes { bytes throws(HTTP1Error) -> (size: Int, line: Int)? in
          guard
            let line = try scanner.next(
              in: bytes, maximum: maximum, tooLong: .malformed("the line of a chunk is over \(maximum) bytes")
            )
          else { return nil }
          let content = UnsafeRawBufferPointer(rebasing: bytes[line])
          return (try chunkSize(content), line.count)
        }
        guard let parsed else {
          state = .line(scanner)
          return .needsMore
        }
        input.consume(parsed.line + 2)
        state = parsed.size == 0 ? .trailers(TrailerSection()) : .data(left: parsed.size)
      case .data(let left):
        if input.isEmpty { return .needsMore }
        let piece = input.split(min(left, input.count))
        state = piece.count == left ? .dataEnd : .data(left: left - piece.count)
        return .data(piece)
      case .dataEnd:
        guard input.count >= 2 else { return .needsMore }
        guard input[0] == HTTPByte.carriageReturn, input[1] == HTTPByte.lineFeed else {
          throw .malformed("a chunk is longer than it says")
        }
        input.consume(2)
        state = .line(LineScanner())
      case .trailers(var section):
        guard let fields = try section.next(from: &input, limits) else {
          state = .trailers(section)
          return .needsMore
        }
        state = .ended
        return .end(trailers: fields)
      case .ended:
        return .end(trailers: HTTPFields())
      }
    }
  }

  /// The size that the line of a chunk states.
  private mutating func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTP1Error) -> Int {
    var (size, index) = (0, 0)
    while index < line.count, let digit = HTTPByte.hexValue(line[index]) {
      // Checked before the shift: the sum of what was announced has to stay far from overflow.
      guard size >> 50 == 0 else { throw .malformed("the size of a chunk is beyond all measure") }
      size = size << 4 | Int(digit)
      index += 1
    }
    if index == 0 { throw .malformed("a chunk does not begin with its size") }
    if index < line.count {
      extensionBytes += line.count - index
      guard extensionBytes <= limits.chunkExtensionBytesMaximum else {
        throw .malformed("chunk extensions are over \(limits.chunkExtensionBytesMaximum) bytes")
      }
      guard ChunkExtensions.areValid(UnsafeRawBufferPointer(rebasing: line[index...])) else {
        throw .malformed("the size of a chunk is followed by neither its end nor an extension")
      }
    }
    guard size <= limits.bodyBytesMaximum - bodyBytes else {
      throw .bodyTooLarge(limit: limits.bodyBytesMaximum)
    }
    bodyBytes += size
    return size
  }
}

/// Chunk extensions: checked, because what is skipped unread can hide a line end from one parser and not from
/// another, and then ignored, as RFC 9112 section 7.1.1 asks.
private enum ChunkExtensions {
  /// Whether `bytes` are `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`.
  static func areValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    func skipBlanks() { while index < bytes.count, HTTPByte.isBlank(bytes[index]) { index += 1 } }
    func skipToken() -> Bool {
      let start = index
      while index < bytes.count, HTTPByte.isToken(bytes[index]) { index += 1 }
      return index > start
    }
    func skipQuoted() -> Bool {
      index += 1
      while index < bytes.count {
        let byte = bytes[index]
        guard HTTPByte.isFieldValue(byte) else { return false }
        index += 1
        if byte == UInt8(ascii: "\"") { return true }
        if byte == UInt8(ascii: "\\") {
          guard index < bytes.count, HTTPByte.isFieldValue(bytes[index]) else { return false }
          index += 1
        }
      }
      return false
    }
    while index < bytes.count {
      skipBlanks()
      guard index < bytes.count, bytes[index] == UInt8(ascii: ";") else { return false }
      index += 1
      skipBlanks()
      guard skipToken() else { return false }
      let nameEnd = index
      skipBlanks()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
        index = nameEnd
        continue
      }
      index += 1
      skipBlanks()
      let isQuoted = index < bytes.count && bytes[index] == UInt8(ascii: "\"")
      guard isQuoted ? skipQuoted() : skipToken() else { return false }
    }
    return true
  }
}
