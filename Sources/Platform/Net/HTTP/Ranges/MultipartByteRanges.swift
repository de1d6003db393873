// The body of an answer with several parts (RFC 9110 section 14.6): what goes before, between and behind them. Its
// length is known before any of it is sent.

public import Bytes

/// The frame of a `multipart/byteranges` body.
public struct MultipartByteRanges: Sendable {
  /// The parts in order.
  public let parts: [Range<Int64>]
  private let length: Int64
  private let partType: String
  private let boundary: String

  /// The frame around `parts`.
  ///
  /// - Parameters:
  ///   - parts: parts of the representation.
  ///   - length: how long the representation is.
  ///   - contentType: what the representation is.
  ///   - boundary: a text that is not in the parts: a random one.
  public init(_ parts: [Range<Int64>], of length: Int64, contentType: String, boundary: String) {
    self.parts = parts
    self.length = length
    self.boundary = boundary
    partType = contentType
  }

  /// A boundary that nobody can guess, and so nobody has put into a file.
  public static func randomBoundary() -> String {
    var random = SystemRandomNumberGenerator()
    let text = String(random.next(), radix: 36) + String(random.next(), radix: 36)
    return "varve-" + text
  }

  /// The Content-Type of the answer.
  public var contentType: String { "multipart/byteranges; boundary=\(boundary)" }

  /// What precedes the part at `index`.
  public func head(of index: Int) -> ByteBuffer {
    var head = ByteBuffer()
    head.append(index == 0 ? "--" : "\r\n--")
    head.append(boundary)
    head.append("\r\nContent-Type: ")
    head.append(partType)
    head.append("\r\nContent-Range: ")
    head.append(ContentRange.part(parts[index], of: length))
    head.append("\r\n\r\n")
    return head
  }

  /// What follows the last part.
  public var tail: ByteBuffer { ByteBuffer("\r\n--\(boundary)--\r\n") }

  /// How many bytes the whole body has.
  public var count: Int {
    parts.indices.reduce(tail.count) { $0 + head(of: $1).count + parts[$1].count }
  }
}
