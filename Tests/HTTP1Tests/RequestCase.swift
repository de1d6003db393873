// Runs the parser over a request in every way that bytes can be cut up, and says in a line what came of it.

import Bytes
import HTTP
import HTTP1
import Testing

/// A request and what is to come of it.
struct RequestCase: Sendable, CustomTestStringConvertible {
  /// What arrives.
  let text: [UInt8]
  /// A status for a refusal; otherwise what was understood, as `RequestCase.outcome` words it.
  let expected: String

  init(_ text: String, _ status: Int) {
    self.text = Array(text.utf8)
    expected = "\(status)"
  }

  init(_ text: String, _ understood: String) {
    self.text = Array(text.utf8)
    expected = understood
  }

  init(bytes: [UInt8], _ status: Int) {
    text = bytes
    expected = "\(status)"
  }

  var testDescription: String { String(decoding: text, as: UTF8.self).debugDescription }

  /// What becomes of `text` when it arrives in pieces of the given sizes, again and again.
  static func outcome(_ text: [UInt8], pieces: [Int], limits: HTTP1Limits = HTTP1Limits()) -> String {
    var parser = HTTP1RequestParser(limits: limits)
    var (input, position, turn) = (ByteBuffer(), 0, 0)
    while position < text.count {
      let end = min(position + pieces[turn % pieces.count], text.count)
      input.append(contentsOf: text[position..<end])
      (position, turn) = (end, turn + 1)
      do throws(HTTP1Error) {
        if let (head, framing) = try parser.next(from: &input) {
          return describe(head, framing, rest: input.count + text.count - position)
        }
      } catch {
        return "\(error.asHTTPError.status.code)"
      }
    }
    return "more"
  }

  /// `GET / a kept`: method, target, authority, and whatever is out of the ordinary.
  private static func describe(_ head: HTTPRequestHead, _ framing: HTTP1Framing, rest: Int) -> String {
    var words = [
      "\(head.method)", head.target, head.authority ?? "-", framing.keepsAlive ? "kept" : "closed",
    ]
    switch framing.body {
    case .none: break
    case .exactly(let count): words.append("length=\(count)")
    case .unknown: words.append("chunked")
    }
    if framing.expectsContinue { words.append("expects") }
    if framing.offersUpgrade { words.append("upgrade") }
    if rest > 0 { words.append("rest=\(rest)") }
    return words.joined(separator: " ")
  }
}
