// The client against our own server: both versions, with TLS and without.

import Bytes
import Foundation
import HTTP
import HTTP1
import HTTP2
import HTTPServer
import Peers
import Runtime
import TLS
import Telemetry
import Testing

@testable import HTTPClient

/// How a client and a server get along.
enum Speech: String, CaseIterable, CustomStringConvertible {
  case http11, http2, https11, https2

  var description: String { rawValue }
  var isSecure: Bool { self == .https11 || self == .https2 }
  var version: HTTPVersion { self == .http2 || self == .https2 ? .http2 : .http11 }
}

@Suite("The client") struct HTTPClientTests {
  static let handler = ClosureHandler { exchange throws(HTTPError) in
    switch exchange.request.path {
    case "/hello": try await exchange.respond(HTTPResponse(text: "hello"))
    case "/echo":
      try await exchange.start(
        HTTPResponseHead(200, fields: ["x-length": exchange.request.fields["content-length"] ?? "none"]))
      var count = 0
      while let piece = try await exchange.nextChunk() {
        count += piece.count
        try await exchange.write(piece)
        try await exchange.flush()
      }
      try await exchange.finish(trailers: [
        "x-count": "\(count)", "x-sum": exchange.requestTrailers["x-sum"] ?? "none",
      ])
    case "/fields":
      let fields = exchange.request.fields.pairs.map { "\($0.name.lowercased()): \($0.value)" }.sorted()
      let text = fields.joined(separator: "\n") + "\n\(exchange.request.authority ?? "")"
      try await exchange.respond(HTTPResponse(text: text))
    case "/to":
      try await exchange.respond(HTTPResponse(302, fields: ["Location": exchange.request.query ?? ""]))
    case "/loop": try await exchange.respond(HTTPResponse(307, fields: ["Location": "/loop"]))
    case "/gzip":
      var body = ByteBuffer()
      let encoder = try ContentEncoder(.gzip)
      try encoder.encode(ByteBuffer([UInt8](repeating: 120, count: 500_000)), into: &body)
      try encoder.finish(into: &body)
      try await exchange.respond(
        HTTPResponse(200, fields: ["Content-Encoding": "gzip"], body: .bytes(body)))
    case "/early": try await exchange.respond(HTTPResponse(413))
    case "/fail-late":
      try await exchange.start(HTTPResponseHead())
      try await exchange.write(ByteBuffer("half"))
      try await exchange.flush()
      throw .internalFailure(SystemError(code: 5, operation: "read"))
    default: throw .notFound()
    }
  }

  /// Runs `body` with a client, and the URL of a server.
  private func with(
    _ speech: Speech = .http11, handler: ClosureHandler = Self.handler,
    configure: @Sendable @escaping (inout HTTPClient.Configuration) -> Void = { _ in },
    serve: @Sendable @escaping (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (HTTPClient, String) async throws -> Void
  ) async throws {
    let pair = speech.isSecure ? try await SharedServer.certificate() : nil
    let folder = try TemporaryFolder()
    try pair?.certificate.write(to: folder.url("certificate.pem"))
    try pair?.key.write(to: folder.url("key.pem"))
    let (certificate, key) = (folder.path("certificate.pem"), folder.path("key.pem"))
    var tls: TLSServerContext?
    var trust: TLSClientContext?
    if speech.isSecure {
      var server = TLSServerConfiguration()
      server.identities = [TLSIdentity(certificateFile: certificate, keyFile: key)]
      server.applicationProtocols = speech == .https2 ? ["h2", "http/1.1"] : ["http/1.1"]
      tls = try TLSServerContext(server)
      trust = try TLSClientContext(TLSClientConfiguration(trust: .authorities(file: certificate)))
    }
    let (serverContext, clientContext) = (tls, trust)
    // The server has one loop: those of several would have to find one port that is free for all of them.
    try await withGroup(loops: 2) { group in
      try await withServerOfItsOwn(
        handler,
        configure: {
          $0.tls = serverContext
          serve(&$0)
        }
      ) { server in
        var configuration = HTTPClient.Configuration(name: "test")
        configuration.tls = clientContext
        if speech == .http2 { configuration.version = .http2PriorKnowledge }
        configure(&configuration)
        let client = HTTPClient(configuration, on: group)
        let port = server.address.port ?? 0
        try await body(client, "\(speech.isSecure ? "https" : "http")://127.0.0.1:\(port)")
        #expect(await client.shutDown(within: .seconds(10)) == 0)
      }
    }
  }

  private func text(_ response: HTTPClientResponse) async throws -> String {
    try #require(String(validating: try await response.collect(limit: 10_000_000)))
  }

  // MARK: Messages

  @Test(arguments: Speech.allCases) func asksAndIsAnswered(_ speech: Speech) async throws {
    try await with(speech) { client, base async throws in
      for _ in 0..<3 {
        let response = try await client.execute(HTTPClientRequest(.get, base + "/hello"))
        #expect(response.status == 200 && response.version == speech.version)
        #expect(response.contentLength == 5)
        #expect(try await text(response) == "hello")
        #expect(try await response.nextChunk() == nil)
      }
      let head = try await client.execute(HTTPClientRequest(.head, base + "/hello"))
      #expect(try await head.collect(limit: 0).isEmpty)
      let missing = try await client.execute(HTTPClientRequest(.get, base + "/missing"))
      #expect(missing.status == 404)
      let sent = try await client.execute(
        HTTPClientRequest(.post, base + "/echo", body: .bytes(ByteBuffer("abc"))))
      #expect(sent.fields["x-length"] == "3")
      #expect(try await text(sent) == "abc")
      #expect(sent.trailers["x-count"] == "3")
      let empty = try await client.execute(
        HTTPClientRequest(.post, base + "/echo", body: .bytes(ByteBuffer())))
      #expect(try await text(empty) == "" && empty.fields["x-length"] == "0")
      let fields = try await client.execute(HTTPClientRequest(.get, base + "/fields", fields: ["X-A": "1"]))
      let expected = "user-agent: varve\nx-a: 1\n\(base.split(separator: "/").last ?? "")"
      #expect(
        try await text(fields).replacing("host: \(base.split(separator: "/").last ?? "")\n", with: "")
          == expected)
    }
  }

  @Test(arguments: Speech.allCases) func streamsBothWaysAtOnce(_ speech: Speech) async throws {
    let piece = ByteBuffer((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 17) })
    let count = 60
    try await with(speech) { client, base async throws in
      for length in [nil, piece.count * count] {
        let producer = HTTPBodyProducer(length: length) { sink in
          for _ in 0..<count { try await sink.write(piece) }
          return length == nil ? ["x-sum": "right"] : nil
        }
        let response = try await client.execute(
          HTTPClientRequest(.put, base + "/echo", body: .producer(producer)))
        var whole = ByteBuffer()
        while let next = try await response.nextChunk() { whole.append(next) }
        #expect(whole.count == piece.count * count)
        var offset = 0
        while offset < whole.count {
          #expect(whole.slice(from: offset, count: piece.count) == piece)
          offset += piece.count
        }
        #expect(response.trailers["x-count"] == "\(whole.count)")
        if length == nil { #expect(response.trailers["x-sum"] == "right") }
      }
    }
  }

  @Test(arguments: Speech.allCases) func manyAtOnceFromEverywhere(_ speech: Speech) async throws {
    try await with(speech, configure: { $0.connections.connectionsMaximum = 4 }) {
      client, base async throws in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for number in 0..<120 {
          tasks.addTask {
            let response = try await client.execute(
              HTTPClientRequest(.post, base + "/echo", body: .bytes(ByteBuffer("number \(number)"))))
            #expect(try await text(response) == "number \(number)")
          }
        }
        try await tasks.waitForAll()
      }
    }
  }

  @Test(arguments: [Speech.http11, .http2]) func anEarlyAnswerCounts(_ speech: Speech) async throws {
    try await with(speech, serve: { $0.unreadBodyBytesMaximum = 0 }) { client, base async throws in
      let piece = ByteBuffer([UInt8](repeating: 1, count: 100_000))
      let producer = HTTPBodyProducer { sink in
        while true { try await sink.write(piece) }
      }
      let response = try await client.execute(
        HTTPClientRequest(.post, base + "/early", body: .producer(producer)))
      #expect(response.status == 413)
      #expect(try await response.collect(limit: 1000).isEmpty)
      // The client is none the worse for it.
      #expect(try await text(client.execute(HTTPClientRequest(.get, base + "/hello"))) == "hello")
    }
  }

  @Test(arguments: [Speech.http11, .http2]) func anAnswerThatBreaksOffIsAnError(_ speech: Speech) async throws
  {
    try await with(speech) { client, base async throws in
      let error = await thrown { () throws(HTTPClientError) in
        // Over HTTP/2 the reset may come before the head does.
        _ = try await client.execute(HTTPClientRequest(.get, base + "/fail-late")).collect(limit: 1000)
      }
      switch (speech, error) {
      case (.http11, .connectionLost(_, mayHaveBeenProcessed: true)?), (.http2, .reset(.internalError)?):
        break
      default: Issue.record("\(String(describing: error))")
      }
    }
  }

  struct Complaint: Error {}

  @Test(arguments: [Speech.http11, .http2]) func aProducerThatBreaksItsWordFailsTheRequest(_ speech: Speech)
    async throws
  {
    let producers = [
      HTTPBodyProducer { _ in throw Complaint() },
      HTTPBodyProducer { sink in
        try await sink.write(ByteBuffer("abc"))
        throw Complaint()
      },
      HTTPBodyProducer(length: 2) { sink in
        try await sink.write(ByteBuffer("abc"))
        return nil
      },
      HTTPBodyProducer(length: 4) { sink in
        try await sink.write(ByteBuffer("abc"))
        return nil
      },
    ]
    try await with(speech) { client, base async throws in
      for (index, producer) in producers.enumerated() {
        let error = await thrown { () throws(HTTPClientError) in
          // What the server has of it, it echoes; so the head may be there before the failure is.
          let response = try await client.execute(
            HTTPClientRequest(.post, base + "/echo", body: .producer(producer)))
          _ = try await response.collect(limit: 100)
        }
        switch error {
        case .bodyFailed(let cause)?:
          #expect(index < 2 ? cause is Complaint : cause is HTTPBodyFault)
        case .cancelled?: #expect(index != 0)
        default: Issue.record("\(index): \(String(describing: error))")
        }
      }
      #expect(try await text(client.execute(HTTPClientRequest(.get, base + "/hello"))) == "hello")
    }
  }

  // MARK: Limits

  @Test(arguments: [Speech.http11, .http2]) func decodesWithinALimit(_ speech: Speech) async throws {
    try await with(speech, configure: { $0.decodesContent = true }) { client, base async throws in
      let response = try await client.execute(HTTPClientRequest(.get, base + "/gzip"))
      #expect(!response.fields.contains("content-encoding") && !response.fields.contains("content-length"))
      #expect(
        try await response.collect(limit: 500_000) == ByteBuffer([UInt8](repeating: 120, count: 500_000)))
      let fields = try await text(client.execute(HTTPClientRequest(.get, base + "/fields")))
      #expect(fields.contains("accept-encoding: gzip, deflate, zstd"))
    }
    try await with(
      speech,
      configure: {
        $0.decodesContent = true
        $0.limits.bodyBytesMaximum = 100_000
      }
    ) { client, base async throws in
      // A few hundred bytes that would become half a million.
      let response = try await client.execute(HTTPClientRequest(.get, base + "/gzip"))
      let error = await thrown { () throws(HTTPClientError) in _ = try await response.collect(limit: 1 << 20)
      }
      expectCase({ if case .limitExceeded(.answerBody, limit: 100_000)? = $0 { true } else { false } }, error)
    }
  }

  @Test(arguments: [Speech.http11, .http2]) func aBodyOverTheLimitIsRefused(_ speech: Speech) async throws {
    try await with(speech, configure: { $0.limits.bodyBytesMaximum = 4 }) { client, base async throws in
      let error = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, base + "/hello")).collect(limit: 100)
      }
      expectCase({ if case .limitExceeded(.answerBody, limit: 4)? = $0 { true } else { false } }, error)
    }
    try await with(speech) { client, base async throws in
      let error = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, base + "/hello")).collect(limit: 4)
      }
      expectCase({ if case .limitExceeded(.answerBody, limit: 4)? = $0 { true } else { false } }, error)
    }
  }

  // MARK: Redirects

  @Test func redirectsAreFollowedUpToALimit() async throws {
    try await with(configure: { $0.redirects = HTTPRedirectPolicy(maximum: 3) }) {
      client, base async throws in
      let response = try await client.execute(
        HTTPClientRequest(
          .post, base + "/to?/fields", fields: ["Authorization": "s"], body: .bytes(ByteBuffer("x"))))
      #expect(response.url.target == "/fields")
      let seen = try await text(response)
      #expect(seen.contains("authorization: s") && !seen.contains("content-length"))
      // Another name is another origin.
      let other = base.replacing("127.0.0.1", with: "localhost")
      let elsewhere = try await client.execute(
        HTTPClientRequest(.get, base + "/to?\(other)/fields", fields: ["Authorization": "s"]))
      #expect(try await !text(elsewhere).contains("authorization"))
      let error = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, base + "/loop"))
      }
      expectCase({ if case .limitExceeded(.redirects, limit: 3)? = $0 { true } else { false } }, error)
    }
    try await with { client, base async throws in
      #expect(try await client.execute(HTTPClientRequest(.get, base + "/to?/fields")).status == 302)
    }
  }

  // MARK: Retries

  @Test func anAnswerThatAsksForPatienceGetsIt() async throws {
    let asked = Locked(0)
    let handler = ClosureHandler { exchange throws(HTTPError) in
      let number = asked.withLock {
        $0 += 1
        return $0
      }
      if number < 3 { throw HTTPError(503, code: "later", "later", fields: ["Retry-After": "0"]) }
      try await exchange.respond(HTTPResponse(text: "now"))
    }
    try await with(handler: handler, configure: { $0.retries.statuses = [503] }) {
      client, base async throws in
      #expect(try await text(client.execute(HTTPClientRequest(.get, base + "/"))) == "now")
      #expect(asked.withLock { $0 } == 3)
      // Not what changes something.
      asked.withLock { $0 = 0 }
      #expect(try await client.execute(HTTPClientRequest(.post, base + "/")).status == 503)
      #expect(asked.withLock { $0 } == 1)
    }
  }

  @Test func nobodyThereIsSaidSo() async throws {
    try await withGroup { group in
      var configuration = HTTPClient.Configuration(name: "test")
      configuration.retries.backoff = .milliseconds(1)
      let metrics = MetricRegistry()
      let client = HTTPClient(configuration, on: group, metrics: metrics)
      let port = try ForeignServer.freePort()
      let error = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.post, "http://127.0.0.1:\(port)/"))
      }
      expectCase({ if case .cannotConnect(_, .unreachable)? = $0 { true } else { false } }, error)
      let unknown = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, "http://no.such.host.invalid/"))
      }
      expectCase({ if case .cannotConnect(_, .unknownHost)? = $0 { true } else { false } }, unknown)
      let untrusted = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, "https://127.0.0.1:\(port)/"))
      }
      expectCase({ if case .cannotConnect? = $0 { true } else { false } }, untrusted)
      var scraped = ByteBuffer()
      metrics.render(into: &scraped)
      let text = try #require(String(validating: scraped))
      #expect(text.contains("varve_http_client_failures_total{client=\"test\",cause=\"cannot_connect\"} 3"))
      #expect(text.contains("varve_http_client_retries_total{client=\"test\"} 6"))
      #expect(text.contains("varve_http_client_connections{client=\"test\"} 0"))
      await client.shutDown(within: .zero)
      let late = await thrown { () throws(HTTPClientError) in
        _ = try await client.execute(HTTPClientRequest(.get, "http://127.0.0.1:\(port)/"))
      }
      expectCase({ if case .shutDown? = $0 { true } else { false } }, late)
    }
  }
}
