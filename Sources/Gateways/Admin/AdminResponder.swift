// The admin port: what an orchestrator, a Prometheus and a person with a browser ask of a node. It reads
// and never changes anything, and answers anyone who reaches it.

import Bytes
public import HTTP
public import HTTPServer
public import Lifecycle
public import Runtime
public import Telemetry
import Wire

/// What `/version` tells.
public struct BuildVersion: Sendable {
  /// The release.
  public let release: String
  /// The language the node was compiled with.
  public let swift: String

  /// A release, compiled by the language named.
  public init(release: String, swift: String) {
    self.release = release
    self.swift = swift
  }
}

/// Answers `/`, `/healthz`, `/readyz`, `/metrics` and `/version`.
public struct AdminResponder: HTTPHandler {
  private let health: Health
  private let metrics: MetricRegistry
  private let version: BuildVersion
  private let time: any TimeSource
  private let started: MonotonicInstant

  /// An admin port for one node.
  public init(health: Health, metrics: MetricRegistry, version: BuildVersion, time: some TimeSource) {
    self.health = health
    self.metrics = metrics
    self.version = version
    self.time = time
    started = time.monotonic
  }

  /// Answers a request for one of the pages.
  public func respond(to exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.respond(response(to: exchange.request))
  }

  private func response(to request: HTTPRequestHead) -> HTTPResponse {
    guard let page = Page(rawValue: request.path) else {
      return HTTPResponse(404, text: "no such page; there are \(Page.all)\n")
    }
    guard request.method == .get || request.method == .head else {
      var response = HTTPResponse(405, text: "\(page.rawValue) takes GET and HEAD\n")
      response.fields.append("Allow", "GET, HEAD")
      return response
    }
    var response: HTTPResponse
    switch page {
    case .index: response = index()
    case .health: response = status(of: health.report, healthy: \.isLive)
    case .readiness: response = status(of: health.report, healthy: \.isReady)
    case .metrics: response = exposition(accept: request.fields.list(of: "accept") ?? "")
    case .version: response = versionAnswer()
    }
    // Health that a proxy remembered is worse than none.
    response.fields.append("Cache-Control", "no-store")
    return response
  }

  private enum Page: String, CaseIterable {
    case index = "/"
    case health = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case version = "/version"

    static var all: String { allCases.map(\.rawValue).joined(separator: " ") }
  }

  private var uptimeSeconds: Int64 { time.monotonic.since(started).components.seconds }

  // MARK: Pages

  /// 200 when `healthy`, otherwise 503; the body says how each component is.
  private func status(of report: HealthReport, healthy: (HealthReport) -> Bool) -> HTTPResponse {
    let isHealthy = healthy(report)
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("status")
    writer.string(isHealthy ? "ok" : "unavailable")
    writer.key("components")
    writer.beginArray()
    for component in report.components {
      writer.beginObject()
      writer.key("name")
      writer.string(component.name)
      writer.key("state")
      writer.string(component.state.word)
      if let reason = component.state.reason {
        writer.key("reason")
        writer.string(reason)
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return json(status: isHealthy ? 200 : 503, writer)
  }

  private func exposition(accept: String) -> HTTPResponse {
    let format = accept.isEmpty ? .prometheus : ExpositionFormat(accept: accept)
    var body = ByteBuffer(capacity: 16 << 10)
    metrics.render(format, into: &body)
    return HTTPResponse(contentType: format.contentType, body: body)
  }

  private func versionAnswer() -> HTTPResponse {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("version")
    writer.string(version.release)
    writer.key("swift")
    writer.string(version.swift)
    writer.key("uptime_seconds")
    writer.integer(uptimeSeconds)
    writer.endObject()
    return json(status: 200, writer)
  }

  private func index() -> HTTPResponse {
    let report = health.report
    let rows = report.components.map { component in
      let state = component.state.reason.map { "\(component.state.word): \($0)" } ?? component.state.word
      return "<tr><td>\(HTML.escaped(component.name))</td><td>\(HTML.escaped(state))</td></tr>"
    }
    let page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>Varve</title>
      <style>body { font: 16px system-ui; margin: 3em auto; max-width: 40em } td { padding: .2em 1em .2em 0 }</style>
      <h1>Varve \(HTML.escaped(version.release))</h1>
      <p>\(report.isReady ? "Ready" : report.isLive ? "Alive, not ready" : "Failed"), up \(uptimeSeconds) s.</p>
      <table>\(rows.joined())</table>
      <p><a href="/healthz">healthz</a> <a href="/readyz">readyz</a> <a href="/metrics">metrics</a>
      <a href="/version">version</a></p>
      </html>

      """
    return HTTPResponse(contentType: "text/html; charset=utf-8", body: ByteBuffer(page))
  }

  private func json(status: HTTPStatus, _ writer: consuming JSONWriter) -> HTTPResponse {
    var body = writer.finish()
    body.append("\n")
    return HTTPResponse(status, contentType: "application/json", body: body)
  }
}

extension HealthState {
  fileprivate var word: String {
    switch self {
    case .ready: "ready"
    case .notReady: "not ready"
    case .failed: "failed"
    }
  }

  fileprivate var reason: String? {
    switch self {
    case .ready: nil
    case .notReady(let reason), .failed(let reason): reason
    }
  }
}
