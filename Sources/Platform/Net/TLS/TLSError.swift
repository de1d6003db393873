// Why a TLS context could not be made: what an operator did not give us, or gave us wrong, by file. What goes
// wrong on a connection is `TLSFailure`.

public import Runtime

/// Why a TLS context could not be made or reloaded.
public enum TLSError: Error, Hashable, Sendable {
  /// A file could not be read.
  case unreadable(path: String, SystemError)
  /// A file is longer than any certificate or key.
  case tooLong(path: String, bytesMaximum: Int)
  /// A file does not hold what it should.
  case malformed(path: String, reason: String)
  /// The private key is protected by a passphrase, and there is nobody to ask.
  case encryptedKey(path: String)
  /// The private key is not that of the certificate.
  case keyMismatch(certificate: String, key: String)
  /// OpenSSL will not use the certificate: too small a key, too weak a signature.
  case unusable(path: String, reason: String)
  /// A server has neither a certificate nor pre-shared keys.
  case noIdentity
  /// A pre-shared key is too short or too long, or its identity is.
  case invalidPreSharedKey(identity: String, reason: String)
  /// OpenSSL refused a setting that it should know.
  case openSSL(operation: String, reason: String)
}

extension TLSError: CustomStringConvertible {
  /// One line for a log or for standard error.
  public var description: String {
    switch self {
    case .unreadable(let path, let error): "\(path) cannot be read: \(error)"
    case .tooLong(let path, let maximum): "\(path) is longer than \(maximum) bytes"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .encryptedKey(let path):
      "\(path): the private key is encrypted; store it without a passphrase, readable by the server only"
    case .keyMismatch(let certificate, let key): "the key in \(key) does not belong to \(certificate)"
    case .unusable(let path, let reason): "\(path) cannot be used: \(reason)"
    case .noIdentity: "a TLS server needs a certificate, or pre-shared keys, or both"
    case .invalidPreSharedKey(let identity, let reason): "pre-shared key \"\(identity)\": \(reason)"
    case .openSSL(let operation, let reason): "OpenSSL could not \(operation): \(reason)"
    }
  }
}
