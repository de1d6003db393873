// Finds the lines of a message as they arrive. A byte is looked at once while a line is searched for, however
// the bytes were cut up on the way, and the verdict on a line depends on nothing but its own bytes.

import Glibc
import HTTP

/// Steps through lines that end in CRLF.
struct LineScanner: Sendable {
  /// Where the line being searched for begins.
  private(set) var lineStart = 0
  private var searched = 0

  /// The next line without its CRLF; nil when its end has not arrived.
  ///
  /// - Parameters:
  ///   - bytes: everything since the message began; each time more.
  ///   - maximum: the most bytes of the line, without its CRLF.
  ///   - tooLong: what is thrown beyond that.
  @inline(__always)
  mutating func next(
    in bytes: UnsafeRawBufferPointer, maximum: Int, tooLong: @autoclosure () -> HTTP1Error
  ) throws(HTTP1Error) -> Range<Int>? {
    // The line feed of a line at its maximum is the last byte of the window.
    let window = min(bytes.count, lineStart + maximum + 2)
    guard let base = bytes.baseAddress, window > searched,
      let found = memchr(base + searched, Int32(HTTPByte.lineFeed), window - searched)
    else {
      if window == lineStart + maximum + 2 { throw tooLong() }
      searched = window
      return nil
    }
    let end = UnsafeRawPointer(found) - base
    guard end > lineStart, bytes[end - 1] == HTTPByte.carriageReturn else {
      throw .malformed("a line ends in a bare line feed")
    }
    defer {
      lineStart = end + 1
      searched = lineStart
    }
    return lineStart..<end - 1
  }
}
