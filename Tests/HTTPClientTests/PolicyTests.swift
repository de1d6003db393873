// Retries and redirects, decided without a server.

import Bytes
import HTTP
import HTTP2
import Runtime
import Testing

@testable import HTTPClient

@Suite("Retries and redirects, decided") struct PolicyTests {
  // MARK: Retries

  static let lost = HTTPClientError.connectionLost(.network(.closed), mayHaveBeenProcessed: true)
  static let safelyLost = HTTPClientError.connectionLost(.network(.closed), mayHaveBeenProcessed: false)

  static let retries: [(error: HTTPClientError, get: Bool, post: Bool)] = [
    (lost, true, false),
    (safelyLost, true, true),
    (.cannotConnect(to: "x", .closed), true, true),
    (.timedOut(.connect, mayHaveBeenProcessed: false), true, true),
    (.timedOut(.handshake, mayHaveBeenProcessed: false), true, true),
    (.timedOut(.connection, mayHaveBeenProcessed: false), false, false),
    (.timedOut(.head, mayHaveBeenProcessed: true), false, false),
    (.timedOut(.request, mayHaveBeenProcessed: false), false, false),
    (.reset(.refusedStream), true, true),
    (.reset(.internalError), true, false),
    (.reset(.cancel), false, false),
    (.connectionClosing, true, true),
    (.tooManyStreams(limit: 1), true, true),
    (.limitExceeded(.waitingRequests, limit: 1), false, false),
    (.limitExceeded(.answerBody, limit: 1), false, false),
    (.malformedAnswer("x"), false, false),
    (.answeredEarly, false, false),
    (.cancelled, false, false),
    (.shutDown, false, false),
    (.bodyFailed(HTTPBodyFault.wroteTooMuch), false, false),
  ]

  @Test(arguments: retries.indices) func whatIsSentAgain(_ index: Int) {
    let (error, get, post) = Self.retries[index]
    let policy = HTTPRetryPolicy()
    #expect(policy.retries(error, .get, attempt: 1, canSendBody: true) == get, "\(error)")
    #expect(policy.retries(error, .post, attempt: 1, canSendBody: true) == post, "\(error)")
    #expect(!policy.retries(error, .get, attempt: policy.attemptsMaximum, canSendBody: true))
    #expect(!policy.retries(error, .get, attempt: 1, canSendBody: false))
  }

  @Test func pausesDoubleUpToAMaximumAndVary() {
    let policy = HTTPRetryPolicy()
    let random = SeededRandom(seed: 7)
    var seen: Set<Duration> = []
    for attempt in 1...12 {
      let full = min(policy.backoff * (1 << (attempt - 1)), policy.backoffMaximum)
      for _ in 0..<20 {
        let pause = policy.pause(after: Self.lost, attempt: attempt, random)
        #expect(pause >= full / 2 && pause <= full)
        seen.insert(pause)
      }
    }
    #expect(seen.count > 100)
    #expect(policy.pause(after: Self.safelyLost, attempt: 1, random) == .zero)
    #expect(policy.pause(after: Self.safelyLost, attempt: 2, random) > .zero)
    #expect(policy.pause(after: .connectionClosing, attempt: 2, random) == .zero)
  }

  @Test(arguments: [
    (503, "7", HTTPMethod.get, Duration?.some(.seconds(7))),
    (429, "0", .put, .zero),
    (503, "Sun, 06 Nov 1994 08:49:40 GMT", .get, .seconds(3)),
    (503, "Sun, 06 Nov 1994 08:49:30 GMT", .get, .zero),
    (503, "11", .get, nil),
    (503, "-1", .get, nil),
    (503, "soon", .get, nil),
    (503, "", .get, nil),
    (503, "99999999999999999999", .get, nil),
    (503, "7", .post, nil),
    (500, "7", .get, nil),
  ]) func retryAfterIsHonouredWhenAskedTo(
    _ status: Int, _ value: String, _ method: HTTPMethod, _ expected: Duration?
  ) {
    var policy = HTTPRetryPolicy()
    let head = HTTPResponseHead(HTTPStatus(status), fields: ["Retry-After": value])
    let now: Int64 = 784_111_777
    #expect(policy.pause(answered: head, method, attempt: 1, canSendBody: true, now: now) == nil)
    policy.statuses = [429, 503]
    #expect(policy.pause(answered: head, method, attempt: 1, canSendBody: true, now: now) == expected)
    #expect(policy.pause(answered: head, method, attempt: 3, canSendBody: true, now: now) == nil)
    #expect(policy.pause(answered: head, method, attempt: 1, canSendBody: false, now: now) == nil)
    let silent = HTTPResponseHead(HTTPStatus(status))
    #expect(policy.pause(answered: silent, method, attempt: 1, canSendBody: true, now: now) == nil)
  }

  // MARK: Redirects

  static let redirects: [(status: Int, method: HTTPMethod, next: HTTPMethod?, keepsBody: Bool)] = [
    (301, .get, .get, true), (302, .get, .get, true), (303, .get, .get, true), (307, .get, .get, true),
    (308, .get, .get, true), (301, .head, .head, true), (303, .head, .head, true), (301, .post, .get, false),
    (302, .post, .get, false), (303, .post, .get, false), (307, .post, .post, true),
    (308, .post, .post, true),
    (301, .put, .put, true), (302, .delete, .delete, true), (303, .put, .get, false),
    (303, .delete, .get, false),
    (300, .get, nil, false), (304, .get, nil, false), (305, .get, nil, false), (200, .get, nil, false),
    (201, .post, nil, false),
  ]

  @Test(arguments: redirects.indices) func whatGoesWhere(_ index: Int) throws {
    let (status, method, expected, keepsBody) = Self.redirects[index]
    var request = try HTTPClientRequest(method, "http://a/x/y", fields: ["Content-Type": "t", "X": "1"])
    if method != .get && method != .head { request.body = .bytes(ByteBuffer("body")) }
    let head = HTTPResponseHead(HTTPStatus(status), fields: ["Location": "../z"])
    let policy = HTTPRedirectPolicy(maximum: 3)
    let next = try policy.next(request, answered: head, canSendBody: true)
    #expect(next?.method == expected)
    guard let next else { return }
    #expect(next.url.description == "http://a/z")
    #expect(next.fields["x"] == "1")
    #expect(next.fields.contains("content-type") == keepsBody)
    if !keepsBody { #expect(!next.hasBody) } else { #expect(next.hasBody == request.hasBody) }
    #expect(try HTTPRedirectPolicy.none.next(request, answered: head, canSendBody: true) == nil)
    let nowhere = HTTPResponseHead(HTTPStatus(status))
    #expect(try policy.next(request, answered: nowhere, canSendBody: true) == nil)
    // A body that is gone cannot go elsewhere.
    if request.hasBody {
      #expect(try (policy.next(request, answered: head, canSendBody: false) == nil) == keepsBody)
    }
  }

  @Test(arguments: [
    ("http://a/1", true), ("http://A:80/1", true), ("http://a:81/1", false), ("https://a/1", false),
    ("http://b/1", false), ("/1", true),
  ]) func secretsStayWithTheirOrigin(_ location: String, _ stay: Bool) throws {
    let request = try HTTPClientRequest(
      .get, "http://a/x", fields: ["Authorization": "s", "Cookie": "s", "Proxy-Authorization": "s", "X": "1"])
    let head = HTTPResponseHead(302, fields: ["Location": location])
    let next = try #require(
      try HTTPRedirectPolicy(maximum: 1).next(request, answered: head, canSendBody: true))
    for name in ["authorization", "cookie", "proxy-authorization"] as [StaticString] {
      #expect(next.fields.contains(name) == stay, "\(location)")
    }
    #expect(next.fields.contains("x"))
  }

  @Test func fromHTTPSToHTTPOnlyWhenAllowed() throws {
    let request = try HTTPClientRequest(.get, "https://a/x")
    let head = HTTPResponseHead(301, fields: ["Location": "http://a/x"])
    var policy = HTTPRedirectPolicy(maximum: 1)
    #expect(throws: HTTPClientError.self) {
      try policy.next(request, answered: head, canSendBody: true)
    }
    policy.allowsDowngrade = true
    #expect(try policy.next(request, answered: head, canSendBody: true)?.url.scheme == .http)
  }

  // MARK: Heads

  @Test func framingIsTheClientsToWrite() throws {
    let request = try HTTPClientRequest(
      .post, "http://a:81/x?y",
      fields: [
        "Host": "evil", "Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "close",
        "TE": "x",
        "Upgrade": "y", "Expect": "100-continue", "Keep-Alive": "z", "X-Mine": "1",
      ], body: .bytes(ByteBuffer("abc")))
    let configuration = HTTPClient.Configuration(name: "test")
    let head = request.head(configuration, .http2)
    #expect(head.authority == "a:81" && head.target == "/x?y")
    #expect(
      head.fields.pairs.map { "\($0.name): \($0.value)" } == [
        "X-Mine: 1", "User-Agent: varve", "Content-Length: 3",
      ])
    #expect(request.head(configuration, .http11).fields.pairs.map(\.name) == ["X-Mine", "User-Agent"])
  }
}
