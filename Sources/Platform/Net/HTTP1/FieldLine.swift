// One line of a header or trailer section: `name: value`.

import HTTP

/// Reads field lines, strictly: what another parser may read otherwise is refused.
enum FieldLine {
  /// Where the name and the value lie. The line is not empty.
  @inline(__always)
  static func parse(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
  ) throws(HTTP1Error) -> HTTPFields.Entry {
    var index = line.lowerBound
    if HTTPByte.isBlank(bytes[index]) {
      throw .malformed("a field line begins with a blank (folded lines are refused)")
    }
    while index < line.upperBound, HTTPByte.isToken(bytes[index]) { index &+= 1 }
    guard index > line.lowerBound, index < line.upperBound, bytes[index] == UInt8(ascii: ":") else {
      throw .malformed("a field name is empty, has a forbidden character or is not followed by a colon")
    }
    let name = HTTPExtent(line.lowerBound, index)
    var (start, end) = (index &+ 1, line.upperBound)
    while start < end, HTTPByte.isBlank(bytes[start]) { start &+= 1 }
    while end > start, HTTPByte.isBlank(bytes[end &- 1]) { end &-= 1 }
    let value = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    guard HTTPByte.firstNotFieldValue(in: value) == nil else {
      throw .malformed("a field value has a control character")
    }
    return HTTPFields.Entry(name: name, value: HTTPExtent(start, end))
  }
}
