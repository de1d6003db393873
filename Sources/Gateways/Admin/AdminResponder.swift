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

/// A certificate in use, for the page that people see.
public struct CertificateReport: Sendable {
  /// Whose it is.
  public let listener: String
  /// Who it says the node is.
  public let subject: String
  /// When it ends to be valid.
  public let notAfter: Timestamp
  /// Why newer files are not in use; nil when nothing is wrong with them.
  public let failure: String?

  /// A certificate of a listener.
  public init(listener: String, subject: String, notAfter: Timestamp, failure: String?) {
    self.listener = listener
    self.subject = subject
    self.notAfter = notAfter
    self.failure = failure
  }
}

/// Answers `/`, `/healthz`, `/readyz`, `/metrics` and `/version`, and describes them at `/openapi.json`.
public struct AdminResponder: HTTPHandler {
  private let router: Router

  /// An admin port for one node.
  ///
  /// - Parameters:
  ///   - health: how its components are.
  ///   - metrics: what it counts.
  ///   - version: what runs.
  ///   - time: what its age is measured by.
  ///   - certificates: what its listeners are encrypted with at the moment.
  public init(
    health: Health, metrics: MetricRegistry, version: BuildVersion, time: some TimeSource,
    certificates: @escaping @Sendable () -> [CertificateReport] = { [] }
  ) {
    let pages = AdminPages(
      health: health, metrics: metrics, version: version, time: time, certificates: certificates)
    var options = Router.Options()
    options.answersOptions = false
    router = Router(pages.routes, server: "admin", metrics: metrics, options: options)
  }

  /// Answers a request for one of the pages.
  public func respond(to exchange: inout Exchange) async throws(HTTPError) {
    try await router.respond(to: &exchange)
  }
}

/// Health that a proxy remembered is worse than none.
private struct Unremembered: Middleware {
  func respond(
    to exchange: inout Exchange, in context: inout RouteContext, next: Next
  ) async throws(HTTPError) -> HTTPResponse? {
    var response = try await next.respond(to: &exchange, in: &context)
    response?.fields.append("Cache-Control", "no-store")
    return response
  }
}

/// Tells a person who went astray where the pages are.
private struct Signpost: Middleware {
  let pages: String

  func respond(
    to exchange: inout Exchange, in context: inout RouteContext, next: Next
  ) async throws(HTTPError) -> HTTPResponse? {
    do throws(HTTPError) {
      return try await next.respond(to: &exchange, in: &context)
    } catch {
      var error = error
      if error.status == 404 { error.explanation = "no such page; there are \(pages)" }
      if error.status == 405 { error.explanation = "\(exchange.request.path) takes GET and HEAD" }
      throw error
    }
  }
}

/// The pages.
private struct AdminPages: Sendable {
  let health: Health
  let metrics: MetricRegistry
  let version: BuildVersion
  let time: any TimeSource
  let certificates: @Sendable () -> [CertificateReport]
  let started: MonotonicInstant

  init(
    health: Health, metrics: MetricRegistry, version: BuildVersion, time: some TimeSource,
    certificates: @escaping @Sendable () -> [CertificateReport]
  ) {
    self.health = health
    self.metrics = metrics
    self.version = version
    self.time = time
    self.certificates = certificates
    started = time.monotonic
  }

  var routes: Routes {
    var routes = Routes()
    routes.use(Signpost(pages: "/ /healthz /readyz /metrics /version /openapi.json"))
    routes.use(Unremembered())
    let state = OpenAPISchema.named(
      "Health",
      .object([
        .required("status", .oneOf(["ok", "unavailable"])),
        .required(
          "components",
          .array(
            of: .object([
              .required("name", .string()), .required("state", .oneOf(["ready", "not ready", "failed"])),
              .optional("reason", .string()),
            ]))),
      ]))
    routes.get(
      "/",
      Operation("index", summary: "The node for people").answers(
        200, "A page.", OperationContent("text/html"))
    ) { _, _ in index() }
    routes.get(
      "/healthz",
      Operation("health", summary: "Whether the node is alive: restart it when not")
        .answers(200, "Alive.", .json(state)).answers(503, "A component has failed.", .json(state))
    ) { _, _ in status(of: health.report, healthy: \.isLive) }
    routes.get(
      "/readyz",
      Operation("readiness", summary: "Whether the node is ready: send it no clients when not")
        .answers(200, "Ready.", .json(state)).answers(503, "A component is not ready.", .json(state))
    ) { _, _ in status(of: health.report, healthy: \.isReady) }
    routes.get(
      "/metrics",
      Operation("metrics", summary: "The node's metrics")
        .answers(
          200, "As Accept asks for them.", OperationContent("text/plain"),
          OperationContent("application/openmetrics-text"))
    ) { exchange, _ in exposition(accept: exchange.request.fields.list(of: "accept") ?? "") }
    let release: OpenAPISchema = .object([
      .required("version", .string()), .required("swift", .string()),
      .required("uptime_seconds", .integer(minimum: 0)),
    ])
    routes.get(
      "/version",
      Operation("version", summary: "What runs, and for how long").answers(
        200, "The release.", .json(release))
    ) { _, _ in versionAnswer() }
    routes.describe(
      .init(title: "Varve admin port", version: version.release, summary: "What a node tells of itself"))
    return routes
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
    let certificates = certificates().map { certificate in
      let warning = certificate.failure.map { ". The files that are there now were refused: \($0)" } ?? ""
      return "<tr><td>TLS of \(HTML.escaped(certificate.listener))</td>"
        + "<td>\(HTML.escaped("\(certificate.subject), valid until \(certificate.notAfter)\(warning)"))</td></tr>"
    }
    let page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>Varve</title>
      <style>body { font: 16px system-ui; margin: 3em auto; max-width: 40em } td { padding: .2em 1em .2em 0 }</style>
      <h1>Varve \(HTML.escaped(version.release))</h1>
      <p>\(report.isReady ? "Ready" : report.isLive ? "Alive, not ready" : "Failed"), up \(uptimeSeconds) s.</p>
      <table>\((rows + certificates).joined())</table>
      <p><a href="/healthz">healthz</a> <a href="/readyz">readyz</a> <a href="/metrics">metrics</a>
      <a href="/version">version</a> <a href="/openapi.json">openapi.json</a></p>
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
