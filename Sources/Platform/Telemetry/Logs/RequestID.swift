// The name of one request, from the door it came in by to the last line it caused. Ours are made here;
// a caller's is kept when it is short and plain enough to be safe in a line, a header and a shell.

public import Bytes
import Runtime

/// The identifier of a request.
public struct RequestID: Sendable, CustomStringConvertible {
  /// Bytes of the longest identifier accepted from a caller.
  public static let acceptedBytesMaximum = 64

  enum Storage: Sendable {
    /// 48 bits of milliseconds since 1970, then 52 bits that tell requests of one millisecond apart.
    case made(milliseconds: UInt64, tail: UInt64)
    case accepted(String)
  }

  let storage: Storage

  init(milliseconds: UInt64, tail: UInt64) {
    storage = .made(milliseconds: milliseconds & 0xffff_ffff_ffff, tail: tail & 0xf_ffff_ffff_ffff)
  }

  /// A caller's identifier: 1 to 64 letters, digits, dots, underscores or hyphens; nil for any other text.
  public init?(accepting text: String) {
    let count = text.utf8.count
    guard count >= 1, count <= Self.acceptedBytesMaximum, text.utf8.allSatisfy(Self.isPlain) else {
      return nil
    }
    storage = .accepted(text)
  }

  /// A caller's identifier as it stood in a header, under the same rule.
  public init?(accepting bytes: RawSpan) {
    guard bytes.byteCount >= 1, bytes.byteCount <= Self.acceptedBytesMaximum else { return nil }
    guard
      let text = bytes.withUnsafeBytes({
        $0.allSatisfy(Self.isPlain) ? String(decoding: $0, as: UTF8.self) : nil
      })
    else { return nil }
    storage = .accepted(text)
  }

  /// The identifier as text. Ours are 20 characters that sort by the time they were made.
  public var description: String {
    switch storage {
    case .accepted(let text): text
    case .made(let milliseconds, let tail):
      String(unsafeUninitializedCapacity: Self.madeBytes) { room in
        Self.write(milliseconds, tail) { room[$0] = $1 }
        return Self.madeBytes
      }
    }
  }

  /// Appends the identifier's text, without making a `String` of it.
  public func append(to buffer: inout ByteBuffer) {
    switch storage {
    case .accepted(let text): buffer.append(text)
    case .made(let milliseconds, let tail):
      _ = buffer.withWritableBytes(minimum: Self.madeBytes) { room in
        Self.write(milliseconds, tail) { room[$0] = $1 }
        return Self.madeBytes
      }
    }
  }

  static let madeBytes = 20

  /// Twenty digits of five bits, most significant first; the digits rise in ASCII, so the text sorts.
  private static func write(_ milliseconds: UInt64, _ tail: UInt64, _ put: (Int, UInt8) -> Void) {
    let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
    var high = milliseconds << 2 | tail >> 50
    var low = tail & 0x3_ffff_ffff_ffff
    for index in (0..<10).reversed() {
      put(index, digits.utf8Start[Int(high & 31)])
      put(index + 10, digits.utf8Start[Int(low & 31)])
      high >>= 5
      low >>= 5
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
  }
}

extension RequestID: Hashable {
  /// Equal when they read the same, whoever made them.
  public static func == (left: RequestID, right: RequestID) -> Bool {
    switch (left.storage, right.storage) {
    case (.made(let a, let b), .made(let c, let d)): a == c && b == d
    default: left.description == right.description
    }
  }

  /// Hashes the text.
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
