// Text that a reader lends out of the message, for looking at (a map's key, mostly) without making a String.

public import Glibc

/// Valid UTF-8 inside a message that is being read; it cannot outlive the message.
///
/// It matches string literals, so a map is read by `switch try reader.readTextView() { case "id": … }`.
public struct CBORText: ~Escapable {
  @usableFromInline let base: UnsafeRawPointer
  /// How many bytes the text has.
  public let count: Int

  // Safe: made only by `CBORReader`, over bytes it found to be UTF-8 and that outlive `source`'s borrow.
  @_lifetime(copy source)
  init(base: UnsafeRawPointer, count: Int, of source: borrowing CBORReader) {
    self.base = base
    self.count = count
  }

  /// The text's UTF-8.
  public var utf8: RawSpan {
    @_lifetime(copy self)
    get {
      let span = RawSpan(_unsafeStart: base, byteCount: count)
      return _overrideLifetime(span, copying: self)
    }
  }

  /// A copy of the text.
  public var string: String {
    String(
      decoding: UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count),
      as: UTF8.self)
  }

  /// Whether the text is the literal, byte for byte.
  @inlinable
  public func equals(_ literal: StaticString) -> Bool {
    literal.withUTF8Buffer { other in
      guard count == other.count, let start = other.baseAddress else { return count == 0 && other.isEmpty }
      return memcmp(base, start, count) == 0
    }
  }

  /// Lets a literal stand as a `case`.
  @inlinable
  public static func ~= (pattern: StaticString, text: borrowing CBORText) -> Bool { text.equals(pattern) }
}
