// The client's side of the opening handshake (RFC 6455 section 4.1): the request, and what its answer means.

public import Bytes
public import Runtime

/// One request to become a WebSocket.
public struct ClientHandshake: Sendable {
  /// What to ask a server for.
  public struct Request: Sendable {
    /// The server's name and, unless it is the scheme's own, port: `example.org:8080`.
    public var authority: String
    /// The path and query.
    public var target: String
    /// The subprotocols that we speak, the one we like best first.
    public var subprotocols: [String] = []
    /// What to offer about compression; nil offers none.
    public var compression: DeflateOptions?
    /// Further fields: origin, authorization.
    public var fields: [(name: String, value: String)] = []

    /// Asks for `target` at `authority`.
    public init(authority: String, target: String = "/") {
      self.authority = authority
      self.target = target
    }
  }

  private let request: Request
  /// The key that the answer must prove to have seen.
  let key: String

  /// - Parameters:
  ///   - request: what to ask for. Its parts must be fit for a header: no line ends, no blanks in names.
  ///   - random: where the key comes from.
  public init(_ request: Request, random: any RandomSource = SystemRandom()) {
    precondition(
      Self.isVisible(request.authority) && Self.isVisible(request.target) && request.target.hasPrefix("/"),
      "the address of a WebSocket is visible ASCII, its target begins with a slash")
    for (name, value) in request.fields {
      precondition(
        !name.isEmpty && name.utf8.allSatisfy(HeaderScanner.isToken)
          && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) },
        "a field is a token and a line of text")
    }
    precondition(
      request.subprotocols.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(HeaderScanner.isToken) },
      "a subprotocol is a token")
    self.request = request
    var bytes = ByteBuffer()
    bytes.withWritableBytes(minimum: WebSocketKey.keyBytes) { room in
      random.fill(UnsafeMutableRawBufferPointer(rebasing: room[..<WebSocketKey.keyBytes]))
      return WebSocketKey.keyBytes
    }
    key = WebSocketKey.key(bytes)
  }

  private static func isVisible(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }

  /// Appends the request.
  public func write(to buffer: inout ByteBuffer) {
    var fields = [
      (name: "Host", value: request.authority), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
      ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13"),
    ]
    if !request.subprotocols.isEmpty {
      fields.append(("Sec-WebSocket-Protocol", request.subprotocols.joined(separator: ", ")))
    }
    if let compression = request.compression {
      fields.append(("Sec-WebSocket-Extensions", DeflateAgreement.offer(compression)))
    }
    buffer.append("GET " as StaticString)
    buffer.append(request.target)
    buffer.append(" HTTP/1.1\r\n" as StaticString)
    for (name, value) in fields + request.fields {
      buffer.append(name)
      buffer.append(": " as StaticString)
      buffer.append(value)
      buffer.append("\r\n" as StaticString)
    }
    buffer.append("\r\n" as StaticString)
  }

  /// Judges the answer.
  ///
  /// - Parameters:
  ///   - status: its status.
  ///   - values: the values of every field of that name, whatever its case, in order.
  public func conclude(
    status: Int, values: (StaticString) -> [String]
  ) throws(WebSocketError) -> WebSocketAgreement {
    guard status == 101 else { throw .handshake(.refused(status: status)) }
    guard ServerHandshake.names("websocket", values("Upgrade")),
      ServerHandshake.names("upgrade", values("Connection"))
    else { throw .handshake(.malformedAnswer("it is no upgrade to websocket")) }
    guard values("Sec-WebSocket-Accept") == [WebSocketKey.accept(key)] else { throw .handshake(.accept) }
    var agreement = WebSocketAgreement(role: .client)
    let protocols = values("Sec-WebSocket-Protocol")
    if let chosen = protocols.first {
      guard protocols.count == 1, request.subprotocols.contains(chosen) else {
        throw .handshake(.unexpectedSubprotocol)
      }
      agreement.subprotocol = chosen
    }
    guard let extensions = ExtensionOffer.parse(values("Sec-WebSocket-Extensions")), extensions.count <= 1
    else { throw .handshake(.unexpectedExtension) }
    if let answer = extensions.first {
      guard let options = request.compression, let agreed = DeflateAgreement.conclude(answer, options) else {
        throw .handshake(.unexpectedExtension)
      }
      agreement.compression = agreed
    }
    return agreement
  }
}
