// One reading of a server's files: a context for each certificate, all with the same settings, and the names
// that choose between them. It never changes; reloading makes another, and sessions keep the one they began
// with. The functions that OpenSSL calls back are in TLSServerCredentials+Callbacks.swift.

import COpenSSL
import Crypto
import Runtime

/// What a server is at present.
final class TLSServerCredentials: Sendable {
  let configuration: TLSServerConfiguration
  let tickets: TLSTicketKeys
  let applicationProtocols: ApplicationProtocols
  /// What each identity's certificate says.
  let certificates: [TLSCertificate]
  private let contexts: [LibraryContext]
  private let contextOfName: [String: Int]

  /// Reads the files that `configuration` names.
  init(_ configuration: TLSServerConfiguration, tickets: TLSTicketKeys) throws(TLSError) {
    if configuration.identities.isEmpty && configuration.preSharedKeys == nil { throw .noIdentity }
    self.configuration = configuration
    self.tickets = tickets
    applicationProtocols = ApplicationProtocols(configuration.applicationProtocols)
    var contexts: [LibraryContext] = []
    var certificates: [TLSCertificate] = []
    var contextOfName: [String: Int] = [:]
    for (index, identity) in configuration.identities.enumerated() {
      let context = try Self.makeContext(configuration)
      let certificate = try context.use(identity)
      // By the rule for clients, the common name counts only where there is nothing else.
      let names = certificate.names.isEmpty ? [certificate.commonName ?? ""] : certificate.names
      for name in names where contextOfName[name.lowercased()] == nil {
        contextOfName[name.lowercased()] = index
      }
      contexts.append(context)
      certificates.append(certificate)
    }
    if contexts.isEmpty { contexts = [try Self.makeContext(configuration)] }
    self.contexts = contexts
    self.certificates = certificates
    self.contextOfName = contextOfName
    for context in contexts { connect(context.pointer) }
  }

  /// A session of a client whose wishes are not known yet.
  func makeSession() -> TLSSession {
    TLSSession(
      contexts[0].pointer, role: .server, handshakeBytesMaximum: configuration.handshakeBytesMaximum,
      owner: self)
  }

  /// Whether only those who hold a pre-shared key get in.
  var takesOnlyPreSharedKeys: Bool { configuration.identities.isEmpty }

  /// The context of the certificate that is for `name`; nil when none is.
  func context(for name: String) -> OpaquePointer? {
    let name = name.lowercased()
    if let index = contextOfName[name] { return contexts[index].pointer }
    guard let dot = name.firstIndex(of: ".") else { return nil }
    return contextOfName["*\(name[dot...])"].map { contexts[$0].pointer }
  }

  // MARK: Setting up

  private static func makeContext(_ configuration: TLSServerConfiguration) throws(TLSError) -> LibraryContext
  {
    let isOnlyKeys = configuration.identities.isEmpty
    let context = try LibraryContext(
      .server, minimumVersion: isOnlyKeys ? .v1_3 : configuration.minimumVersion)
    // Nothing is kept here: who may resume brings all of it along.
    copenssl_set_session_cache(context.pointer, Int(SSL_SESS_CACHE_OFF))
    SSL_CTX_set_timeout(context.pointer, Int(configuration.sessionLifetime.components.seconds))
    // Keys shared with clients make sessions cheap already, and can be withdrawn, which tickets cannot.
    if !configuration.resumesSessions || isOnlyKeys {
      SSL_CTX_set_options(context.pointer, copenssl_no_ticket)
      try context.require(SSL_CTX_set_num_tickets(context.pointer, 0), "do without tickets")
    }
    var scope = SHA256()
    switch configuration.clientCertificates {
    case .none:
      break
    case .optional(let path), .required(let path):
      var mode = SSL_VERIFY_PEER
      if case .required = configuration.clientCertificates { mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT }
      let file = try PEMFile(path)
      try context.trust(file, announces: true)
      SSL_CTX_set_verify(context.pointer, mode, noteRefusal)
      file.digest().withUnsafeBytes { scope.update($0) }
      withUnsafeBytes(of: mode) { scope.update($0) }
    }
    // A session that was let in by other rules is not resumed.
    try context.limitSessions(to: scope.finalize())
    return context
  }
}
