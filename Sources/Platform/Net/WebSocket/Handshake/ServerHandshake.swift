// The server's side of the opening handshake (RFC 6455 section 4.2): from a request's header fields to an
// agreement and the fields of the answer, or to a refusal. No I/O and no particular HTTP parser.

public import Bytes

/// Decides on requests to become a WebSocket.
public struct ServerHandshake: Sendable {
  /// The subprotocols that the server speaks, the one it likes best first.
  public var subprotocols: [String] = []
  /// Whether a client must name one of them.
  public var requiresSubprotocol = false
  /// What to do about compression; nil declines it.
  public var compression: DeflateOptions?
  /// Whether pages of this origin may connect; nil is asked about when the client sends none, as programs do.
  public var allowsOrigin: @Sendable (String?) -> Bool = { _ in true }

  /// Accepts every origin, no subprotocol and no compression.
  public init() {}

  /// What was decided.
  public struct Acceptance: Sendable {
    /// What both ends agreed on.
    public let agreement: WebSocketAgreement
    /// The answer's fields, in order, those of the upgrade included.
    public let fields: [(name: StaticString, value: String)]

    /// Appends the answer: a 101 with its fields.
    public func write(to buffer: inout ByteBuffer) {
      buffer.append("HTTP/1.1 101 Switching Protocols\r\n" as StaticString)
      for (name, value) in fields {
        buffer.append(name)
        buffer.append(": " as StaticString)
        buffer.append(value)
        buffer.append("\r\n" as StaticString)
      }
      buffer.append("\r\n" as StaticString)
    }
  }

  /// Decides on a request of HTTP/1.1.
  ///
  /// - Parameters:
  ///   - method: the request's method.
  ///   - values: the values of every field of that name, whatever its case, in order.
  public func decide(
    method: String, values: (StaticString) -> [String]
  ) throws(WebSocketError) -> Acceptance {
    guard method == "GET" else { throw .handshake(.method) }
    guard Self.names("websocket", values("Upgrade")), Self.names("upgrade", values("Connection")) else {
      throw .handshake(.notAnUpgrade)
    }
    guard values("Sec-WebSocket-Version") == ["13"] else { throw .handshake(.version) }
    let keys = values("Sec-WebSocket-Key")
    guard keys.count == 1, WebSocketKey.isValid(keys[0]) else { throw .handshake(.key) }
    let origins = values("Origin")
    guard origins.count <= 1 else { throw .handshake(.malformed("Origin")) }
    guard allowsOrigin(origins.first) else { throw .handshake(.origin) }

    var agreement = WebSocketAgreement(role: .server)
    var fields: [(name: StaticString, value: String)] = [
      ("Upgrade", "websocket"), ("Connection", "Upgrade"),
      ("Sec-WebSocket-Accept", WebSocketKey.accept(keys[0])),
    ]
    agreement.subprotocol = try chooseSubprotocol(values("Sec-WebSocket-Protocol"))
    if let chosen = agreement.subprotocol { fields.append(("Sec-WebSocket-Protocol", chosen)) }
    guard let offers = ExtensionOffer.parse(values("Sec-WebSocket-Extensions")) else {
      throw .handshake(.malformed("Sec-WebSocket-Extensions"))
    }
    if let compression, let (agreed, answer) = DeflateAgreement.accept(offers, compression) {
      agreement.compression = agreed
      fields.append(("Sec-WebSocket-Extensions", answer))
    }
    return Acceptance(agreement: agreement, fields: fields)
  }

  private func chooseSubprotocol(_ values: [String]) throws(WebSocketError) -> String? {
    guard let offered = HeaderScanner.tokens(values), Set(offered).count == offered.count else {
      throw .handshake(.malformed("Sec-WebSocket-Protocol"))
    }
    let chosen = subprotocols.first { offered.contains($0) }
    if chosen == nil && requiresSubprotocol { throw .handshake(.subprotocol) }
    return chosen
  }

  /// Whether a list of tokens names `token`, whatever its case.
  static func names(_ token: String, _ values: [String]) -> Bool {
    HeaderScanner.tokens(values)?.contains { $0.lowercased() == token } ?? false
  }
}
