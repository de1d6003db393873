// The ciphers that seal and authenticate at once.

import COpenSSL

/// An authenticated cipher. Each takes a 12-byte nonce and yields a 16-byte tag.
public enum AEADAlgorithm: UInt8, Sendable, CaseIterable {
  /// AES in Galois/counter mode with a 128-bit key.
  case aes128GCM
  /// AES in Galois/counter mode with a 256-bit key.
  case aes256GCM
  /// ChaCha20 with Poly1305 (RFC 8439).
  case chaCha20Poly1305

  /// How many bytes a key has.
  public var keyByteCount: Int { self == .aes128GCM ? 16 : 32 }

  /// The name by which OpenSSL knows it.
  var name: String {
    switch self {
    case .aes128GCM: "AES-128-GCM"
    case .aes256GCM: "AES-256-GCM"
    case .chaCha20Poly1305: "ChaCha20-Poly1305"
    }
  }

  /// The fetched cipher.
  var cipher: OpaquePointer {
    switch self {
    case .aes128GCM: FetchedCipher.aes128GCM.pointer
    case .aes256GCM: FetchedCipher.aes256GCM.pointer
    case .chaCha20Poly1305: FetchedCipher.chaCha20Poly1305.pointer
    }
  }
}

/// A fetched `EVP_CIPHER`, kept for the life of the process because fetching is slow.
///
/// `@unchecked Sendable`: set once, and OpenSSL lets any thread use a fetched algorithm.
private struct FetchedCipher: @unchecked Sendable {
  static let aes128GCM = FetchedCipher(.aes128GCM)
  static let aes256GCM = FetchedCipher(.aes256GCM)
  static let chaCha20Poly1305 = FetchedCipher(.chaCha20Poly1305)

  let pointer: OpaquePointer

  private init(_ algorithm: AEADAlgorithm) {
    pointer = demand(EVP_CIPHER_fetch(nil, algorithm.name, nil), "provide an authenticated cipher")
  }
}
