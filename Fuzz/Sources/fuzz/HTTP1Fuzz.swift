import Bytes
import Net

/// HTTP/1.1 request heads: the outcome does not depend on how the bytes are cut up.
let http1Fuzz = FuzzTarget(name: "http1-request") { bytes in
  precondition(outcomes(of: bytes, piece: bytes.count) == outcomes(of: bytes, piece: 1))
}

private func outcomes(of bytes: UnsafeRawBufferPointer, piece: Int) -> [String] {
  var parser = HTTP1RequestParser(limits: HTTPLimits())
  var input = ByteBuffer()
  var seen: [String] = []
  var position = 0
  do throws(HTTPError) {
    while position < bytes.count {
      let end = min(position + max(piece, 1), bytes.count)
      input.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
      position = end
      while let head = try parser.next(from: &input) {
        seen.append("\(head.method) \(head.target) \(head.fieldCount) \(head.body) \(head.keepsAlive)")
      }
    }
  } catch {
    seen.append("\(error.status)")
  }
  return seen
}
