// Our server, and clients that others wrote: OpenSSL's s_client and Python's ssl.

import Bytes
import Crypto
import Foundation
import Peers
import Runtime
import TLS
import Testing

@Suite("TLS with foreign clients") struct ForeignClientTests {
  /// A server that says what it knows of the client, and goodbye.
  static func serve(
    on group: EventLoopGroup, _ context: TLSServerContext, outcomes: Outcomes
  ) throws -> SocketServer {
    try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
      do throws(NetworkError) {
        var transport = try await Transport.accept(connection, context)
        let info = transport.security
        await outcomes.add(info)
        transport.output.append(describe(info) + "\n")
        try await transport.finishWriting()
        while try await transport.receive() > 0 { transport.input.clear() }
      } catch {
        await outcomes.add(error)
      }
    }
  }

  /// What a server knows, in a line.
  static func describe(_ info: TLSInfo?) -> String {
    guard let info else { return "plain" }
    return [
      info.version.description, info.cipher, "alpn=\(info.applicationProtocol ?? "-")",
      "sni=\(info.serverName ?? "-")", "peer=\(info.peerCertificate?.commonName ?? "-")",
      "psk=\(info.preSharedKeyIdentity ?? "-")", info.isResumed ? "resumed" : "full",
    ].joined(separator: " ")
  }

  /// What a client is told to do, and what it should say.
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let expected: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let cases: [Case] = [
    Case(
      arguments: ["-tls1_3"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=- peer=- psk=- full"),
    Case(
      arguments: ["-tls1_2", "-cipher", "ECDHE+CHACHA20"],
      expected: "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305 alpn=- sni=- peer=- psk=- full"),
    Case(
      arguments: ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"],
      expected: "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 alpn=- sni=- peer=- psk=- full"),
    Case(
      arguments: ["-servername", "one.beta.example", "-tls1_2"],
      expected: "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 alpn=- sni=one.beta.example peer=- psk=- full"),
    Case(
      arguments: ["-servername", "www.alpha.example", "-verify_hostname", "www.alpha.example"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=www.alpha.example peer=- psk=- full"),
    Case(
      arguments: ["-alpn", "http/1.1,h2"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=h2 sni=- peer=- psk=- full"),
    Case(
      arguments: ["-cert", "client.pem", "-key", "client.key"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=- peer=alice psk=- full"),
    Case(
      arguments: ["-cert", "client.pem", "-key", "client.key", "-tls1_2"],
      expected: "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 alpn=- sni=- peer=alice psk=- full"),
    Case(
      arguments: ["-psk_identity", "alice", "-psk", "000102030405060708090a0b0c0d0e0f"],
      expected: "TLSv1.3 TLS_AES_128_GCM_SHA256 alpn=- sni=- peer=- psk=alice full"),
  ]

  private func context() throws -> TLSServerContext {
    let authority = try authority()
    return try serverContext { configuration in
      configuration.identities += ["alpha", "wild"].map { authority.identity($0) }
      configuration.applicationProtocols = ["h2", "http/1.1"]
      configuration.clientCertificates = .optional(authoritiesFile: authority.path("authority.pem"))
      configuration.preSharedKeys = { $0 == "alice" ? SecretBytes(copying: [UInt8](0...15).span.bytes) : nil }
    }
  }

  private static func client(_ port: UInt16, _ arguments: [String]) throws -> String {
    let authority = try authority()
    let arguments = arguments.map { argument in
      argument.hasSuffix(".pem") || argument.hasSuffix(".key") || argument.hasSuffix(".session")
        ? authority.path(argument) : argument
    }
    let named = arguments.contains("-servername") ? [] : ["-noservername"]
    return String(
      decoding: try ForeignProgram.run(
        "openssl",
        [
          "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", authority.path("authority.pem"),
          "-verify_return_error", "-ign_eof",
        ] + named + arguments), as: UTF8.self)
  }

  @Test(arguments: cases) func agreesWithOpenSSLsClient(_ entry: Case) async throws {
    let context = try context()
    try await withLoops { group in
      let server = try Self.serve(on: group, context, outcomes: Outcomes())
      let port = server.address.port ?? 0
      let said = try await group.blocking { try Self.client(port, entry.arguments) }
      #expect(said.contains("\n\(entry.expected)\n"), "\(said)")
      if !entry.arguments.contains("-psk") { #expect(said.contains("Verify return code: 0 (ok)")) }
    }
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"]) func resumesASessionOfOpenSSLsClient(_ version: String)
    async throws
  {
    let context = try context()
    try await withLoops { group in
      let server = try Self.serve(on: group, context, outcomes: Outcomes())
      let port = server.address.port ?? 0
      let file = "\(version).session"
      let first = try await group.blocking { try Self.client(port, [version, "-sess_out", file]) }
      #expect(first.contains(" full\n"))
      let second = try await group.blocking { try Self.client(port, [version, "-sess_in", file]) }
      #expect(second.contains(" resumed\n"))
      #expect(second.contains("Reused, "))
    }
  }

  @Test(arguments: [
    (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "protocol_version"),
    (["-tls1_2", "-cipher", "AES128-GCM-SHA256"], "handshake_failure"),
    (["-alpn", "h3"], "no_application_protocol"),
    (["-psk_identity", "alice", "-psk", "ffff02030405060708090a0b0c0d0e0f"], "illegal_parameter"),
  ])
  func sendsOpenSSLsClientAway(_ arguments: [String], _ alert: String) async throws {
    let context = try context()
    try await withLoops { group in
      let outcomes = Outcomes()
      let server = try Self.serve(on: group, context, outcomes: outcomes)
      let port = server.address.port ?? 0
      await #expect(throws: ForeignProgram.Failure.self) {
        _ = try await group.blocking { try Self.client(port, arguments) }
      }
      let failure = await outcomes.firstFailure()
      guard case .tls(.handshake(_, let sent)) = failure else {
        Issue.record("\(failure)")
        return
      }
      #expect(sent?.name == alert && sent?.isFromPeer == false)
    }
  }

  @Test func letsOnlyKeyHoldersOfOpenSSLsClientInWithoutACertificate() async throws {
    let context = try serverContext { configuration in
      configuration.identities = []
      configuration.preSharedKeys = { $0 == "alice" ? SecretBytes(copying: [UInt8](0...15).span.bytes) : nil }
    }
    try await withLoops { group in
      let server = try Self.serve(on: group, context, outcomes: Outcomes())
      let port = server.address.port ?? 0
      let key = "000102030405060708090a0b0c0d0e0f"
      let said = try await group.blocking {
        try Self.client(port, ["-psk_identity", "alice", "-psk", key])
      }
      #expect(said.contains("psk=alice full\n"))
      for arguments in [["-psk_identity", "mallory", "-psk", key], []] {
        await #expect(throws: ForeignProgram.Failure.self) {
          _ = try await group.blocking { try Self.client(port, arguments) }
        }
      }
    }
  }

  @Test(arguments: ["TLSv1_2", "TLSv1_3"]) func exchangesMuchWithPython(_ version: String) async throws {
    let context = try context()
    let script = """
      import hashlib, socket, ssl, sys, threading
      port, authority, version = int(sys.argv[1]), sys.argv[2], getattr(ssl.TLSVersion, sys.argv[3])
      context = ssl.create_default_context(cafile=authority)
      context.maximum_version = version
      context.set_alpn_protocols(["h2"])
      data = bytes(range(256)) * 8192
      with socket.create_connection(("127.0.0.1", port)) as plain:
          with context.wrap_socket(plain, server_hostname="localhost") as tls:
              sender = threading.Thread(target=lambda: tls.sendall(data))
              sender.start()
              back = b""
              while len(back) < len(data):
                  part = tls.recv(65536)
                  assert part, "the server closed"
                  back += part
              sender.join()
              assert back == data, "other bytes came back"
              print(tls.version(), tls.selected_alpn_protocol())
              tls.unwrap()
              print("goodbye")
      """
    try await withLoops { group in
      let server = try EchoServer(on: group, context)
      let port = server.port
      let file = try authority().path("authority.pem")
      let said = try await group.blocking {
        String(
          decoding: try ForeignProgram.run("python3", ["-c", script, "\(port)", file, version]), as: UTF8.self
        )
      }
      let name = version.replacingOccurrences(of: "_", with: ".")
      #expect(said == "\(name) h2\ngoodbye\n")
    }
  }
}
