// What a session promises, with only memory between its two ends.

import Bytes
import COpenSSL
import Runtime
import Testing

@testable import TLS

@Suite("TLSSession") struct SessionTests {
  @Test(arguments: [TLSVersion.v1_2, .v1_3], [Int.max, 1])
  func agreesHoweverTheBytesAreCutUp(_ version: TLSVersion, _ piece: Int) throws {
    var pair = try SessionPair(clientContext(), serverContext(), applicationProtocols: [])
    pair.piece = piece
    if version == .v1_2 { try limit(pair.client, to: version) }
    pair.shakeHands()
    #expect(pair.failure == nil)
    let (clientInfo, serverInfo) = (pair.client.info, pair.server.info)
    let (client, server) = (try #require(clientInfo), try #require(serverInfo))
    #expect(client.version == version && server.version == version)
    #expect(client.cipher == server.cipher)
    #expect(client.peerCertificate?.names == ["localhost"])
    #expect(client.peerCertificate?.addresses == [IPAddress.loopbackV4])
    #expect(server.serverName == "localhost")
    #expect(server.peerCertificate == nil && !client.isResumed && client.preSharedKeyIdentity == nil)
    #expect(try pair.clientSays("over there") == "over there")
    #expect(try pair.serverSays("and back") == "and back")
  }

  @Test func usesOnlyAuthenticatedCiphersWithForwardSecrecy() throws {
    let context = try LibraryContext(.server, minimumVersion: .v1_2)
    let list = try #require(SSL_CTX_get_ciphers(context.pointer))
    var names: [String] = []
    for index in 0..<OPENSSL_sk_num(list) {
      let cipher = OpaquePointer(OPENSSL_sk_value(list, index))
      names.append(String(cString: SSL_CIPHER_get_name(cipher)))
      #expect(SSL_CIPHER_is_aead(cipher) == 1)
    }
    #expect(names.count == 9)
    #expect(names.allSatisfy { $0.hasPrefix("TLS_") || $0.hasPrefix("ECDHE-") })
    #expect(names.first == "TLS_AES_128_GCM_SHA256")
  }

  @Test func refusesOlderVersions() throws {
    var pair = try SessionPair(clientContext(), serverContext { $0.minimumVersion = .v1_3 })
    try limit(pair.client, to: .v1_2)
    pair.shakeHands()
    #expect(
      pair.serverFailure
        == TLSFailure.handshake(
          reason: "unsupported protocol", alert: TLSAlert(code: 70, isFromPeer: false)))
    guard case .handshake(_, let alert) = pair.clientFailure else {
      Issue.record("\(String(describing: pair.clientFailure))")
      return
    }
    #expect(alert == TLSAlert(code: 70, isFromPeer: true))
    #expect(alert?.description == "received protocol_version")
  }

  @Test func saysGoodbyeInEachDirectionByItself() throws {
    var pair = try SessionPair(clientContext(), serverContext())
    pair.shakeHands()
    pair.client.finish()
    #expect(try pair.clientSays("") == "")
    #expect(pair.server.peerHasFinished == true)
    #expect(pair.client.peerHasFinished == false)
    #expect(try pair.serverSays("still here") == "still here")
    pair.server.finish()
    #expect(try pair.serverSays("") == "")
    #expect(pair.client.peerHasFinished == true)
  }

  @Test(arguments: [Int.max, 1]) func goesOnAfterKeysWereChanged(_ piece: Int) throws {
    var pair = try SessionPair(clientContext(), serverContext())
    pair.piece = piece
    pair.shakeHands()
    for round in 0..<5 {
      #expect(SSL_key_update(pair.client.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
      #expect(try pair.clientSays("there \(round)") == "there \(round)")
      #expect(try pair.serverSays("back \(round)") == "back \(round)")
    }
  }

  @Test func refusesToNegotiateAgain() throws {
    var pair = try SessionPair(clientContext(), serverContext())
    try limit(pair.client, to: .v1_2)
    pair.shakeHands()
    #expect(pair.failure == nil)
    // Whether by our own policy for clients, or by the server's for whoever tries.
    SSL_clear_options(pair.client.ssl, copenssl_tls_options)
    #expect(SSL_renegotiate(pair.client.ssl) == 1)
    #expect(SSL_do_handshake(pair.client.ssl) != 1)
    #expect(try pair.clientSays("") == "")
    #expect(throws: TLSFailure.self) { try pair.serverSays("") }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", TLSFailure.notTLS(found: "an HTTP request")),
    ("CONNECT x:443 HTTP/1.1\r\n\r\n", .notTLS(found: "an HTTP CONNECT request")),
    ("SSH-2.0-OpenSSH_9.2p1\r\n", .notTLS(found: "something that is no TLS record")),
    (String(repeating: "\0", count: 64), .notTLS(found: "something that is no TLS record")),
  ])
  func tellsWhatIsNotTLS(_ bytes: String, _ failure: TLSFailure) throws {
    var server = try serverContext().makeSession()
    server.incoming.append(bytes)
    #expect(throws: failure) { try server.handshake() }
    // It stays as it is, whatever comes.
    #expect(throws: failure) { try server.handshake() }
  }

  @Test func takesOnlySoManyBytesForAHandshake() throws {
    var server = try serverContext { $0.handshakeBytesMaximum = 4096 }.makeSession()
    // A handshake message of 60 000 bytes, of which the first few thousand come.
    var sent = 0
    server.incoming.append(contentsOf: [22, 3, 1, 0x40, 0, 1, 0, 0xea, 0x60])
    server.incoming.append(repeating: 7, count: 0x4000 - 4)
    #expect(throws: TLSFailure.handshakeLimit(bytes: 4096)) {
      while sent < 100 {
        _ = try server.handshake()
        server.incoming.append(contentsOf: [22, 3, 1, 0, 1, 7])
        sent += 1
      }
    }
  }

  @Test func refusesRecordsThatAreTooLongOrWereChanged() throws {
    for harm in ["length", "content"] {
      var pair = try SessionPair(clientContext(), serverContext())
      pair.shakeHands()
      if harm == "length" {
        // 16 KiB and 257 bytes.
        pair.server.incoming.append(contentsOf: [23, 3, 3, 0x41, 0x01])
      } else {
        var record = ByteBuffer()
        let text = ByteBuffer("hello")
        try text.withReadableBytes { (bytes) throws(TLSFailure) in try pair.client.write(bytes) }
        swap(&record, &pair.client.outgoing)
        record.withMutableReadableBytes { $0[$0.count - 1] ^= 1 }
        pair.server.incoming.append(record)
      }
      var buffer = ByteBuffer()
      let error = #expect(throws: TLSFailure.self) {
        _ = try pair.server.read(into: &buffer, maximum: 100)
      }
      guard case .record(_, let alert) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(alert == TLSAlert(code: harm == "length" ? 22 : 20, isFromPeer: false))
      // The peer is told.
      #expect(throws: TLSFailure.self) { try pair.serverSays("") }
    }
  }

  @Test func readsNoMoreThanItIsAskedFor() throws {
    var pair = try SessionPair(clientContext(), serverContext())
    pair.shakeHands()
    let bytes = ByteBuffer(repeatElement(UInt8(5), count: 40_000))
    try bytes.withReadableBytes { (bytes) throws(TLSFailure) in try pair.client.write(bytes) }
    pair.server.incoming.append(pair.client.outgoing)
    var buffer = ByteBuffer()
    var reads = 0
    repeat {
      #expect(try pair.server.read(into: &buffer, maximum: 7000) > 0)
      reads += 1
    } while pair.server.mayHavePlaintext
    #expect(buffer == bytes)
    #expect(reads == 6)
    #expect(try pair.server.read(into: &buffer, maximum: 7000) == 0)
  }

  /// Has a client speak no later version than `version`.
  private func limit(_ session: borrowing TLSSession, to version: TLSVersion) throws {
    #expect(SSL_ctrl(session.ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version.rawValue), nil) == 1)
  }
}
