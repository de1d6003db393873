// How a listener is encrypted.

import Configuration
import TLS

/// The certificates and keys of a listener.
struct ListenerTLSConfiguration: ConfigurationSection {
  /// Whether clients show certificates.
  enum ClientCertificates: String, CaseIterable, Sendable {
    case none, optional, required
  }

  /// The oldest version that is spoken.
  enum Version: String, CaseIterable, Sendable {
    case v1_2 = "1.2"
    case v1_3 = "1.3"
  }

  var certificateFile: String?
  var keyFile: String?
  var clientCertificates = ClientCertificates.none
  var clientCAFile: String?
  var preSharedKeysFile: String?
  var minimumVersion = Version.v1_2
  var resumesSessions = true
  var sessionLifetime = Duration.seconds(2 * 3600)
  var handshakeTimeout = Duration.seconds(10)
  var handshakeBytesMaximum = 64 << 10
  var expiryWarning = Duration.seconds(14 * 86_400)

  /// Whether the listener is encrypted.
  var isEnabled: Bool { certificateFile != nil || preSharedKeysFile != nil }

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "certificate_file", \.certificateFile, .path,
      "The certificate, and behind it those that signed it, in PEM; read again on SIGHUP.")
    section.key(
      "key_file", \.keyFile, .path,
      "The private key of the certificate, in PEM and without a passphrase; read again on SIGHUP.")
    section.key(
      "client_certificates", \.clientCertificates, .choice,
      "Whether clients show certificates: none are asked for, they may, or they must.")
    section.key(
      "client_ca_file", \.clientCAFile, .path,
      "The authorities that sign clients' certificates, in PEM; read again on SIGHUP.")
    section.key(
      "psk_file", \.preSharedKeysFile, .path,
      "Keys of clients that need no certificates, a line for each: identity:key, the key in hexadecimal; read again on SIGHUP. Without a certificate nobody else gets in."
    )
    section.key(
      "minimum_version", \.minimumVersion, .choice,
      "The oldest version of TLS that is spoken; 1.3 where there are only pre-shared keys.")
    section.key(
      "resumes_sessions", \.resumesSessions, .bool, "Whether clients may resume their sessions by tickets.")
    section.key(
      "session_lifetime", \.sessionLifetime, .duration(.seconds(60) ... .seconds(7 * 86_400)),
      "How long a session can be resumed.")
    section.key(
      "handshake_timeout", \.handshakeTimeout, .duration(.milliseconds(100) ... .seconds(300)),
      "How long a handshake may take.")
    section.key(
      "handshake_bytes_maximum", \.handshakeBytesMaximum, .bytes(4 << 10...16 << 20),
      "How much a client may send before the handshake is done.")
    section.key(
      "expiry_warning", \.expiryWarning, .duration(.zero ... .seconds(365 * 86_400)),
      "How long before the certificate expires the log warns of it, at start and on SIGHUP.")
    section.constraint("a certificate and its key are set together", \.certificateFile, \.keyFile) {
      ($0.certificateFile == nil) == ($0.keyFile == nil)
    }
    section.constraint(
      "clients are asked for certificates exactly when it is set who signs them", \.clientCertificates,
      \.clientCAFile
    ) { ($0.clientCertificates == .none) == ($0.clientCAFile == nil) }
    section.constraint(
      "clients show certificates only to a server that has one", \.clientCertificates, \.certificateFile
    ) { $0.clientCertificates == .none || $0.certificateFile != nil }
  }
}

extension ListenerTLSConfiguration {
  /// The configuration of a context.
  ///
  /// - Parameters:
  ///   - http2: whether HTTP/2 is offered besides HTTP/1.1.
  ///   - preSharedKeys: finds the key of an identity, when there are any.
  func server(
    http2: Bool, preSharedKeys: TLSServerConfiguration.PreSharedKeyLookup?
  ) -> TLSServerConfiguration {
    var server = TLSServerConfiguration()
    if let certificateFile, let keyFile {
      server.identities = [TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)]
    }
    server.applicationProtocols = http2 ? ["h2", "http/1.1"] : ["http/1.1"]
    if let clientCAFile {
      switch clientCertificates {
      case .none: break
      case .optional: server.clientCertificates = .optional(authoritiesFile: clientCAFile)
      case .required: server.clientCertificates = .required(authoritiesFile: clientCAFile)
      }
    }
    server.preSharedKeys = preSharedKeys
    server.minimumVersion = minimumVersion == .v1_3 ? .v1_3 : .v1_2
    server.resumesSessions = resumesSessions
    server.sessionLifetime = sessionLifetime
    server.handshakeTimeout = handshakeTimeout
    server.handshakeBytesMaximum = handshakeBytesMaximum
    return server
  }

  /// The name of the key by which `path` was given; nil when none gave it.
  func key(of path: String) -> String? {
    switch path {
    case certificateFile: "certificate_file"
    case keyFile: "key_file"
    case clientCAFile: "client_ca_file"
    case preSharedKeysFile: "psk_file"
    default: nil
    }
  }
}
