// What a session knows about its peer once the handshake is done.

import COpenSSL
import Runtime

extension TLSSession {
  /// What the handshake agreed on; nil before it is done.
  public var info: TLSInfo? {
    guard isEstablished, let version = TLSVersion(rawValue: SSL_version(ssl)) else { return nil }
    let isResumed = SSL_session_reused(ssl) == 1
    // A pre-shared key is, to OpenSSL, a session that was never had.
    let identity = isResumed ? state.pointee.identity : nil
    return TLSInfo(
      version: version,
      cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "",
      applicationProtocol: applicationProtocol,
      serverName: SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) },
      peerCertificate: peerCertificate, preSharedKeyIdentity: identity,
      isResumed: isResumed && identity == nil)
  }

  private var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    guard let name, count > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  private var peerCertificate: TLSCertificate? {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
    defer { X509_free(certificate) }
    return TLSCertificate(certificate)
  }
}
