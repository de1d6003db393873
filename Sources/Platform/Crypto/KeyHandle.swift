// OpenSSL's key object, and the calls that make and use one. Every key type of this module holds one.

import COpenSSL

/// Owns an `EVP_PKEY`.
///
/// `@unchecked Sendable`: the key is complete when `init` returns and never changed after; OpenSSL lets any
/// number of threads sign, verify and derive with one key.
final class KeyHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  private init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { EVP_PKEY_free(pointer) }

  // MARK: Making

  /// A key of X25519 or Ed25519 from its public bytes. OpenSSL does not look at the point here.
  convenience init(_ name: String, publicBytes: RawSpan) throws(CryptoError) {
    let key = publicBytes.withUnsafeBytes {
      EVP_PKEY_new_raw_public_key_ex(nil, name, nil, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
    }
    self.init(try require(key, "read an \(name) public key"))
  }

  /// A key of X25519 or Ed25519 from its private bytes.
  convenience init(_ name: String, privateBytes: SecretBytes) throws(CryptoError) {
    let key = privateBytes.withUnsafeBytes {
      EVP_PKEY_new_raw_private_key_ex(nil, name, nil, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
    }
    self.init(try require(key, "read an \(name) private key"))
  }

  /// A key of `name` from its numbers.
  convenience init(_ name: String, _ parameters: [KeyParameter], isPrivate: Bool) throws(CryptoError) {
    let context = try require(EVP_PKEY_CTX_new_from_name(nil, name, nil), "provide \(name) keys")
    defer { EVP_PKEY_CTX_free(context) }
    try require(EVP_PKEY_fromdata_init(context), "start reading an \(name) key")
    var key: OpaquePointer?
    let result = KeyParameter.withOpenSSL(parameters) {
      EVP_PKEY_fromdata(context, &key, isPrivate ? Self.keyPair : Self.publicKey, $0)
    }
    guard result == 1, let key else {
      throw .invalidKey(kind: name, reason: OpenSSLQueue.drain())
    }
    self.init(key)
  }

  /// OpenSSL's selections of what a key consists of, which are macros of casts.
  private static let publicKey = Int32(OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_ALL_PARAMETERS)
  private static let keyPair = publicKey | Int32(OSSL_KEYMGMT_SELECT_PRIVATE_KEY)

  // MARK: Looking

  /// The public bytes of an X25519 or Ed25519 key.
  func rawPublicBytes() throws(CryptoError) -> FixedBytes<32> {
    var bytes = FixedBytes<32>()
    let result = bytes.withMutableBytes { target in
      var count = target.count
      return EVP_PKEY_get_raw_public_key(pointer, target.bindMemory(to: UInt8.self).baseAddress, &count)
    }
    try require(result, "compute a public key")
    return bytes
  }

  /// Checks what OpenSSL can check: that a point is on its curve, that a private key's numbers fit together.
  func check(
    _ kind: String, _ check: (OpaquePointer) -> Int32
  ) throws(CryptoError) {
    let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil), "examine a key")
    defer { EVP_PKEY_CTX_free(context) }
    guard check(context) == 1 else { throw .invalidKey(kind: kind, reason: OpenSSLQueue.drain()) }
  }

  // MARK: Using

  /// Signs `message`, hashed first unless `hash` is nil; `output` has room for the longest signature.
  /// Returns how much of it was used.
  func sign(
    _ message: RawSpan, hash: HashAlgorithm?, into output: UnsafeMutableRawBufferPointer,
    configure: (OpaquePointer) -> Int32 = { _ in 1 }
  ) throws(CryptoError) -> Int {
    let context = try require(EVP_MD_CTX_new(), "allocate a signing context")
    defer { EVP_MD_CTX_free(context) }
    var options: OpaquePointer?
    try require(
      EVP_DigestSignInit_ex(context, &options, hash?.name, nil, nil, pointer, nil), "start a signature")
    guard let options else { throw .drainingQueue("start a signature") }
    try require(configure(options), "set a signature's padding")
    var count = output.count
    let result = message.withUnsafeBytes {
      EVP_DigestSign(
        context, output.bindMemory(to: UInt8.self).baseAddress, &count,
        $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
    }
    try require(result, "sign")
    return count
  }

  /// Whether `signature` is one of `message`. Whatever keeps OpenSSL from saying yes is a no.
  func isValid(
    _ signature: RawSpan, of message: RawSpan, hash: HashAlgorithm?,
    configure: (OpaquePointer) -> Int32 = { _ in 1 }
  ) -> Bool {
    let context = demand(EVP_MD_CTX_new(), "allocate a verifying context")
    defer { EVP_MD_CTX_free(context) }
    var options: OpaquePointer?
    var isValid = EVP_DigestVerifyInit_ex(context, &options, hash?.name, nil, nil, pointer, nil) == 1
    if let options { isValid = isValid && configure(options) == 1 }
    isValid =
      isValid
      && signature.withUnsafeBytes { signature in
        message.withUnsafeBytes { message in
          EVP_DigestVerify(
            context, signature.bindMemory(to: UInt8.self).baseAddress, signature.count,
            message.bindMemory(to: UInt8.self).baseAddress, message.count) == 1
        }
      }
    if !isValid { OpenSSLQueue.clear() }
    return isValid
  }

  /// The secret that this private key and `peer` agree on; nil when OpenSSL finds the peer's key unfit.
  func sharedSecret(with peer: KeyHandle, count: Int) throws(CryptoError) -> SecretBytes? {
    let context = try require(EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil), "start a key agreement")
    defer { EVP_PKEY_CTX_free(context) }
    try require(EVP_PKEY_derive_init(context), "start a key agreement")
    var isDerived = EVP_PKEY_derive_set_peer_ex(context, peer.pointer, 1) == 1
    let secret = SecretBytes(count: count) { target in
      var written = target.count
      isDerived =
        isDerived
        && EVP_PKEY_derive(context, target.bindMemory(to: UInt8.self).baseAddress, &written) == 1
        && written == target.count
    }
    if !isDerived { OpenSSLQueue.clear() }
    return isDerived ? secret : nil
  }
}
