// Resuming sessions: who may, for how long, and by whose rules.

import Bytes
import COpenSSL
import Runtime
import Testing

@testable import TLS

@Suite("TLS session resumption") struct ResumptionTests {
  /// Whether the client's next session with the server is a resumed one, by both ends' word.
  private func resumes(
    _ client: TLSClientContext, _ server: TLSServerContext, _ version: TLSVersion = .v1_3,
    host: String = "localhost"
  ) throws -> Bool {
    var pair = try SessionPair(client, server, host: host)
    if version == .v1_2 {
      #expect(SSL_ctrl(pair.client.ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version.rawValue), nil) == 1)
    }
    pair.shakeHands()
    #expect(pair.failure == nil)
    // Tickets come with the first bytes.
    #expect(try pair.serverSays("hello") == "hello")
    let (atClient, atServer) = (pair.client.info, pair.server.info)
    #expect(atClient?.version == version)
    #expect(atClient?.isResumed == atServer?.isResumed)
    #expect(atClient?.peerCertificate?.commonName == "localhost")
    return try #require(atServer).isResumed
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3]) func resumesWhatWasBegun(_ version: TLSVersion) throws {
    let (client, server) = (try clientContext(), try serverContext())
    #expect(try !resumes(client, server, version))
    for _ in 0..<5 { #expect(try resumes(client, server, version)) }
    // Another client has nothing to resume, nor has this one with another host.
    #expect(try !resumes(clientContext(), server, version))
    #expect(try !resumes(client, server, version, host: "127.0.0.1"))
  }

  @Test func resumesOnlyWhereItIsWanted() throws {
    let server = try serverContext()
    let forgetful = try clientContext { $0.resumesSessions = false }
    for _ in 0..<2 { #expect(try !resumes(forgetful, server)) }
    let strict = try serverContext { $0.resumesSessions = false }
    let client = try clientContext()
    for version in [TLSVersion.v1_2, .v1_3] {
      for _ in 0..<2 { #expect(try !resumes(client, strict, version)) }
    }
    #expect(client.resumption.count == 0)
  }

  @Test func forgetsTicketKeysAfterTwoLifetimes() throws {
    let time = ManualTime()
    var configuration = TLSServerConfiguration(identities: [try authority().identity("server")])
    configuration.sessionLifetime = .seconds(100)
    let server = try TLSServerContext(configuration, time: time)
    // A client of TLS 1.2 goes on with the ticket that it got when the session began.
    let client = try clientContext()
    #expect(try !resumes(client, server, .v1_2))
    time.advance(by: .seconds(99))
    #expect(try resumes(client, server, .v1_2))
    // The key that sealed it was replaced since, but is still at hand.
    time.advance(by: .seconds(2))
    #expect(try resumes(client, server, .v1_2))
    time.advance(by: .seconds(99))
    #expect(try resumes(client, server, .v1_2))
    time.advance(by: .seconds(2))
    #expect(try !resumes(client, server, .v1_2))
    #expect(try resumes(client, server, .v1_2))
    // After a long silence the latest key is as good as replaced twice.
    time.advance(by: .seconds(201))
    #expect(try !resumes(client, server, .v1_2))
    // Another process has other keys.
    #expect(try !resumes(client, TLSServerContext(configuration, time: time), .v1_2))
  }

  @Test func keepsTicketsGoodAcrossAReload() throws {
    let (client, server) = (try clientContext(), try serverContext())
    #expect(try !resumes(client, server))
    try server.reload()
    #expect(try resumes(client, server))
  }

  @Test func knowsTheClientOfAResumedSession() throws {
    let authority = try authority()
    let server = try serverContext {
      $0.clientCertificates = .required(authoritiesFile: authority.path("authority.pem"))
    }
    let client = try clientContext { $0.identity = authority.identity("client") }
    for isResumed in [false, true] {
      var pair = try SessionPair(client, server)
      pair.shakeHands()
      #expect(try pair.serverSays("hello") == "hello")
      let info = pair.server.info
      #expect(info?.isResumed == isResumed)
      #expect(info?.peerCertificate?.commonName == "alice")
    }
  }

  @Test func doesNotResumeWhatOtherRulesLetIn() throws {
    let authority = try authority()
    // Both have the same ticket keys, as before and after a change of the authority's file.
    let keys = TLSTicketKeys(lifetime: .seconds(3600), time: SystemTime())
    var configuration = TLSServerConfiguration(identities: [authority.identity("server")])
    let client = try clientContext { $0.identity = authority.identity("client") }
    var resumed: [Bool] = []
    for rule in [
      TLSServerConfiguration.ClientCertificates.none, .none,
      .optional(authoritiesFile: authority.path("authority.pem")),
      .required(authoritiesFile: authority.path("authority.pem")),
    ] {
      configuration.clientCertificates = rule
      let credentials = try TLSServerCredentials(configuration, tickets: keys)
      var ours = try client.makeSession(host: "localhost")
      var theirs = credentials.makeSession()
      var isDone = false
      while !isDone {
        let one = try ours.handshake()
        theirs.incoming.append(ours.outgoing)
        ours.outgoing.clear()
        let other = try theirs.handshake()
        ours.incoming.append(theirs.outgoing)
        theirs.outgoing.clear()
        isDone = one && other
      }
      var buffer = ByteBuffer()
      _ = try ours.read(into: &buffer, maximum: 1)
      let info = theirs.info
      resumed.append(info?.isResumed ?? false)
    }
    #expect(resumed == [false, true, false, false])
  }

  @Test func remembersWithinBounds() throws {
    let resumption = TLSResumption()
    let session = try #require(SSL_SESSION_new())
    defer { SSL_SESSION_free(session) }
    #expect(SSL_SESSION_set_protocol_version(session, TLSVersion.v1_3.rawValue) == 1)
    // What has no ticket cannot be resumed.
    resumption.keep(session, name: "a")
    #expect(resumption.count == 0)
    #expect(SSL_SESSION_set1_id(session, [1, 2, 3], 3) == 1)
    for _ in 0..<10 { resumption.keep(session, name: "a") }
    #expect(resumption.count == TLSResumption.perHostMaximum)
    for number in 0..<1000 { resumption.keep(session, name: "host\(number)") }
    #expect(resumption.count <= TLSResumption.hostsMaximum + TLSResumption.perHostMaximum - 1)
    #expect(resumption.count >= TLSResumption.hostsMaximum)
  }
}
