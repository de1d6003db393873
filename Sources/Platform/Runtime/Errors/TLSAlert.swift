// What one end of a TLS connection tells the other before it gives up: a number, and the name that every
// implementation's log and documentation knows it by.

/// A TLS alert.
public struct TLSAlert: Hashable, Sendable {
  /// Its number on the wire.
  public let code: UInt8
  /// Whether the peer sent it; otherwise we did.
  public let isFromPeer: Bool

  /// The alert `code`, as sent by one side.
  public init(code: UInt8, isFromPeer: Bool) {
    self.code = code
    self.isFromPeer = isFromPeer
  }

  /// The name that the standards give it: "handshake_failure".
  public var name: String {
    switch code {
    case 0: "close_notify"
    case 10: "unexpected_message"
    case 20: "bad_record_mac"
    case 22: "record_overflow"
    case 40: "handshake_failure"
    case 42: "bad_certificate"
    case 43: "unsupported_certificate"
    case 44: "certificate_revoked"
    case 45: "certificate_expired"
    case 46: "certificate_unknown"
    case 47: "illegal_parameter"
    case 48: "unknown_ca"
    case 49: "access_denied"
    case 50: "decode_error"
    case 51: "decrypt_error"
    case 70: "protocol_version"
    case 71: "insufficient_security"
    case 80: "internal_error"
    case 86: "inappropriate_fallback"
    case 90: "user_canceled"
    case 100: "no_renegotiation"
    case 109: "missing_extension"
    case 110: "unsupported_extension"
    case 112: "unrecognized_name"
    case 113: "bad_certificate_status_response"
    case 115: "unknown_psk_identity"
    case 116: "certificate_required"
    case 120: "no_application_protocol"
    default: "alert \(code)"
    }
  }
}

extension TLSAlert: CustomStringConvertible {
  /// "sent handshake_failure", "received unknown_ca".
  public var description: String { "\(isFromPeer ? "received" : "sent") \(name)" }
}
