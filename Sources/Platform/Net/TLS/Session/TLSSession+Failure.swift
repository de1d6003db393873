// Telling failures apart: OpenSSL has a number for each of some five hundred reasons; an operator needs to know
// whether the peer spoke TLS at all, whether a certificate was refused and which, and what alert said so.

import COpenSSL
import Runtime

extension TLSSession {
  static func failure(
    _ queue: TLSErrorQueue.Content, _ state: TLSSessionState, isEstablished: Bool
  ) -> TLSFailure {
    if isEstablished { return .record(reason: queue.text, alert: state.alert) }
    if let identity = state.unknownIdentity { return .unknownIdentity(identity) }
    switch queue.reason {
    case SSL_R_HTTP_REQUEST:
      return .notTLS(found: "an HTTP request")
    case SSL_R_HTTPS_PROXY_REQUEST:
      return .notTLS(found: "an HTTP CONNECT request")
    case SSL_R_WRONG_VERSION_NUMBER where state.alert == nil:
      return .notTLS(found: "something that is no TLS record")
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      let refused = state.refusedCertificate
      return .certificate(
        reason: refused?.reason ?? queue.text, subject: refused?.subject, alert: state.alert)
    default:
      return .handshake(reason: queue.text, alert: state.alert)
    }
  }
}
