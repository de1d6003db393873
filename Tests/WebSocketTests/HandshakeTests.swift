// The opening handshake of both ends as tables of header fields.

import Bytes
import Testing

@testable import WebSocket

@Suite("Opening handshake") struct HandshakeTests {
  typealias Fields = [(name: String, value: String)]

  static func values(_ fields: Fields) -> (StaticString) -> [String] {
    { name in fields.filter { $0.name.lowercased() == "\(name)".lowercased() }.map(\.value) }
  }

  static let request: Fields = [
    ("Host", "example.org"), ("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
  ]

  /// RFC 6455 section 1.3.
  @Test func acceptsTheExample() throws {
    let acceptance = try ServerHandshake().decide(method: "GET", values: Self.values(Self.request))
    var answer = ByteBuffer()
    acceptance.write(to: &answer)
    #expect(
      String(validating: answer) == """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r\n
        """)
    #expect(acceptance.agreement == WebSocketAgreement(role: .server))
  }

  /// A field that is replaced, or with nil left away, or added when its name begins with "+".
  static let refused: [(name: String, value: String?, failure: HandshakeFailure, status: Int)] = [
    ("Upgrade", nil, .notAnUpgrade, 426), ("Upgrade", "h2c", .notAnUpgrade, 426),
    ("Upgrade", "websocket/13", .notAnUpgrade, 426),
    ("Connection", nil, .notAnUpgrade, 426), ("Connection", "keep-alive", .notAnUpgrade, 426),
    ("Connection", "Upgrade keep-alive", .notAnUpgrade, 426),
    ("Sec-WebSocket-Version", nil, .version, 426), ("Sec-WebSocket-Version", "8", .version, 426),
    ("Sec-WebSocket-Version", "013", .version, 426), ("+Sec-WebSocket-Version", "13", .version, 426),
    ("Sec-WebSocket-Key", nil, .key, 400), ("Sec-WebSocket-Key", "", .key, 400),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ", .key, 400),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZVhY", .key, 400),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ!==", .key, 400),
    ("+Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", .key, 400),
    ("+Sec-WebSocket-Protocol", "a b", .malformed("Sec-WebSocket-Protocol"), 400),
    ("+Sec-WebSocket-Protocol", "a, a", .malformed("Sec-WebSocket-Protocol"), 400),
    ("+Sec-WebSocket-Extensions", "a;", .malformed("Sec-WebSocket-Extensions"), 400),
  ]

  @Test(arguments: refused.indices) func refuses(_ index: Int) {
    let (name, value, failure, status) = Self.refused[index]
    var fields = Self.request
    if name.hasPrefix("+") {
      fields.append((String(name.dropFirst()), value ?? ""))
    } else {
      fields.removeAll { $0.name == name }
      if let value { fields.append((name, value)) }
    }
    #expect(throws: WebSocketError.handshake(failure)) {
      try ServerHandshake().decide(method: "GET", values: Self.values(fields))
    }
    #expect(failure.status == status)
    if status == 426 {
      #expect(failure.fields.contains { "\($0.name)" == "Sec-WebSocket-Version" && $0.value == "13" })
    }
  }

  @Test func refusesOtherMethodsAndOrigins() {
    #expect(throws: WebSocketError.handshake(.method)) {
      try ServerHandshake().decide(method: "POST", values: Self.values(Self.request))
    }
    var handshake = ServerHandshake()
    handshake.allowsOrigin = { $0 == nil || $0 == "https://example.org" }
    let origins: [(String?, Bool)] = [
      (nil, true), ("https://example.org", true), ("https://evil.example", false),
    ]
    for (origin, isFine) in origins {
      var fields = Self.request
      if let origin { fields.append(("Origin", origin)) }
      let decide = { try handshake.decide(method: "GET", values: Self.values(fields)) }
      if isFine {
        #expect(throws: Never.self) { try decide() }
      } else {
        #expect(throws: WebSocketError.handshake(.origin)) { try decide() }
      }
    }
  }

  @Test func choosesTheSubprotocolThatTheServerLikesBest() throws {
    var handshake = ServerHandshake()
    handshake.subprotocols = ["v2.varve", "v1.varve"]
    func chosen(_ offers: [String]) throws -> String? {
      let fields = Self.request + offers.map { ("Sec-WebSocket-Protocol", $0) }
      return try handshake.decide(method: "GET", values: Self.values(fields)).agreement.subprotocol
    }
    #expect(try chosen(["v1.varve, v2.varve"]) == "v2.varve")
    #expect(try chosen(["chat", "v1.varve"]) == "v1.varve")
    #expect(try chosen(["chat"]) == nil)
    #expect(try chosen([]) == nil)
    // Subprotocols are compared as they are.
    #expect(try chosen(["V1.varve"]) == nil)
    handshake.requiresSubprotocol = true
    #expect(throws: WebSocketError.handshake(.subprotocol)) { try chosen(["chat"]) }
  }

  // MARK: The client

  static func client(_ change: (inout ClientHandshake.Request) -> Void = { _ in }) -> ClientHandshake {
    var request = ClientHandshake.Request(authority: "example.org", target: "/chat?x=1")
    request.subprotocols = ["a", "b"]
    change(&request)
    // The nonce of RFC 6455's example.
    return ClientHandshake(request, random: FixedKey(Array("the sample nonce".utf8)))
  }

  static let answer: Fields = [
    ("upgrade", "WebSocket"), ("connection", "upgrade"),
    ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
  ]

  @Test func asksAsTheSpecificationSays() {
    var buffer = ByteBuffer()
    Self.client {
      $0.compression = DeflateOptions()
      $0.fields = [("Origin", "https://example.org")]
    }.write(to: &buffer)
    #expect(
      String(validating: buffer) == """
        GET /chat?x=1 HTTP/1.1\r
        Host: example.org\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Protocol: a, b\r
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r
        Origin: https://example.org\r
        \r\n
        """)
  }

  @Test func takesTheRightAnswer() throws {
    let agreement = try Self.client().conclude(
      status: 101, values: Self.values(Self.answer + [("Sec-WebSocket-Protocol", "b")]))
    #expect(agreement == WebSocketAgreement(role: .client, subprotocol: "b"))
  }

  static let wrongAnswers: [(name: String, value: String?, failure: HandshakeFailure)] = [
    ("upgrade", nil, .malformedAnswer("it is no upgrade to websocket")),
    ("upgrade", "h2c", .malformedAnswer("it is no upgrade to websocket")),
    ("connection", "close", .malformedAnswer("it is no upgrade to websocket")),
    ("sec-websocket-accept", nil, .accept),
    ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", .accept),
    ("sec-websocket-protocol", "c", .unexpectedSubprotocol),
    ("sec-websocket-protocol", "a, b", .unexpectedSubprotocol),
    ("sec-websocket-extensions", "permessage-deflate", .unexpectedExtension),
    ("sec-websocket-extensions", "@", .unexpectedExtension),
  ]

  @Test(arguments: wrongAnswers.indices) func refusesTheWrongAnswer(_ index: Int) {
    let (name, value, failure) = Self.wrongAnswers[index]
    var fields = Self.answer.filter { $0.name != name }
    if let value { fields.append((name, value)) }
    #expect(throws: WebSocketError.handshake(failure)) {
      try Self.client().conclude(status: 101, values: Self.values(fields))
    }
  }

  @Test(arguments: [200, 301, 401, 426, 503, 100]) func refusesOtherStatuses(_ status: Int) {
    #expect(throws: WebSocketError.handshake(.refused(status: status))) {
      try Self.client().conclude(status: status, values: Self.values(Self.answer))
    }
  }

  // MARK: The answer's head

  static func take(_ text: String, piece: Int) -> Result<UpgradeAnswer?, WebSocketError> {
    var (input, rest, searched) = (ByteBuffer(), ByteBuffer(text), 0)
    do throws(WebSocketError) {
      while !rest.isEmpty {
        input.append(rest.split(min(piece, rest.count)))
        if let answer = try UpgradeAnswer.take(from: &input, searched: &searched) { return .success(answer) }
      }
      return .success(nil)
    } catch {
      return .failure(error)
    }
  }

  @Test(arguments: [1, 3, 1000]) func readsAHead(piece: Int) throws {
    let head = "HTTP/1.1 101 Switching\r\nA: 1\r\nb:\t2 \r\nA:3\r\n\r\n"
    let answer = try #require(try Self.take(head, piece: piece).get())
    #expect(answer.status == 101)
    #expect(answer.values(of: "a") == ["1", "3"])
    #expect(answer.values(of: "B") == ["2"])
    #expect(answer.values(of: "c") == [])
  }

  @Test func leavesTheFirstFramesWhereTheyAre() throws {
    var input = ByteBuffer("HTTP/1.1 101\r\n\r\n\u{1}\u{2}")
    var searched = 0
    let answer = try UpgradeAnswer.take(from: &input, searched: &searched)
    #expect(answer?.status == 101)
    #expect([UInt8](input) == [1, 2])
  }

  @Test(arguments: [
    "HTTP/1.0 101 x\r\n\r\n", "HTTP/1.1 1o1 x\r\n\r\n", "HTTP/1.1 1010\r\n\r\n", "HTTP/2 101 x\r\n\r\n",
    "ICY 200 OK\r\n\r\n", "\r\n\r\n", "HTTP/1.1 101 x\r\nno colon\r\n\r\n", "HTTP/1.1 101 x\r\n: v\r\n\r\n",
    "HTTP/1.1 101 x\r\nA : v\r\n\r\n", "HTTP/1.1 101 x\r\n folded: v\r\n\r\n",
    "HTTP/1.1 101 x\r\nA: b\nc: d\r\n\r\n", "HTTP/1.1 101 x\r\nA: b\rc: d\r\n\r\n",
    "HTTP/1.1 101 x\r\nA: \0\r\n\r\n",
    "HTTP/1.1 101 x\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n",
    "HTTP/1.1 101 x\r\nA: " + String(repeating: "b", count: 17_000),
  ]) func refusesMalformedHeads(_ text: String) {
    for piece in [1, 7, 100_000] {
      switch Self.take(text, piece: piece) {
      case .failure(.handshake(.malformedAnswer)): break
      case let other: Issue.record("\(other)")
      }
    }
  }
}
