// What requests leave behind: metrics and log lines.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing

@Suite("What the HTTP server records") struct RecordingTests {
  @Test func requestsAreCountedByServerAndByRoute() async throws {
    let registry = MetricRegistry()
    let handler = TestHandler(route: HTTPRoute("GET /{page}", server: "test", registry: registry))
    try await ServerFixture.with(handler) { fixture in
      _ = try await fixture.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n1234567"
          + "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + "GET / HTTP/9.9\r\n\r\n")
      // The connection's task ends a moment after the client has seen its end.
      while fixture.server.statistics.open > 0 { await Task.yield() }
      let scrape = fixture.scrape
      for line in [
        "varve_http_requests_total{server=\"test\",status=\"2xx\"} 1",
        "varve_http_requests_total{server=\"test\",status=\"4xx\"} 1",
        "varve_http_requests_total{server=\"test\",status=\"5xx\"} 1",
        "varve_http_request_seconds_count{server=\"test\"} 3",
        "varve_http_refusals_total{server=\"test\",code=\"unsupported_version\"} 1",
        "varve_http_request_body_bytes_total{server=\"test\"} 7", "varve_http_connections{server=\"test\"} 0",
        "varve_http_requests_in_flight{server=\"test\"} 0",
      ] {
        #expect(scrape.contains(line + "\n"), "\(line)")
      }
      var buffer = ByteBuffer()
      registry.render(into: &buffer)
      let routes = String(validating: buffer) ?? ""
      let name = "server=\"test\",route=\"GET /{page}\""
      #expect(routes.contains("varve_http_route_requests_total{\(name),status=\"2xx\"} 1\n"))
      #expect(routes.contains("varve_http_route_requests_total{\(name),status=\"4xx\"} 1\n"))
      #expect(routes.contains("varve_http_route_seconds_count{\(name)} 2\n"))
    }
  }

  @Test(
    "Each request leaves a line, when lines are wanted",
    arguments: [LogLevel.info, .debug, nil] as [LogLevel?])
  func accessLog(level: LogLevel?) async throws {
    try await ServerFixture.with(configure: { $0.accessLogLevel = level }) { fixture in
      _ = try await fixture.send(
        "GET /hello?a=b HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\nUser-Agent: tester\r\nConnection: close\r\n\r\n"
      )
      while fixture.server.statistics.open > 0 { await Task.yield() }
      _ = fixture.logs.flush(within: .seconds(10))
      let line = fixture.sink.lines.first { $0.contains("msg=request ") }
      guard let level else {
        #expect(line == nil)
        return
      }
      let text = try #require(line)
      for part in [
        "level=\(level)", "method=GET", "target=\"/hello?a=b\"", "status=200", "bytes=5", "received=0", "r-1",
        "agent=tester", "peer=127.0.0.1:", "version=HTTP/1.1",
      ] {
        #expect(text.contains(part), "\(part) in \(text)")
      }
    }
  }
}
