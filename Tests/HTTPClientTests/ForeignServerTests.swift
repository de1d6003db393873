// Other people's servers: nginx, Python's http.server, nghttpd, OpenSSL's s_server.

import Bytes
import Foundation
import Glibc
import HTTP
import Peers
import Runtime
import TLS
import Testing

@testable import HTTPClient

@Suite("Foreign servers") struct ForeignServerTests {
  /// Large enough for windows and buffers to fill up.
  private static let big =
    Data(repeating: 0, count: 1)
    + (0..<3000).reduce(into: Data()) { data, number in
      data.append(Data(repeating: UInt8(truncatingIfNeeded: number &* 131), count: 1000))
    }

  private func withClient(
    configure: @Sendable @escaping (inout HTTPClient.Configuration) throws -> Void = { _ in },
    _ body: @escaping @Sendable (HTTPClient) async throws -> Void
  ) async throws {
    try await withGroup(loops: 2) { group in
      var configuration = HTTPClient.Configuration(name: "test")
      try configure(&configuration)
      let client = HTTPClient(configuration, on: group)
      try await body(client)
      #expect(await client.shutDown(within: .seconds(10)) == 0)
    }
  }

  private func get(_ client: HTTPClient, _ url: String) async throws -> (HTTPClientResponse, ByteBuffer) {
    let response = try await client.execute(HTTPClientRequest(.get, url))
    return (response, try await response.collect(limit: 10_000_000))
  }

  @Test(.enabled(if: access("/usr/sbin/nginx", X_OK) == 0)) func nginx() async throws {
    let configuration = """
      \(getuid() == 0 ? "user root;" : "")
      daemon off; master_process off; pid nginx.pid; error_log stderr notice;
      events { worker_connections 64; }
      http {
        types { text/plain txt; } default_type text/plain; access_log off;
        gzip on; gzip_min_length 1; gzip_types text/plain;
        client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
        keepalive_requests 5;
        server {
          listen 127.0.0.1:PORT; root .; client_max_body_size 1k;
          location /moved { return 301 /small.txt; }
          location /busy { return 503; }
        }
      }
      """
    let big = Self.big
    let shared = try await blocking {
      // The port is in a file, so it is chosen before the program starts.
      let port = try ForeignServer.freePort()
      let text = configuration.replacingOccurrences(of: "PORT", with: "\(port)")
      return try FixedServer(port: port, text: text, big: big)
    }
    let base = "http://127.0.0.1:\(shared.port)"
    try await withClient(configure: {
      $0.redirects = HTTPRedirectPolicy(maximum: 3); $0.decodesContent = true
    }) {
      client async throws in
      // More requests than nginx lets a connection have.
      for _ in 0..<12 {
        let (response, body) = try await self.get(client, base + "/small.txt")
        #expect(response.status == 200 && body == ByteBuffer("small small small small small small"))
        // It compresses, and we undo it.
        #expect(!response.fields.contains("content-encoding") && response.contentLength == nil)
      }
      #expect(try await self.get(client, base + "/big").1 == ByteBuffer(big))
      let (moved, body) = try await self.get(client, base + "/moved")
      #expect(moved.url.target == "/small.txt" && body.count == 35)
      #expect(try await self.get(client, base + "/busy").0.status == 503)
      #expect(try await self.get(client, base + "/none").0.status == 404)
      let head = try await client.execute(HTTPClientRequest(.head, base + "/big"))
      #expect(head.status == 200 && head.contentLength == 0)
      #expect(try await head.collect(limit: 0).isEmpty)
      // nginx answers before it has read the body, and closes.
      let large = try HTTPClientRequest(.post, base + "/small.txt", body: .bytes(ByteBuffer(big)))
      #expect(try await client.execute(large).status == 413)
    }
    withExtendedLifetime(shared) {}
  }

  @Test func pythonsServer() async throws {
    // HTTP/1.0, whose bodies end with the connection.
    let shared = try await SharedServer.start(
      "python3", ["-m", "http.server", "--bind", "127.0.0.1", "@port"], files: ["f/a.txt": Data("abc".utf8)])
    let base = "http://127.0.0.1:\(shared.server.port)"
    try await withClient { client async throws in
      for _ in 0..<3 {
        #expect(try await self.get(client, base + "/f/a.txt").1 == ByteBuffer("abc"))
      }
      #expect(try await self.get(client, base + "/f/").1.count > 100)
      #expect(try await client.execute(HTTPClientRequest(.post, base + "/f/a.txt")).status == 501)
    }
    withExtendedLifetime(shared) {}
  }

  @Test(arguments: [false, true]) func nghttpd(_ isSecure: Bool) async throws {
    let pair = try await SharedServer.certificate()
    let files = [
      "root/small.txt": Data("small".utf8), "root/big": Self.big, "certificate.pem": pair.certificate,
      "key.pem": pair.key,
    ]
    let common = ["-d", "@folder/root", "-a", "127.0.0.1", "--echo-upload", "--trailer=x-sum: 7", "@port"]
    let shared = try await SharedServer.start(
      "nghttpd", isSecure ? common + ["@folder/key.pem", "@folder/certificate.pem"] : ["--no-tls"] + common,
      files: files)
    let base = "\(isSecure ? "https" : "http")://127.0.0.1:\(shared.server.port)"
    let authorities = shared.server.folder.path("certificate.pem")
    let big = Self.big
    try await withClient(configure: { configuration in
      if isSecure {
        configuration.tls = try TLSClientContext(
          TLSClientConfiguration(trust: .authorities(file: authorities)))
      } else {
        configuration.version = .http2PriorKnowledge
      }
    }) { client async throws in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for _ in 0..<40 {
          tasks.addTask {
            let (response, body) = try await self.get(client, base + "/small.txt")
            #expect(response.version == .http2 && body == ByteBuffer("small"))
            #expect(response.trailers["x-sum"] == "7")
          }
        }
        try await tasks.waitForAll()
      }
      #expect(try await self.get(client, base + "/big").1 == ByteBuffer(big))
      #expect(try await self.get(client, base + "/none").0.status == 404)
      let echo = try HTTPClientRequest(.post, base + "/echo", body: .bytes(ByteBuffer(big.prefix(200_000))))
      #expect(try await client.execute(echo).collect(limit: 1 << 20) == ByteBuffer(big.prefix(200_000)))
    }
    withExtendedLifetime(shared) {}
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"]) func openSSLsServer(_ version: String) async throws {
    let pair = try await SharedServer.certificate()
    // `-HTTP` sends a file as it is: head and all.
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
    let shared = try await SharedServer.start(
      "openssl",
      [
        "s_server", "-accept", "127.0.0.1:@port", version, "-cert", "certificate.pem", "-key", "key.pem",
        "-HTTP",
        "-alpn", "http/1.1",
      ],
      files: ["a": Data(answer.utf8), "certificate.pem": pair.certificate, "key.pem": pair.key])
    let base = "https://127.0.0.1:\(shared.server.port)"
    let authorities = shared.server.folder.path("certificate.pem")
    try await withClient(configure: {
      $0.tls = try TLSClientContext(TLSClientConfiguration(trust: .authorities(file: authorities)))
    }) { client async throws in
      for _ in 0..<2 {
        let (response, body) = try await self.get(client, base + "/a")
        #expect(response.version == .http11 && body == ByteBuffer("abc"))
      }
    }
    // Nobody vouches for it.
    try await withClient(configure: {
      $0.tls = try TLSClientContext()
      $0.retries.attemptsMaximum = 1
    }) { client async throws in
      let error = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, base + "/a"))
      }
      expectCase(
        { if case .cannotConnect(_, .tls(.certificate))? = $0 { true } else { false } }, error)
    }
    withExtendedLifetime(shared) {}
  }
}

/// An nginx whose port is in its configuration.
///
/// `@unchecked Sendable`: it holds constants.
private final class FixedServer: @unchecked Sendable {
  let port: UInt16
  private let server: ForeignServer

  init(port: UInt16, text: String, big: Data) throws {
    self.port = port
    server = try ForeignServer(
      "/usr/sbin/nginx", ["-p", "@folder", "-c", "@folder/nginx.conf", "-e", "stderr"], port: port,
      files: [
        "nginx.conf": Data(text.utf8), "small.txt": Data("small small small small small small".utf8),
        "big": big,
      ])
  }
}
