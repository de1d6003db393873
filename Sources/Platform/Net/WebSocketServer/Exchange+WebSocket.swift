// From a request to a WebSocket: the opening handshake's decision as an answer of the HTTP server, and the connection
// handed over. A target of its own, so that WebSocket's client and protocol come without a server.

public import HTTP
public import HTTPServer
import TLS
public import WebSocket

extension Exchange {
  /// Answers a request to become a WebSocket. Once the request's handler has returned, `handler` has the connection.
  ///
  /// - Parameters:
  ///   - handshake: what is accepted.
  ///   - configuration: how to run the connection.
  ///   - ended: told how the connection ended.
  ///   - handler: what to do with it.
  /// - Throws: what the handshake is refused with (400, 403, 405 or 426); let it pass on to the server.
  public mutating func upgradeToWebSocket(
    _ handshake: ServerHandshake = ServerHandshake(),
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    ended: @escaping @Sendable (WebSocketClosure) -> Void = { _ in },
    handler: @escaping WebSocketConnection.Handler
  ) async throws(HTTPError) {
    let acceptance: ServerHandshake.Acceptance
    do throws(WebSocketError) {
      let (method, fields) = (request.method.name, request.fields)
      acceptance = try handshake.decide(method: method) { fields.values(of: $0) }
    } catch {
      guard case .handshake(let failure) = error else { throw .internalFailure(error) }
      throw HTTPError(refusing: failure)
    }
    var fields = HTTPFields()
    for (name, value) in acceptance.fields { fields.append(name, value) }
    let agreement = acceptance.agreement
    try await upgrade(fields) { transport in
      ended(
        await WebSocketConnection.run(transport, agreement, configuration: configuration, handler: handler))
    }
  }
}

extension HTTPError {
  /// A request that does not become a WebSocket.
  init(refusing failure: HandshakeFailure) {
    let explanation =
      switch failure {
      case .method: "a WebSocket is asked for by GET"
      case .notAnUpgrade: "there is a WebSocket here and nothing else"
      case .version: "version 13 of the WebSocket protocol is spoken here"
      case .key: "Sec-WebSocket-Key has to be 16 bytes in base64"
      case .origin: "pages of this origin may not connect"
      case .malformed(let field): "\(field) is malformed"
      case .subprotocol: "none of the subprotocols is spoken here"
      // A client's to find.
      case .malformedAnswer, .refused, .accept, .unexpectedExtension, .unexpectedSubprotocol:
        "the handshake failed"
      }
    var fields = HTTPFields()
    for (name, value) in failure.fields { fields.append(name, value) }
    self.init(HTTPStatus(failure.status), code: "websocket_handshake", explanation, fields: fields)
  }
}
