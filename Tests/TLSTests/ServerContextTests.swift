// Which certificate a server shows, what it lets in, and what it says of files that it cannot use.

import Bytes
import Foundation
import Peers
import Runtime
import TLS
import Testing

@Suite("TLS contexts") struct ServerContextTests {
  @Test(arguments: [
    // certificate, key, what is wrong
    ("none", "server", "unreadable none.pem"),
    ("server", "none", "unreadable none.key"),
    ("server", "alpha", "mismatch server.pem alpha.key"),
    ("nonsense", "server", "malformed nonsense.pem"),
    ("broken", "server", "malformed broken.pem"),
    ("server", "encrypted", "encrypted encrypted.key"),
    ("weak", "weak", "unusable weak.pem"),
  ])
  func namesTheFileThatIsWrong(_ certificate: String, _ key: String, _ expected: String) throws {
    let authority = try authority()
    let identity = TLSIdentity(
      certificateFile: authority.path("\(certificate).pem"), keyFile: authority.path("\(key).key"))
    let error = #expect(throws: TLSError.self) {
      _ = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
    }
    let found: String
    switch try #require(error) {
    case .unreadable(let path, let error):
      found = "unreadable \(name(path))"
      #expect(error.code == ENOENT)
    case .malformed(let path, _): found = "malformed \(name(path))"
    case .keyMismatch(let certificate, let key): found = "mismatch \(name(certificate)) \(name(key))"
    case .encryptedKey(let path): found = "encrypted \(name(path))"
    case .unusable(let path, _): found = "unusable \(name(path))"
    default: found = "\(String(describing: error))"
    }
    #expect(found == expected)
    // An operator sees the path.
    #expect(error?.description.contains(authority.path("")) == true)
  }

  private func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  @Test func refusesAFolderAndAKeyFileWithoutAKey() throws {
    let authority = try authority()
    for (certificate, key) in [
      (authority.path(""), authority.path("server.key")),
      (authority.path("server.pem"), authority.path("server.pem")),
    ] {
      let identity = TLSIdentity(certificateFile: certificate, keyFile: key)
      let error = #expect(throws: TLSError.self) {
        _ = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
      }
      guard case .malformed = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(throws: TLSError.noIdentity) { _ = try TLSServerContext(TLSServerConfiguration()) }
  }

  @Test(arguments: [
    ("localhost", "localhost"),
    ("alpha.example", "alpha"),
    ("ALPHA.example", "alpha"),
    ("www.alpha.example", "alpha"),
    ("other.alpha.example", "localhost"),
    ("one.beta.example", "wild"),
    ("beta.example", "localhost"),
    ("two.one.beta.example", "localhost"),
    ("common.example", "Common.Example"),
    ("127.0.0.1", "localhost"),
  ])
  func choosesTheCertificateByName(_ host: String, _ expected: String) throws {
    let authority = try authority()
    let server = try serverContext { configuration in
      configuration.identities += ["alpha", "wild", "unnamed"].map { authority.identity($0) }
    }
    let client = try clientContext { $0.trust = .dangerouslyAcceptAnyCertificate }
    var pair = try SessionPair(client, server, host: host)
    pair.shakeHands()
    #expect(pair.failure == nil)
    #expect(pair.client.info?.peerCertificate?.commonName == expected)
    #expect(pair.server.info?.serverName == (host == "127.0.0.1" ? nil : host))
    #expect(server.certificates.map(\.commonName) == ["localhost", "alpha", "wild", "Common.Example"])
  }

  @Test(
    arguments: [
      (["h2", "http/1.1"], ["http/1.1", "h2"], "h2"),
      (["h2", "http/1.1"], ["http/1.1"], "http/1.1"),
      (["h2"], [], nil),
      ([], ["h2"], nil),
    ] as [([String], [String], String?)])
  func choosesTheProtocolItLikesBest(_ server: [String], _ client: [String], _ expected: String?) throws {
    var pair = try SessionPair(
      clientContext(), serverContext { $0.applicationProtocols = server }, applicationProtocols: client)
    pair.shakeHands()
    #expect(pair.failure == nil)
    #expect(pair.client.info?.applicationProtocol == expected)
    #expect(pair.server.info?.applicationProtocol == expected)
  }

  @Test func refusesAClientWithWhomItSharesNoProtocol() throws {
    var pair = try SessionPair(
      clientContext(), serverContext { $0.applicationProtocols = ["h2"] }, applicationProtocols: ["h3"])
    pair.shakeHands()
    guard case .handshake(_, let sent) = pair.serverFailure, case .handshake(_, let got) = pair.clientFailure
    else {
      Issue.record("\(String(describing: pair.serverFailure))")
      return
    }
    #expect(sent == TLSAlert(code: 120, isFromPeer: false))
    #expect(sent?.name == "no_application_protocol")
    #expect(got == TLSAlert(code: 120, isFromPeer: true))
  }

  /// Who asks, and whether they come in.
  enum Asker: String, CaseIterable, Sendable { case nobody, client, outsider }
  enum Rule: CaseIterable, Sendable { case none, optional, required }

  @Test(arguments: Rule.allCases, Asker.allCases)
  func letsInWhomItsRuleSays(_ rule: Rule, _ asker: Asker) throws {
    let authority = try authority()
    let file = authority.path("authority.pem")
    let server = try serverContext { configuration in
      configuration.clientCertificates =
        switch rule {
        case .none: .none
        case .optional: .optional(authoritiesFile: file)
        case .required: .required(authoritiesFile: file)
        }
    }
    let client = try clientContext { configuration in
      if asker != .nobody { configuration.identity = authority.identity(asker.rawValue) }
    }
    var pair = try SessionPair(client, server)
    pair.shakeHands()
    switch (rule, asker) {
    case (.required, .nobody):
      guard case .handshake(_, let alert) = pair.serverFailure else {
        Issue.record("\(String(describing: pair.serverFailure))")
        return
      }
      #expect(alert?.name == "certificate_required")
    case (.required, .outsider), (.optional, .outsider):
      guard case .certificate(let reason, let subject, let alert) = pair.serverFailure else {
        Issue.record("\(String(describing: pair.serverFailure))")
        return
      }
      #expect(reason == "unable to get local issuer certificate" && subject == "CN=mallory")
      #expect(alert?.name == "unknown_ca")
    case (.none, _), (.optional, .nobody):
      #expect(pair.failure == nil)
      #expect(pair.server.info?.peerCertificate == nil)
    case (.optional, .client), (.required, .client):
      #expect(pair.failure == nil)
      let shown = pair.server.info?.peerCertificate
      let certificate = try #require(shown)
      #expect(certificate.subject == "CN=alice,O=Varve")
      #expect(certificate.commonName == "alice")
      #expect(certificate.issuer == "CN=Varve Test Authority")
      #expect(certificate.names == ["alice.example"])
      #expect(certificate.identifiers == ["spiffe://varve/alice"])
      #expect(certificate.addresses == [IPAddress.loopbackV6])
      #expect(certificate.fingerprint.count == 64)
      #expect(certificate.notBefore < certificate.notAfter)
      #expect(certificate.serial.count >= 16)
    }
  }

  @Test(
    arguments: [
      ("localhost", "authority.pem", nil),
      ("localhost.", "authority.pem", nil),
      ("127.0.0.1", "authority.pem", nil),
      ("127.0.0.2", "authority.pem", "IP address mismatch"),
      ("elsewhere.example", "authority.pem", "hostname mismatch"),
      ("localhost", "stranger.pem", "unable to get local issuer certificate"),
    ] as [(String, String, String?)])
  func believesOnlyTheServerThatWasMeant(_ host: String, _ trusted: String, _ reason: String?) throws {
    let file = try authority().path(trusted)
    var pair = try SessionPair(
      clientContext { $0.trust = .authorities(file: file) }, serverContext(), host: host)
    pair.shakeHands()
    guard let reason else {
      #expect(pair.failure == nil)
      return
    }
    guard case .certificate(let found, let subject, let alert) = pair.clientFailure else {
      Issue.record("\(String(describing: pair.clientFailure))")
      return
    }
    #expect(found == reason)
    #expect(subject == "CN=localhost")
    #expect(alert?.isFromPeer == false)
    // The server hears of it.
    guard case .handshake(_, let heard) = pair.serverFailure else {
      // In TLS 1.3 the server may be done before the client objects.
      return
    }
    #expect(heard?.isFromPeer == true)
  }

  @Test func doesNotBelieveTheSystemsStrangersOrExpiredCertificates() throws {
    var pair = try SessionPair(TLSClientContext(), serverContext())
    pair.shakeHands()
    guard case .certificate = pair.clientFailure else {
      Issue.record("\(String(describing: pair.clientFailure))")
      return
    }
    let authority = try authority()
    var other = try SessionPair(
      clientContext(), serverContext { $0.identities = [authority.identity("expired")] })
    other.shakeHands()
    guard case .certificate(let reason, _, let alert) = other.clientFailure else {
      Issue.record("\(String(describing: other.clientFailure))")
      return
    }
    #expect(reason == "certificate has expired")
    #expect(alert?.name == "certificate_expired")
  }

  @Test func sendsTheWholeChain() throws {
    let authority = try authority()
    var pair = try SessionPair(
      clientContext(), serverContext { $0.identities = [authority.identity("chained")] })
    pair.shakeHands()
    #expect(pair.failure == nil)
    #expect(pair.client.info?.peerCertificate?.issuer == "CN=Between")
  }

  @Test(arguments: ["", "a\0b", String(repeating: "x", count: 300)]) func refusesImpossibleHosts(
    _ host: String
  ) throws {
    let context = try clientContext()
    #expect(throws: TLSFailure.self) { _ = try context.makeSession(host: host) }
  }
}
