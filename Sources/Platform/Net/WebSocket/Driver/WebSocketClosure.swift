// How a connection ended.

/// How a connection ended.
public struct WebSocketClosure: Hashable, Sendable {
  /// The peer's code; `.noStatus` when its close frame had none, `.abnormal` when there was no close frame.
  public let code: CloseCode
  /// The peer's reason.
  public let reason: String
  /// Whether both ends sent a close frame.
  public let isClean: Bool
  /// What went wrong, if something did.
  public let error: WebSocketError?
}
