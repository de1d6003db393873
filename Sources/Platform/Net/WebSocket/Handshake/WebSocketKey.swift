// The key that a client sends and the digest that proves a server has understood it (RFC 6455 section 1.3).
// It protects nobody's secrets: it keeps servers of other protocols from being talked into this one.

import Bytes
import Crypto
import Wire

/// Sec-WebSocket-Key and its answer.
enum WebSocketKey {
  static let keyBytes = 16
  private static let suffix: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// A key from `bytes`.
  static func key(_ bytes: ByteBuffer) -> String {
    precondition(bytes.count == keyBytes, "a key has 16 bytes")
    return Base64.standard.encode(bytes.readable)
  }

  /// Whether `key` is 16 bytes in base64.
  static func isValid(_ key: String) -> Bool {
    guard key.utf8.count == 24 else { return false }
    do throws(TextError) {
      return try Base64.standard.decode(key).count == keyBytes
    } catch {
      return false
    }
  }

  /// What a server answers to `key`.
  static func accept(_ key: String) -> String {
    var text = ByteBuffer(capacity: 64)
    text.append(key)
    text.append(suffix)
    return SHA1.hash(text).withBytes { Base64.standard.encode($0) }
  }
}
