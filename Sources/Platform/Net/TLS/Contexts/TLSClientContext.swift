// A client's side of TLS: what its sessions are made from. It remembers how to resume them, and nothing else.

import COpenSSL
import Crypto
public import Runtime

/// What a client's TLS sessions are made from. Any loop may use it.
public final class TLSClientContext: Sendable {
  /// What it was set up with.
  public let configuration: TLSClientConfiguration

  private let context: LibraryContext
  /// The identity of the pre-shared key, at an address that does not move.
  fileprivate let identityBytes: SecretBytes
  let resumption = TLSResumption()

  /// Reads the files that `configuration` names. It blocks for as long as that takes.
  public init(_ configuration: TLSClientConfiguration = TLSClientConfiguration()) throws(TLSError) {
    self.configuration = configuration
    identityBytes = SecretBytes(utf8: configuration.preSharedKey?.identity ?? "")
    context = try LibraryContext(.client, minimumVersion: configuration.minimumVersion)
    let pointer = context.pointer
    switch configuration.trust {
    case .system:
      try context.require(SSL_CTX_set_default_verify_paths(pointer), "find the system's authorities")
    case .authorities(let path):
      try context.trust(PEMFile(path), announces: false)
    case .dangerouslyAcceptAnyCertificate:
      break
    }
    let verifies = configuration.trust != .dangerouslyAcceptAnyCertificate
    SSL_CTX_set_verify(pointer, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verifies ? noteRefusal : nil)
    if let identity = configuration.identity { try context.use(identity) }
    // The callbacks reach us through the context, and the sessions keep us alive.
    SSL_CTX_set_ex_data(pointer, 0, Unmanaged.passUnretained(self).toOpaque())
    if configuration.resumesSessions {
      copenssl_set_session_cache(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE))
      SSL_CTX_sess_set_new_cb(pointer, keepSession)
    } else {
      copenssl_set_session_cache(pointer, Int(SSL_SESS_CACHE_OFF))
    }
    if configuration.preSharedKey != nil { SSL_CTX_set_psk_use_session_callback(pointer, offerKey) }
  }

  /// A session with `host`.
  ///
  /// - Parameters:
  ///   - host: the name or address that the server's certificate must be for.
  ///   - applicationProtocols: what may be spoken inside, best first.
  public func makeSession(
    host: String, applicationProtocols: [String] = []
  ) throws(TLSFailure) -> TLSSession {
    let session = TLSSession(
      context.pointer, role: .client, handshakeBytesMaximum: configuration.handshakeBytesMaximum, owner: self)
    // A name with the dot of its root is the same name, and certificates have it without.
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    guard !name.isEmpty, !name.utf8.contains(0), expect(name, of: session.ssl) else {
      TLSErrorQueue.clear()
      throw .handshake(reason: "\"\(host)\" is no name of a host", alert: nil)
    }
    if !applicationProtocols.isEmpty {
      ApplicationProtocols(applicationProtocols).offer(on: session.ssl)
    }
    if configuration.resumesSessions {
      session.state.pointee.resumptionName = name
      resumption.resume(session.ssl, name: name)
    }
    return session
  }

  /// Says which host is wanted, and has its certificate checked for that.
  private func expect(_ name: String, of ssl: OpaquePointer) -> Bool {
    let rules = SSL_get0_param(ssl)
    if IPAddress(name) != nil { return X509_VERIFY_PARAM_set1_ip_asc(rules, name) == 1 }
    X509_VERIFY_PARAM_set_hostflags(rules, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    return X509_VERIFY_PARAM_set1_host(rules, name, 0) == 1 && copenssl_set_host_name(ssl, name) == 1
  }

  fileprivate static func of(_ ssl: OpaquePointer?) -> TLSClientContext {
    guard let pointer = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else {
      preconditionFailure("a callback without its context")
    }
    return Unmanaged<TLSClientContext>.fromOpaque(pointer).takeUnretainedValue()
  }
}

private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
  let state = TLSSessionState.of(ssl)
  // What was begun with a key shared beforehand begins with it again.
  if let name = state.pointee.resumptionName, state.pointee.identity == nil {
    TLSClientContext.of(ssl).resumption.keep(session, name: name)
  }
  return 0
}

private func offerKey(
  _ ssl: OpaquePointer?, _ digest: OpaquePointer?, _ name: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ nameCount: UnsafeMutablePointer<Int>?, _ session: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  session?.pointee = nil
  let context = TLSClientContext.of(ssl)
  // When the server has asked for another digest already, the key is of no use.
  guard let key = context.configuration.preSharedKey, digest == nil || EVP_MD_is_a(digest, "SHA256") == 1
  else { return 1 }
  guard let found = TLSPreSharedKey.session(with: key.key, for: TLSPreSharedKey.cipher(of: ssl)) else {
    return 0
  }
  TLSSessionState.of(ssl).pointee.identity = key.identity
  session?.pointee = found
  context.identityBytes.withUnsafeBytes { bytes in
    name?.pointee = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    nameCount?.pointee = bytes.count
  }
  return 1
}
