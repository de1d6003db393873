// Keys that both ends had before: who holds one gets in under its name, who does not learns nothing.

import Bytes
import COpenSSL
import Crypto
import Runtime
import Testing

@testable import TLS

@Suite("TLS pre-shared keys") struct PreSharedKeyTests {
  /// The keys that the server knows.
  static let keys: [String: SecretBytes] = [
    "alice": SecretBytes(utf8: "alice has a key of 32 bytes here"),
    "böb": SecretBytes(utf8: "sixteen bytes ok"),
  ]

  private func server(_ identities: [TLSIdentity] = []) throws -> TLSServerContext {
    try serverContext { configuration in
      configuration.identities = identities
      configuration.preSharedKeys = { Self.keys[$0] }
    }
  }

  private func client(_ identity: String, _ key: String?) throws -> TLSClientContext {
    try clientContext { configuration in
      let key = key.map { SecretBytes(utf8: $0) } ?? Self.keys[identity] ?? SecretBytes(randomCount: 32)
      configuration.preSharedKey = try TLSPreSharedKey(identity: identity, key: key)
    }
  }

  @Test(arguments: ["alice", "böb"], [false, true])
  func letsInWhoeverHoldsAKey(_ identity: String, _ hasCertificate: Bool) throws {
    let server = try server(hasCertificate ? [authority().identity("server")] : [])
    let client = try client(identity, nil)
    for _ in 0..<3 {
      var pair = try SessionPair(client, server)
      pair.shakeHands()
      #expect(pair.failure == nil)
      #expect(try pair.serverSays("hello") == "hello")
      for info in [pair.client.info, pair.server.info] {
        #expect(info?.preSharedKeyIdentity == identity)
        #expect(info?.isResumed == false)
        #expect(info?.peerCertificate == nil)
        #expect(info?.version == .v1_3)
      }
    }
    // There are no tickets, which would let a client in whose key was withdrawn.
    #expect(client.resumption.count == 0)
  }

  @Test func answersAWrongKeyLikeAnUnknownName() throws {
    let server = try server()
    var alerts: [TLSAlert?] = []
    for (identity, key) in [("alice", "not the key that the server has"), ("nobody", nil)] {
      var pair = try SessionPair(client(identity, key), server)
      pair.shakeHands()
      guard case .handshake(_, let alert) = pair.clientFailure else {
        Issue.record("\(String(describing: pair.clientFailure))")
        continue
      }
      alerts.append(alert)
      if identity == "nobody" {
        #expect(pair.serverFailure == .unknownIdentity("nobody"))
      } else {
        guard case .handshake = pair.serverFailure else {
          Issue.record("\(String(describing: pair.serverFailure))")
          continue
        }
      }
    }
    #expect(alerts.count == 2 && alerts[0] == alerts[1] && alerts[0] != nil)
  }

  @Test func doesWithoutACertificateOnlyForThoseWhoHoldAKey() throws {
    var pair = try SessionPair(clientContext(), server())
    pair.shakeHands()
    guard case .handshake = pair.serverFailure, case .handshake = pair.clientFailure else {
      Issue.record("\(String(describing: pair.serverFailure)) \(String(describing: pair.clientFailure))")
      return
    }
  }

  @Test func fallsBackToCertificatesThatItCanCheck() throws {
    let server = try server([authority().identity("server")])
    var known = try SessionPair(client("nobody", nil), server)
    known.shakeHands()
    #expect(known.failure == nil)
    let info = known.server.info
    #expect(info?.preSharedKeyIdentity == nil && info?.isResumed == false)
    #expect(known.client.info?.peerCertificate?.commonName == "localhost")
    #expect(known.client.info?.preSharedKeyIdentity == nil)
    let stranger = try authority().path("stranger.pem")
    let doubting = try clientContext { configuration in
      configuration.trust = .authorities(file: stranger)
      configuration.preSharedKey = try TLSPreSharedKey(
        identity: "nobody", key: SecretBytes(randomCount: 32))
    }
    var unknown = try SessionPair(doubting, server)
    unknown.shakeHands()
    guard case .certificate = unknown.clientFailure else {
      Issue.record("\(String(describing: unknown.clientFailure))")
      return
    }
  }

  @Test func doesNotTakeAnIdentityForProofWhenAnotherCipherIsChosen() throws {
    // The client names alice and has cipher suites only that her key does not go with.
    let server = try server([authority().identity("server")])
    let client = try client("alice", "not the key that the server has")
    var pair = try SessionPair(client, server)
    #expect(SSL_set_ciphersuites(pair.client.ssl, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") == 1)
    pair.shakeHands()
    #expect(pair.serverFailure != nil)
    let info = pair.server.info
    #expect(info?.preSharedKeyIdentity == nil)
  }

  @Test(arguments: [(15, 5), (65, 5), (0, 5), (32, 0), (32, 257)])
  func refusesKeysAndNamesOfImpossibleLength(_ key: Int, _ identity: Int) {
    let error = #expect(throws: TLSError.self) {
      _ = try TLSPreSharedKey(
        identity: String(repeating: "a", count: identity), key: SecretBytes(randomCount: key))
    }
    guard case .invalidPreSharedKey = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
