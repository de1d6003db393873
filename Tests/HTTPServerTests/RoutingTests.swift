// Routes: which one a request gets, what it is told when there is none, and what middleware does on the way.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing
import Wire

@Suite("Routing") struct RoutingTests {
  static func router(
    _ options: Router.Options = Router.Options(), metrics: MetricRegistry = MetricRegistry(),
    declare: (inout Routes) -> Void
  ) -> Router {
    var routes = Routes()
    declare(&routes)
    return Router(routes, server: "test", metrics: metrics, options: options)
  }

  /// Answers with the words of the pattern and of the parameters.
  static func echo(_ word: String, _ parameters: String...) -> Endpoint {
    { _, context in
      HTTPResponse(text: ([word] + parameters.map { context[$0] }).joined(separator: "|"))
    }
  }

  static func declare(_ routes: inout Routes) {
    routes.get("/", answer: echo("root"))
    routes.get("/files", answer: echo("files"))
    routes.get("/files/new", answer: echo("new"))
    routes.get("/files/{id:int}", answer: echo("int", "id"))
    routes.get("/files/{id:uuid}", answer: echo("uuid", "id"))
    routes.get("/files/{name}", answer: echo("text", "name"))
    routes.get("/files/{id:int}/parts/{part}", answer: echo("part", "id", "part"))
    routes.get("/files/{name}/notes", answer: echo("notes", "name"))
    routes.get("/files/{name}/{rest...}") { _, context in
      HTTPResponse(text: "rest|\(context["name"])|" + context.rest("rest").joined(separator: "|"))
    }
    routes.get("/slash/", answer: echo("slash"))
    routes.get("/a b", answer: echo("blank"))
  }

  static func get(_ path: String, _ method: String = "GET") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  }

  @Test(
    "A path gets the route that describes it best",
    arguments: [
      ("/", "root"), ("/files", "files"), ("/files/new", "new"), ("/files/7", "int|7"),
      ("/files/9223372036854775807", "int|9223372036854775807"),
      ("/files/9223372036854775808", "text|9223372036854775808"), ("/files/007", "text|007"),
      ("/files/0", "int|0"),
      ("/files/-1", "text|-1"),
      ("/files/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "uuid|6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
      ("/files/a", "text|a"), ("/files/7/parts/x", "part|7|x"), ("/files/7/notes", "notes|7"),
      ("/files/new/notes", "notes|new"), ("/files/new/x/y", "rest|new|x|y"),
      ("/files/7/parts", "rest|7|parts"),
      // A choice that leads nowhere is taken back.
      ("/files/7/parts/x/y", "rest|7|parts|x|y"),
      // Escapes mean what they stand for, in literals too, but cut nothing up.
      ("/f%69les/new", "new"), ("/files/a%2Fb", "text|a/b"), ("/files/a%2Fb/c%2Fd", "rest|a/b|c/d"),
      ("/a%20b", "blank"), ("/files/%C3%A9?x=y", "text|é"), ("/slash/", "slash"), ("/files/a//", "rest?"),
    ])
  func matching(path: String, expected: String) async throws {
    let router = Self.router(declare: Self.declare)
    try await ServerFixture.with(router) { fixture in
      let answer = try await fixture.send(Self.get(path))
      if expected == "rest?" {
        #expect(answer.statuses == [404], "the rest begins with something")
      } else {
        #expect(answer.hasSuffix("\r\n\r\n" + expected), "\(answer)")
      }
    }
  }

  @Test func parametersHaveTypes() async throws {
    let router = Self.router { routes in
      routes.get("/{number:int}/{id:uuid}/{rest...}") { _, context in
        HTTPResponse(
          text: "\(context.integer("number") + 1) \(context.uuid("id").version) \(context.rest("rest").count)"
        )
      }
    }
    try await ServerFixture.with(router) { fixture in
      let answer = try await fixture.send(Self.get("/41/6BA7B810-9dad-11d1-80b4-00c04fd430c8/a/b%2Fc/"))
      #expect(answer.hasSuffix("\r\n\r\n42 1 3"))
    }
  }

  @Test(
    "What fits no route is not there",
    arguments: [
      ("/nothing", 404), ("/files/", 404), ("//", 404), ("/files//notes", 404), ("/slash", 404),
      ("/Files", 404),
      ("/files/a/", 404), ("/files/%zz", 400), ("/files/%FF", 400), ("/files/..", 400),
      ("/files/%2e%2e/x", 400),
      ("/files/a%00b", 400), ("/a+b", 404),
    ])
  func refusals(path: String, status: Int) async throws {
    let router = Self.router(declare: Self.declare)
    try await ServerFixture.with(router) { fixture in
      let answer = try await fixture.send(Self.get(path))
      #expect(answer.statuses == [status])
    }
  }

  @Test func methodsAreThoseThatWereDeclared() async throws {
    let router = Self.router { routes in
      routes.get("/a/{id}", answer: Self.echo("get", "id"))
      routes.put("/a/{id}", answer: Self.echo("put", "id"))
      routes.on(.head, "/b", Operation()) { exchange, _ in HTTPResponse(fields: ["X-Own": "head"]) }
      routes.get("/b", answer: Self.echo("get"))
      if let purge = HTTPMethod("PURGE") { routes.on(purge, "/b", Operation(), answer: Self.echo("purge")) }
    }
    try await ServerFixture.with(router) { fixture in
      #expect(try await fixture.send(Self.get("/a/1", "PUT")).hasSuffix("put|1"))
      let head = try await fixture.send(Self.get("/a/1", "HEAD"))
      #expect(head.contains("Content-Length: 5\r\n") && head.hasSuffix("\r\n\r\n"))
      #expect(try await fixture.send(Self.get("/b", "HEAD")).contains("X-Own: head"))
      #expect(try await fixture.send(Self.get("/b", "PURGE")).hasSuffix("purge"))
      for (path, allow) in [("/a/1", "GET, HEAD, PUT, OPTIONS"), ("/b", "HEAD, GET, PURGE, OPTIONS")] {
        let refused = try await fixture.send(Self.get(path, "DELETE"))
        #expect(refused.statuses == [405])
        #expect(refused.contains("\r\nAllow: \(allow)\r\n"))
        let options = try await fixture.send(Self.get(path, "OPTIONS"))
        #expect(options.statuses == [204])
        #expect(options.contains("\r\nAllow: \(allow)\r\n"))
      }
      #expect(try await fixture.send(Self.get("/c", "OPTIONS")).statuses == [404])
      let all = try await fixture.send(Self.get("*", "OPTIONS"))
      #expect(all.contains("\r\nAllow: GET, HEAD, PUT, PURGE, OPTIONS\r\n"))
      #expect(
        try await fixture.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n").statuses == [
          405
        ])
    }
  }

  @Test(
    "A slash at the end matters, redirects or is ignored",
    arguments: [
      (.matters, "/files/", 404, nil), (.redirects, "/files/?a=b%20", 308, "/files?a=b%20"),
      (.redirects, "/slash", 308, "/slash/"), (.ignored, "/files/", 200, nil), (.ignored, "/slash", 200, nil),
      (.redirects, "/", 200, nil), (.redirects, "/nothing/", 404, nil), (.redirects, "/files//", 404, nil),
      // Nothing in the path makes it another host.
      (.redirects, "//evil.example/", 404, nil), (.redirects, "/files/\\evil/", 308, "/files/%5Cevil"),
      (.ignored, "/files/7/", 200, nil),
    ] as [(Router.TrailingSlash, String, Int, String?)])
  func trailingSlash(policy: Router.TrailingSlash, path: String, status: Int, location: String?) async throws
  {
    var options = Router.Options()
    options.trailingSlash = policy
    let router = Self.router(options, declare: Self.declare)
    try await ServerFixture.with(router) { fixture in
      let answer = try await fixture.send(Self.get(path))
      #expect(answer.statuses == [status])
      if let location { #expect(answer.contains("\r\nLocation: \(location)\r\n"), "\(answer)") }
    }
  }

  // MARK: Middleware

  private enum Trail: RouteContextKey { typealias Value = String }

  /// Leaves a letter on the way in, and a field on the way out.
  private struct Step: Middleware {
    let letter: String
    func respond(
      to exchange: inout Exchange, in context: inout RouteContext, next: Next
    ) async throws(HTTPError) -> HTTPResponse? {
      context[Trail.self] = (context[Trail.self] ?? "") + letter
      if exchange.request.fields["x-stop"] == letter {
        throw HTTPError(403, code: "stopped", letter)
      }
      var response = try await next.respond(to: &exchange, in: &context)
      response?.fields.append("X-Step", letter)
      return response
    }
  }

  @Test func middlewareIsPassedInOrderThereAndBack() async throws {
    let router = Self.router { routes in
      routes.use(Step(letter: "a"))
      var inner = Routes()
      inner.use(Step(letter: "c"))
      inner.on(.get, "/x", Operation(), through: [Step(letter: "d")]) { _, context in
        HTTPResponse(text: context[Trail.self] ?? "none")
      }
      routes.group("/v1", through: [Step(letter: "b")], inner)
      routes.get("/y") { exchange, context in
        try await exchange.respond(HTTPResponse(text: "written " + (context[Trail.self] ?? "none")))
        return nil
      }
      routes.get("/z") { _, _ in nil }
    }
    try await ServerFixture.with(router) { fixture in
      let answer = try await fixture.send(Self.get("/v1/x"))
      #expect(answer.hasSuffix("\r\n\r\nabcd"))
      #expect(answer.contains("X-Step: d\r\nX-Step: c\r\nX-Step: b\r\nX-Step: a\r\n"))
      #expect(try await fixture.send(Self.get("/x")).statuses == [404])
      let stopped = try await fixture.send(
        "GET /v1/x HTTP/1.1\r\nHost: a\r\nX-Stop: c\r\nConnection: close\r\n\r\n")
      #expect(stopped.statuses == [403])
      #expect(try await fixture.send(Self.get("/y")).hasSuffix("\r\n\r\nwritten a"))
      #expect(try await fixture.send(Self.get("/z")).statuses == [500], "nobody answered")
    }
  }

  /// An error of some domain.
  private struct Full: HTTPErrorConvertible {
    let bytes: Int
    var asHTTPError: HTTPError { HTTPError(507, code: "full", "\(bytes) bytes too many") }
  }

  @Test func errorsBecomeProblemsInOnePlace() async throws {
    let router = Self.router { routes in
      routes.use(ProblemAnswers())
      routes.post("/small") { exchange, _ in
        _ = try await exchange.collect(limit: 3)
        return HTTPResponse()
      }
      routes.get("/fail") { _, _ in throw NetworkError.closed }
      routes.get("/domain") { _, _ in throw Full(bytes: 7) }
      routes.get("/own") { _, _ in
        var error = HTTPError(418, code: "own", "x")
        error.representation = .init(contentType: "text/html", body: ByteBuffer("<p>own"))
        throw error
      }
    }
    func problem(_ answer: String) throws -> JSONValue {
      let parts = answer.range(of: "\r\n\r\n")
      return try JSONValue(parsing: String(answer[try #require(parts).upperBound...]))
    }
    try await ServerFixture.with(router) { fixture in
      let missing = try await fixture.send(
        "GET /nothing HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\nConnection: close\r\n\r\n")
      #expect(missing.statuses == [404])
      #expect(missing.contains("Content-Type: application/problem+json\r\n"))
      let expected: JSONValue = [
        "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is nothing here",
        "code": "not_found", "request_id": "r-1",
      ]
      #expect(try problem(missing) == expected)
      let refused = try await fixture.send(Self.get("/small"))
      #expect(refused.contains("\r\nAllow: POST, OPTIONS\r\n"), "the fields of the status stay")
      #expect(try problem(refused)["code"] == "method_not_allowed")
      // What closes the connection still does.
      let large = try await fixture.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd")
      #expect(large.contains("Connection: close\r\n"))
      #expect(try problem(large)["code"] == "body_too_large")
      let failed = try await fixture.send(Self.get("/fail"))
      #expect(try problem(failed)["detail"] == "the server failed to answer")
      let domain = try await fixture.send(Self.get("/domain"))
      #expect(domain.statuses == [507])
      #expect(try problem(domain)["code"] == "full")
      #expect(try await fixture.send(Self.get("/own")).hasSuffix("<p>own"))
      _ = fixture.logs.flush(within: .seconds(10))
      #expect(fixture.sink.lines.contains { $0.contains("request failed") && $0.contains("code=internal") })
    }
  }

  @Test func requestsAreCountedByPattern() async throws {
    let metrics = MetricRegistry()
    let router = Self.router(metrics: metrics, declare: Self.declare)
    try await ServerFixture.with(router) { fixture in
      for path in ["/files/1", "/files/2", "/files/x", "/nothing"] {
        _ = try await fixture.send(Self.get(path))
      }
      while fixture.server.statistics.open > 0 { await Task.yield() }
      var buffer = ByteBuffer()
      metrics.render(into: &buffer)
      let scrape = String(validating: buffer) ?? ""
      func line(_ route: String, _ count: Int) -> String {
        "varve_http_route_requests_total{server=\"test\",route=\"\(route)\",status=\"2xx\"} \(count)\n"
      }
      #expect(scrape.contains(line("GET /files/{id:int}", 2)))
      #expect(scrape.contains(line("GET /files/{name}", 1)))
      #expect(scrape.contains(line("GET /files", 0)))
      #expect(!scrape.contains("nothing"))
    }
  }
}
