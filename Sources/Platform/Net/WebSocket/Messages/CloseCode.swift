// Why a connection ends, as a number (RFC 6455 section 7.4 and IANA's registry).

/// A close code.
public struct CloseCode: RawRepresentable, Hashable, Sendable {
  /// The number.
  public let rawValue: UInt16
  /// The code with that number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The purpose is fulfilled.
  public static let normal = CloseCode(rawValue: 1000)
  /// The server stops, or the browser leaves the page.
  public static let goingAway = CloseCode(rawValue: 1001)
  /// The peer broke the protocol.
  public static let protocolError = CloseCode(rawValue: 1002)
  /// Messages of that kind are not accepted.
  public static let unsupportedData = CloseCode(rawValue: 1003)
  /// Stands for a close frame without a code. Never sent.
  public static let noStatus = CloseCode(rawValue: 1005)
  /// Stands for an end without a close frame. Never sent.
  public static let abnormal = CloseCode(rawValue: 1006)
  /// The payload is not what it says: text that is not UTF-8.
  public static let invalidPayload = CloseCode(rawValue: 1007)
  /// A rule of the application was broken.
  public static let policyViolation = CloseCode(rawValue: 1008)
  /// The message exceeds a limit.
  public static let messageTooBig = CloseCode(rawValue: 1009)
  /// The server did not agree to an extension that the client needs.
  public static let extensionMissing = CloseCode(rawValue: 1010)
  /// The server failed.
  public static let internalError = CloseCode(rawValue: 1011)
  /// The server restarts.
  public static let serviceRestart = CloseCode(rawValue: 1012)
  /// The server is overloaded: come back later.
  public static let tryAgainLater = CloseCode(rawValue: 1013)
  /// A server behind the server failed.
  public static let badGateway = CloseCode(rawValue: 1014)
  /// Stands for a failed TLS handshake. Never sent.
  public static let tlsFailed = CloseCode(rawValue: 1015)

  /// Whether a close frame may carry it: the registered ones that are meant to be sent, those of libraries
  /// (3000 to 3999) and those of applications (4000 to 4999).
  public var isSendable: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}

extension CloseCode: CustomStringConvertible {
  /// The number.
  public var description: String { String(rawValue) }
}
