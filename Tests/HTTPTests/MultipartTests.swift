// Multipart forms: what RFC 7578 and RFC 2046 say, each body whole, byte by byte and in threes.

import Bytes
import HTTP
import Testing

@Suite("Multipart forms") struct MultipartTests {
  static let type = "multipart/form-data; boundary=AaB03x"

  /// What a body comes to: `name[file](type)=bytes` for each part, then `end`, or the error's code.
  static func outcome(
    _ body: String, type: String = type, piece: Int = .max, limits: MultipartLimits = MultipartLimits()
  ) -> [String] {
    var seen: [String] = []
    do throws(HTTPError) {
      var parser = try MultipartParser(contentType: type, limits: limits)
      let all = ByteBuffer(body)
      var (input, offset, current) = (ByteBuffer(), 0, "")
      repeat {
        let count = min(piece, all.count - offset)
        input.append(all.slice(from: offset, count: count))
        offset += count
        while let event = try parser.next(from: &input) {
          switch event {
          case .part(let part):
            current = part.name + (part.fileName.map { "[\($0)]" } ?? "")
            current += (part.contentType.map { "(\($0))" } ?? "") + "="
          case .data(let data): current += String(validating: data) ?? "?"
          case .partEnd: seen.append(current)
          case .end: seen.append("end")
          }
        }
      } while offset < all.count
      try parser.finish()
    } catch {
      seen.append(error.code)
    }
    return seen
  }

  static func part(_ head: String, _ body: String) -> String { "--AaB03x\r\n\(head)\r\n\r\n\(body)\r\n" }
  static let named = "Content-Disposition: form-data; name=\"a\""
  static let last = "--AaB03x--\r\n"

  @Test(
    "A body is its parts, however it was cut up",
    arguments: [
      (part(named, "1") + last, ["a=1", "end"]), (part(named, "") + last, ["a=", "end"]),
      (part(named, "1") + part(named, "2") + last, ["a=1", "a=2", "end"]),
      // Without the last line end, with a preamble, with an epilogue.
      (part(named, "1") + "--AaB03x--", ["a=1", "end"]),
      ("preamble\r\n" + part(named, "1") + last, ["a=1", "end"]),
      ("\r\n" + part(named, "1") + last, ["a=1", "end"]),
      (part(named, "1") + last + "epilogue\r\n--AaB03x\r\n", ["a=1", "end"]), ("--AaB03x--", ["end"]),
      // Blanks behind a boundary were added on the way.
      ("--AaB03x \t\r\n\(named)\r\n\r\n1\r\n" + last, ["a=1", "end"]),
      // What looks like a boundary, and is none.
      (
        part(named, "x\r\n--AaB03y\r\n--AaB03\r\n\r\r\n-") + last,
        ["a=x\r\n--AaB03y\r\n--AaB03\r\n\r\r\n-", "end"]
      ),
      (part(named, "--AaB03x") + last, ["a=--AaB03x", "end"]),
      (part(named, "\r\n") + last, ["a=\r\n", "end"]), (part(named, "\r") + last, ["a=\r", "end"]),
      // Files, types, fields in any case and order.
      (
        part("content-type: text/plain\r\nCONTENT-DISPOSITION: Form-Data; filename=\"f.txt\"; name=b", "x")
          + last,
        ["b[f.txt](text/plain)=x", "end"]
      ),
      (part("Content-Disposition: form-data; name=\"a\"; filename=\"\"", "") + last, ["a[]=", "end"]),
      // A path with backslashes, an escaped quote, UTF-8.
      (
        part("Content-Disposition: form-data; name=\"a\"; filename=\"C:\\dir\\f.txt\"", "") + last,
        ["a[C:\\dir\\f.txt]=", "end"]
      ),
      (part("Content-Disposition: form-data; name=\"a\\\"b\"", "") + last, ["a\"b=", "end"]),
      (part("Content-Disposition: form-data; name=\"naïve ☃\"", "") + last, ["naïve ☃=", "end"]),
      (part("Content-Disposition: form-data; name=\"\"", "1") + last, ["=1", "end"]),
    ])
  func bodies(body: String, expected: [String]) {
    for piece in [Int.max, 1, 3, 7] {
      #expect(Self.outcome(body, piece: piece) == expected, "in pieces of \(piece)")
    }
  }

  @Test(
    "What is malformed is refused",
    arguments: [
      "", "x", "--", "--AaB03x", "--AaB03x\r\n", "--AaB03x-", "--AaB03x\r\n\(named)\r\n\r\n1",
      "--AaB03x\r\n\(named)\r\n\r\n1\r\n--AaB03x\r\n", "--AaB03xy\r\n\(named)\r\n\r\n1\r\n--AaB03x--",
      "--AaB03x\n\(named)\r\n\r\n1\r\n--AaB03x--", "--AaB03x\r\n\r\n1\r\n--AaB03x--",
      part("Content-Type: text/plain", "1") + last,
      part("Content-Disposition: attachment; name=a", "1") + last,
      part("Content-Disposition: form-data", "1") + last, part(named + "; name=b", "1") + last,
      part(named + "\r\n" + named, "1") + last, part("Content-Disposition form-data; name=a", "1") + last,
      part("Content-Disposition: form-data; name=\"a", "1") + last, part(named + "\r\n folded", "1") + last,
      part(named + "\nX: y", "1") + last, part("X Y: z\r\n" + named, "1") + last,
      part(": z\r\n" + named, "1") + last,
      part("X: a\u{0}b\r\n" + named, "1") + last, part("Content-Disposition: form-data; name", "1") + last,
      part("Content-Disposition: form-data; name=a b", "1") + last,
      "--AaB03x" + String(repeating: " ", count: 2000) + "\r\n",
      String(repeating: "p", count: 2000) + "\r\n" + last,
    ])
  func malformed(body: String) {
    for piece in [Int.max, 1, 3] {
      #expect(Self.outcome(body, piece: piece).last == "malformed_multipart", "in pieces of \(piece)")
    }
  }

  @Test func limitsAreKept() {
    var limits = MultipartLimits()
    limits.partsMaximum = 2
    limits.headBytesMaximum = Self.named.utf8.count + 4
    limits.partBytesMaximum = 3
    func outcome(_ body: String) -> [String] {
      let whole = Self.outcome(body, limits: limits)
      #expect(Self.outcome(body, piece: 1, limits: limits) == whole)
      return whole
    }
    let part = Self.part(Self.named, "123")
    #expect(outcome(part + part + Self.last) == ["a=123", "a=123", "end"])
    #expect(outcome(part + part + part + Self.last) == ["a=123", "a=123", "too_many_parts"])
    #expect(outcome(Self.part(Self.named, "1234") + Self.last) == ["part_too_large"])
    #expect(outcome(Self.part(Self.named + " ", "1") + Self.last) == ["part_fields_too_large"])
    limits.headBytesMaximum = 1000
    limits.fieldsMaximum = 2
    #expect(outcome(Self.part(Self.named + "\r\nA: b", "1") + Self.last) == ["a=1", "end"])
    #expect(outcome(Self.part(Self.named + "\r\nA: b\r\nC: d", "1") + Self.last) == ["part_fields_too_large"])
  }

  @Test(
    "The type has to be a form's and name a boundary",
    arguments: [
      ("multipart/form-data; boundary=a", "end"), ("MULTIPART/Form-Data; BOUNDARY=\"a\"", "end"),
      ("multipart/form-data; charset=x; boundary=a", "end"),
      ("multipart/mixed; boundary=a", "unsupported_media_type"), ("text/plain", "unsupported_media_type"),
      ("", "unsupported_media_type"), ("multipart/form-data; boundary=a b", "unsupported_media_type"),
      ("multipart/form-data", "malformed_multipart"),
      ("multipart/form-data; boundary=\"\"", "malformed_multipart"),
      ("multipart/form-data; boundary=\"a \"", "malformed_multipart"),
      ("multipart/form-data; boundary=" + String(repeating: "b", count: 71), "malformed_multipart"),
    ])
  func types(type: String, expected: String) {
    #expect(Self.outcome("--a--", type: type) == [expected])
  }
}
