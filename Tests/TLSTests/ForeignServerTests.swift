// Our client, and servers that others wrote: OpenSSL's s_server and Python's ssl.

import Bytes
import Crypto
import Foundation
import Peers
import Runtime
import TLS
import Testing

@Suite("TLS with foreign servers") struct ForeignServerTests {
  /// OpenSSL's server, which sends each line back reversed, and where it listens.
  private static func openSSL(_ arguments: [String]) throws -> (peer: ForeignPeer, port: UInt16) {
    let authority = try authority()
    let arguments = arguments.map { argument in
      argument.hasSuffix(".pem") || argument.hasSuffix(".key") ? authority.path(argument) : argument
    }
    let peer = try ForeignPeer("openssl", ["s_server", "-accept", "127.0.0.1:0", "-rev"] + arguments)
    let address = try peer.value(after: "ACCEPT ")
    guard let port = UInt16(address.split(separator: ":").last ?? "") else {
      throw ForeignProgram.Failure("s_server listens at \(address)")
    }
    return (peer, port)
  }

  private static func ask(_ port: UInt16, _ context: TLSClientContext) async throws(NetworkError) -> TLSInfo?
  {
    var transport = try await connect(
      .ip(.loopbackV4, port: port), context, applicationProtocols: ["h2", "http/1.1"])
    transport.output.append("varve\n")
    try await transport.flush()
    let answer = try await transport.receiveAll(6)
    precondition(answer == Array("evrav\n".utf8), "another answer came back")
    return transport.security
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let expected: String
    var showsCertificate = false
    var key: [UInt8]?
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let certificate = ["-cert", "server.pem", "-key", "server.key"]
  static let cases: [Case] = [
    Case(
      arguments: certificate + ["-tls1_3", "-alpn", "http/1.1"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=http/1.1 sni=localhost peer=localhost psk=- full"),
    Case(
      arguments: certificate + ["-tls1_2", "-cipher", "ECDHE+AES256"],
      expected: "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 alpn=- sni=localhost peer=localhost psk=- full"),
    Case(
      arguments: certificate + ["-Verify", "1", "-verify_return_error", "-CAfile", "authority.pem"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=localhost peer=localhost psk=- full",
      showsCertificate: true),
    Case(
      arguments: ["-nocert", "-psk_identity", "alice", "-psk", "000102030405060708090a0b0c0d0e0f"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=localhost peer=- psk=alice full",
      key: [UInt8](0...15)),
  ]

  @Test(arguments: cases) func agreesWithOpenSSLsServer(_ entry: Case) async throws {
    let authority = try authority()
    let context = try clientContext { configuration in
      if entry.showsCertificate { configuration.identity = authority.identity("client") }
      if let key = entry.key {
        configuration.preSharedKey = try TLSPreSharedKey(
          identity: "alice", key: SecretBytes(copying: key.span.bytes))
      }
    }
    try await withLoops { group in
      let (peer, port) = try await group.blocking { try Self.openSSL(entry.arguments) }
      defer { peer.stop() }
      let info = try await group.next().run { () async throws(NetworkError) in
        try await Self.ask(port, context)
      }
      #expect(ForeignClientTests.describe(info) == entry.expected)
      if entry.key == nil {
        let again = try await group.next().run { () async throws(NetworkError) in
          try await Self.ask(port, context)
        }
        #expect(again?.isResumed == true)
      }
    }
  }

  @Test func refusesAServerWithAnotherKey() async throws {
    let key = SecretBytes(randomCount: 16)
    let context = try clientContext { $0.preSharedKey = try TLSPreSharedKey(identity: "alice", key: key) }
    try await withLoops { group in
      let (peer, port) = try await group.blocking {
        try Self.openSSL(["-nocert", "-psk_identity", "alice", "-psk", "000102030405060708090a0b0c0d0e0f"])
      }
      defer { peer.stop() }
      let error = await #expect(throws: NetworkError.self) {
        _ = try await group.next().run { () async throws(NetworkError) in try await Self.ask(port, context) }
      }
      guard case .tls(.handshake(_, let alert)) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(alert?.isFromPeer == true)
    }
  }

  /// Python's server: how it ends the connection is its first argument.
  private static let pythonServer = """
    import socket, ssl, sys
    how, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    listener = socket.create_server(("127.0.0.1", 0))
    print("ACCEPT", listener.getsockname()[1], flush=True)
    plain, _ = listener.accept()
    if how == "silent":
        plain.recv(1000)
        plain.recv(1000)
        sys.exit()
    if how == "http":
        plain.recv(1000)
        plain.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n")
        sys.exit()
    tls = context.wrap_socket(plain, server_side=True)
    tls.sendall(b"x" * 100_000)
    if how == "polite":
        tls.unwrap()
    tls.close()
    """

  @Test(arguments: ["polite", "abrupt"]) func tellsAnEndFromACut(_ how: String) async throws {
    let context = try clientContext()
    let authority = try authority()
    try await withLoops { group in
      let peer = try ForeignPeer(
        "python3",
        ["-c", Self.pythonServer, how, authority.path("server.pem"), authority.path("server.key")])
      let port = try await group.blocking { UInt16(try peer.value(after: "ACCEPT ")) ?? 0 }
      let result = await group.next().run { () async -> Result<[UInt8], NetworkError> in
        do throws(NetworkError) {
          var transport = try await connect(.ip(.loopbackV4, port: port), context)
          let bytes = try await transport.receiveAll(100_000)
          // The polite one waits for our goodbye.
          try await transport.finishWriting()
          return .success(bytes + (try await transport.receiveAll()))
        } catch {
          return .failure(error)
        }
      }
      if how == "polite" {
        #expect(try result.get().count == 100_000)
      } else {
        #expect(throws: NetworkError.tls(.truncated)) { try result.get() }
      }
    }
  }

  @Test func findsSomethingElseThanTLS() async throws {
    let context = try clientContext()
    let authority = try authority()
    try await withLoops { group in
      let peer = try ForeignPeer(
        "python3",
        ["-c", Self.pythonServer, "http", authority.path("server.pem"), authority.path("server.key")])
      let port = try await group.blocking { UInt16(try peer.value(after: "ACCEPT ")) ?? 0 }
      await #expect(throws: NetworkError.tls(.notTLS(found: "something that is no TLS record"))) {
        try await group.next().run { () async throws(NetworkError) in
          _ = try await connect(.ip(.loopbackV4, port: port), context)
        }
      }
    }
  }

  @Test func givesUpOnAServerThatSaysNothing() async throws {
    let context = try clientContext()
    let authority = try authority()
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let peer = try ForeignPeer(
        "python3",
        ["-c", Self.pythonServer, "silent", authority.path("server.pem"), authority.path("server.key")])
      let port = try await group.blocking { UInt16(try peer.value(after: "ACCEPT ")) ?? 0 }
      let isOver = Locked(false)
      let loop = group.next()
      let task = Task {
        defer { isOver.withLock { $0 = true } }
        try await loop.run { () async throws(NetworkError) in
          _ = try await connect(.ip(.loopbackV4, port: port), context)
        }
      }
      while !isOver.withLock({ $0 }) {
        time.advance(by: .milliseconds(100))
        await Task.yield()
      }
      await #expect(throws: NetworkError.timedOut) { try await task.value }
    }
  }
}
