import Testing

@testable import GRPC

@Suite("How calls end") struct GRPCStatusTests {
  @Test(
    "a message is percent-encoded but for printable ASCII, and decoded again",
    arguments: [
      ("", ""), ("all well", "all well"), ("100 %", "100 %25"), ("zwölf\n", "zw%C3%B6lf%0A"),
      ("\u{7f}~", "%7F~"),
    ])
  func message(_ text: String, _ field: String) {
    #expect(StatusMessage.encoded(text) == field)
    #expect(StatusMessage.decoded(field) == text)
  }

  @Test(
    "what is no encoding is kept, and bytes that are not UTF-8 are replaced",
    arguments: [
      ("50%", "50%"), ("%zz", "%zz"), ("%4", "%4"), ("%c3", "\u{fffd}"), ("%25%", "%%"), ("%c3%b6", "ö"),
    ])
  func lenient(_ field: String, _ text: String) {
    #expect(StatusMessage.decoded(field) == text)
  }

  @Test("a message that is too long for a trailer is cut")
  func long() {
    let field = StatusMessage.encoded(String(repeating: "x", count: 5000))
    #expect(field.utf8.count == StatusMessage.bytesMaximum)
  }

  @Test(
    "a status on the wire is a number; what has no meaning is unknown",
    arguments: [
      ("0", GRPCCode.ok), ("5", .notFound), ("16", .unauthenticated), ("17", .unknown), ("-1", .unknown),
      ("+5", .unknown), ("", .unknown), ("five", .unknown), ("99999999999999999999", .unknown),
      ("05", .notFound),
    ])
  func code(_ field: String, _ code: GRPCCode) {
    #expect(GRPCCode(wire: field) == code)
  }

  @Test(
    "an answer without a status of gRPC is judged by HTTP's",
    arguments: [
      (400, GRPCCode.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
      (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (200, .unknown),
      (500, .unknown),
    ])
  func httpStatus(_ status: Int, _ code: GRPCCode) {
    #expect(GRPCCode(httpStatus: status) == code)
  }

  @Test(
    "a path names a service and a method",
    arguments: [
      ("/a.B/C", GRPCPath(service: "a.B", method: "C")), ("/a.B", nil), ("a.B/C", nil), ("/a.B/C/", nil),
      ("//C", nil),
      ("/a.B/", nil), ("", nil), ("/a.B/C/D", nil),
    ])
  func path(_ text: String, _ path: GRPCPath?) {
    #expect(GRPCPath(path: text) == path)
    if let path { #expect(path.path == text) }
  }

  @Test(
    "protobuf is the only kind of message",
    arguments: [
      ("application/grpc", true), ("application/grpc+proto", true), ("Application/GRPC; charset=utf-8", true),
      ("application/grpc ;x=y", true), ("application/grpc+json", false), ("application/grpc-web", false),
      ("text/plain", false), ("", false),
    ])
  func contentType(_ field: String, _ isTaken: Bool) {
    #expect(Array(field.utf8).withUnsafeBytes { GRPCContentType.isOfCall($0) } == isTaken)
  }
}
