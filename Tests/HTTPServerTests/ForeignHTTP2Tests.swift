// Other people's clients of HTTP/2 against our server: curl, nghttp and h2load.

import Foundation
import HTTP
import HTTP1
import HTTPServer
import Peers
import Runtime
import TLS
import Testing

@Suite("Foreign HTTP/2 clients") struct ForeignHTTP2Tests {
  /// Runs a program, which blocks, off the loops; `@` in its arguments is the server.
  private func run(
    _ program: String, _ fixture: ServerFixture, scheme: String = "http", _ arguments: [String],
    input: String = ""
  ) async throws -> String {
    let port = try #require(fixture.server.address.port)
    let all = arguments.map { $0.replacingOccurrences(of: "@", with: "\(scheme)://127.0.0.1:\(port)") }
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result {
            String(decoding: try ForeignProgram.run(program, all, input: Data(input.utf8)), as: UTF8.self)
          })
      }
    }
  }

  @Test func curlSpeaksItByPriorKnowledge() async throws {
    let body = String(repeating: "0123456789abcdef", count: 80_000)
    try await ServerFixture.with(configure: { $0.limits.bodyBytesMaximum = 2 << 20 }) { fixture in
      func curl(_ arguments: [String], input: String = "") async throws -> String {
        try await run(
          "curl", fixture, ["-sS", "--max-time", "20", "--http2-prior-knowledge"] + arguments, input: input)
      }
      let head = try await curl(["-I", "@/hello"])
      #expect(head.hasPrefix("HTTP/2 200 \r\n"))
      #expect(try await curl(["-d", "a=b", "@/echo"]) == "a=b")
      #expect(try await curl(["-w", "%{http_code}", "@/nothing"]) == "there is nothing here\n404")
      #expect(try await curl(["-T", "-", "@/stream-echo"], input: body) == body)
      #expect(
        try await curl(["-T", "-", "-X", "POST", "@/ignore"], input: String(body.prefix(50_000))) == "ignored"
      )
    }
  }

  @Test func curlChoosesByALPNOverTLS() async throws {
    let folder = try TemporaryFolder()
    let (certificate, key) = (folder.url("server.pem").path, folder.url("server.key").path)
    _ = try ForeignProgram.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj",
        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
      ])
    var tls = TLSServerConfiguration()
    tls.identities = [TLSIdentity(certificateFile: certificate, keyFile: key)]
    tls.applicationProtocols = ["h2", "http/1.1"]
    let context = try TLSServerContext(tls)
    let body = String(repeating: "0123456789abcdef", count: 50_000)
    try await ServerFixture.with(configure: { $0.tls = context }) { fixture in
      for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let common = ["-sS", "--max-time", "20", "--cacert", certificate, option]
        let output = try await run(
          "curl", fixture, scheme: "https", common + ["-w", " %{http_version}", "@/hello"])
        #expect(output == "hello \(version)")
        let echoed = try await run(
          "curl", fixture, scheme: "https", common + ["-T", "-", "@/stream-echo"], input: body)
        #expect(echoed == body)
      }
      // curl 7.88 loses its way on a connection that it uses twice by prior knowledge, whoever serves; not so here.
      let report = "%{http_version} %{http_code} %{num_connects} %{size_download}\n"
      let twice = try await run(
        "curl", fixture, scheme: "https",
        [
          "-sS", "--max-time", "20", "--cacert", certificate, "-o", "/dev/null", "-o", "/dev/null", "-w",
          report,
        ]
          + ["@/hello", "@/chunks"])
      #expect(twice == "2 200 1 5\n2 200 0 23\n")
      let load = try await run(
        "h2load", fixture, scheme: "https", ["-n", "500", "-c", "2", "-m", "50", "@/hello"])
      #expect(load.contains("500 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
    }
  }

  @Test func nghttpMultiplexesAndReadsTrailers() async throws {
    try await ServerFixture.with { fixture in
      let output = try await run("nghttp", fixture, ["-v", "-m", "20", "--no-dep", "@/hello"])
      #expect(output.components(separatedBy: "END_STREAM").count > 20)
      #expect(!output.contains("RST_STREAM"))
      let file = try TemporaryFolder()
      let path = file.url("body")
      try Data(repeating: 0x61, count: 500_000).write(to: path)
      let trailers = try await run(
        "nghttp", fixture, ["-v", "-d", path.path, "--trailer", "x-sum: 42", "@/stream-echo"])
      #expect(trailers.contains("x-count: 500000"), "\(trailers)")
      #expect(trailers.contains("x-sum: 42"))
    }
  }

  @Test func h2loadIsAnsweredInFull() async throws {
    let file = try UnnamedFile([UInt8](repeating: 0x61, count: 100_000))
    let range = FileRange(descriptor: file.descriptor, offset: 0, count: 100_000)
    try await ServerFixture.with(TestHandler(file: range)) { fixture in
      for (path, size) in [("@/hello", 5), ("@/file", 100_000)] {
        let output = try await run("h2load", fixture, ["-n", "1000", "-c", "4", "-m", "100", path])
        #expect(output.contains("1000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(output)")
        #expect(output.contains("(\(size * 1000)) data"), "\(output)")
      }
    }
  }
}
