// What can go wrong in this module. A case says what was found and what would be accepted, so that an
// operator who handed over the wrong key file can tell from the message alone; none carries a secret.

/// Why a cryptographic operation, or reading a key, failed.
public enum CryptoError: Error, Equatable, Sendable {
  /// A sealed message does not open: wrong key, nonce or associated data, or the bytes were changed.
  case authenticationFailed
  /// Key agreement with this public key gives a secret that does not depend on ours: a small-order point.
  case weakSharedSecret
  /// Something has a number of bytes that it cannot have.
  case invalidLength(of: String, found: Int, accepted: String)
  /// A key is well-formed, but not one to use: off the curve, too short, inconsistent with itself.
  case invalidKey(kind: String, reason: String)
  /// A key of a kind, or in a container, that this module does not read.
  case unsupportedKey(found: String, accepted: String)
  /// The bytes are not what the format says they are.
  case malformed(format: String, reason: String)
  /// A signature's numbers are outside the range in which any signature lies.
  case invalidSignature(reason: String)
  /// OpenSSL refused; `queue` is the text of its error queue, innermost cause first.
  case openSSL(operation: String, queue: String)
}

extension CryptoError: CustomStringConvertible {
  /// One line for a log or for standard error.
  public var description: String {
    switch self {
    case .authenticationFailed:
      "the sealed message does not open: wrong key, nonce or associated data, or it was changed"
    case .weakSharedSecret:
      "the peer's public key is a small-order point, so the shared secret would be known to anyone"
    case .invalidLength(let what, let found, let accepted):
      "\(what) has \(found) bytes; accepted: \(accepted)"
    case .invalidKey(let kind, let reason):
      "\(kind) key refused: \(reason)"
    case .unsupportedKey(let found, let accepted):
      "found \(found); accepted: \(accepted)"
    case .malformed(let format, let reason):
      "malformed \(format): \(reason)"
    case .invalidSignature(let reason):
      "signature refused: \(reason)"
    case .openSSL(let operation, let queue):
      "OpenSSL could not \(operation): \(queue)"
    }
  }
}
