import Bytes
import HTTP
import HTTP2

/// The client's end of an HTTP/2 connection with four requests under way: whatever a server says, the session neither
/// crashes nor holds more than its windows, and what it makes of it does not depend on how the bytes are cut up.
let http2ClientFuzz = FuzzTarget(name: "http2-client") { bytes in
  let whole = outcome(of: bytes, piece: max(bytes.count, 1))
  let again = outcome(of: bytes, piece: 1 + bytes.count / 5)
  // What a peer sends behind the agreed end of a connection is read only if it came along with that end.
  law(
    whole == again || whole.hasEnded || again.hasEnded,
    "the cuts changed the outcome: \(whole), \(again)")
}

/// What became of the connection and of its requests.
private struct Outcome: Equatable {
  struct Answer: Equatable {
    var status: Int?
    var bodyBytes = 0
    var isWhole = false
    var trailers = 0
  }

  var violation: HTTP2ErrorCode?
  var answers: [Answer] = []
  /// Both sides had said their last, and bytes were left.
  var hasEnded = false
}

private func outcome(of bytes: UnsafeRawBufferPointer, piece: Int) -> Outcome {
  var limits = HTTP2Limits()
  limits.connectionWindowBytes = 1 << 16
  limits.streamWindowBytes = 1 << 14
  var outcome = Outcome()
  do throws(HTTP2Violation) {
    let session = try HTTP2Session(.client, limits: limits)
    var streams: [HTTP2Stream] = []
    var output = ByteBuffer()
    for (index, method) in [HTTPMethod.get, .post, .head, .post].enumerated() {
      var fields = HTTP2FieldBlock()
      fields.append(HTTPRequestHead(method, "/\(index)", authority: "fuzz"))
      let hasBody = method == .post
      let stream = try session.request(fields, hasBody: hasBody)
      if hasBody { try session.write(ByteBuffer("body"), on: stream) }
      // One of the bodies has no end yet.
      if index == 1 { try session.finish(stream) }
      streams.append(stream)
    }
    try session.send(into: &output, maximum: 1 << 16)
    var position = 0
    while position < bytes.count {
      if session.violation == nil && !session.wantsToReceive {
        outcome.hasEnded = true
        break
      }
      let end = min(position + piece, bytes.count)
      session.receive(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), now: 0)
      position = end
      for case .requested in session.takeEvents() { preconditionFailure("a client was asked for something") }
    }
    for stream in streams {
      let body = session.take(from: stream)
      law(body.count <= 1 << 14, "more than the window")
      law(stream.informational.count <= limits.informationalMaximum, "more of 1xx than there may be")
      var answer = Outcome.Answer(status: stream.response?.status.code)
      // What a reset takes with it depends on what was taken before.
      if !stream.wasReset {
        answer.bodyBytes = body.count
        answer.isWhole = stream.hasEnded
        answer.trailers = stream.trailers.count
      }
      outcome.answers.append(answer)
    }
    output.clear()
    try session.send(into: &output, maximum: 1 << 20)
    outcome.violation = session.violation?.code
    session.abandon()
    law(session.streams.isEmpty && streams.allSatisfy(\.isClosed), "an abandoned session has no streams")
  } catch {
    preconditionFailure("the library failed: \(error)")
  }
  return outcome
}
