import Bytes
import HTTP
import HTTP2

/// The server's end of an HTTP/2 connection with a handler that echoes: whatever comes, the session neither
/// crashes nor holds more than its windows, and what it says does not depend on how the bytes are cut up.
let http2ServerFuzz = FuzzTarget(name: "http2-server") { bytes in
  let whole = outcome(of: bytes, piece: max(bytes.count, 1))
  let again = outcome(of: bytes, piece: 1 + bytes.count / 5)
  // What a peer sends behind the agreed end of a connection is read only if it came along with that end.
  law(
    whole == again || whole.hasEnded || again.hasEnded,
    "the cuts changed the outcome: \(whole), \(again)")
}

/// What became of the connection and of its requests.
private struct Outcome: Equatable {
  var violation: HTTP2ErrorCode?
  var targets: [String] = []
  /// Both sides had said their last, and bytes were left.
  var hasEnded = false
}

private func outcome(of bytes: UnsafeRawBufferPointer, piece: Int) -> Outcome {
  var limits = HTTP2Limits()
  limits.connectionWindowBytes = 1 << 16
  limits.streamWindowBytes = 1 << 14
  var outcome = Outcome()
  do throws(HTTP2Violation) {
    let session = try HTTP2Session(.server, limits: limits)
    var streams: [HTTP2Stream] = []
    var output = ByteBuffer()
    try session.send(into: &output, maximum: 1 << 16)
    // The preface is no puzzle worth the fuzzer's time.
    let preface = HTTP2Session.preface
    session.receive(
      UnsafeRawBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount), now: 0)
    var position = 0
    while position < bytes.count {
      if session.violation == nil && !session.wantsToReceive {
        outcome.hasEnded = true
        break
      }
      let end = min(position + piece, bytes.count)
      session.receive(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), now: 0)
      position = end
      for case .requested(let stream) in session.takeEvents() {
        outcome.targets.append(stream.request.target)
        streams.append(stream)
      }
    }
    for stream in streams { try answer(stream, session) }
    output.clear()
    try session.send(into: &output, maximum: 1 << 20)
    outcome.violation = session.violation?.code
    session.abandon()
    law(session.streams.isEmpty, "an abandoned session has no streams")
  } catch {
    preconditionFailure("the library failed: \(error)")
  }
  return outcome
}

private func answer(_ stream: HTTP2Stream, _ session: HTTP2Session) throws(HTTP2Violation) {
  if stream.isClosed { return }
  var fields = HTTP2FieldBlock()
  fields.append(":status", 200)
  fields.append(stream.request.fields, isAnswer: true)
  try session.respond(fields, on: stream, hasBody: true)
  let body = session.take(from: stream)
  law(body.count <= 1 << 14, "more than the window")
  try session.write(body, on: stream)
  var trailers = HTTP2FieldBlock()
  trailers.append(stream.trailers, isAnswer: true)
  trailers.append("x-count", body.count)
  try session.finish(stream, trailers: trailers)
}
