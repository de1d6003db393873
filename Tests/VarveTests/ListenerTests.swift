// The admin port as its configuration has it: what it speaks, to whom, within which limits, tried by other people's
// clients.

import Foundation
import Glibc
import Peers
import Testing

@Suite("A listener of the node", .serialized) struct ListenerTests {
  typealias Running = NodeTests.Running

  /// What curl prints, or "curl: N" when it ends with N.
  private func curl(_ node: Running, _ arguments: [String], _ path: String = "/version") -> String {
    let scheme = arguments.contains("--cacert") ? "https" : "http"
    do {
      let output = try ForeignProgram.run(
        "curl", ["-sS", "--max-time", "20"] + arguments + ["\(scheme)://localhost:\(node.port)\(path)"])
      return String(decoding: output, as: UTF8.self)
    } catch {
      let said = "\(error)"
      return said.firstMatch(of: /ended with (\d+)/).map { "curl: \($0.1)" } ?? said
    }
  }

  private let version = ["-o", "/dev/null", "-w", "%{http_version} %{http_code}"]

  // MARK: What is spoken

  @Test func speaksBothVersionsWithoutTLS() throws {
    let node = try Running()
    #expect(curl(node, version) == "1.1 200")
    #expect(curl(node, version + ["--http2-prior-knowledge"]) == "2 200")
    // Those that do not ask for it get no upgrade.
    #expect(curl(node, version + ["--http2"]) == "1.1 200")
  }

  @Test func speaksBothVersionsOverTLS() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 1)
    let node = try Running(certificates.settings("server"))
    let trust = ["--cacert", certificates.path("authority.pem")]
    #expect(curl(node, version + trust) == "2 200")
    #expect(curl(node, version + trust + ["--http1.1"]) == "1.1 200")
    #expect(curl(node, trust, "/readyz").hasPrefix("{\"status\":\"ok\""))
    #expect(curl(node, trust, "/").contains("TLS of admin</td><td>CN=server, valid until "))
    // 60: nobody whom curl trusts has signed it.
    #expect(curl(node, ["--cacert", "/etc/ssl/certs/ca-certificates.crt"]) == "curl: 60")
    node.process.signal(SIGTERM)
    #expect(node.process.wait().output.contains("https://127.0.0.1:\(node.port)/"))
    #expect(
      node.process.errorLines.contains { $0.contains("certificate in use") && $0.contains("serial=01") })
  }

  @Test func leavesHTTP2OutWhenToldTo() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 1)
    let node = try Running(certificates.settings("server") + ["admin.http2.enabled=false"])
    #expect(curl(node, version + ["--cacert", certificates.path("authority.pem")]) == "1.1 200")
    let plain = try Running(["admin.http2.enabled=false"])
    #expect(curl(plain, version + ["--http2-prior-knowledge"]).hasPrefix("curl: "))
    #expect(curl(plain, version) == "1.1 200")
  }

  @Test func listensAtEveryAddress() throws {
    let folder = try TemporaryFolder()
    let socket = folder.path("admin")
    let process = try NodeProcess([
      "serve", "--data", folder.path("data"), "--set", "admin.listen=127.0.0.1:0,127.0.0.2:0,unix:\(socket)",
    ])
    for host in ["127.0.0.1", "127.0.0.2"] {
      let line = try #require(process.waitForError(containing: "address=\(host):"))
      let port = try #require(line.firstMatch(of: /address=[0-9.]+:(\d+)/)?.1)
      let answer = try ForeignProgram.run("curl", ["-sS", "http://\(host):\(port)/version"])
      #expect(String(decoding: answer, as: UTF8.self).hasPrefix("{\"version\""))
    }
    _ = try #require(process.waitForError(containing: "address=unix:"))
    let answer = try ForeignProgram.run("curl", ["-sS", "--unix-socket", socket, "http://a/version"])
    #expect(String(decoding: answer, as: UTF8.self).hasPrefix("{\"version\""))
    process.signal(SIGTERM)
    #expect(process.wait().ending == .exited(0))
    #expect(!FileManager.default.fileExists(atPath: socket))
  }

  // MARK: To whom

  @Test func asksForClientsCertificates() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 1)
    try certificates.sign("client", serial: 2)
    let stranger = try Certificates()
    try stranger.sign("client", serial: 2)
    let trust = ["--cacert", certificates.path("authority.pem")]
    func identity(_ owner: Certificates) -> [String] {
      ["--cert", owner.path("client.pem"), "--key", owner.path("client.key")]
    }
    for (mode, withoutOne) in [("required", "curl: "), ("optional", "2 200")] {
      let node = try Running(
        certificates.settings("server") + [
          "admin.tls.client_certificates=\(mode)",
          "admin.tls.client_ca_file=\(certificates.path("authority.pem"))",
        ])
      #expect(curl(node, version + trust + identity(certificates)) == "2 200")
      #expect(curl(node, version + trust).hasPrefix(withoutOne))
      #expect(curl(node, version + trust + identity(stranger)).hasPrefix("curl: "))
    }
  }

  /// What `openssl s_client` says of a connection over which it asks for a page.
  private func client(_ node: Running, _ arguments: [String]) throws -> String {
    // Its own end is what it waits for; the answer says that the connection closes.
    let script =
      "printf 'GET /version HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' "
      + "| timeout 20 openssl s_client -connect 127.0.0.1:\"$0\" -ign_eof \"$@\" 2>&1 || true"
    return String(
      decoding: try ForeignProgram.run("bash", ["-c", script, "\(node.port)"] + arguments), as: UTF8.self)
  }

  @Test func speaksNothingOlderThanItIsTold() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 1)
    let node = try Running(certificates.settings("server") + ["admin.tls.minimum_version=1.3"])
    #expect(try client(node, ["-tls1_3"]).contains("\"version\":"))
    let old = try client(node, ["-tls1_2"])
    #expect(old.contains("alert protocol version") && !old.contains("\"version\":"))
    let both = try Running(certificates.settings("server"))
    #expect(try client(both, ["-tls1_2"]).contains("\"version\":"))
  }

  @Test func letsHoldersOfAKeyIn() throws {
    let certificates = try Certificates()
    let key = String(repeating: "0123456789abcdef", count: 2)
    let file = certificates.folder.url("keys")
    try Data("# for the tests\nalice:\(key)\n".utf8).write(to: file)
    let node = try Running(["admin.tls.psk_file=\(file.path)"])
    func ask(_ identity: String, _ key: String) throws -> Bool {
      try client(node, ["-tls1_3", "-psk_identity", identity, "-psk", key]).contains("\"version\":")
    }
    #expect(try ask("alice", key))
    #expect(try !ask("alice", String(key.reversed())))
    #expect(try !ask("bob", key))
    #expect(curl(node, ["--cacert", certificates.path("authority.pem")]).hasPrefix("curl: "))
    // Keys come and go like certificates.
    try Data("bob:\(key)\n".utf8).write(to: file)
    node.process.signal(SIGHUP)
    _ = try #require(node.process.waitForError(containing: "what=\"certificates of admin\""))
    #expect(try ask("bob", key))
    #expect(try !ask("alice", key))
    try Data("bob:123\n".utf8).write(to: file)
    node.process.signal(SIGHUP)
    let failed = try #require(node.process.waitForError(containing: "reload failed"))
    #expect(failed.contains("\(file.path): line 1: the key is not hexadecimal"))
    #expect(try ask("bob", key))
  }

  // MARK: Within which limits

  @Test(
    "A limit is what the configuration says",
    arguments: [
      (
        "limits.line_bytes_maximum=64",
        "GET /\(String(repeating: "x", count: 80)) HTTP/1.1\r\nHost: a\r\n\r\n", 414
      ),
      ("limits.fields_maximum=1", "GET /version HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", 431),
      (
        "limits.field_bytes_maximum=256",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "y", count: 300))\r\n\r\n", 431
      ),
      (
        "limits.body_bytes_maximum=2", "POST /version HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        413
      ),
      (
        "limits.body_bytes_maximum=3", "POST /version HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        405
      ),
      ("timeouts.head=100ms", "GET /version HTTP/1.1\r\nHost: a\r\n", 408),
    ])
  func limits(setting: String, request: String, status: Int) throws {
    let node = try Running(["admin.\(setting)"])
    let client = try RawClient(port: node.port)
    try client.send(request)
    #expect(try client.receive()?.status == status)
  }

  @Test func endsConnectionsAsItIsTold() throws {
    let node = try Running([
      "admin.requests_per_connection_maximum=2", "admin.connections.per_address_maximum=2",
      "admin.timeouts.idle=100ms",
    ])
    let client = try RawClient(port: node.port)
    let request = "GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
    try client.send(request)
    #expect(try client.receive()?.head.contains("Connection: close") == false)
    try client.send(request)
    #expect(try client.receive()?.head.contains("Connection: close") == true)
    #expect(try client.receiveToEnd() == "")
    // Nobody speaks: the server ends it.
    #expect(try RawClient(port: node.port).receiveToEnd() == "")
  }

  @Test func countsConnectionsByAddress() throws {
    let node = try Running(["admin.connections.per_address_maximum=1"])
    let first = try RawClient(port: node.port)
    try first.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try first.receive()?.status == 200)
    #expect(curl(node, version).hasPrefix("curl: "))
  }

  @Test func tellsClientsOfHTTP2TheirLimits() throws {
    let node = try Running([
      "admin.http2.concurrent_streams_maximum=7", "admin.http2.header_list_bytes_maximum=4KiB",
      "admin.http2.stream_window_bytes=128KiB", "admin.http2.frame_bytes_maximum=32KiB",
    ])
    let output = try ForeignProgram.run(
      "nghttp", ["-nv", "-t", "20", "http://127.0.0.1:\(node.port)/version"])
    let said = String(decoding: output, as: UTF8.self)
    for setting in [
      "MAX_CONCURRENT_STREAMS(0x03):7]", "MAX_HEADER_LIST_SIZE(0x06):4096]",
      "INITIAL_WINDOW_SIZE(0x04):131072]",
      "MAX_FRAME_SIZE(0x05):32768]",
    ] {
      #expect(said.contains(setting), "\(setting) in \(said)")
    }
  }

  // MARK: Mistakes

  @Test(
    "A mistake is named by its key",
    arguments: [
      (["admin.listen=example.org:1"], "admin.listen: cannot listen on example.org:1"),
      (["admin.listen="], "admin.listen"),
      (["admin.tls.certificate_file=/a.pem"], "admin.tls.key_file"),
      (["admin.tls.minimum_version=1.1"], "admin.tls.minimum_version"),
      (["admin.tls.client_certificates=required"], "admin.tls.client_ca_file"),
      (
        ["admin.tls.certificate_file=/a.pem", "admin.tls.key_file=/a.key"],
        "admin.tls.certificate_file: /a.pem cannot be read"
      ),
      (["admin.tls.psk_file=/dev/null"], "admin.tls.psk_file: /dev/null: not a regular file"),
      (["admin.http2.frame_bytes_maximum=1KiB"], "admin.http2.frame_bytes_maximum"),
      (["admin.timeouts.head=10"], "admin.timeouts.head"),
      (["admin.limits.body_bytes_maximum=1 mb"], "admin.limits.body_bytes_maximum"),
      (["admin.proxies.trusted=10.0.0.1/8"], "admin.proxies.trusted[0]"),
      (["admin.proxies.field=via"], "admin.proxies.field"),
    ])
  func mistakes(settings: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    let process = try NodeProcess(
      ["serve", "--data", folder.path("data")] + settings.flatMap { ["--set", $0] })
    #expect(process.wait().ending == .exited(78))
    let errors = process.errorLines.joined(separator: "\n")
    #expect(errors.contains(expected), "\(expected) in \(errors)")
  }

  // MARK: Behind proxies

  @Test(
    "Trusted proxies say who the client is, others do not",
    arguments: [
      ("127.0.0.0/8", "x-forwarded", "client=203.0.113.7 scheme=https"),
      ("127.0.0.0/8", "forwarded", "client=198.51.100.1 scheme=http "), ("10.0.0.0/8", "x-forwarded", nil),
      ("[]", "x-forwarded", nil),
    ])
  func proxies(trusted: String, field: String, expected: String?) throws {
    let node = try Running([
      "admin.proxies.trusted=\(trusted)", "admin.proxies.field=\(field)", "admin.access_log=info",
    ])
    let fields = [
      "-H", "X-Forwarded-For: 192.0.2.9, 203.0.113.7", "-H", "X-Forwarded-Proto: https", "-H",
      "Forwarded: for=198.51.100.1;proto=http",
    ]
    for option in ["--http1.1", "--http2-prior-knowledge"] {
      #expect(curl(node, version + fields + [option]).hasSuffix(" 200"))
      let line = try #require(node.process.waitForError(containing: "msg=request"))
      #expect(line.contains("peer=127.0.0.1:"))
      if let expected {
        #expect(line.contains(expected))
      } else {
        #expect(!line.contains("client=") && !line.contains("scheme="))
      }
    }
  }
}
