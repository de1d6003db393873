// Which protocol a plain connection speaks: a client of HTTP/2 begins with 24 bytes that are no request of HTTP/1.1.

import Bytes
import HTTP2

/// How far the first bytes of a connection are the preface of HTTP/2.
enum HTTP2Opening {
  /// They are something else, or nothing has come.
  case none
  /// So far they are.
  case begun
  /// It has all come.
  case complete

  init(_ input: ByteBuffer) {
    let preface = HTTP2Session.preface
    self = input.withReadableBytes { bytes in
      let count = min(bytes.count, preface.utf8CodeUnitCount)
      for index in 0..<count where bytes[index] != preface.utf8Start[index] { return .none }
      return count == preface.utf8CodeUnitCount ? .complete : count == 0 ? .none : .begun
    }
  }
}
