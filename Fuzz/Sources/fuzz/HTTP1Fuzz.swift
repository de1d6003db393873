import Bytes
import HTTP
import HTTP1

/// HTTP/1.1 request heads: the outcome does not depend on how the bytes are cut up.
let http1RequestFuzz = FuzzTarget(name: "http1-request") { bytes in
  checkCuts(bytes) {
    // Small limits, so that they are met.
    var limits = HTTP1Limits()
    limits.lineBytesMaximum = 100
    limits.fieldBytesMaximum = 200
    limits.fieldsMaximum = 8
    var parser = HTTP1RequestParser(limits: limits)
    return { input, seen in
      do throws(HTTP1Error) {
        while let (head, framing) = try parser.next(from: &input) {
          let segments = try? head.pathSegments()
          let query = try? head.queryParameters().parameters
          seen.append(
            "\(head) \(head.path) \(head.query ?? "-") \(head.authority ?? "-") \(head.fields.pairs) "
              + "\(framing) \(String(describing: segments)) \(String(describing: query))")
        }
        return true
      } catch {
        seen.append("\(error)")
        return false
      }
    }
  }
}

/// HTTP/1.1 response heads, as answers to GET and to HEAD.
let http1ResponseFuzz = FuzzTarget(name: "http1-response") { bytes in
  for method in [HTTPMethod.get, .head, .connect] {
    checkCuts(bytes) {
      var limits = HTTP1Limits()
      limits.lineBytesMaximum = 60
      limits.fieldBytesMaximum = 200
      var parser = HTTP1ResponseParser(limits: limits)
      return { input, seen in
        do throws(HTTP1Error) {
          while let message = try parser.next(from: &input, answering: method) {
            seen.append(
              "\(message.head.status) \(message.head.fields.pairs) \(message.body) \(message.keepsAlive)")
          }
          return true
        } catch {
          seen.append("\(error)")
          return false
        }
      }
    }
  }
}

/// Chunked bodies: the bytes that come out do not depend on how they came in, and written again they come out the
/// same.
let http1ChunkedFuzz = FuzzTarget(name: "http1-chunked") { bytes in
  var limits = HTTP1Limits()
  limits.bodyBytesMaximum = 1000
  limits.chunkLineBytesMaximum = 40
  limits.chunkExtensionBytesMaximum = 60
  limits.trailerBytesMaximum = 100
  limits.trailersMaximum = 3
  let (body, outcome) = decode(bytes, limits, piece: bytes.count)
  for piece in [1, 3] {
    let again = decode(bytes, limits, piece: piece)
    precondition(again.body == body && again.outcome == outcome, "the cuts changed the outcome")
  }
  precondition(body.count <= limits.bodyBytesMaximum, "the body is over its limit")
  guard outcome.hasPrefix("end") else { return }
  var written = ByteBuffer()
  if !body.isEmpty {
    HTTP1Writer.append(chunkOf: body.count, to: &written)
    written.append(body)
    HTTP1Writer.appendChunkEnd(to: &written)
  }
  HTTP1Writer.appendLastChunk(to: &written)
  let copy = written.withReadableBytes { decode($0, limits, piece: 7).body }
  precondition(copy == body, "a body came back another")
}

private func decode(
  _ bytes: UnsafeRawBufferPointer, _ limits: HTTP1Limits, piece: Int
) -> (body: ByteBuffer, outcome: String) {
  var decoder = HTTP1ChunkedDecoder(limits: limits)
  var (input, body, position) = (ByteBuffer(), ByteBuffer(), 0)
  while true {
    do throws(HTTP1Error) {
      switch try decoder.next(from: &input) {
      case .data(let data):
        body.append(data)
      case .end(let trailers):
        return (body, "end \(trailers.pairs) \(bytes.count - position + input.count)")
      case .needsMore:
        guard position < bytes.count else { return (body, "more") }
        let end = min(position + max(piece, 1), bytes.count)
        input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
        position = end
      }
    } catch {
      return (body, "\(error)")
    }
  }
}

/// Feeds `bytes` whole, byte by byte and in threes; what `step` notes has to be the same each time. It returns false
/// when it gives up.
private func checkCuts(
  _ bytes: UnsafeRawBufferPointer,
  _ makeStep: () -> (inout ByteBuffer, inout [String]) -> Bool
) {
  func outcome(_ piece: Int) -> [String] {
    var (input, seen, position) = (ByteBuffer(), [String](), 0)
    let step = makeStep()
    while position < bytes.count {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      if !step(&input, &seen) { break }
    }
    return seen
  }
  let whole = outcome(bytes.count)
  precondition(outcome(1) == whole && outcome(3) == whole, "the cuts changed the outcome")
}
