// Who sent a request when proxies stand between, and servers at several addresses.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing

@Suite("Behind proxies") struct ProxyTests {
  private func trust(_ networks: String..., field: ProxyTrust.Field = .xForwarded) throws -> ProxyTrust {
    ProxyTrust(networks: try networks.map { try #require(NetworkPrefix($0)) }, field: field)
  }

  private func request(_ fields: String, closes: Bool = false) -> String {
    "GET /client HTTP/1.1\r\nHost: a\r\n\(closes ? "Connection: close\r\n" : "")\(fields)\r\n"
  }

  @Test(
    "The client is who the trusted proxies say",
    arguments: [
      ("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1 https"),
      // Who is trusted is passed over, from the last hop back.
      ("X-Forwarded-For: 192.0.2.1, 10.1.2.3\r\n", "192.0.2.1 http"),
      ("X-Forwarded-For: 192.0.2.1, 203.0.113.1, 10.1.2.3\r\n", "203.0.113.1 http"),
      ("X-Forwarded-For: nobody\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1 https"),
      ("Forwarded: for=192.0.2.1;proto=https\r\n", "127.0.0.1 http"), ("", "127.0.0.1 http"),
    ])
  func trusted(fields: String, expected: String) async throws {
    let proxies = try trust("127.0.0.0/8", "10.0.0.0/8")
    try await ServerFixture.with(configure: { $0.proxies = proxies }) { fixture in
      let answer = try await fixture.send(request(fields, closes: true))
      #expect(answer.hasSuffix("\r\n\r\n\(expected)\n"), "\(answer)")
      let (more, found) = (fields, expected)
      try await fixture.connect2 { client in
        let pairs = more.split(separator: "\r\n").map { line -> (StaticString, String) in
          let value = line.drop { $0 != " " }.dropFirst()
          switch line.prefix(while: { $0 != ":" }) {
          case "X-Forwarded-For": return ("x-forwarded-for", String(value))
          case "X-Forwarded-Proto": return ("x-forwarded-proto", String(value))
          default: return ("forwarded", String(value))
          }
        }
        let text = try await client.get("/client", pairs).text
        #expect(text == "\(found)\n")
      }
    }
  }

  @Test func nobodyElseIsBelieved() async throws {
    let said = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nForwarded: for=192.0.2.2\r\n"
    for proxies in [nil, try trust("10.0.0.0/8")] {
      try await ServerFixture.with(configure: { $0.proxies = proxies }) { fixture in
        let answer = try await fixture.send(request(said, closes: true))
        #expect(answer.hasSuffix("\r\n\r\n127.0.0.1 http\n"))
        _ = fixture.logs.flush(within: .seconds(10))
        while fixture.server.statistics.open > 0 { await Task.yield() }
        #expect(!fixture.sink.lines.contains { $0.contains("client=") || $0.contains("scheme=") })
      }
    }
  }

  @Test func oneRequestSaysNothingAboutTheNext() async throws {
    let proxies = try trust("127.0.0.1")
    try await ServerFixture.with(configure: { $0.proxies = proxies }) { fixture in
      let answers = try await fixture.send(
        request("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n") + request("")
          + request("X-Forwarded-For: 2001:db8::1\r\n", closes: true))
      let lines = answers.split(separator: "\r\n\r\n").compactMap { part in
        part.split(separator: "\n").first { $0.hasSuffix(" http") || $0.hasSuffix(" https") }
      }
      #expect(lines == ["192.0.2.1 https", "127.0.0.1 http", "2001:db8::1 http"])
    }
  }

  @Test func connectionsAreCountedByPeer() async throws {
    let proxies = try trust("127.0.0.1")
    try await ServerFixture.with(
      configure: {
        $0.proxies = proxies
        $0.connections.connectionsPerAddressMaximum = 1
      }
    ) { fixture in
      try await fixture.connect { client in
        try await client.send("GET /client HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
        _ = try await client.receive(through: "192.0.2.1 http\n")
        let refused = try await fixture.send(
          "GET /client HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.2\r\n\r\n")
        #expect(refused == "")
      }
    }
  }

  @Test func severalAddressesHaveOneLimitTogether() async throws {
    try await ServerFixture.with(
      configure: {
        $0.addresses = [.ip(.loopbackV4, port: 0), .ip(.loopbackV6, port: 0)]
        $0.connections.connectionsMaximum = 1
      }
    ) { fixture in
      #expect(fixture.server.addresses.count == 2)
      let second = try #require(fixture.server.addresses.last)
      let loop = fixture.group.next()
      try await fixture.connect { client in
        try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.receive(through: "hello")
        var other = TestClient(try await loop.connect(to: second))
        try await other.send("GET /client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        _ = try await client.receiveToEnd()
        #expect(fixture.server.statistics.accepted == 1)
        // The first makes room.
        try await client.connection.finishWriting()
        let answer = try await other.receiveToEnd()
        #expect(answer.hasSuffix("::1 http\n"))
      }
    }
  }
}
