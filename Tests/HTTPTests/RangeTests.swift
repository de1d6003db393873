// Byte ranges: what RFC 9110 section 14 says of each form, and what is refused or answered with the whole.

import Bytes
import HTTP
import Testing

@Suite("Byte ranges") struct RangeTests {
  @Test(
    "A Range field selects what it says, of 10,000 bytes",
    arguments: [
      // The examples of section 14.1.2.
      ("bytes=0-499", .part(0..<500)), ("bytes=500-999", .part(500..<1000)),
      ("bytes=-500", .part(9500..<10_000)), ("bytes=9500-", .part(9500..<10_000)),
      ("bytes=0-0,-1", .parts([0..<1, 9999..<10_000])),
      ("bytes= 0-999, 4500-5499, -1000", .parts([0..<1000, 4500..<5500, 9000..<10_000])),
      ("bytes=500-600,601-999", .parts([500..<601, 601..<1000])),
      ("bytes=500-700,601-999", .parts([500..<701, 601..<1000])),
      // Ends beyond the end, and sizes beyond the size.
      ("bytes=9990-20000", .part(9990..<10_000)), ("bytes=-20000", .part(0..<10_000)),
      ("bytes=9999-", .part(9999..<10_000)), ("bytes=10000-", .unsatisfiable),
      ("bytes=0-99999999999999999999999", .part(0..<10_000)),
      ("bytes=99999999999999999999999-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
      // What cannot be had is left out as long as something can.
      ("bytes=0-1,20000-", .part(0..<2)), ("bytes=20000-,-0", .unsatisfiable),
      // In the order asked for.
      ("bytes=5-6,1-2", .parts([5..<7, 1..<3])),
      // Empty members of a list are none; the unit has no case.
      ("bytes=,0-1,,", .part(0..<2)), ("BYTES=0-1", .part(0..<2)),
      ("bytes=0-1 , 3-3", .parts([0..<2, 3..<4])),
      // Other units are ignored.
      ("lines=0-1", .whole), ("bytes", .whole), ("", .whole), ("0-1", .whole), ("by tes=0-1", .whole),
      // What is malformed.
      ("bytes=", .unsatisfiable), ("bytes=,", .unsatisfiable), ("bytes=abc", .unsatisfiable),
      ("bytes=5-2", .unsatisfiable), ("bytes=0-1,5-2", .unsatisfiable), ("bytes=1", .unsatisfiable),
      ("bytes=-", .unsatisfiable), ("bytes=--1", .unsatisfiable), ("bytes=0-1;2-3", .unsatisfiable),
      ("bytes=0 - 1", .unsatisfiable), ("bytes=+0-1", .unsatisfiable), ("bytes=0-0x1", .unsatisfiable),
      ("bytes=1-2-3", .unsatisfiable), ("bytes=0-1,x", .unsatisfiable),
    ] as [(String, ByteRangeSelection)])
  func selections(field: String, expected: ByteRangeSelection) {
    #expect(ByteRangeSelection(field, length: 10_000) == expected)
  }

  @Test func withoutAFieldEverythingIsSelected() {
    #expect(ByteRangeSelection(nil, length: 5) == .whole)
  }

  @Test(
    "Of nothing, nothing can be had but all of it",
    arguments: [("bytes=0-", .unsatisfiable), ("bytes=-1", .whole), ("bytes=-0", .unsatisfiable)]
      as [(String, ByteRangeSelection)])
  func empty(field: String, expected: ByteRangeSelection) {
    #expect(ByteRangeSelection(field, length: 0) == expected)
  }

  @Test func partsOfTheLongestRepresentationDoNotOverflow() {
    #expect(ByteRangeSelection("bytes=0-,0-", length: .max) == .whole)
    let end = Int64.max - 1
    #expect(
      ByteRangeSelection("bytes=0-\(end - 1),\(end)-", length: .max)
        == .parts([0..<end, end..<Int64.max]))
  }

  @Test func whatWouldCostMoreThanTheWholeIsTheWhole() {
    let many = (0..<17).map { "\($0 * 10)-\($0 * 10)" }
    #expect(ByteRangeSelection("bytes=" + many.joined(separator: ","), length: 1000) == .whole)
    let enough = ByteRangeSelection("bytes=" + many.dropLast().joined(separator: ","), length: 1000)
    guard case .parts(let parts) = enough else {
      Issue.record("sixteen parts are as many as may be: \(enough)")
      return
    }
    #expect(parts.count == 16)
    #expect(ByteRangeSelection("bytes=0-,0-", length: 1000) == .whole)
    #expect(ByteRangeSelection("bytes=0-499,0-500", length: 1000) == .whole)
    #expect(ByteRangeSelection("bytes=0-499,0-499", length: 1000) == .parts([0..<500, 0..<500]))
    let hostile = "bytes=" + String(repeating: "0-,", count: 5000) + "0-"
    #expect(ByteRangeSelection(hostile, length: .max) == .whole)
  }

  @Test func partsAreFramedAndTheirLengthKnown() {
    let frame = MultipartByteRanges(
      [0..<2, 8..<9], of: 10, contentType: "text/plain", boundary: "THIS_STRING_SEPARATES")
    var body = ByteBuffer()
    body.append(frame.head(of: 0))
    body.append("ab")
    body.append(frame.head(of: 1))
    body.append("i")
    body.append(frame.tail)
    let expected =
      "--THIS_STRING_SEPARATES\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\nab"
      + "\r\n--THIS_STRING_SEPARATES\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-8/10\r\n\r\ni"
      + "\r\n--THIS_STRING_SEPARATES--\r\n"
    #expect(String(validating: body) == expected)
    #expect(frame.count == body.count)
    #expect(frame.contentType == "multipart/byteranges; boundary=THIS_STRING_SEPARATES")
    #expect(MultipartByteRanges.randomBoundary() != MultipartByteRanges.randomBoundary())
    #expect(ContentRange.unsatisfied(length: 47_022) == "bytes */47022")
  }
}
