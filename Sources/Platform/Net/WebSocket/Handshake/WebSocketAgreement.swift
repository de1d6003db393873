// What an opening handshake settles.

/// What both ends agreed on.
public struct WebSocketAgreement: Hashable, Sendable {
  /// Which end we are.
  public var role: WebSocketRole
  /// The application's protocol; nil when none was negotiated.
  public var subprotocol: String?
  /// Compression; nil when messages are sent as they are.
  public var compression: DeflateAgreement?

  /// An agreement on these terms.
  public init(role: WebSocketRole, subprotocol: String? = nil, compression: DeflateAgreement? = nil) {
    self.role = role
    self.subprotocol = subprotocol
    self.compression = compression
  }
}
