// The door to OpenSSL's per-thread error queue. Whoever else uses OpenSSL on this thread (TLS decides by
// the queue whether a connection died) must find it empty, so every failure here drains it into the error.

import COpenSSL

enum OpenSSLQueue {
  /// More entries than OpenSSL keeps (16): draining ends even if it kept adding.
  static let entriesMaximum = 32

  /// Empties the queue and returns what it said, oldest entry first.
  static func drain() -> String {
    var entries: [String] = []
    for _ in 0..<entriesMaximum {
      var data: UnsafePointer<CChar>?
      var flags: Int32 = 0
      let code = ERR_get_error_all(nil, nil, nil, &data, &flags)
      if code == 0 { break }
      var entry = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
      if flags & ERR_TXT_STRING != 0, let data, data.pointee != 0 { entry += " (\(String(cString: data)))" }
      entries.append(entry)
    }
    return entries.isEmpty ? "no reason given" : entries.joined(separator: "; ")
  }

  /// Empties the queue.
  static func clear() { ERR_clear_error() }
}

extension CryptoError {
  /// What OpenSSL's queue says about `operation`, which just failed; leaves the queue empty.
  static func drainingQueue(_ operation: String) -> CryptoError {
    .openSSL(operation: operation, queue: OpenSSLQueue.drain())
  }
}

/// Throws what the queue says unless OpenSSL returned 1, its word for success.
func require(_ result: Int32, _ operation: @autoclosure () -> String) throws(CryptoError) {
  guard result == 1 else { throw .drainingQueue(operation()) }
}

/// Throws what the queue says if OpenSSL returned no object.
func require<Object>(_ object: Object?, _ operation: @autoclosure () -> String) throws(CryptoError) -> Object
{
  guard let object else { throw .drainingQueue(operation()) }
  return object
}

/// For calls that cannot fail but for want of memory, or of an algorithm that
/// `CryptoLibrary.verify()` would have missed at start: there is nothing to hand back, so the process ends.
@inline(__always)
func demand(_ result: Int32, _ operation: StaticString) {
  if result != 1 { endProcess(operation) }
}

/// `demand` for calls that return an object.
@inline(__always)
func demand<Object>(_ object: Object?, _ operation: StaticString) -> Object {
  guard let object else { endProcess(operation) }
  return object
}

@inline(never)
private func endProcess(_ operation: StaticString) -> Never {
  preconditionFailure("OpenSSL could not \(operation): \(OpenSSLQueue.drain())")
}
