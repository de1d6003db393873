// OpenSSL's per-thread error queue, as TLS reads it: a session decides by the queue whether a call failed for
// good, so it is empty before each call and emptied after each failure.

import COpenSSL

enum TLSErrorQueue {
  /// More entries than OpenSSL keeps (16): draining ends even if it kept adding.
  private static let entriesMaximum = 32

  /// What the queue said: the first entry of the TLS library decides, the text has them all.
  struct Content {
    /// An `SSL_R_…` number; 0 when none of the entries is of the TLS library.
    var reason: Int32 = 0
    var text = ""
  }

  /// Empties the queue and returns what it said, oldest entry first.
  static func drain() -> Content {
    var content = Content()
    for _ in 0..<entriesMaximum {
      var data: UnsafePointer<CChar>?
      var flags: Int32 = 0
      let code = ERR_get_error_all(nil, nil, nil, &data, &flags)
      if code == 0 { break }
      if content.reason == 0 && ERR_GET_LIB(code) == ERR_LIB_SSL { content.reason = ERR_GET_REASON(code) }
      if !content.text.isEmpty { content.text += "; " }
      content.text += ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
      if flags & ERR_TXT_STRING != 0, let data, data.pointee != 0 {
        content.text += " (\(String(cString: data)))"
      }
    }
    if content.text.isEmpty { content.text = "no reason given" }
    return content
  }

  /// Empties the queue.
  static func clear() { ERR_clear_error() }

  /// What the queue says about `operation`, which just failed.
  static func error(_ operation: String) -> TLSError {
    .openSSL(operation: operation, reason: drain().text)
  }

  /// Throws what the queue says unless `succeeded`.
  static func require(_ succeeded: Bool, _ operation: @autoclosure () -> String) throws(TLSError) {
    if !succeeded { throw error(operation()) }
  }
}
