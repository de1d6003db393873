// What a close frame says: nothing, or a code and a reason.

import Bytes

/// The content of a close frame.
public struct CloseFrame: Hashable, Sendable {
  /// The longest reason, in bytes.
  public static let reasonBytesMaximum = FrameHeader.controlBytesMaximum - 2

  /// The code; nil when the frame is empty.
  public let code: CloseCode?
  /// The reason, for people and logs.
  public let reason: String

  /// A close frame without a code.
  public static let empty = CloseFrame()

  private init() {
    code = nil
    reason = ""
  }

  /// A close frame.
  ///
  /// - Parameters:
  ///   - code: one that may be sent.
  ///   - reason: cut at a character when it is too long.
  public init(_ code: CloseCode, _ reason: String = "") {
    precondition(code.isSendable, "close code \(code) is never sent")
    self.code = code
    if reason.utf8.count <= Self.reasonBytesMaximum {
      self.reason = reason
    } else {
      var count = 0
      self.reason = String(
        reason.unicodeScalars.prefix { scalar in
          count += UTF8.width(scalar)
          return count <= Self.reasonBytesMaximum
        })
    }
  }

  /// Reads a close frame's payload.
  init(parsing payload: ByteBuffer) throws(WebSocketError) {
    if payload.isEmpty {
      self = .empty
      return
    }
    guard payload.count >= 2 else { throw .violation(.closeWithoutCode) }
    let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
    guard code.isSendable else { throw .violation(.closeCode) }
    guard let reason = String(validating: payload.slice(from: 2, count: payload.count - 2)) else {
      throw .invalidText
    }
    self.code = code
    self.reason = reason
  }

  /// The payload to send.
  var payload: ByteBuffer {
    var buffer = ByteBuffer()
    guard let code else { return buffer }
    buffer.append(bigEndian: code.rawValue)
    buffer.append(reason)
    return buffer
  }
}
