// A pre-shared key as OpenSSL takes it: as a session that both ends might have had before. Ours go with SHA-256,
// as the standard has it for keys that come without a digest of their own.

import COpenSSL
import Crypto

extension TLSPreSharedKey {
  /// What OpenSSL takes for a session that was begun with `key`; nil when it refuses the key.
  static func session(with key: SecretBytes, for cipher: OpaquePointer?) -> OpaquePointer? {
    guard let cipher, let session = SSL_SESSION_new() else { return nil }
    let isSet = key.withUnsafeBytes { bytes in
      SSL_SESSION_set1_master_key(
        session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        & SSL_SESSION_set_cipher(session, cipher)
        & SSL_SESSION_set_protocol_version(session, TLSVersion.v1_3.rawValue)
    }
    if isSet == 1 { return session }
    SSL_SESSION_free(session)
    return nil
  }

  /// Whether keys can be used with `cipher`.
  static func goes(with cipher: OpaquePointer?) -> Bool {
    guard let cipher else { return false }
    return EVP_MD_is_a(SSL_CIPHER_get_handshake_digest(cipher), "SHA256") == 1
  }

  /// A cipher suite that keys can be used with: TLS_AES_128_GCM_SHA256.
  static func cipher(of ssl: OpaquePointer?) -> OpaquePointer? { SSL_CIPHER_find(ssl, [0x13, 0x01]) }
}
