// OpenSSL's context, and the policy that every one of ours has, server or client: versions, ciphers, groups and
// signatures of this decade, nothing that was found broken, nothing that trades safety for compatibility.

import COpenSSL
import Crypto
import Runtime

/// The settings that sessions are made from.
///
/// `@unchecked Sendable`: set up by one thread before anyone else sees it; OpenSSL then allows sessions to be
/// made from it on any thread.
final class LibraryContext: @unchecked Sendable {
  /// AES-128 first: with the instructions for it the quickest, and as good as any. A client without them says
  /// so by its own order, and gets ChaCha20.
  private static let suites13 = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"
  /// TLS 1.2 with ephemeral keys and authenticated encryption only.
  private static let suites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    + "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
  private static let groups = "X25519:P-256:P-384"
  private static let signatures =
    "ecdsa_secp256r1_sha256:ed25519:rsa_pss_rsae_sha256:rsa_pss_pss_sha256:ecdsa_secp384r1_sha384:"
    + "rsa_pss_rsae_sha384:rsa_pss_pss_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha512:"
    + "RSA+SHA256:RSA+SHA384:RSA+SHA512"
  /// 112 bits of security: no RSA below 2048 bits, no SHA-1.
  private static let securityLevel: Int32 = 2
  /// The most certificates between a leaf and a root.
  private static let verificationDepth: Int32 = 6

  let pointer: OpaquePointer

  /// A context with our policy.
  init(_ role: TLSSession.Role, minimumVersion: TLSVersion) throws(TLSError) {
    TLSErrorQueue.clear()
    guard let context = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
      throw TLSErrorQueue.error("make a context")
    }
    pointer = context
    SSL_CTX_set_security_level(context, Self.securityLevel)
    SSL_CTX_set_options(context, copenssl_tls_options)
    copenssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
    SSL_CTX_set_verify_depth(context, Self.verificationDepth)
    try require(
      copenssl_set_versions(context, minimumVersion.rawValue, TLSVersion.v1_3.rawValue), "set the versions")
    try require(SSL_CTX_set_ciphersuites(context, Self.suites13), "set the TLS 1.3 cipher suites")
    try require(SSL_CTX_set_cipher_list(context, Self.suites12), "set the TLS 1.2 cipher suites")
    try require(copenssl_set_groups(context, Self.groups), "set the groups")
    try require(copenssl_set_signatures(context, Self.signatures), "set the signature algorithms")
  }

  deinit { SSL_CTX_free(pointer) }

  /// Throws what OpenSSL says unless `result` is 1.
  func require(_ result: Int32, _ operation: String) throws(TLSError) {
    guard result == 1 else { throw TLSErrorQueue.error(operation) }
  }

  /// Loads a certificate, its chain and its key.
  ///
  /// - Returns: what the certificate says.
  @discardableResult
  func use(_ identity: TLSIdentity) throws(TLSError) -> TLSCertificate {
    let chain = try PEMFile(identity.certificateFile).certificates()
    let key = try PEMFile(identity.keyFile).privateKey()
    TLSErrorQueue.clear()
    guard X509_check_private_key(chain[0].pointer, key.pointer) == 1 else {
      TLSErrorQueue.clear()
      throw .keyMismatch(certificate: identity.certificateFile, key: identity.keyFile)
    }
    guard let stack = OPENSSL_sk_new_null() else { throw TLSErrorQueue.error("hold a chain") }
    defer { OPENSSL_sk_free(stack) }
    for certificate in chain.dropFirst() {
      guard OPENSSL_sk_push(stack, UnsafeRawPointer(certificate.pointer)) > 0 else {
        throw TLSErrorQueue.error("hold a chain")
      }
    }
    guard SSL_CTX_use_cert_and_key(pointer, chain[0].pointer, key.pointer, stack, 1) == 1 else {
      throw .unusable(path: identity.certificateFile, reason: TLSErrorQueue.drain().text)
    }
    return TLSCertificate(chain[0].pointer)
  }

  /// Trusts the authorities in a file, and no others.
  ///
  /// - Parameter announces: whether peers are told their names, so that they can choose a certificate.
  func trust(_ file: PEMFile, announces: Bool) throws(TLSError) {
    TLSErrorQueue.clear()
    for authority in try file.certificates() {
      guard X509_STORE_add_cert(SSL_CTX_get_cert_store(pointer), authority.pointer) == 1 else {
        throw .unusable(path: file.path, reason: TLSErrorQueue.drain().text)
      }
      if announces {
        try require(SSL_CTX_add_client_CA(pointer, authority.pointer), "announce the authorities")
      }
    }
  }

  /// Has only sessions resumed that were begun by a context with the same `scope`.
  func limitSessions(to scope: Digest<SHA256>) throws(TLSError) {
    let result = scope.withUnsafeBytes { bytes in
      SSL_CTX_set_session_id_context(
        pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count))
    }
    try require(result, "limit sessions")
  }
}
